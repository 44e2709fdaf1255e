"""A month in an address: 2026-09."""

import re
from datetime import date, datetime
from typing import Annotated

from fastapi import Path

from core.errors import InvalidInput

MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
Month = Annotated[str, Path(pattern=MONTH, description="As 2026-09")]


def month_of(text: str) -> date:
    """The first day of a month that is written as 2026-09."""
    return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no time zone


def month_or_now(text: str, today: date) -> str:
    """The month that is written there, or this one."""
    return text if re.fullmatch(MONTH, text) else f"{today:%Y-%m}"


def checked_month(text: str) -> str:
    """Raises InvalidInput for what is no month."""
    if not re.fullmatch(MONTH, text):
        raise InvalidInput("month-invalid", "a month is written as 2026-09")
    return text
