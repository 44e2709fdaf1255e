"""Appeals' only door: rooms for intake, handling, what is asked and heard, terms and the court; looking up."""

from sqlalchemy import select

from appeals import states
from appeals.costs import Costs
from appeals.court_route import CourtRoute, DossierView
from appeals.desk import Desk
from appeals.grounds import Ground, Omission, grounds, omissions
from appeals.handling import UNHEARD, Handling, Verdict
from appeals.hearings import Hearings
from appeals.inquiries import ASKED_OF, Inquiries
from appeals.insight import Insight, MonthOfAppeals
from appeals.intake import Filing, Intake
from appeals.models import Appeal, CourtAppeal
from appeals.repairs import Repairs
from appeals.views import AppealView, CourtView, view_of
from appeals.watch import TermCounts, TermWatch
from appeals.worklist import COUNTED, AppealRow, Choice, WorkList
from core.blobs import BlobStore
from core.clock import Clock
from core.errors import NotFound
from core.settings import Settings
from core.unit_of_work import UnitsOfWork
from fines.service import FinesService, LiveLaw
from imaging.service import ImagingService
from ingest.service import IngestService

__all__ = [
    "ASKED_OF", "COUNTED", "UNHEARD", "AppealRow", "AppealView", "AppealsService", "Choice", "Costs",
    "CourtView", "DossierView", "Filing", "Ground", "MonthOfAppeals", "Omission", "TermCounts", "Verdict", "grounds",
    "omissions",
]  # fmt: skip


class AppealsService:
    """See module."""

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        clock: Clock,
        settings: Settings,
        ingest: IngestService,
        imaging: ImagingService,
        fines: FinesService,
        law: LiveLaw,
    ) -> None:
        self._units = units
        desk = Desk(units, clock, law, fines)
        self.intake = Intake(desk)
        self.handling = Handling(desk)
        self.repairs = Repairs(desk)
        self.hearings = Hearings(desk)
        self.inquiries = Inquiries(desk)
        self.watch = TermWatch(desk)
        self.work_list = WorkList(desk)
        self.insight = Insight(desk, ingest)
        self.court = CourtRoute(desk, blobs, settings, ingest, imaging)

    def run_due(self) -> int:
        """All that a day brings: omissions not repaired, answers that did not come, penalties that are full."""
        return self.repairs.run_due() + self.inquiries.run_due() + self.watch.run_due()

    def appeal(self, appeal_id: str) -> AppealView:
        """Raises NotFound."""
        with self._units.read() as session:
            appeal = session.get(Appeal, appeal_id)
            if appeal is None:
                raise NotFound("appeal-unknown", "no appeal with this id")
            return view_of(session, appeal)

    def appeal_for_decision(self, decision_id: str) -> AppealView | None:
        """None when nobody appealed."""
        with self._units.read() as session:
            appeal = session.scalars(select(Appeal).where(Appeal.decision_id == decision_id)).first()
            return view_of(session, appeal) if appeal else None

    def at_court(self) -> list[AppealView]:
        """Cases before the district court that have no ruling yet."""
        with self._units.read() as session:
            rows = session.scalars(
                select(Appeal)
                .join(CourtAppeal, CourtAppeal.appeal_id == Appeal.id)
                .where(CourtAppeal.state != states.RULED)
                .order_by(CourtAppeal.filed_on)
            )
            return [view_of(session, row) for row in rows]
