"""What appeals holds of a case: the appeal with all that was asked, said and ruled; and letters that were no appeal."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from appeals import states
from appeals.models import Appeal, AppealDecision, CourtAppeal, Joinder, Ruling, ScannedLetter
from appeals.precedents import forget
from core.clock import Clock, local_date
from core.destruction import destroy_rows
from core.retention import Claim
from core.unit_of_work import UnitOfWork
from fines.service import FinesService

_CASE = "retention_case_years"
_LETTER = "retention_dismissed_letter_years"


class AppealsHolder:
    """See module."""

    def __init__(self, clock: Clock, fines: FinesService) -> None:
        self._clock = clock
        self._fines = fines

    def claims(self, session: Session, case_ids: Sequence[str]) -> dict[str, list[Claim]]:
        """An appeal is open until the last word on it cannot be contested any more; a case that is heard together with
        others is kept as long as they are."""
        found: defaultdict[str, list[Claim]] = defaultdict(list)
        captures = self._fines.decisions_of(case_ids)
        for appeal in session.scalars(select(Appeal).where(Appeal.decision_id.in_(list(captures)))):
            found[captures[appeal.decision_id]].append(self._of_appeal(session, appeal))
        for letter in session.scalars(select(ScannedLetter).where(ScannedLetter.id.in_(case_ids))):
            open_ = letter.state != states.DISMISSED
            found[letter.id].append(Claim() if open_ else Claim(_LETTER, letter.received_on))
        return found

    def _of_appeal(self, session: Session, appeal: Appeal) -> Claim:
        if appeal.state == states.WITHDRAWN:
            return Claim(_CASE, local_date(appeal.filed_at))
        decided = session.scalars(select(AppealDecision).where(AppealDecision.appeal_id == appeal.id)).first()
        if decided is None:
            return Claim()
        court = session.scalars(select(CourtAppeal).where(CourtAppeal.appeal_id == appeal.id)).first()
        last = decided.court_until
        if court is not None:
            if court.state in states.BEFORE_COURT or self._heard_with_open(session, court):
                return Claim()
            rulings = session.scalars(select(Ruling).where(Ruling.court_appeal_id == court.id)).all()
            last = max(ruling.higher_until or ruling.ruled_on for ruling in rulings)
        return Claim() if last >= local_date(self._clock.now()) else Claim(_CASE, last)

    @staticmethod
    def _heard_with_open(session: Session, court: CourtAppeal) -> bool:
        joined = select(Joinder.court_appeal_id).where(Joinder.lead_id == court.id)
        lead = select(Joinder.lead_id).where(Joinder.court_appeal_id == court.id)
        others = select(CourtAppeal.id).where(
            CourtAppeal.id.in_(joined.union(lead)), CourtAppeal.state.in_(states.BEFORE_COURT)
        )
        return session.scalars(others.limit(1)).first() is not None

    def destroy(self, uow: UnitOfWork, case_id: str, reason: str) -> Counter[str]:
        decisions = list(self._fines.decisions_of([case_id]))
        appeals = uow.session.scalars(select(Appeal).where(Appeal.decision_id.in_(decisions))).all()
        letters = uow.session.scalars(select(ScannedLetter).where(ScannedLetter.id == case_id)).all()
        for appeal in appeals:
            forget(uow, appeal.id)
        return destroy_rows(uow, [*appeals, *letters], reason)
