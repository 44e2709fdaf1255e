"""Reads what pages send."""

from collections.abc import Sequence

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
