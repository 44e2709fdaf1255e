"""Recovery and coercion (verhaal, dwangmiddelen; Wahv art. 25 to 29): each step checked by law and decided by a person.

Protection of people who cannot pay is a stop with a reason; giving up is written off with one.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.clock import Clock, local_date
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from fines import ledger, states
from fines.dunning import require_unstopped
from fines.explanation import Explanation
from fines.ledger import Account
from fines.models import Decision, Measure
from fines.payments import decision_numbered
from fines.plans import standing_plan
from fines.releases import LiveLaw
from fines.settlement import lift_measures, measures_of
from fines.states import DECISION, MEASURE, PLAN
from fines.terms import months_after, term
from fines.waiting import PAGE, how_many

_WAITS = Measure.state.in_((states.PROPOSED, states.AT_COURT, states.DECIDED))


class MeasureKind(StrEnum):
    """What the law gives, lightest first."""

    WRIT = "writ"
    """Dwangbevel: recovery from goods, art. 26."""
    THIRD_PARTY_NOTICE = "third_party_notice"
    """Verhaal zonder dwangbevel: on income, pension or bank balance, art. 27."""
    LICENCE = "licence"
    """Inneming rijbewijs, art. 28a."""
    VEHICLE = "vehicle"
    """Buitengebruikstelling voertuig, art. 28b."""
    DETENTION = "detention"
    """Gijzeling, with the court's leave, art. 28."""


_RECOVERY = (MeasureKind.WRIT, MeasureKind.THIRD_PARTY_NOTICE)
_OBJECTION = {
    MeasureKind.WRIT: "objection_to_writ_weeks",
    MeasureKind.THIRD_PARTY_NOTICE: "objection_to_third_party_notice_weeks",
}
_WITHIN = {
    MeasureKind.LICENCE: "licence_taken_within_years",
    MeasureKind.VEHICLE: "vehicle_out_of_use_within_years",
    MeasureKind.DETENTION: "detention_within_years",
}
_LONGEST = {
    MeasureKind.LICENCE: "licence_taken_longest_weeks",
    MeasureKind.VEHICLE: "vehicle_out_of_use_longest_weeks",
    MeasureKind.DETENTION: "detention_longest_weeks",
}


class WriteOff(StrEnum):
    """Why the rest is given up."""

    LAPSED = "lapsed"
    """The time for recovery is over, art. 25 par. 3."""
    DECEASED = "deceased"
    """Recovery ends at death, art. 25 par. 4."""
    NO_PURPOSE = "no_purpose"
    """The prosecutor sees no reasonable purpose in going on, art. 22 par. 4."""


@dataclass(frozen=True)
class MeasureView:
    """A step as others may see it; `until` is the last day of an objection to it, or of the measure."""

    id: str
    case_number: str
    kind: str
    state: str
    until: date | None
    explanation: list[dict[str, Any]]
    proposed_by: str


