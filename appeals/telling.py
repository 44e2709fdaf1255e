"""Who acts in a case from outside is told how far its appeal is."""

from appeals.desk import Desk
from appeals.models import Appeal, CourtAppeal
from core.case_events import Happening
from core.unit_of_work import UnitOfWork


class Telling:
    """Called inside the transaction in which something moved."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def appeal_moved(self, uow: UnitOfWork, appeal: Appeal) -> None:
        self._tell(uow, appeal.decision_id, "appeal.changed", appeal.id, appeal.state)

    def court_appeal_moved(self, uow: UnitOfWork, case: CourtAppeal) -> None:
        appeal = uow.session.get_one(Appeal, case.appeal_id)
        self._tell(uow, appeal.decision_id, "court-appeal.changed", appeal.id, case.state)

    def _tell(self, uow: UnitOfWork, decision_id: str, kind: str, appeal_id: str, state: str) -> None:
        number, _ = self._desk.fines.case_names([decision_id])[decision_id]
        data = {"caseNumber": number, "appealId": appeal_id, "state": state}
        self._desk.events.tell(uow, Happening(decision_id, kind, data))
