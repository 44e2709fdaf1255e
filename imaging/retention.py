"""What imaging holds of a case: what was read on its photos, and what was hidden on them."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import local_date
from core.destruction import destroy_rows
from core.retention import Claim
from core.unit_of_work import UnitOfWork
from imaging import states
from imaging.models import PlateOpinion, Reading, RedactedPhoto, RegionChange

_RULE = "retention_without_decision_days"


class ImagingHolder:
    """See module."""

    def claims(self, session: Session, case_ids: Sequence[str]) -> dict[str, list[Claim]]:
        """A reading is open while a person has to look; one that nobody could read counts from the day that was found.
        What becomes of the others is for who decides on them to say."""
        looked = select(func.max(PlateOpinion.given_at)).where(PlateOpinion.reading_id == Reading.id).scalar_subquery()
        rows = session.execute(
            select(Reading.capture_id, Reading.state, func.coalesce(looked, Reading.read_at)).where(
                Reading.capture_id.in_(case_ids)
            )
        )
        found: dict[str, list[Claim]] = {}
        for capture_id, state, at in rows.tuples():
            if state in states.WAITING:
                found[capture_id] = [Claim()]
            elif state == states.REJECTED:
                found[capture_id] = [Claim(_RULE, local_date(at))]
        return found

    def destroy(self, uow: UnitOfWork, case_id: str, reason: str) -> Counter[str]:
        roots = [
            row
            for model in (Reading, RegionChange, RedactedPhoto)
            for row in uow.session.scalars(select(model).where(model.capture_id == case_id))
        ]
        return destroy_rows(uow, roots, reason)
