"""Payment in instalments (betaling in termijnen): asked for, granted within the law of the day, kept or broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import Clock, local_date
from core.errors import Conflict, InvalidInput, NotFound
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from fines import ledger, states
from fines.explanation import Explanation
from fines.ledger import Account
from fines.models import Allocation, Decision, PaymentPlan
from fines.payments import decision_numbered
from fines.releases import LiveLaw
from fines.rules import Rules
from fines.settlement import lift_measures
from fines.states import DECISION, PLAN
from fines.terms import months_after, working_days
from fines.views import DecisionView
from fines.waiting import PAGE, how_many

_LEAST_INSTALMENTS = 2
_MOST_INSTALMENTS = 36
_STANDING = (states.ASKED, states.GRANTED)


@dataclass(frozen=True)
class PlanView:
    """A plan as others may see it; instalments are last day and cents."""

    id: str
    case_number: str
    state: str
    instalments: list[tuple[date, int]]
    explanation: list[dict[str, Any]]


class Plans:
    """The room for those who cannot pay at once."""

    def __init__(self, units: UnitsOfWork, clock: Clock, law: LiveLaw) -> None:
        self._units = units
        self._clock = clock
        self._law = law

    def ask(self, actor: Actor, case_number: str, count: int, months_each: int = 1) -> str:
        """Ask to pay what is open in `count` equal parts, one every so many months; returns the plan's id.

        Raises NotFound, Conflict where the law of the day gives no instalments for it, InvalidInput for parts that it
        does not allow.
        """
        today = local_date(self._clock.now())
        with self._units.begin(actor) as uow:
            decision = decision_numbered(uow.session, case_number)
            explanation = Explanation()
            standing = standing_plan(uow.session, decision.id, *_STANDING) is not None
            charged = -ledger.balance(uow.session, Account.SANCTIONS, decision.id)
            self._check_case(decision.state, standing, charged, today, explanation)
            self._check_parts(count, months_each, today, explanation)
            cents = ledger.balance(uow.session, Account.RECEIVABLE, decision.id)
            plan = PaymentPlan(
                decision_id=decision.id,
                instalments=[
                    [day.isoformat(), part] for day, part in _parts(cents, count, months_each, today, self._law.rules)
                ],
                paid_before_cents=paid_until(uow.session, decision.id, today),
                explanation=explanation.as_json(),
                asked_by=actor.id,
                asked_at=uow.clock.now(),
                state=states.ASKED,
            )
            uow.add(plan)
            PLAN.create(uow, plan, "asked", parts=count)
            uow.commit()
            return plan.id

    def check(self, decision: DecisionView, plans: Sequence[PlanView]) -> None:
        """Can one be asked for now, beside those of the case? Raises Conflict where the law of the day gives none."""
        standing = any(plan.state in _STANDING for plan in plans)
        charged = decision.amounts.sanction + decision.amounts.increase
        self._check_case(decision.state, standing, charged, local_date(self._clock.now()), Explanation())

    def offers(self, decision: DecisionView, plans: Sequence[PlanView]) -> list[list[tuple[date, int]]]:
        """The plans of one part a month that can be asked for, each by its parts: last day and cents.

        Raises Conflict where the law of the day gives no instalments for it.
        """
        self.check(decision, plans)
        today = local_date(self._clock.now())
        return [
            _parts(decision.amounts.open, count, 1, today, self._law.rules)
            for count in range(_LEAST_INSTALMENTS, _MOST_INSTALMENTS + 1)
            if self._fits(count, today)
        ]

    def _fits(self, count: int, today: date) -> bool:
        try:
            self._check_parts(count, 1, today, Explanation())
        except InvalidInput:
            return False
        return True

    def _check_case(self, state: str, standing: bool, charged: int, today: date, explanation: Explanation) -> None:
        if not DECISION.allows(state, "grant_plan"):
            raise Conflict("plan-not-now", f"a case that is {state} is not paid in instalments")
        if standing:
            raise Conflict("plan-exists", "a plan was asked for or runs already")
        threshold = instalment_threshold(self._law.rules, today, explanation)
        if threshold is None or charged < threshold:
            least = "not at all then" if threshold is None else f"from {threshold} cents of sanction on"
            raise Conflict("plan-below-threshold", f"instalments are granted {least}; here it is {charged} cents")

    def _check_parts(self, count: int, months_each: int, today: date, explanation: Explanation) -> None:
        rules = self._law.rules
        if not _LEAST_INSTALMENTS <= count <= _MOST_INSTALMENTS or months_each < 1:
            told = f"a plan has {_LEAST_INSTALMENTS} to {_MOST_INSTALMENTS} parts of a month or more"
            raise InvalidInput("plan-parts", told)
        for name, given, what in (
            ("instalment_shortest_months", months_each, "shorter than"),
            ("instalment_longest_months", months_each, "longer than"),
            ("instalment_plan_longest_months", months_each * count, "longer in all than"),
        ):
            held = rules.holding(name, today)
            if held is None:
                continue
            limit = rules.value(name, today, explanation)
            if given < limit if what == "shorter than" else given > limit:
                raise InvalidInput("plan-parts", f"the parts are {what} {limit} months ({held.article})")

    def grant(self, actor: Actor, plan_id: str, reason: str) -> None:
        """Grant it: until a part is missed nothing is increased or collected. Raises NotFound, Conflict, NotAllowed."""
        with self._units.begin(actor) as uow:
            plan, decision = self._plan(uow, plan_id)
            PLAN.fire(uow, plan, "grant", reason)
            decision.resume_state = decision.state
            DECISION.fire(uow, decision, "grant_plan", reason)
            lift_measures(uow, decision.id, "payment in instalments was granted")
            decision.due_on = date.fromisoformat(plan.instalments[0][0])
            uow.commit()

    def refuse(self, actor: Actor, plan_id: str, reason: str) -> None:
        """Refuse it. Raises NotFound, Conflict, NotAllowed."""
        with self._units.begin(actor) as uow:
            plan, _ = self._plan(uow, plan_id)
            PLAN.fire(uow, plan, "refuse", reason)
            uow.commit()

    def waiting(self, after: str = "", limit: int = PAGE) -> list[PlanView]:
        """Plans that wait for a decision, oldest first; of those after one's id."""
        with self._units.read() as session:
            rows = session.execute(
                select(PaymentPlan, Decision.case_number)
                .join(Decision, Decision.id == PaymentPlan.decision_id)
                .where(PaymentPlan.state == states.ASKED, PaymentPlan.id > after)
                .order_by(PaymentPlan.id)
                .limit(limit)
            )
            return [_view(plan, number) for plan, number in rows]

    def count_waiting(self) -> int:
        """How many there are."""
        return how_many(self._units, PaymentPlan.state == states.ASKED)

    def of_case(self, decision_id: str) -> list[PlanView]:
        """A case's plans, newest first."""
        with self._units.read() as session:
            rows = session.execute(
                select(PaymentPlan, Decision.case_number)
                .join(Decision, Decision.id == PaymentPlan.decision_id)
                .where(PaymentPlan.decision_id == decision_id)
                .order_by(PaymentPlan.asked_at.desc())
            )
            return [_view(plan, number) for plan, number in rows]

    @staticmethod
    def _plan(uow: UnitOfWork, plan_id: str) -> tuple[PaymentPlan, Decision]:
        plan = uow.session.get(PaymentPlan, plan_id, with_for_update=True)
        if plan is None:
            raise NotFound("plan-unknown", "no such plan")
        return plan, uow.session.get_one(Decision, plan.decision_id, with_for_update=True)


