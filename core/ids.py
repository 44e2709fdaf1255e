"""Identifiers."""

from datetime import datetime

from uuid_utils import uuid7


def new_id() -> str:
    """A new identifier (UUID version 7, 36 characters): it tells when it was made, and nothing else.

    Ids that grow with time keep what is written together in one place of an index, however large the table is.
    """
    return str(uuid7())


def earliest_id(moment: datetime) -> str:
    """No id that was made at this moment (any time zone) or later comes before it."""
    digits = f"{int(moment.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def short(identifier: str) -> str:
    """The part of an id that a person is shown: its end, for all that was made within a minute begins alike."""
    return identifier[-8:]
