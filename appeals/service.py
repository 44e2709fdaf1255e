"""Appeals' only door: rooms for intake, handling, what is asked and heard, terms and the courts; looking up."""

from collections.abc import Sequence

from sqlalchemy import func, select

from appeals import states
from appeals.attachments import MOST as MOST_ATTACHMENTS
from appeals.attachments import Attachments, OpenedFile
from appeals.bulk import UNDOABLE, Bulk, BulkRow, BulkView
from appeals.costs import Costs
from appeals.court_dossier import CourtDossiers, DossierView
from appeals.court_route import CourtRoute
from appeals.court_views import CourtView
from appeals.desk import Desk
from appeals.distribution import LANGUAGES, Distribution, Profile
from appeals.districts import UNROUTED, courts
from appeals.grounds import Ground, Omission, grounds, omissions
from appeals.handling import UNHEARD, Handling, Verdict
from appeals.hearings import Hearings
from appeals.inquiries import ASKED_OF, Inquiries
from appeals.insight import Insight, MonthOfAppeals
from appeals.intake import Filing, Intake
from appeals.models import Appeal, CourtAppeal
from appeals.post_room import LetterView, PostRoom
from appeals.precedents import Precedent, Precedents
from appeals.registry import CourtRegistry
from appeals.repairs import Repairs
from appeals.rulings import FILED_BY, Rulings
from appeals.saved_lists import SavedLists
from appeals.sittings import Sittings
from appeals.telling import Telling
from appeals.views import AppealView, view_of
from appeals.watch import TermCounts, TermWatch
from appeals.worklist import COUNTED, VIEWS, AppealRow, Choice, WorkList
from core.blobs import BlobStore
from core.case_events import CaseEvents
from core.clock import Clock
from core.errors import NotFound
from core.settings import Settings
from core.unit_of_work import UnitsOfWork
from fines.service import FinesService, LiveLaw
from imaging.service import ImagingService
from ingest.service import IngestService

__all__ = [
    "ASKED_OF", "COUNTED", "FILED_BY", "LANGUAGES", "MOST_ATTACHMENTS", "UNDOABLE", "UNHEARD", "UNROUTED", "VIEWS",
    "AppealRow", "AppealView", "AppealsService", "BulkRow", "BulkView", "Choice", "Costs", "CourtView", "DossierView",
    "Filing", "Ground", "LetterView", "MonthOfAppeals", "Omission", "OpenedFile", "Precedent", "Profile",
    "TermCounts", "Verdict", "courts", "grounds", "omissions",
]  # fmt: skip


_PAGE = 50


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
        events: CaseEvents,
        registry: CourtRegistry | None = None,
    ) -> None:
        self._units = units
        desk = Desk(units, clock, law, fines, events)
        self.telling = Telling(desk)
        self.attachments = Attachments(desk, blobs)
        self.intake = Intake(desk, self.attachments)
        self.post_room = PostRoom(desk, blobs, self.intake, self.attachments)
        self.distribution = Distribution(desk)
        self.handling = Handling(desk)
        self.bulk = Bulk(desk, self.handling)
        self.saved_lists = SavedLists(desk)
        self.repairs = Repairs(desk)
        self.hearings = Hearings(desk)
        self.inquiries = Inquiries(desk)
        self.precedents = Precedents(desk)
        self.watch = TermWatch(desk)
        self.work_list = WorkList(desk)
        self.insight = Insight(desk, ingest)
        self.court = CourtRoute(desk)
        self.dossiers = CourtDossiers(desk, blobs, settings, ingest, imaging, self.attachments, registry)
        self.sittings = Sittings(desk)
        self.rulings = Rulings(desk)

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

    def appeals_of(self, decision_ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
        """The ids of the appeal against each decision that has one, and of its appeal to the court."""
        wanted = (
            select(Appeal.decision_id, Appeal.id, CourtAppeal.id)
            .outerjoin(CourtAppeal, CourtAppeal.appeal_id == Appeal.id)
            .where(Appeal.decision_id.in_(decision_ids))
        )
        with self._units.read() as session:
            return {decision_id: (appeal, court) for decision_id, appeal, court in session.execute(wanted)}

    def filed_by(self, professional_id: str, after: str = "") -> tuple[list[AppealView], str | None]:
        """A professional's appeals after one of them, as they were filed, and the mark of the next page."""
        with self._units.read() as session:
            rows = session.scalars(
                select(Appeal)
                .where(Appeal.filed_by == professional_id, Appeal.id > after)
                .order_by(Appeal.id)
                .limit(_PAGE + 1)
            ).all()
            following = rows[_PAGE - 1].id if len(rows) > _PAGE else None
            return [view_of(session, row) for row in rows[:_PAGE]], following

    def court_case(self, court_appeal_id: str) -> AppealView:
        """The appeal of a case at court, with its court stage. Raises NotFound."""
        with self._units.read() as session:
            case = session.get(CourtAppeal, court_appeal_id)
            if case is None:
                raise NotFound("court-appeal-unknown", "no court appeal with this id")
            return view_of(session, session.get_one(Appeal, case.appeal_id))

    def at_court(self, after: str = "", limit: int = _PAGE) -> list[AppealView]:
        """The first cases on their way to a court or before it, as they came; of those after a court appeal's id."""
        wanted = (
            select(Appeal)
            .join(CourtAppeal, CourtAppeal.appeal_id == Appeal.id)
            .where(CourtAppeal.state.in_(states.BEFORE_COURT), CourtAppeal.id > after)
            .order_by(CourtAppeal.id)
            .limit(limit)
        )
        with self._units.read() as session:
            return [view_of(session, row) for row in session.scalars(wanted)]

    def count_at_court(self) -> int:
        """How many cases are on their way to a court or before it."""
        wanted = select(func.count()).select_from(CourtAppeal).where(CourtAppeal.state.in_(states.BEFORE_COURT))
        with self._units.read() as session:
            return session.scalar(wanted) or 0
