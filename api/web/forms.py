"""Reads what pages send."""

from collections.abc import Sequence
from datetime import date, datetime

from core.clock import AMSTERDAM
from core.errors import InvalidInput
from imaging.service import Box


def box_from(values: Sequence[object]) -> Box:
    """Left, top, right, bottom in pixels. Raises InvalidInput."""
    try:
        left, top, right, bottom = (int(str(value)) for value in values)
    except ValueError as error:
        raise InvalidInput("region-invalid", "a box is left, top, right, bottom in whole pixels") from error
    return left, top, right, bottom


def number_from(text: object) -> int:
    """A whole number from zero. Raises InvalidInput."""
    if not str(text).isdecimal():
        raise InvalidInput("number-invalid", "a whole number was expected")
    return int(str(text))


def day_from(text: object) -> date:
    """A day. Raises InvalidInput."""
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise InvalidInput("day-invalid", "write the day as 2026-12-31") from error


def moment_from(text: object) -> datetime:
    """Day and time in Europe/Amsterdam. Raises InvalidInput."""
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=AMSTERDAM)
    except ValueError as error:
        raise InvalidInput("moment-invalid", "write day and time as 2026-12-31T10:30") from error
