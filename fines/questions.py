"""What the law says, asked without a case: the fine for a conduct, the last day of a term."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.errors import InvalidInput
from fines.assessment import for_age
from fines.explanation import Explanation
from fines.rules import Rules
from fines.speed import corrected_speed
from fines.tariffs import Offence, Tariffs
from fines.terms import term

TERMS = {
    "appeal": "appeal_term_weeks",
    "payment": "payment_term_weeks",
    "reminder": "reminder_term_weeks",
    "security": "security_term_weeks",
    "prosecutor": "prosecutor_term_weeks",
    "notification": "notification_term_months",
}
"""Short names of the terms that are asked for most."""

_LENGTHS = ("days", "weeks", "months", "years")


@dataclass(frozen=True)
class FineAnswer:
    """Amount and costs (of the day of the conduct) in euro cents are there where there is a fine."""

    offence: Offence
    amount_cents: int | None
    costs_cents: int | None
    explanation: Explanation

    def as_json(self) -> dict[str, Any]:
        return {
            "route": self.offence.route,
            "offenceCode": self.offence.code,
            "series": self.offence.series,
            "amountCents": self.amount_cents,
            "costsCents": self.costs_cents,
            "descriptionNl": self.offence.description_nl,
            "articles": list(dict.fromkeys([self.offence.violated_article, *_articles(self.explanation)])),
            "tableVersion": self.offence.table.isoformat(),
            "status": self.explanation.status,
            **_explained(self.explanation),
        }


@dataclass(frozen=True)
class TermAnswer:
    """`last_day` is the last day on which the act is in time, in Europe/Amsterdam."""

    rule: str
    last_day: date
    explanation: Explanation

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "lastDay": self.last_day.isoformat(),
            "articles": _articles(self.explanation),
            "status": self.explanation.status,
            **_explained(self.explanation),
        }


class Law:
    """Answers questions; reads rule data only."""

    def __init__(self, rules: Rules, tariffs: Tariffs) -> None:
        self._rules = rules
        self._tariffs = tariffs

    def fine_by_series(self, series: str, excess_kmh: int, vehicle_category: int, on: date) -> FineAnswer:
        """By series of the annex and whole km/h over the limit. Raises NoRule where the data says nothing."""
        explanation = Explanation()
        return self._answer(
            self._tariffs.by_series(series, excess_kmh, vehicle_category, on, explanation), on, explanation
        )

    def fixed_fine(self, offence: str, vehicle_category: int, on: date, age: int | None = None) -> FineAnswer:
        """For a conduct with one sum, as red-light. Raises NoRule where the data says nothing."""
        explanation = Explanation()
        return self._answer(self._tariffs.fixed(offence, vehicle_category, on, explanation), on, explanation, age)

    def fine(
        self,
        measured_kmh: Decimal,
        limit_kmh: int,
        road: str,
        vehicle_category: int,
        on: date,
        age: int | None = None,
    ) -> FineAnswer:
        """By measured speed, limit and kind of road, for a person of an age in years where that matters.

        Raises NoRule where the data says nothing.
        """
        explanation = Explanation()
        corrected = corrected_speed(measured_kmh, on, self._rules, explanation)
        offence = self._tariffs.offence(road, limit_kmh, corrected, vehicle_category, on, explanation)
        return self._answer(offence, on, explanation, age)

    def _answer(self, offence: Offence, on: date, explanation: Explanation, age: int | None = None) -> FineAnswer:
        amount, costs = offence.amount_cents, None
        if amount is not None and age is not None:
            amount = for_age(amount, age, on, self._rules, explanation)
        if amount is not None:
            costs = self._rules.value("administration_costs_cents", on, explanation)
        return FineAnswer(offence, amount, costs, explanation)

    def term(self, rule: str, start: date) -> TermAnswer:
        """Last day of a term that starts on the day after `start`: one of TERMS, or any of the data in days to years.

        Raises InvalidInput, NoRule.
        """
        name = TERMS.get(rule, rule)
        known = [other for other, parameter in self._rules.parameters.items() if parameter.unit in _LENGTHS]
        if name not in known:
            raise InvalidInput("term-unknown", f"the terms are: {', '.join([*TERMS, *known])}")
        explanation = Explanation()
        return TermAnswer(rule, term(name, start, self._rules, explanation), explanation)


def _articles(explanation: Explanation) -> list[str]:
    return list(dict.fromkeys(step.article for step in explanation.steps))


def _explained(explanation: Explanation) -> dict[str, Any]:
    return {
        "explanation": explanation.as_json(),
        "nl": explanation.sentences("nl"),
        "en": explanation.sentences("en"),
    }