def standing_plan(session: Session, decision_id: str, *in_states: str) -> PaymentPlan | None:
    """The case's plan in one of these states."""
    return session.scalars(
        select(PaymentPlan)
        .where(PaymentPlan.decision_id == decision_id, PaymentPlan.state.in_(in_states))
        .order_by(PaymentPlan.asked_at.desc())
    ).first()


def paid_until(session: Session, decision_id: str, day: date) -> int:
    """Cents that were paid on a case up to and including a day, by the day of payment."""
    total = select(func.coalesce(func.sum(Allocation.amount_cents), 0)).where(
        Allocation.decision_id == decision_id,
        Allocation.purpose == "sanction",
        Allocation.reversed.is_(False),
        Allocation.paid_on <= day,
    )
    return int(session.scalar(total) or 0)


def needed_by(plan: PaymentPlan, day: date) -> int:
    """Cents that must be paid in all by a day to keep the plan."""
    parts: list[int] = [cents for last, cents in plan.instalments if date.fromisoformat(last) <= day]
    return plan.paid_before_cents + sum(parts)


def next_part(plan: PaymentPlan, after: date) -> date | None:
    """The last day of the first part that falls due after a day."""
    return next((day for last, _ in plan.instalments if (day := date.fromisoformat(last)) > after), None)


def instalment_threshold(rules: Rules, today: date, explanation: Explanation) -> int | None:
    """The authority's practice where it has one, otherwise the law's own threshold; None where there is neither."""
    for name in ("instalment_practice_threshold_cents", "instalment_threshold_cents"):
        if rules.holding(name, today) is not None:
            return rules.value(name, today, explanation)
    return None


def _parts(cents: int, count: int, months_each: int, start: date, rules: Rules) -> list[tuple[date, int]]:
    """Equal parts, the odd cents in the first; each last day a working day."""
    share, odd = divmod(cents, count)
    days = working_days(rules)
    return [
        (days.from_(months_after(start, months_each * number)), share + (odd if number == 1 else 0))
        for number in range(1, count + 1)
    ]


def _view(plan: PaymentPlan, case_number: str) -> PlanView:
    parts = [(date.fromisoformat(last), cents) for last, cents in plan.instalments]
    return PlanView(plan.id, case_number, plan.state, parts, plan.explanation)
