"""Terms (termijnen): counted from the day after, run on over weekends and general holidays where the law says so."""

import calendar
from datetime import date, timedelta
from functools import cache

import holidays
from pydantic import TypeAdapter

from fines.explanation import Explanation, Step
from fines.rule_files import parsed
from fines.rules import Rules, Status, Strict

_GENERAL = "Algemene termijnenwet"
_EXTENSION = f"{_GENERAL} art. 1 par. 1, art. 3"
_TWO_DAYS = f"{_GENERAL} art. 2"
_EXEMPT = f"{_GENERAL} art. 4 sub a"
_SOURCE = f"{_GENERAL} (BWBR0002448), text of 2010-10-10"


class _DayOnAPar(Strict):
    day: date
    status: Status
    source: str


@cache
def general_holidays(year: int) -> frozenset[date]:
    """Algemene termijnenwet art. 3, as the library knows them; 5 May and Good Friday are in its second category."""
    return frozenset(holidays.country_holidays("NL", years=year, categories=("public", "optional")))


class WorkingDays:
    """Which days are working days, with those that a royal decree put on a par with a general holiday."""

    def __init__(self, rules: Rules) -> None:
        entries = TypeAdapter(list[_DayOnAPar]).validate_python(parsed(rules.files, "days_on_a_par.yaml"))
        self._on_a_par = {entry.day for entry in entries}

    def __contains__(self, day: date) -> bool:
        """Neither Saturday, Sunday, a general holiday nor a day on a par with one."""
        return day.weekday() < 5 and day not in general_holidays(day.year) and day not in self._on_a_par

    def from_(self, day: date) -> date:
        """The day itself, or the next working day (art. 1 par. 1)."""
        while day not in self:
            day += timedelta(days=1)
        return day

    def with_two_in(self, start: date, last: date) -> date:
        """`last`, or as much later as puts two working days in the term that starts after `start` (art. 2)."""
        day, found = start, 0
        while found < 2:
            day += timedelta(days=1)
            found += day in self
        return max(day, last)


@cache
def working_days(rules: Rules) -> WorkingDays:
    """The working days as this rule data has them."""
    return WorkingDays(rules)


def term(name: str, start: date, rules: Rules, explanation: Explanation | None = None) -> date:
    """Last day of a term that starts on the day after `start`; `name` is a parameter in days, weeks, months or years.

    A term in weeks ends on the weekday on which it was counted from, one in months on the same day of the month. A
    term that ends on a Saturday, Sunday or general holiday runs on to the next working day, but not one of more than
    90 days, twelve weeks or three months, nor one in years. Raises NoRule, and ValueError for a parameter that is no
    length of time.
    """
    amount = rules.value(name, start, explanation, start=start.isoformat())
    unit = rules.parameters[name].unit
    plain = _counted(start, amount, unit)
    if unit == "years" or amount > rules.value(f"extended_at_most_{unit}", start):
        _explain(explanation, "term_not_extended", _EXEMPT, plain, plain)
        return plain
    days = working_days(rules)
    last = days.from_(plain)
    _explain(explanation, "extend_term", _EXTENSION, plain, last)
    if (plain - start).days >= rules.value("two_working_days_from_days", start):
        fuller = days.with_two_in(start, last)
        if fuller != last:
            _explain(explanation, "two_working_days", _TWO_DAYS, last, fuller)
        return fuller
    return last


def day_after(name: str, start: date, rules: Rules, explanation: Explanation | None = None) -> date:
    """The day on which so much time has passed since `start`, run on over nothing: a limit for who keeps something, not
    a term for who has to do something. Raises as `term`."""
    amount = rules.value(name, start, explanation, start=start.isoformat())
    return _counted(start, amount, rules.parameters[name].unit)


def _counted(start: date, amount: int, unit: str) -> date:
    if unit == "days":
        return start + timedelta(days=amount)
    if unit == "weeks":
        return start + timedelta(weeks=amount)
    if unit in ("months", "years"):
        return months_after(start, amount if unit == "months" else 12 * amount)
    raise ValueError(f"{unit} is no length of time")


def _explain(explanation: Explanation | None, rule: str, article: str, plain: date, last: date) -> None:
    if explanation is not None:
        inputs = {"plain_end": plain.isoformat()}
        explanation.steps.append(Step(rule, article, "2010-10-10", "verified", _SOURCE, inputs, last.isoformat()))


def months_after(start: date, months: int) -> date:
    """Same day `months` later, or the month's last day."""
    index = start.month - 1 + months
    year, month = start.year + index // 12, index % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
