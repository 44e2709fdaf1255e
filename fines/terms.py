"""Terms (termijnen): weeks counted from the day after, run on over weekends and Dutch general holidays."""

import calendar
from datetime import date, timedelta
from functools import cache

import holidays

from fines.explanation import Explanation, Step
from fines.rules import Rules

_EXTENSION = "Algemene termijnenwet art. 1 par. 1, art. 3"


@cache
def general_holidays(year: int) -> frozenset[date]:
    """Algemene termijnenwet art. 3, as the library knows them; 5 May and Good Friday are in its second category."""
    return frozenset(holidays.country_holidays("NL", years=year, categories=("public", "optional")))


def is_working_day(day: date) -> bool:
    """Neither Saturday, Sunday nor a general holiday."""
    return day.weekday() < 5 and day not in general_holidays(day.year)


def extend(last: date) -> date:
    """The last day of a term, moved on to the next working day where it is none (art. 1 par. 1)."""
    while not is_working_day(last):
        last += timedelta(days=1)
    return last


def term(name: str, start: date, rules: Rules, explanation: Explanation | None = None) -> date:
    """Last day of a term of weeks that starts on the day after `start`; `name` is a `..._weeks` parameter."""
    weeks = rules.value(name, start, explanation, start=start.isoformat())
    plain = start + timedelta(weeks=weeks)
    last = extend(plain)
    if explanation is not None:
        explanation.steps.append(
            Step(
                "extend_term",
                _EXTENSION,
                "2011-01-01",
                "verified",
                "Algemene termijnenwet (BWBR0002448)",
                {"plain_end": plain.isoformat()},
                last.isoformat(),
            )
        )
    return last


def months_after(start: date, months: int) -> date:
    """Same day `months` later, or the month's last day. Not extended: over three months (art. 1 par. 2)."""
    index = start.month - 1 + months
    year, month = start.year + index // 12, index % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
