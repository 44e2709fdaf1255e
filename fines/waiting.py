"""What waits for a person: a page at a time, as it came, and counted whole."""

from sqlalchemy import ColumnElement, func, select

from core.unit_of_work import UnitsOfWork

PAGE = 100
"""Shown at once; the next page begins after the last one's id."""


def how_many(units: UnitsOfWork, *which: ColumnElement[bool]) -> int:
    """How many rows of one table there are of these."""
    with units.read() as session:
        return session.scalar(select(func.count()).where(*which)) or 0
