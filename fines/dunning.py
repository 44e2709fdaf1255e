"""Terms that pass: increases and reminders, instalments, and the step to collection. Its cost follows what is due."""

from datetime import date

import structlog
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from core.clock import Clock, local_date
from core.errors import Conflict
from core.settings import Settings
from core.unit_of_work import SYSTEM, UnitOfWork, UnitsOfWork
from fines import ledger, states
from fines.explanation import Explanation
from fines.increases import Which, increase_on
from fines.letters import order_letter
from fines.models import Decision, Increase, PaymentPlan
from fines.plans import needed_by, next_part, paid_until, standing_plan
from fines.releases import LiveLaw
from fines.states import DECISION, PLAN
from fines.terms import term

log = structlog.get_logger()

_WAITING = (states.ISSUED, states.INCREASED_ONCE, states.INCREASED_TWICE, states.IN_PLAN)
_PASSABLE = (Decision.state.in_(_WAITING), Decision.holds == 0, Decision.sent_on.is_not(None))
_HANDFUL = 200


class Dunning:
    """What time does to decisions that are not paid."""

    def __init__(self, units: UnitsOfWork, clock: Clock, settings: Settings, law: LiveLaw) -> None:
        self._units = units
        self._clock = clock
        self._settings = settings
        self._law = law

    def run_due(self) -> int:
        """Pass the term of every decision whose last day has gone by; returns how many.

        By handfuls, each in a transaction: what was passed stays so when a later one fails. Any number may run; each
        leaves what another one has in hand.
        """
        today = local_date(self._clock.now())
        passed, after = 0, ""
        while True:
            with self._units.read() as session:
                handful = session.scalars(
                    select(Decision.id)
                    .where(Decision.due_on < today, Decision.id > after, *_PASSABLE)
                    .order_by(Decision.id)
                    .limit(_HANDFUL)
                ).all()
            if not handful:
                return passed
            after = handful[-1]
            passed += self._pass_handful(list(handful), today)

    def _pass_handful(self, ids: list[str], today: date) -> int:
        with self._units.begin(SYSTEM) as uow:
            rows = uow.session.scalars(
                select(Decision)
                .where(Decision.id.in_(ids), Decision.due_on < today, *_PASSABLE)
                .order_by(Decision.id)
                .options(selectinload(Decision.increases))
                .with_for_update(skip_locked=True)
            ).all()
            passed = sum(self._pass(uow, decision, today) for decision in rows)
            uow.commit()
            return passed

    def _pass(self, uow: UnitOfWork, decision: Decision, today: date) -> bool:
        due_on = decision.due_on
        if due_on is None:
            return False
        if decision.stopped_until is not None and decision.stopped_until >= today:
            return False
        charged = decision.current_sanction_cents + sum(one.amount_cents for one in decision.standing_increases)
        needed = charged + decision.administration_cents
        if decision.state == states.IN_PLAN:
            plan = standing_plan(uow.session, decision.id, states.GRANTED)
            if plan is not None and self._kept(uow, decision, plan, due_on):
                return True
            needed = needed_by(plan, due_on) if plan is not None else needed
        if decision.state == states.INCREASED_TWICE:
            DECISION.fire(uow, decision, "collect", "second reminder not paid in time")
            decision.due_on = None
        elif decision.state != states.IN_COLLECTION:
            return self._increase(uow, decision, 1 + len(decision.increases), due_on, charged, needed, today)
        return True

    @staticmethod
    def _kept(uow: UnitOfWork, decision: Decision, plan: PaymentPlan, due_on: date) -> bool:
        """Were the parts up to now paid? If not the plan is broken, and the decision where it was before it."""
        if paid_until(uow.session, decision.id, due_on) >= needed_by(plan, due_on):
            upcoming = next_part(plan, due_on)
            if upcoming is not None:
                decision.due_on = upcoming
                return True
        PLAN.fire(uow, plan, "break", "a part was not paid in time")
        DECISION.fire(uow, decision, f"leave_plan_{decision.resume_state}", "a part was not paid in time")
        if decision.state == states.IN_COLLECTION:
            decision.due_on = None
            return True
        return False

    def _increase(
        self, uow: UnitOfWork, decision: Decision, number: int, due_on: date, charged: int, needed: int, today: date
    ) -> bool:
        """The last day of payment passed: the sanction, `charged` by now, is raised by law, and a reminder tells so."""
        which: Which = "first" if decision.state == states.ISSUED else "second"
        rules, explanation = self._law.rules, Explanation()
        rate = increase_on(which, today, rules, explanation)
        next_due = term("reminder_term_weeks", today, rules, explanation)
        unapproved = rules.unapproved(explanation)
        if unapproved and not self._settings.demonstration:
            log.warning("increase_refused", decision_id=decision.id, rules=unapproved)
            return False
        cents = rate.of(charged)
        ledger.charge(uow, decision.id, today, f"increase:{number}", f"{which}_reminder", cents, 0)
        uow.add(
            Increase(
                decision_id=decision.id,
                number=number,
                which=which,
                due_on=due_on,
                charged_on=today,
                amount_cents=cents,
                needed_cents=needed,
                explanation=explanation.as_json(),
                undone_on=None,
            )
        )
        decision.due_on = next_due
        DECISION.fire(uow, decision, "increase", "not paid in time", increase_cents=cents, percent=rate.percent)
        order_letter(uow, decision.id, f"{which}_reminder", number=number)
        return True


def require_unstopped(decision: Decision, today: date) -> None:
    """Raises Conflict while the person is protected or a question about the case is open."""
    if decision.holds:
        raise Conflict("question-open", "a statement about the keeper or a returned letter is to be dealt with first")
    if decision.stopped_until is not None and decision.stopped_until >= today:
        raise Conflict("collection-stopped", f"collection is stopped until {decision.stopped_until.isoformat()}")
