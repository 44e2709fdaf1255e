"""What somebody is still writing: answers and files, kept until it is sent, thrown away, or too old."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.blobs import DOCUMENTS, BlobStore
from core.clock import Clock, local_date
from core.database import Base
from core.errors import Conflict
from core.ids import new_id
from core.unit_of_work import Actor, UnitsOfWork
from core.uploads import CheckedFile


class Draft(Base):
    """Of one kind about one subject, by one holder. Nothing counts that is in it."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("subject", "kind", "holder"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    subject: Mapped[str]
    kind: Mapped[str]
    holder: Mapped[str]
    answers: Mapped[dict[str, Any]]
    files: Mapped[list[Any]]
    changed_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Page:
    """Which draft: what it is about, of which kind, whose. `case_id` names the key of its files."""

    subject: str
    kind: str
    holder: str
    case_id: str


@dataclass(frozen=True)
class DraftView:
    """`files` by name and digest; `kept_until` is the day on which it is thrown away if nothing changes."""

    answers: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, str]] = field(default_factory=list)
    kept_until: date | None = None


class Drafts:
    """See module; `days` is how long one lies untouched."""

    def __init__(self, units: UnitsOfWork, blobs: BlobStore, clock: Clock, days: int) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._days = timedelta(days=days)

    def read(self, page: Page) -> DraftView:
        """Empty where nothing was begun."""
        with self._units.read() as session:
            row = _found(session, page)
        if row is None:
            return DraftView()
        until = local_date(row.changed_at + self._days)
        return DraftView(dict(row.answers), [(one["name"], one["sha256"]) for one in row.files], until)

    def begun(self, subject: str, holder: str) -> set[str]:
        """The kinds of which somebody began one about this subject."""
        with self._units.read() as session:
            return set(session.scalars(select(Draft.kind).where(Draft.subject == subject, Draft.holder == holder)))

    def answer(self, actor: Actor, page: Page, answers: Mapping[str, str]) -> None:
        """Keep these answers beside the earlier ones."""
        self._change(actor, page, answers=answers)

    def add(self, actor: Actor, page: Page, files: Sequence[CheckedFile], most: int) -> None:
        """Keep files along with it. Raises Conflict for more than `most` in all."""
        for file in files:
            self._blobs.put(DOCUMENTS, page.case_id, file.content)
        self._change(actor, page, add=files, most=most)

    def remove(self, actor: Actor, page: Page, sha256: str) -> None:
        """Leave a file out."""
        self._change(actor, page, remove=sha256)

    def _change(
        self,
        actor: Actor,
        page: Page,
        *,
        answers: Mapping[str, str] | None = None,
        add: Sequence[CheckedFile] = (),
        remove: str = "",
        most: int = 0,
    ) -> None:
        with self._units.begin(actor) as uow:
            row = _found(uow.session, page, lock=True)
            if row is None:
                row = Draft(subject=page.subject, kind=page.kind, holder=page.holder, answers={}, files=[])
                uow.session.add(row)
            row.answers = {**row.answers, **(answers or {})}
            fresh = {file.sha256: _described(file) for file in add}
            kept = [one for one in row.files if one["sha256"] != remove and one["sha256"] not in fresh]
            if add and len(kept) + len(fresh) > most:
                raise Conflict("too-many-attachments", f"send at most {most} files: join some of them")
            row.files = [*kept, *fresh.values()]
            row.changed_at = uow.clock.now()
            uow.commit()

    def files(self, page: Page) -> list[CheckedFile]:
        """All of its files with their content."""
        with self._units.read() as session:
            row = _found(session, page)
        return [
            CheckedFile(
                one["name"],
                one["mediaType"],
                self._blobs.get(DOCUMENTS, page.case_id, one["sha256"]),
                one["sentSha256"],
                one["says"],
            )
            for one in (row.files if row else [])
        ]

    def discard(self, actor: Actor, page: Page) -> None:
        """It was sent, or is not wanted any more."""
        with self._units.begin(actor) as uow:
            uow.session.execute(delete(Draft).where(*_which(page)))
            uow.commit()

    def forget_old(self) -> int:
        """Throw away what nobody touched for so long; returns how many."""
        with self._units.begin(Actor("system", "drafts", frozenset({"system"}))) as uow:
            old = list(uow.session.scalars(select(Draft.id).where(Draft.changed_at < self._clock.now() - self._days)))
            if old:
                uow.session.execute(delete(Draft).where(Draft.id.in_(old)))
                uow.commit()
            return len(old)


def _which(page: Page) -> tuple[Any, ...]:
    return Draft.subject == page.subject, Draft.kind == page.kind, Draft.holder == page.holder


def _found(session: Session, page: Page, *, lock: bool = False) -> Draft | None:
    wanted = select(Draft).where(*_which(page))
    return session.scalars(wanted.with_for_update() if lock else wanted).first()


def _described(file: CheckedFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "mediaType": file.media_type,
        "sha256": file.sha256,
        "sentSha256": file.sent_sha256,
        "says": file.says,
    }
