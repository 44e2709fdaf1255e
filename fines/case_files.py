"""Files that people send with what they say of a case: contracts, police reports, decisions of a court."""

from collections.abc import Sequence
from typing import Any, TypeVar

from core.blobs import DOCUMENTS, BlobStore
from core.errors import NotFound
from core.unit_of_work import Actor, UnitsOfWork
from core.uploads import CheckedFile
from fines.models import Decision, KeeperEvidence, KeeperStatement, Mandate, MandateEvidence

_Kind = TypeVar("_Kind", KeeperEvidence, MandateEvidence)
_BELONGS_TO: dict[type[Any], tuple[type[Any], str]] = {
    KeeperEvidence: (KeeperStatement, "statement_id"),
    MandateEvidence: (Mandate, "mandate_id"),
}


class CaseFiles:
    """Their bytes lie under the key of the case's capture."""

    def __init__(self, units: UnitsOfWork, blobs: BlobStore) -> None:
        self._units = units
        self._blobs = blobs

    def keep(self, decision_id: str, files: Sequence[CheckedFile]) -> None:
        """Before the transaction that names them: make their content durable. Raises NotFound."""
        if files:
            with self._units.read() as session:
                decision = session.get(Decision, decision_id)
            if decision is None:
                raise NotFound("decision-unknown", "no decision with this id")
            for file in files:
                self._blobs.put(DOCUMENTS, decision.capture_id, file.content)

    def open(self, actor: Actor, kind: type[_Kind], file_id: str, purpose: str) -> CheckedFile:
        """The file; that it was looked at, and what for, is in the audit log. Raises NotFound."""
        owner, column = _BELONGS_TO[kind]
        with self._units.begin(actor) as uow:
            row = uow.session.get(kind, file_id)
            if row is None:
                raise NotFound("evidence-unknown", "there is nothing with this id")
            belongs_to = uow.session.get_one(owner, getattr(row, column))
            capture_id = uow.session.get_one(Decision, belongs_to.decision_id).capture_id
            told = {owner.__tablename__: belongs_to.id}
            uow.record("access", "evidence.viewed", kind.__tablename__, row.id, purpose, told)
            uow.commit()
        content = self._blobs.get(DOCUMENTS, capture_id, row.sha256)
        return CheckedFile(row.name, row.media_type, content, row.sent_sha256, row.says)
