"""A month in an address: 2026-09."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Path

MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
Month = Annotated[str, Path(pattern=MONTH, description="As 2026-09")]


def month_of(text: str) -> date:
    """The first day of a month that is written as 2026-09."""
    return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no time zone
