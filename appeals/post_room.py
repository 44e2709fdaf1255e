"""The post room: a letter is scanned, a machine reads it as a draft, and a person makes an appeal of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from appeals import events, states
from appeals.attachments import Attachments, OpenedFile
from appeals.desk import Desk, locked
from appeals.intake import Filing, Intake
from appeals.models import Appeal, ScannedLetter
from appeals.states import LETTER
from core.blobs import DOCUMENTS, BlobStore
from core.bounded import OutOfBounds
from core.errors import InvalidInput, NotFound
from core.paper import pictures_of
from core.text_recognition import words_on
from core.unit_of_work import Actor, UnitOfWork
from core.uploads import CheckedFile
from fines.service import DecisionView

_ENTRY = ("handler", "intake")
_TOLD = "letters are entered by the post room or a handler"


@dataclass(frozen=True)
class LetterView:
    """A scanned letter. `draft` is what a machine read on it, None while it reads."""

    id: str
    name: str
    media_type: str
    received_on: date
    state: str
    draft: str | None
    appeal_id: str | None

    @property
    def waiting(self) -> bool:
        return self.state == states.WAITING


class PostRoom:
    """See module. Until it is entered a letter has a key of its own; then the case keeps it."""

    def __init__(self, desk: Desk, blobs: BlobStore, intake: Intake, attachments: Attachments) -> None:
        self._desk = desk
        self._blobs = blobs
        self._intake = intake
        self._attachments = attachments

    def scan(self, actor: Actor, file: CheckedFile, received_on: date) -> str:
        """Take a letter in that was received on a day (its date stamp). Returns its id. Raises InvalidInput."""
        actor.require(*_ENTRY, told=_TOLD)
        self._desk.check_received(received_on)
        letter = ScannedLetter(
            name=file.name,
            media_type=file.media_type,
            sha256=file.sha256,
            sent_sha256=file.sent_sha256,
            received_on=received_on,
            scanned_at=self._desk.clock.now(),
            state=states.WAITING,
            draft=None,
            appeal_id=None,
        )
        self._blobs.put(DOCUMENTS, letter.id, file.content)
        with self._desk.units.begin(actor) as uow:
            uow.add(letter)
            LETTER.create(uow, letter, "scanned")
            uow.publish(events.LETTER_SCANNED, letter.id, {"letterId": letter.id})
            uow.commit()
            return letter.id

    def read(self, payload: dict[str, Any]) -> str:
        """Job, slow half: what a machine can read on it; nothing where the file is too much for it."""
        if not self.letter(payload["letterId"]).waiting:
            return ""
        file = self._file(payload["letterId"])
        try:
            return words_on(file.media_type, file.content)
        except OutOfBounds:
            return ""

    def store_words(self, uow: UnitOfWork, payload: dict[str, Any], words: str) -> None:
        """Job, quick half."""
        letter = locked(uow, ScannedLetter, payload["letterId"])
        if letter.state == states.WAITING:
            letter.draft = words

    def waiting(self) -> list[LetterView]:
        """Letters to be entered, the oldest first."""
        with self._desk.units.read() as session:
            rows = session.scalars(
                select(ScannedLetter)
                .where(ScannedLetter.state == states.WAITING)
                .order_by(ScannedLetter.received_on, ScannedLetter.id)
            )
            return [_view(row) for row in rows]

    def letter(self, letter_id: str) -> LetterView:
        """Raises NotFound."""
        with self._desk.units.read() as session:
            return _view(_known(session, letter_id))

    def case_on(self, letter: LetterView) -> DecisionView | None:
        """The case whose number and plate a machine read on the letter; a person checks it."""
        return self._desk.fines.named_in(letter.draft or "")

    def open(self, actor: Actor, letter_id: str, purpose: str) -> OpenedFile:
        """The scan; that it was looked at is in the audit log. Raises NotFound, also once the case keeps it."""
        file = self._file(letter_id)
        with self._desk.units.begin(actor) as uow:
            uow.record("access", "letter.viewed", "scanned_letter", letter_id, purpose, {})
            uow.commit()
        return OpenedFile(file.name, file.media_type, file.content)

    def pictures(self, actor: Actor, letter_id: str, purpose: str) -> list[bytes]:
        """Its first pages as JPEG, logged as `open`; none where the file is too much for us. Raises NotFound."""
        found = self.open(actor, letter_id, purpose)
        try:
            return pictures_of(found.media_type, found.content)
        except OutOfBounds:
            return []

    def enter(self, actor: Actor, letter_id: str, decision: DecisionView, filing: Filing) -> str:
        """Make an appeal of it, with the scan as its first attachment. Returns the appeal's id. As `Intake.file`."""
        file = self._file(letter_id)
        self._attachments.keep(decision, [file])
        with self._desk.units.begin(actor) as uow:
            letter = locked(uow, ScannedLetter, letter_id)
            appeal_id = self._intake.file_within(uow, decision, filing, [file])
            self._entered(uow, letter, appeal_id, "an appeal")
        self._blobs.destroy_case(letter_id)
        return appeal_id

    def add_to(self, actor: Actor, letter_id: str, appeal_id: str) -> None:
        """It belongs to an appeal that is there. Raises NotFound, Conflict."""
        file = self._file(letter_id)
        self._attachments.keep_for(appeal_id, [file])
        with self._desk.units.begin(actor) as uow:
            letter = locked(uow, ScannedLetter, letter_id)
            self._attachments.write(uow, locked(uow, Appeal, appeal_id), [file])
            self._entered(uow, letter, appeal_id, "part of an appeal")
        self._blobs.destroy_case(letter_id)

    def dismiss(self, actor: Actor, letter_id: str, reason: str) -> None:
        """It is no appeal; the reason says where it went (Awb art. 2:3). The scan stays."""
        if not reason.strip():
            raise InvalidInput("reason-missing", "say what it is, and to whom it was sent on")
        with self._desk.units.begin(actor) as uow:
            letter = locked(uow, ScannedLetter, letter_id)
            LETTER.fire(uow, letter, "dismiss", reason)
            letter.draft = None
            uow.commit()

    def _entered(self, uow: UnitOfWork, letter: ScannedLetter, appeal_id: str, what: str) -> None:
        LETTER.fire(uow, letter, "enter", what, appeal=appeal_id)
        letter.appeal_id = appeal_id
        letter.draft = None
        uow.commit()

    def _file(self, letter_id: str) -> CheckedFile:
        with self._desk.units.read() as session:
            row = _known(session, letter_id)
        content = self._blobs.get(DOCUMENTS, letter_id, row.sha256)
        return CheckedFile(row.name, row.media_type, content, row.sent_sha256, {})


def _known(session: Session, letter_id: str) -> ScannedLetter:
    row = session.get(ScannedLetter, letter_id)
    if row is None:
        raise NotFound("letter-unknown", "there is nothing with this id")
    return row


def _view(row: ScannedLetter) -> LetterView:
    return LetterView(row.id, row.name, row.media_type, row.received_on, row.state, row.draft, row.appeal_id)
