"""What follows for a decision from money that came, went or was found to be in time. One rule for every door."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.unit_of_work import UnitOfWork
from fines import ledger, states
from fines.models import Decision, Measure, PaymentPlan
from fines.rules import Rules
from fines.states import DECISION, MEASURE, PLAN
from fines.terms import term


def settle(uow: UnitOfWork, decision: Decision, today: date, key: str, rules: Rules) -> None:
    """Bring increases, refunds and state in line with what was paid and when; the same in whatever order it arrived."""
    if decision.state != states.ISSUED:  # where no increase stands
        _undo_increases_paid_in_time(uow, decision, today, key)
    owed = ledger.set_off(uow, decision.id, today, f"{key}:{decision.id}")
    before = decision.state
    if owed <= 0 and DECISION.allows(before, "pay"):
        DECISION.fire(uow, decision, "pay", "paid in full")
        decision.due_on = None
        if before == states.IN_PLAN:
            for plan in uow.session.scalars(select(PaymentPlan).where(PaymentPlan.decision_id == decision.id)):
                if PLAN.allows(plan.state, "keep"):
                    PLAN.fire(uow, plan, "keep", "paid in full")
        elif before == states.IN_COLLECTION:
            # Coercion stops as soon as what is owed is paid (Wahv art. 28 par. 4).
            lift_measures(uow, decision.id, "paid in full")
    elif owed > 0 and decision.state == states.PAID:
        _reopen(uow, decision, today, rules)
    elif owed > 0 and decision.state == states.WRITTEN_OFF:
        # A payment went back after the rest was given up; the ground to give up still holds.
        ledger.write_off(uow, decision.id, today, f"{decision.id}:{key}", owed)


def unpaid_state(decision: Decision) -> str:
    """Where a decision is that turns out not to be paid, by the increases that stand."""
    count = len(decision.standing_increases)
    return (states.ISSUED, states.INCREASED_ONCE, states.INCREASED_TWICE)[min(count, 2)]


def _undo_increases_paid_in_time(uow: UnitOfWork, decision: Decision, today: date, key: str) -> None:
    """An increase is by law only when the money was late (Wahv art. 23, 25); the bank may tell of it later."""
    standing = decision.standing_increases
    if not standing:
        return
    counting = [row for row in decision.allocations if row.purpose == "sanction" and not row.reversed]
    for position, increase in enumerate(standing):
        if sum(row.amount_cents for row in counting if row.paid_on <= increase.due_on) >= increase.needed_cents:
            for late in standing[position:]:
                late.undone_on = today
                ledger.charge(
                    uow, decision.id, today, f"undone:{late.number}:{key}", "increase_undone", -late.amount_cents, 0
                )
            return


def _reopen(uow: UnitOfWork, decision: Decision, today: date, rules: Rules) -> None:
    """The money went back: the decision is where it was, with a new term to pay."""
    DECISION.fire(uow, decision, f"reopen_{unpaid_state(decision)}", "a payment was reversed")
    decision.due_on = max(decision.pay_until, term("payment_term_weeks", today, rules))


def release(decision: Decision, today: date, rules: Rules) -> None:
    """A question about the case was answered: it goes on, with the time that the law gives to pay."""
    decision.holds -= 1
    if decision.due_on is not None:
        decision.due_on = max(decision.due_on, term("payment_term_weeks", today, rules))


def measures_of(session: Session, decision_id: str) -> list[Measure]:
    """A case's steps of recovery, oldest first."""
    rows = select(Measure).where(Measure.decision_id == decision_id).order_by(Measure.proposed_at)
    return list(session.scalars(rows))


def lift_measures(uow: UnitOfWork, decision_id: str, reason: str) -> None:
    """End every step that is under way."""
    for measure in measures_of(uow.session, decision_id):
        for event in ("lift", "refuse"):
            if MEASURE.allows(measure.state, event):
                MEASURE.fire(uow, measure, event, reason)
                break
