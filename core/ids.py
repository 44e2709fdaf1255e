"""Identifiers."""

from uuid_utils import uuid7


def new_id() -> str:
    """A new identifier (UUID version 7, 36 characters): it tells when it was made, and nothing else.

    Ids that grow with time keep what is written together in one place of an index, however large the table is. Where a
    person is shown a part of one, it is the end: the beginning is the same for all that was made within a minute.
    """
    return str(uuid7())
