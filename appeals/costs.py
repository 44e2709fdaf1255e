"""Costs of an appeal that are given back, with the factors of Wahv art. 13a par. 2 for professional help."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from appeals.desk import Desk
from core.unit_of_work import UnitOfWork
from fines.service import Explanation, Rules, Step

_CHANGED = ("annulled", "amended")


@dataclass(frozen=True)
class Costs:
    """In euro cents: `assistance_cents` for professional help by the Besluit proceskosten bestuursrecht, before any
    factor, and other costs (travel, a witness)."""

    assistance_cents: int = 0
    other_cents: int = 0


@dataclass(frozen=True)
class Award:
    """What is given back, in euro cents, and why."""

    cents: int
    explanation: Explanation

    def as_json(self) -> dict[str, Any]:
        return {"cents": self.cents, "explanation": self.explanation.as_json()}


def award(costs: Costs, outcome: str, on: date, rules: Rules) -> Award:
    """A quarter of the help where the sanction was annulled or changed, a tenth in other cases (since 2024)."""
    explanation = Explanation()
    which = "sanction_changed" if outcome in _CHANGED else "other"
    factor = rules.value(
        f"cost_award_{which}_permille", on, explanation, assistance_cents=costs.assistance_cents, outcome=outcome
    )
    cents = costs.assistance_cents * factor // 1000 + costs.other_cents
    last = explanation.steps[-1]
    inputs = {"assistance_cents": costs.assistance_cents, "permille": factor, "other_cents": costs.other_cents}
    explanation.steps.append(
        Step("cost_award_cents", last.article, last.version, last.status, last.source, inputs, cents)
    )
    return Award(cents, explanation)


def grant(desk: Desk, uow: UnitOfWork, decision_id: str, key: str, costs: Costs | None, outcome: str) -> Award | None:
    """Inside a transaction: owe the person what is given back of the costs that were asked for, once by its key."""
    if costs is None:
        return None
    given = award(costs, outcome, desk.today, desk.rules)
    if given.cents:
        desk.fines.outcomes.compensate(uow, decision_id, key, "cost_award", given.cents)
    return given
