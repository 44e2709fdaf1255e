"""Hearings (horen): an invitation, a calendar file, and a report of what was said (Awb art. 7:16 to 7:21)."""

from datetime import datetime, timedelta

from sqlalchemy import select

from appeals import states
from appeals.calendar_file import calendar_file
from appeals.desk import Desk, in_hand, locked, next_number
from appeals.models import Appeal, Hearing
from appeals.states import HEARING
from core.clock import AMSTERDAM, local_date
from core.errors import Conflict, InvalidInput, NotFound
from core.unit_of_work import Actor
from fines.service import dutch_date


class Hearings:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def invite(self, actor: Actor, appeal_id: str, at: datetime, place: str) -> str:
        """Plan a hearing and tell the appellant; returns its id.

        Papers may come in until ten days before it (Awb art. 7:18 par. 1), so it lies later than that. Raises NotFound,
        NotAllowed, InvalidInput for a moment too soon, Conflict unless the appeal is being handled and none is planned.
        """
        desk = self._desk
        days = desk.rules.value("hearing_papers_days", desk.today)
        day = local_date(at)
        if day <= desk.today + timedelta(days=days):
            raise InvalidInput("hearing-too-soon", f"papers may come in until {days} days before it: plan it later")
        with desk.units.begin(actor) as uow:
            actor.require("handler", told="hearings are planned by a handler")
            appeal = in_hand(uow, appeal_id)
            mine = select(Hearing).where(Hearing.appeal_id == appeal.id)
            if uow.session.scalars(mine.where(Hearing.state == states.PLANNED)).first() is not None:
                raise Conflict("hearing-planned", "a hearing is planned already: cancel it first")
            hearing = Hearing(
                appeal_id=appeal.id,
                number=next_number(uow, Hearing, appeal.id),
                at=at,
                place=place,
                invited_on=desk.today,
                invited_by=actor.id,
                report=None,
                state=states.PLANNED,
            )
            uow.add(hearing)
            HEARING.create(uow, hearing, "invited")
            desk.tell(
                uow,
                appeal,
                "hearing",
                day=dutch_date(day),
                time=f"{at.astimezone(AMSTERDAM):%H:%M}",
                place=place,
                papers=dutch_date(day - timedelta(days=days)),
            )
            uow.commit()
            return hearing.id

    def report(self, actor: Actor, hearing_id: str, *, appeared: bool, report: str) -> None:
        """What was said, or that nobody came (Awb art. 7:21). Raises NotFound, NotAllowed, Conflict before its time."""
        with self._desk.units.begin(actor) as uow:
            hearing = locked(uow, Hearing, hearing_id)
            if hearing.at > self._desk.clock.now():
                raise Conflict("hearing-not-yet", "it has not taken place yet")
            HEARING.fire(uow, hearing, "hold" if appeared else "miss", "reported")
            hearing.report = report
            uow.commit()

    def cancel(self, actor: Actor, hearing_id: str, reason: str) -> None:
        """It will not take place, and the appellant is told. Raises NotFound, NotAllowed, Conflict."""
        with self._desk.units.begin(actor) as uow:
            hearing = locked(uow, Hearing, hearing_id)
            appeal = locked(uow, Appeal, hearing.appeal_id)
            HEARING.fire(uow, hearing, "cancel", reason)
            self._desk.tell(uow, appeal, "hearing-cancelled", day=dutch_date(local_date(hearing.at)), reason=reason)
            uow.commit()

    def calendar(self, hearing_id: str) -> bytes:
        """The hearing as a calendar file. Raises NotFound."""
        with self._desk.units.read() as session:
            hearing = session.get(Hearing, hearing_id)
            if hearing is None:
                raise NotFound("hearing-unknown", "there is no such hearing")
            appeal = session.get_one(Appeal, hearing.appeal_id)
        case_number = self._desk.fines.decision(appeal.decision_id).case_number
        return calendar_file(
            hearing.id,
            f"Hoorzitting zaak {case_number}",
            hearing.at,
            hearing.place,
            hearing.invited_on,
            cancelled=hearing.state == states.CANCELLED,
        )
