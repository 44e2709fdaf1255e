"""Identifiers."""

import uuid


def new_id() -> str:
    """A random identifier that carries no meaning (UUID version 4, 36 characters)."""
    return str(uuid.uuid4())
