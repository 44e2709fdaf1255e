"""JSON that means one thing to whoever reads it (RFC 8259, I-JSON of RFC 7493): what is ambiguous is refused."""

import json
import math
from typing import Any

_CONTROL = {chr(code) for code in range(0x20)} - {"\t", "\n", "\r"}


def loads(data: bytes) -> Any:
    """Raises ValueError for what is no JSON in UTF-8, a name that comes twice, NaN or infinity, a number that nothing
    can hold, text with control characters or half a character, and nesting without end."""
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_each_name_once,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError("a name comes twice in one object")
        _plain(name)
        _plain(value)
        found[name] = value
    return found


def _plain(value: Any) -> None:
    """Text by itself or in a list; what is in an object was looked at with it."""
    if isinstance(value, list):
        for one in value:
            _plain(one)
    elif isinstance(value, str):
        if not _CONTROL.isdisjoint(value):
            raise ValueError("text holds control characters")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ValueError("text holds half of a character") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _whole(text: str) -> int:
    if len(text) > 19:
        raise ValueError("a number is too large")
    return int(text)
