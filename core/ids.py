"""Identifiers."""

from uuid_utils import uuid7


def new_id() -> str:
    """A new identifier (UUID version 7, 36 characters): it tells when it was made, and nothing else.

    Ids that grow with time keep what is written together in one place of an index, however large the table is.
    """
    return str(uuid7())


def short(identifier: str) -> str:
    """The part of an id that a person is shown: its end, for all that was made within a minute begins alike."""
    return identifier[-8:]
