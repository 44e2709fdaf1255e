"""What an appeal, or its end, does to a decision and its money."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.clock import Clock, local_date
from core.unit_of_work import UnitOfWork
from fines import ledger, states
from fines.compensations import grant
from fines.ledger import Account
from fines.letters import order_letter
from fines.models import Decision
from fines.plans import standing_plan
from fines.releases import LiveLaw
from fines.settlement import lift_measures, unpaid_state
from fines.states import DECISION, PLAN
from fines.terms import term
from fines.views import amounts_of

_LETTERS = {"prosecutor": "outcome", "court": "ruling", "higher_court": "higher_ruling"}
"""By the stage of the appeal, the letter that tells its outcome."""


class Outcomes:
    """See module. All of it happens inside a transaction of somebody else."""

    def __init__(self, clock: Clock, law: LiveLaw) -> None:
        self._clock = clock
        self._law = law

    def suspend(self, uow: UnitOfWork, decision_id: str, reason: str) -> None:
        """An appeal was filed: until its outcome nothing is increased or collected."""
        decision = uow.session.get_one(Decision, decision_id, with_for_update=True)
        if decision.state == states.IN_PLAN:
            end_plan(uow, decision, "an appeal was filed")
        else:
            decision.resume_state = decision.state
        DECISION.fire(uow, decision, "appeal", reason)
        lift_measures(uow, decision.id, "an appeal was filed")

    def tell(self, uow: UnitOfWork, decision_id: str, which: str, number: int, words: Mapping[str, str]) -> None:
        """A letter about the appeal, by its name in the letter texts; `number` tells those of one case apart."""
        order_letter(uow, decision_id, "appeal", which, number=number, words=words)

    def compensate(self, uow: UnitOfWork, decision_id: str, key: str, kind: str, cents: int) -> None:
        """The authority owes the person this beside his own money, once by its key."""
        grant(uow, decision_id, local_date(self._clock.now()), key, kind, cents)

    def apply(self, uow: UnitOfWork, payload: dict[str, Any], _: None) -> None:
        """Job: the outcome of an appeal flows back into the decision and the ledger."""
        decision = uow.session.get_one(Decision, payload["decisionId"], with_for_update=True)
        today = local_date(self._clock.now())
        key = payload["source"]
        outcome = payload["outcome"]
        if outcome == "annulled":
            annul(uow, decision, today, key, "annul", key)
        else:
            if outcome == "amended":
                _recharge(uow, decision, today, key, payload["sanctionCents"])
            _return_security(uow, decision, today, key)
            self._resume(uow, decision, today, key, final=payload["final"])
        letter = _LETTERS[payload["stage"]]
        order_letter(uow, decision.id, letter, outcome, payload["motivation"], number=payload["number"])

    def _resume(self, uow: UnitOfWork, decision: Decision, today: date, key: str, *, final: bool) -> None:
        owed = ledger.balance(uow.session, Account.RECEIVABLE, decision.id)
        if owed <= 0:
            DECISION.fire(uow, decision, "resume_paid", key)
            decision.due_on = None
            return
        before = decision.resume_state if decision.resume_state != states.PAID else unpaid_state(decision)
        DECISION.fire(uow, decision, f"resume_{before}", key)
        # Where a further appeal may follow its term comes first; payment is due two weeks later.
        decision.final_on = today if final else term("appeal_term_weeks", today, self._law.rules)
        decision.due_on = term("payment_term_weeks", decision.final_on, self._law.rules)


def annul(uow: UnitOfWork, decision: Decision, today: date, key: str, event: str, reason: str) -> None:
    """Nothing is owed any more, and what was paid or deposited is to be paid back."""
    _recharge(uow, decision, today, key, 0)
    _return_security(uow, decision, today, key)
    DECISION.fire(uow, decision, event, reason)
    decision.due_on = None


def _recharge(uow: UnitOfWork, decision: Decision, today: date, key: str, new_sanction: int) -> None:
    """Replace sanction and increases by a new sanction; costs go only when nothing is left."""
    amounts = amounts_of(uow.session, decision)
    costs = -amounts.administration if new_sanction == 0 else 0
    change = new_sanction - amounts.sanction - amounts.increase
    ledger.charge(uow, decision.id, today, f"outcome:{key}", "outcome", change, costs)
    for increase in decision.standing_increases:
        increase.undone_on = today
    decision.current_sanction_cents = new_sanction
    ledger.set_off(uow, decision.id, today, f"outcome:{key}:{decision.id}")


def end_plan(uow: UnitOfWork, decision: Decision, reason: str) -> None:
    """The plan that runs, if one does, ends without being kept or broken."""
    plan = standing_plan(uow.session, decision.id, states.GRANTED)
    if plan is not None:
        PLAN.fire(uow, plan, "end", reason)


def _return_security(uow: UnitOfWork, decision: Decision, today: date, key: str) -> None:
    """The deposit pays what is still owed; the rest is given back."""
    held = -ledger.balance(uow.session, Account.SECURITY, decision.id)
    if held <= 0:
        return
    lines = {Account.SECURITY: held, Account.RECEIVABLE: -held}
    ledger.book(uow, f"security:{key}:{decision.id}", "security_settled", today, decision.id, lines)
    ledger.set_off(uow, decision.id, today, f"security:{key}:{decision.id}")
