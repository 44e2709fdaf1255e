"""Term watch: what has to be decided soon, what is late, and what being late costs (dwangsom, Awb art. 4:17, 4:18)."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from appeals import states
from appeals.desk import Desk, locked
from appeals.models import Appeal, DefaultNotice
from appeals.views import default_of
from appeals.worklist import at_risk, counted, is_open
from core.errors import Conflict, InvalidInput
from core.unit_of_work import SYSTEM, Actor, UnitOfWork
from fines.service import Explanation, Rules, Step, dutch_date, format_euro

_RUNNING = (states.FILED, states.IN_HANDLING, states.PROPOSED)
"""While an omission is to be repaired the term stands still."""


@dataclass(frozen=True)
class TermCounts:
    """Open appeals: how many, how many at risk of passing their term, how many that passed it; each up to COUNTED."""

    open: int
    at_risk: int
    late: int


class TermWatch:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def counts(self) -> TermCounts:
        """As of today."""
        today = self._desk.today
        running = Appeal.state.in_(_RUNNING)
        with self._desk.units.read() as session:
            return TermCounts(
                counted(session, is_open()),
                counted(session, is_open(), running, at_risk(self._desk)),
                counted(session, is_open(), running, Appeal.decide_until < today),
            )

    def give_notice(self, actor: Actor, appeal_id: str, received_on: date) -> None:
        """The appellant's notice of default came in.

        From two weeks after it a penalty is owed for each day that the decision is late. Raises NotFound, NotAllowed,
        InvalidInput, Conflict while the term still runs, or for a second notice.
        """
        desk = self._desk
        if received_on > desk.today:
            raise InvalidInput("received-in-future", "a notice was received today or earlier")
        with desk.units.begin(actor) as uow:
            actor.require("handler", "intake", "citizen", told="a notice is recorded by handlers and the post room")
            appeal = locked(uow, Appeal, appeal_id)
            if appeal.state not in _RUNNING or received_on <= appeal.decide_until:
                raise Conflict("term-still-runs", f"the term to decide runs until {appeal.decide_until.isoformat()}")
            if default_of(uow.session, appeal.id) is not None:
                raise Conflict("notice-exists", "notice was given already")
            explanation = Explanation()
            weeks = desk.rules.value(
                "late_decision_notice_weeks",
                received_on,
                explanation,
                received_on=received_on.isoformat(),
                decide_until=appeal.decide_until.isoformat(),
            )
            uow.add(
                DefaultNotice(
                    appeal_id=appeal.id,
                    received_on=received_on,
                    payable_from=received_on + timedelta(weeks=weeks),
                    explanation=explanation.as_json(),
                    penalty_cents=None,
                    settled_on=None,
                    penalty_explanation=None,
                )
            )
            uow.record("appeals", "appeal.default_notice", "appeal", appeal.id, "the term to decide had passed", {})
            uow.commit()

    def run_due(self) -> int:
        """Settle what is owed in full by now, without waiting for the decision any longer (Awb art. 4:18)."""
        desk = self._desk
        longest = timedelta(days=desk.rules.value("late_decision_longest_days", desk.today))
        due = select(DefaultNotice.appeal_id).where(
            DefaultNotice.settled_on.is_(None), DefaultNotice.payable_from <= desk.today - longest
        )
        with desk.units.read() as session:
            appeals = session.scalars(due).all()
        for appeal_id in appeals:
            with desk.units.begin(SYSTEM) as uow:
                settle_default(desk, uow, locked(uow, Appeal, appeal_id), desk.today, manifest=False)
                uow.commit()
        return len(appeals)


def settle_default(desk: Desk, uow: UnitOfWork, appeal: Appeal, today: date, *, manifest: bool) -> None:
    """Inside a transaction: fix the penalty for being late, once, and owe it to the person.

    None is owed where the appeal was manifestly inadmissible or unfounded (Awb art. 4:17 par. 5 sub c).
    """
    notice = default_of(uow.session, appeal.id)
    if notice is None or notice.settled_on is not None:
        return
    explanation = Explanation()
    days = 0 if manifest else max(0, (today - notice.payable_from).days)
    cents = penalty(days, notice.payable_from, desk.rules, explanation)
    notice.penalty_cents, notice.settled_on = cents, today
    notice.penalty_explanation = explanation.as_json()
    uow.record("appeals", "appeal.default_settled", "appeal", appeal.id, "Awb art. 4:18", {"cents": cents})
    if cents:
        desk.fines.outcomes.compensate(uow, appeal.decision_id, appeal.id, "late_decision_penalty", cents)
        desk.tell(uow, appeal, "penalty", amount=format_euro(cents), since=dutch_date(notice.payable_from))


def penalty(days: int, start: date, rules: Rules, explanation: Explanation) -> int:
    """In euro cents for so many days late from `start` on: three rates, the last one for the rest (Awb art. 4:17)."""
    longest = rules.value("late_decision_longest_days", start, explanation)
    step = rules.value("late_decision_step_days", start, explanation)
    counted = min(days, longest)
    parts = (min(counted, step), max(0, min(counted, 2 * step) - step), max(0, counted - 2 * step))
    names = ("late_decision_first_days_cents", "late_decision_next_days_cents", "late_decision_last_days_cents")
    cents = sum(part * rules.value(name, start, explanation) for part, name in zip(parts, names, strict=True) if part)
    last = explanation.steps[-1]
    inputs = {"days_late": days, "days_counted": counted, "start": start.isoformat()}
    explanation.steps.append(
        Step("late_decision_penalty_cents", "Awb art. 4:17", last.version, last.status, last.source, inputs, cents)
    )
    return cents
