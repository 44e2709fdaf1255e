"""Omissions: what an appeal lacks is asked for, and the term to decide stands still (Awb art. 6:6, 7:24)."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from appeals import states
from appeals.desk import Desk, locked, next_number
from appeals.grounds import omissions
from appeals.models import Appeal, RepairRequest
from appeals.states import APPEAL, REPAIR
from core.errors import Conflict, InvalidInput
from core.unit_of_work import SYSTEM, Actor, UnitOfWork
from fines.service import dutch_date, term


class Repairs:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, actor: Actor, appeal_id: str, missing: Sequence[str]) -> None:
        """Ask the appellant for what is missing, by codes of `law/omissions.yaml`.

        Raises NotFound, NotAllowed, InvalidInput, Conflict unless the appeal is being handled.
        """
        known = omissions()
        if not missing or any(code not in known for code in missing):
            raise InvalidInput("omission-unknown", f"name what is missing, of: {', '.join(known)}")
        desk = self._desk
        with desk.units.begin(actor) as uow:
            appeal = locked(uow, Appeal, appeal_id)
            APPEAL.fire(uow, appeal, "ask_repair", ", ".join(missing))
            request = RepairRequest(
                appeal_id=appeal.id,
                number=next_number(uow, RepairRequest, appeal.id),
                missing=list(missing),
                asked_on=desk.today,
                until=term("repair_term_weeks", desk.today, desk.rules),
                asked_by=actor.id,
                ended_on=None,
                state=states.ASKED,
            )
            uow.add(request)
            REPAIR.create(uow, request, ", ".join(missing))
            wanted = "; ".join(known[code].nl for code in missing)
            desk.tell(uow, appeal, "repair", missing=wanted, until=dutch_date(request.until))
            uow.commit()

    def repaired(self, actor: Actor, appeal_id: str, reason: str) -> None:
        """What was missing came in. Raises NotFound, NotAllowed, Conflict."""
        with self._desk.units.begin(actor) as uow:
            appeal = locked(uow, Appeal, appeal_id)
            self._end(uow, appeal, "repair", self._desk.today, reason)
            uow.commit()

    def run_due(self) -> int:
        """Terms that passed unused; the handler goes on with what there is. Returns how many."""
        today = self._desk.today
        due = select(RepairRequest.appeal_id).where(RepairRequest.state == states.ASKED, RepairRequest.until < today)
        with self._desk.units.read() as session:
            appeals = session.scalars(due).all()
        for appeal_id in appeals:
            with self._desk.units.begin(SYSTEM) as uow:
                appeal = locked(uow, Appeal, appeal_id)
                if appeal.state == states.AWAITING_REPAIR:
                    self._end(uow, appeal, "lapse", None, "the term passed unused")
                uow.commit()
        return len(appeals)

    @staticmethod
    def _end(uow: UnitOfWork, appeal: Appeal, event: str, repaired_on: date | None, reason: str) -> None:
        """The term to decide goes on, as much later as it stood still.

        It stands still from the day after the request to the day of the repair, or on which its term passed (Awb art.
        7:24 par. 3).
        """
        request = uow.session.scalars(
            select(RepairRequest).where(RepairRequest.appeal_id == appeal.id, RepairRequest.state == states.ASKED)
        ).first()
        if request is None:
            raise Conflict("nothing-asked", "nothing that was missing is waited for")
        APPEAL.fire(uow, appeal, event, reason)
        REPAIR.fire(uow, request, event, reason)
        request.ended_on = min(repaired_on or request.until, request.until)
        stood_still = max(0, (request.ended_on - request.asked_on).days - 1)
        appeal.decide_until += timedelta(days=stood_still)
