"""Attachments (bijlagen) of an appeal: what the appellant sends along, encrypted with the case; each look is logged."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from appeals import states
from appeals.desk import Desk, locked, next_number
from appeals.models import Appeal, Attachment
from core.blobs import DOCUMENTS, BlobStore
from core.errors import Conflict, NotFound
from core.kept_files import described
from core.unit_of_work import Actor, UnitOfWork
from core.uploads import CheckedFile
from fines.service import DecisionView

MOST = 20
"""Attachments of one appeal."""


@dataclass(frozen=True)
class OpenedFile:
    """`name` is safe to save under."""

    name: str
    media_type: str
    content: bytes


class Attachments:
    """See module."""

    def __init__(self, desk: Desk, blobs: BlobStore) -> None:
        self._desk = desk
        self._blobs = blobs

    def add(self, actor: Actor, appeal_id: str, file: CheckedFile) -> str:
        """Returns its id. Raises NotFound, and Conflict once the appeal is closed or has as many as it may."""
        self.keep_for(appeal_id, [file])
        with self._desk.units.begin(actor) as uow:
            [key] = self.write(uow, locked(uow, Appeal, appeal_id), [file])
            uow.commit()
            return key

    def keep(self, decision: DecisionView, files: Sequence[CheckedFile]) -> None:
        """Before a transaction that writes them down: make their content durable."""
        for file in files:
            self._blobs.put(DOCUMENTS, decision.capture_id, file.content)

    def keep_for(self, appeal_id: str, files: Sequence[CheckedFile]) -> None:
        """As `keep`, for an appeal that is there. Raises NotFound."""
        with self._desk.units.read() as session:
            appeal = session.get(Appeal, appeal_id)
            if appeal is None:
                raise NotFound("appeal-unknown", "there is nothing with this id")
        self.keep(self._desk.fines.decision(appeal.decision_id), files)

    def write(self, uow: UnitOfWork, appeal: Appeal, files: Sequence[CheckedFile]) -> list[str]:
        """Inside a transaction, after `keep`: the files belong to the appeal, which is locked. Returns their ids."""
        if files and appeal.state not in states.OPEN:
            raise Conflict("appeal-closed", "the appeal is decided or withdrawn: nothing is added to it any more")
        keys = []
        for file in files:
            number = next_number(uow, Attachment, appeal.id)
            if number > MOST:
                raise Conflict("too-many-attachments", f"an appeal has at most {MOST} attachments: join some of them")
            attachment = Attachment(
                appeal_id=appeal.id,
                number=number,
                **described(file, uow.actor.kind, self._desk.clock.now()),
            )
            uow.add(attachment)
            uow.session.flush()
            keys.append(attachment.id)
        return keys

    def open(self, actor: Actor, attachment_id: str, purpose: str) -> OpenedFile:
        """The file; that it was looked at, and what for, is in the audit log. Raises NotFound."""
        with self._desk.units.begin(actor) as uow:
            row = uow.session.get(Attachment, attachment_id)
            if row is None:
                raise NotFound("attachment-unknown", "there is nothing with this id")
            decision_id = uow.session.get_one(Appeal, row.appeal_id).decision_id
            uow.record("access", "attachment.viewed", "attachment", row.id, purpose, {"appeal": row.appeal_id})
            uow.commit()
            name, media_type, sha256 = row.name, row.media_type, row.sha256
        capture_id = self._desk.fines.decision(decision_id).capture_id
        return OpenedFile(name, media_type, self._blobs.get(DOCUMENTS, capture_id, sha256))

    def files(self, appeal_id: str, capture_id: str) -> dict[str, bytes]:
        """All of an appeal's by a name for the court's dossier."""
        with self._desk.units.read() as session:
            rows = attachments_of(session, appeal_id)
        return {f"{row.number:02}_{row.name}": self._blobs.get(DOCUMENTS, capture_id, row.sha256) for row in rows}


def attachments_of(session: Session, appeal_id: str) -> list[Attachment]:
    """In the order in which they came."""
    return list(
        session.scalars(select(Attachment).where(Attachment.appeal_id == appeal_id).order_by(Attachment.number))
    )
