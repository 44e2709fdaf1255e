"""When the court hears the case (zitting, Wahv art. 12 and 20a), and its calendar file."""

from datetime import datetime

from appeals import states
from appeals.calendar_file import calendar_file
from appeals.court_views import DISTRICT, HIGHER, together
from appeals.desk import Desk, locked, next_number_at_court
from appeals.models import CourtAppeal, Sitting
from core.errors import Conflict, InvalidInput, NotFound
from core.unit_of_work import Actor

_INSTANCE = {states.AT_COURT: DISTRICT, states.AT_HIGHER_COURT: HIGHER}


class Sittings:
    """See module. The court's own registrar summons the person; this is for the prosecutor's side."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def plan(self, actor: Actor, court_appeal_id: str, at: datetime, place: str) -> None:
        """The court named day, hour and place; so it is for all the cases that go with this one.

        Raises InvalidInput for a moment that has passed, NotFound, NotAllowed, Conflict for a case not before a court.
        """
        if at <= self._desk.clock.now():
            raise InvalidInput("sitting-in-the-past", "a sitting lies ahead")
        with self._desk.units.begin(actor) as uow:
            actor.require("court-liaison", told="sittings are recorded by a court liaison")
            for key in together(uow.session, court_appeal_id):
                case = locked(uow, CourtAppeal, key)
                if case.state not in _INSTANCE:
                    raise Conflict("not-before-court", "only a case that is before a court is heard there")
                uow.add(
                    Sitting(
                        court_appeal_id=case.id,
                        number=next_number_at_court(uow, Sitting, case.id),
                        instance=_INSTANCE[case.state],
                        at=at,
                        place=place,
                        recorded_by=actor.id,
                        recorded_on=self._desk.today,
                    )
                )
                uow.record(
                    "appeals", "court_appeal.sitting", "court_appeal", case.id, "told by the court",
                    {"at": at.isoformat(), "place": place},
                )  # fmt: skip
            uow.commit()

    def calendar(self, sitting_id: str) -> bytes:
        """The sitting as a calendar file. Raises NotFound."""
        with self._desk.units.read() as session:
            sitting = session.get(Sitting, sitting_id)
            if sitting is None:
                raise NotFound("sitting-unknown", "there is no such sitting")
            decision_id = session.get_one(CourtAppeal, sitting.court_appeal_id).decision_id
        number = self._desk.fines.decision(decision_id).case_number
        return calendar_file(sitting.id, f"Zitting zaak {number}", sitting.at, sitting.place, sitting.recorded_on)
