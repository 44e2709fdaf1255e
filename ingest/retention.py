"""What ingest holds of a case: a package in quarantine. A capture's own row names nobody and stays: it is a leaf of the
evidence log."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import local_date
from core.retention import Claim
from core.unit_of_work import UnitOfWork
from ingest.models import QuarantinedPackage

_RULE = "retention_refused_package_days"


class IngestHolder:
    """See module."""

    def claims(self, session: Session, case_ids: Sequence[str]) -> dict[str, list[Claim]]:
        """A package is open until an operator has seen to it; its term counts from the day it came."""
        rows = session.scalars(select(QuarantinedPackage).where(QuarantinedPackage.id.in_(case_ids)))
        return {row.id: [Claim() if row.state == "held" else Claim(_RULE, local_date(row.received_at))] for row in rows}

    def destroy(self, uow: UnitOfWork, case_id: str, reason: str) -> Counter[str]:  # noqa: ARG002
        """Nothing: what is left says which camera sent what was refused, and why."""
        return Counter()
