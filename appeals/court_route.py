"""On the way to the district court: security, the competent court, cases that go together (Wahv art. 9 to 11)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from appeals import events, states
from appeals.admissibility import security, timeliness
from appeals.court_views import court_of, lead_of, together
from appeals.desk import Desk, locked, next_number_at_court
from appeals.districts import UNROUTED, competent_court, courts
from appeals.models import Appeal, CourtAppeal, CourtAssignment, Joinder
from appeals.states import COURT_APPEAL
from appeals.views import decision_of
from core.errors import Conflict, InvalidInput, NotFound
from core.unit_of_work import Actor, UnitOfWork
from fines.service import DecisionView, Explanation, term


@dataclass(frozen=True)
class Joinable:
    """A case that can be heard together with another; `id` is its court appeal's."""

    id: str
    case_number: str
    court: str


class CourtRoute:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def go(self, actor: Actor, decision: DecisionView, grounds: str) -> None:
        """Court appeal; the security test and the competent court are settled at once.

        Raises Conflict unless the prosecutor has decided, and not annulled, and there is none yet.
        """
        desk = self._desk
        today = desk.today
        with desk.units.begin(actor) as uow:
            appeal = uow.session.scalars(select(Appeal).where(Appeal.decision_id == decision.id)).first()
            decided = decision_of(uow.session, appeal.id) if appeal else None
            if appeal is None or decided is None or decided.outcome == "annulled":
                raise Conflict("no-court-appeal", "the court comes after a decision of the prosecutor")
            if uow.session.scalars(select(CourtAppeal).where(CourtAppeal.appeal_id == appeal.id)).first():
                raise Conflict("court-appeal-exists", "there is a court appeal already")
            timely = timeliness(decided.court_until, today, None, desk.rules)
            deposit = security(decision, today, desk.rules)
            competent = competent_court(decision.municipality, decision.keeper["city"], today)
            court_appeal = CourtAppeal(
                appeal_id=appeal.id,
                decision_id=decision.id,
                grounds=grounds,
                filed_on=today,
                in_time=timely.in_time,
                court=competent.court,
                security_cents=deposit.cents,
                security_until=deposit.until,
                explanation=[
                    *timely.explanation.as_json(),
                    *Explanation([competent.step]).as_json(),
                    *deposit.explanation.as_json(),
                ],
                state=states.AWAITING_SECURITY if deposit.cents else states.READY,
                forward_by=None,
            )
            uow.add(court_appeal)
            COURT_APPEAL.create(uow, court_appeal, "security needed" if deposit.cents else "no security needed")
            desk.fines.outcomes.suspend(uow, decision.id, f"court_appeal:{court_appeal.id}")
            if not deposit.cents:
                self._may_go(uow, court_appeal, today)
            uow.commit()

    def check_security(self, actor: Actor, court_appeal_id: str) -> str:
        """Has the deposit come in, or its term passed? Returns the state afterwards."""
        today = self._desk.today
        with self._desk.units.begin(actor) as uow:
            court_appeal = locked(uow, CourtAppeal, court_appeal_id)
            given = self._desk.fines.decision(court_appeal.decision_id).amounts.security
            if given >= court_appeal.security_cents:
                COURT_APPEAL.fire(uow, court_appeal, "security_given", "deposit received in full")
                since = today
            elif court_appeal.security_until is not None and today > court_appeal.security_until:
                # The court judges what follows from it (Wahv art. 11 par. 4).
                COURT_APPEAL.fire(uow, court_appeal, "security_lapsed", "term passed without the deposit")
                since = court_appeal.security_until
            else:
                raise Conflict("security-open", "the deposit is not complete and its term still runs")
            self._may_go(uow, court_appeal, since)
            uow.commit()
        return court_appeal.state

    def assign(self, actor: Actor, court_appeal_id: str, court: str, reason: str) -> None:
        """A person names the court: the table knew none, the residence is better (art. 10), or the court sent it on.

        Raises InvalidInput for a court that does not exist, NotFound, NotAllowed, Conflict while the dossier is being
        made, or after the ruling.
        """
        if court not in courts():
            raise InvalidInput("court-unknown", f"the courts are: {', '.join(courts())}")
        with self._desk.units.begin(actor) as uow:
            actor.require("court-liaison", told="the court is named by a court liaison")
            court_appeal = locked(uow, CourtAppeal, court_appeal_id)
            now = court_of(uow.session, court_appeal)
            being_made = court_appeal.state == states.READY and now != UNROUTED
            if being_made or court_appeal.state not in states.BEFORE_RULING:
                raise Conflict("court-settled", "the court can be named before the dossier is made, and until it ruled")
            uow.add(
                CourtAssignment(
                    court_appeal_id=court_appeal.id,
                    number=next_number_at_court(uow, CourtAssignment, court_appeal.id),
                    court=court,
                    reason=reason,
                    assigned_by=actor.id,
                    assigned_on=self._desk.today,
                )
            )
            uow.record(
                "appeals", "court_appeal.assigned", "court_appeal", court_appeal.id, reason, {"from": now, "to": court}
            )
            if court_appeal.state == states.READY:
                _order_dossier(uow, court_appeal)
            uow.commit()

    def join(self, actor: Actor, court_appeal_id: str, lead_id: str, reason: str) -> None:
        """Have the case heard together with another of the same person, at the same court.

        Raises NotFound, NotAllowed, Conflict for cases of two persons or courts, after a ruling, or joined before.
        """
        with self._desk.units.begin(actor) as uow:
            actor.require("court-liaison", told="cases are joined by a court liaison")
            # Always in one order, so that two who join crosswise do not wait for each other.
            both = {key: locked(uow, CourtAppeal, key) for key in sorted({court_appeal_id, lead_id})}
            if len(both) == 1:
                raise InvalidInput("joined-with-itself", "name two cases")
            case, lead = both[court_appeal_id], both[lead_id]
            if any(one.state not in states.BEFORE_RULING for one in both.values()):
                raise Conflict("ruled-already", "cases are joined before the court has ruled")
            if len(together(uow.session, case.id)) > 1 or lead_of(uow.session, lead.id) != lead.id:
                raise Conflict("joined-already", "the case goes with others already, or the other one with a third")
            if _person_of(uow.session, case) != _person_of(uow.session, lead):
                raise Conflict("not-one-person", "only cases of one person are joined")
            if court_of(uow.session, case) != court_of(uow.session, lead):
                raise Conflict("not-one-court", "only cases at one court are joined: name the court first")
            uow.add(Joinder(court_appeal_id=case.id, lead_id=lead.id, joined_by=actor.id, joined_on=self._desk.today))
            uow.record("appeals", "court_appeal.joined", "court_appeal", case.id, reason, {"lead": lead.id})
            uow.commit()

    def joinable(self, court_appeal_id: str) -> list[Joinable]:
        """Other cases of the same person on which the district court is to rule. Raises NotFound."""
        with self._desk.units.read() as session:
            case = session.get(CourtAppeal, court_appeal_id)
            if case is None:
                raise NotFound("court-appeal-unknown", "no court appeal with this id")
            rows = session.execute(
                select(CourtAppeal, Appeal.appellant)
                .join(Appeal, Appeal.id == CourtAppeal.appeal_id)
                .where(CourtAppeal.state.in_(states.BEFORE_RULING), CourtAppeal.id != case.id)
                .order_by(CourtAppeal.filed_on, CourtAppeal.id)
            ).all()
            person = _person_of(session, case)
            found = [(row, court_of(session, row)) for row, appellant in rows if _person(appellant) == person]
        numbers = self._desk.fines.case_names([row.decision_id for row, _ in found])
        return [Joinable(row.id, numbers[row.decision_id][0], court) for row, court in found]

    def _may_go(self, uow: UnitOfWork, court_appeal: CourtAppeal, since: date) -> None:
        court_appeal.forward_by = term("forwarding_term_weeks", since, self._desk.rules)
        if court_of(uow.session, court_appeal) != UNROUTED:
            _order_dossier(uow, court_appeal)


def _order_dossier(uow: UnitOfWork, court_appeal: CourtAppeal) -> None:
    uow.publish(events.DOSSIER_DUE, court_appeal.id, {"courtAppealId": court_appeal.id})


def _person(appellant: dict[str, Any]) -> tuple[str, str]:
    """Name and day of birth."""
    return (appellant["name"].casefold(), appellant.get("birth_date", ""))


def _person_of(session: Session, court_appeal: CourtAppeal) -> tuple[str, str]:
    """Of who appealed."""
    return _person(session.get_one(Appeal, court_appeal.appeal_id).appellant)
