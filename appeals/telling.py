"""Who acts in a case from outside is told how far its appeals are."""

from collections.abc import Sequence

from appeals.desk import Desk
from appeals.models import Appeal, CourtAppeal
from core.case_events import Happening
from core.unit_of_work import UnitOfWork


class Telling:
    """Called at the end of the transaction in which something moved."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def appeals_moved(self, uow: UnitOfWork, appeals: Sequence[Appeal]) -> None:
        self._tell(uow, "appeal.changed", [(appeal, appeal.state) for appeal in appeals])

    def court_appeals_moved(self, uow: UnitOfWork, cases: Sequence[CourtAppeal]) -> None:
        rows = [(uow.session.get_one(Appeal, case.appeal_id), case.state) for case in cases]
        self._tell(uow, "court-appeal.changed", rows)

    def _tell(self, uow: UnitOfWork, kind: str, moved: Sequence[tuple[Appeal, str]]) -> None:
        names = self._desk.fines.case_names([appeal.decision_id for appeal, _ in moved])
        news = [
            Happening(
                appeal.decision_id,
                kind,
                {"caseNumber": names[appeal.decision_id][0], "appealId": appeal.id, "state": state},
            )
            for appeal, state in moved
        ]
        self._desk.events.tell(uow, news)
