"""What the law adds to a sanction that was not paid in time (verhoging van rechtswege; Wahv art. 23 and 25)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from core.money import format_euro, percent_of
from fines.explanation import Explanation
from fines.rules import Rules

Which = Literal["first", "second"]


@dataclass(frozen=True)
class Increase:
    """The rate that holds on a day: percent of what is owed but the costs, and at least so many euro cents."""

    percent: int
    least_cents: int

    def of(self, base_cents: int) -> int:
        """Euro cents to add to a sanction with its earlier increase."""
        return max(percent_of(base_cents, self.percent), self.least_cents)

    @property
    def text_nl(self) -> str:
        """For a letter: 50%, or 25% en ten minste € 4,00."""
        least = f" en ten minste € {format_euro(self.least_cents)}" if self.least_cents else ""
        return f"{self.percent}%{least}"


def increase_on(which: Which, on: date, rules: Rules, explanation: Explanation | None = None) -> Increase:
    """The first (after the term of payment) or second (after the reminder) increase. Raises NoRule."""
    percent = rules.value(f"{which}_increase_percent", on, explanation)
    least = rules.value(f"{which}_increase_least_cents", on)
    if least:
        rules.value(f"{which}_increase_least_cents", on, explanation)
    return Increase(percent, least)