class Recovery:
    """The room for what is not paid after both reminders."""

    def __init__(self, units: UnitsOfWork, clock: Clock, law: LiveLaw) -> None:
        self._units = units
        self._clock = clock
        self._law = law

    # Steps

    def propose(self, actor: Actor, case_number: str, kind: MeasureKind, *, debt_restructuring: bool = False) -> str:
        """Propose a step; returns its id.

        `debt_restructuring` says that the person is under the statutory scheme for natural persons, art. 27 par. 8.
        Raises NotFound, NotAllowed, and Conflict with the article that stands in its way.
        """
        actor.require("handler", told="a step of recovery is proposed by a handler")
        today = local_date(self._clock.now())
        with self._units.begin(actor) as uow:
            decision = decision_numbered(uow.session, case_number)
            explanation = Explanation()
            self._check(uow.session, decision, kind, today, debt_restructuring, explanation)
            measure = Measure(
                decision_id=decision.id,
                kind=kind,
                explanation=explanation.as_json(),
                proposed_by=actor.id,
                proposed_at=uow.clock.now(),
                state=states.PROPOSED,
                until=None,
            )
            uow.add(measure)
            MEASURE.create(uow, measure, f"proposed: {kind}")
            uow.commit()
            return measure.id

    def _check(
        self,
        session: Session,
        decision: Decision,
        kind: MeasureKind,
        today: date,
        debt_restructuring: bool,
        explanation: Explanation,
    ) -> None:
        rules = self._law.rules
        if decision.state != states.IN_COLLECTION:
            raise Conflict("not-in-collection", f"art. 25: after both reminders only; the case is {decision.state}")
        require_unstopped(decision, today)
        measures = measures_of(session, decision.id)
        if any(other.kind == kind and other.state not in _OVER for other in measures):
            raise Conflict("measure-exists", f"a {kind} is under way already")
        planned = standing_plan(session, decision.id, states.GRANTED, states.BROKEN, states.KEPT, states.ENDED)
        if kind in _RECOVERY:
            name = "recovery_term_months"
            if planned and rules.holding("recovery_term_with_instalments_months", today):
                name = "recovery_term_with_instalments_months"
            months = rules.value(name, today, explanation, final_on=decision.final_on.isoformat())
            if today > months_after(decision.final_on, months):
                raise Conflict(
                    "recovery-lapsed", f"art. 25: recovery ended {months} months after the decision was final"
                )
            if kind is MeasureKind.THIRD_PARTY_NOTICE and debt_restructuring:
                raise Conflict("debt-restructuring", "art. 27 par. 8: not during statutory debt restructuring")
            return
        if not any(other.kind in _RECOVERY and other.state == states.ENDED for other in measures):
            raise Conflict("recovery-first", "art. 28, 28a, 28b: only after recovery (art. 26, 27) was tried")
        years = rules.value(_WITHIN[kind], today, explanation, final_on=decision.final_on.isoformat())
        if planned and rules.holding("coercion_longer_with_instalments_years", today):
            years += rules.value("coercion_longer_with_instalments_years", today, explanation)
        if today > months_after(decision.final_on, 12 * years):
            raise Conflict("coercion-lapsed", f"{kind}: no later than {years} years after the decision was final")

    def decide(self, actor: Actor, measure_id: str, reason: str) -> None:
        """Another person agrees; for detention that is to ask the court for leave.

        Raises NotFound, NotAllowed, Conflict.
        """
        with self._units.begin(actor) as uow:
            measure, decision = self._measure(uow, measure_id)
            if measure.proposed_by == actor.id:
                raise NotAllowed("four-eyes", "a step is decided by another person than who proposed it")
            require_unstopped(decision, local_date(self._clock.now()))
            MEASURE.fire(uow, measure, "ask_court" if measure.kind == MeasureKind.DETENTION else "decide", reason)
            uow.commit()

    def court_answered(self, actor: Actor, measure_id: str, *, leave: bool, reason: str) -> None:
        """The district court heard the person and gave or refused leave (art. 28 par. 2). Raises NotFound, Conflict."""
        with self._units.begin(actor) as uow:
            measure, _ = self._measure(uow, measure_id)
            MEASURE.fire(uow, measure, "grant_leave" if leave else "refuse_leave", reason)
            uow.commit()

    def execute(self, actor: Actor, measure_id: str, reason: str) -> None:
        """It is done: its term of objection or its longest time begins. Raises NotFound, Conflict."""
        today = local_date(self._clock.now())
        with self._units.begin(actor) as uow:
            measure, decision = self._measure(uow, measure_id)
            require_unstopped(decision, today)
            if decision.state != states.IN_COLLECTION:
                raise Conflict("not-in-collection", f"the case is {decision.state} by now")
            MEASURE.fire(uow, measure, "execute", reason)
            kind = MeasureKind(measure.kind)
            measure.until = term(_OBJECTION.get(kind) or _LONGEST[kind], today, self._law.rules)
            uow.commit()

    def end(self, actor: Actor, measure_id: str, reason: str) -> None:
        """It brought what it could, or its time is over. Raises NotFound, Conflict."""
        self._fire(actor, measure_id, "end", reason)

    def refuse(self, actor: Actor, measure_id: str, reason: str) -> None:
        """A person does not agree to it. Raises NotFound, Conflict."""
        self._fire(actor, measure_id, "refuse", reason)

    def lift(self, actor: Actor, measure_id: str, reason: str) -> None:
        """Take it back. Raises NotFound, Conflict."""
        self._fire(actor, measure_id, "lift", reason)

    def _fire(self, actor: Actor, measure_id: str, event: str, reason: str) -> None:
        with self._units.begin(actor) as uow:
            measure, _ = self._measure(uow, measure_id)
            MEASURE.fire(uow, measure, event, reason)
            uow.commit()

    def of_case(self, decision_id: str) -> list[MeasureView]:
        """A case's steps, oldest first."""
        return self._views(Measure.decision_id == decision_id)

    def waiting(self, after: str = "", limit: int = PAGE) -> list[MeasureView]:
        """Steps about which a person has to do something next, oldest first; of those after one's id."""
        return self._views(_WAITS, Measure.id > after, limit=limit)

    def count_waiting(self) -> int:
        """How many there are."""
        return how_many(self._units, _WAITS)

    def _views(self, *which: ColumnElement[bool], limit: int | None = None) -> list[MeasureView]:
        with self._units.read() as session:
            rows = session.execute(
                select(Measure, Decision.case_number)
                .join(Decision, Decision.id == Measure.decision_id)
                .where(*which)
                .order_by(Measure.id)
                .limit(limit)
            )
            return [
                MeasureView(row.id, number, row.kind, row.state, row.until, row.explanation, row.proposed_by)
                for row, number in rows
            ]

    # Protection, and giving up

    def stop(self, actor: Actor, case_number: str, until: date, reason: str) -> None:
        """Protect a person who cannot pay: nothing is raised or collected up to and including a day.

        Steps under way are lifted. Raises NotFound, NotAllowed, InvalidInput for a day that is over.
        """
        actor.require("handler", told="collection is stopped by a handler")
        today = local_date(self._clock.now())
        if until < today or not reason.strip():
            raise InvalidInput("stop-invalid", "a stop has a reason and a last day from today on")
        with self._units.begin(actor) as uow:
            decision = decision_numbered(uow.session, case_number)
            decision.stopped_until = until
            uow.record(
                "fines", "decision.stopped", "decision", decision.id, reason.strip(), {"until": until.isoformat()}
            )
            lift_measures(uow, decision.id, "collection was stopped")
            uow.commit()

    def write_off(self, actor: Actor, case_number: str, why: WriteOff, reason: str) -> None:
        """Give up what is still owed. Raises NotFound, NotAllowed, Conflict where the law's ground does not hold."""
        today = local_date(self._clock.now())
        with self._units.begin(actor) as uow:
            decision = decision_numbered(uow.session, case_number)
            if why is WriteOff.LAPSED:
                months = self._law.rules.value("recovery_term_months", today)
                if today <= months_after(decision.final_on, months):
                    raise Conflict("not-lapsed", f"art. 25: recovery is possible for {months} months after final")
            plan = standing_plan(uow.session, decision.id, states.GRANTED)
            if plan is not None:
                PLAN.fire(uow, plan, "end", "the rest is written off")
            DECISION.fire(uow, decision, "write_off", f"{why}: {reason}")
            decision.due_on = None
            owed = ledger.balance(uow.session, Account.RECEIVABLE, decision.id)
            ledger.write_off(uow, decision.id, today, decision.id, owed)
            lift_measures(uow, decision.id, "the rest is written off")
            uow.commit()

    @staticmethod
    def _measure(uow: UnitOfWork, measure_id: str) -> tuple[Measure, Decision]:
        measure = uow.session.get(Measure, measure_id, with_for_update=True)
        if measure is None:
            raise NotFound("measure-unknown", "no such step")
        return measure, uow.session.get_one(Decision, measure.decision_id, with_for_update=True)


_OVER = (states.REFUSED, states.LIFTED, states.ENDED)
