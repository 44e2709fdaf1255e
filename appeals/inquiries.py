"""Inquiries: questions to the police or a camera's operator, asked again while no answer comes."""

from sqlalchemy import select

from appeals import states
from appeals.desk import Desk, in_hand, locked, next_number
from appeals.models import Inquiry
from appeals.states import INQUIRY
from core.errors import InvalidInput
from core.unit_of_work import SYSTEM, Actor
from fines.service import term

ASKED_OF = ("police", "camera-operator", "road-authority")


class Inquiries:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, actor: Actor, appeal_id: str, asked_of: str, question: str) -> str:
        """Ask; returns its id. The term to decide runs on meanwhile.

        Raises NotFound, NotAllowed, InvalidInput, Conflict.
        """
        if asked_of not in ASKED_OF:
            raise InvalidInput("asked-of-unknown", f"choose one of: {', '.join(ASKED_OF)}")
        desk = self._desk
        with desk.units.begin(actor) as uow:
            actor.require("handler", told="questions are asked by a handler")
            appeal = in_hand(uow, appeal_id)
            inquiry = Inquiry(
                appeal_id=appeal.id,
                number=next_number(uow, Inquiry, appeal.id),
                asked_of=asked_of,
                question=question,
                asked_on=desk.today,
                asked_by=actor.id,
                expected_on=term("inquiry_term_weeks", desk.today, desk.rules),
                reminders=0,
                answer=None,
                answered_on=None,
                state=states.ASKED,
            )
            uow.add(inquiry)
            INQUIRY.create(uow, inquiry, asked_of)
            uow.commit()
            return inquiry.id

    def answer(self, actor: Actor, inquiry_id: str, answer: str) -> None:
        """The answer came in. Raises NotFound, NotAllowed, Conflict."""
        with self._desk.units.begin(actor) as uow:
            inquiry = locked(uow, Inquiry, inquiry_id)
            INQUIRY.fire(uow, inquiry, "answer", "answered")
            inquiry.answer, inquiry.answered_on = answer, self._desk.today
            uow.commit()

    def drop(self, actor: Actor, inquiry_id: str, reason: str) -> None:
        """The answer is no longer needed. Raises NotFound, NotAllowed, Conflict."""
        with self._desk.units.begin(actor) as uow:
            INQUIRY.fire(uow, locked(uow, Inquiry, inquiry_id), "drop", reason)
            uow.commit()

    def run_due(self) -> int:
        """Ask again what was not answered in time; returns how many."""
        desk = self._desk
        due = select(Inquiry.id).where(Inquiry.state == states.ASKED, Inquiry.expected_on < desk.today)
        with desk.units.read() as session:
            waiting = session.scalars(due).all()
        for inquiry_id in waiting:
            with desk.units.begin(SYSTEM) as uow:
                inquiry = locked(uow, Inquiry, inquiry_id)
                if inquiry.state == states.ASKED and inquiry.expected_on < desk.today:
                    inquiry.reminders += 1
                    inquiry.expected_on = term("inquiry_term_weeks", desk.today, desk.rules)
                    detail = {"number": inquiry.reminders}
                    uow.record("appeals", "inquiry.reminded", "inquiry", inquiry.id, "no answer came", detail)
                uow.commit()
        return len(waiting)
