"""Visits: somebody from outside came in, by a letter or by a login, and may see some things for a while."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import Clock, local_date
from core.database import Base
from core.destruction import destroy_rows
from core.errors import NotAuthenticated
from core.ids import new_id
from core.retention import Terms, let_go_in_turn
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork

BY_LETTER = "letter"
"""The level of who proved nothing but that he has the letter."""
BY_MANDATE = "mandate"
"""The level of who has the code of a mandate. Such a visit has one subject, the mandate."""


class Visit(Base):
    """`person` is a pseudonym, None for who came by a letter; `level` is how sure it is who came."""

    __tablename__ = "visit"
    __sealed__ = ("id", "person", "level", "begun_at")
    __partition__ = "access"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person: Mapped[str | None]
    level: Mapped[str]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class VisitSubject(Base):
    """What a visit was opened to, by what stands on its letter."""

    __tablename__ = "visit_subject"

    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)


class OldVisits:
    """Who had been there is forgotten with the term of `rule`."""

    name = "visit"

    def __init__(self, rule: str) -> None:
        self._rule = rule

    def erase_due(self, uow: UnitOfWork, terms: Terms, today: date, limit: int) -> int:
        # Ids grow with time.
        visits = uow.session.scalars(select(Visit).order_by(Visit.id).limit(limit)).all()
        return let_go_in_turn(
            visits, terms, self._rule, today,
            lambda visit: local_date(visit.begun_at), lambda visit: destroy_rows(uow, [visit], self._rule),
        )  # fmt: skip


@dataclass(frozen=True)
class Visitor:
    """Who is there now; `subjects` are ids of what was opened by a letter or the code of a mandate."""

    visit_id: str
    person: str | None
    level: str
    subjects: frozenset[str]

    @property
    def actor(self) -> Actor:
        """In records a visitor is known by his visit, which says how he came in."""
        return Actor("citizen", self.visit_id, frozenset({"citizen"}))

    @property
    def holder(self) -> str:
        """Whose unfinished work is found again: the person's, or that of everyone who has the letter or the code."""
        if self.level == BY_MANDATE:
            return min(self.subjects)
        return self.person or BY_LETTER


class Visits:
    """A visit ends when the visitor leaves, and after `hours` by itself."""

    def __init__(self, units: UnitsOfWork, clock: Clock, hours: int) -> None:
        self._units = units
        self._clock = clock
        self._holds = timedelta(hours=hours)

    def begin(self, level: str, *, person: str | None = None, subject: str | None = None) -> str:
        """Returns the id of the visit, under which the visitor is known until it ends."""
        visit_id = new_id()
        with self._units.begin(Actor("citizen", visit_id, frozenset({"citizen"}))) as uow:
            uow.add(Visit(id=visit_id, person=person, level=level, begun_at=uow.clock.now(), ended_at=None))
            if subject is not None:
                uow.session.add(VisitSubject(visit_id=visit_id, subject=subject))
                told = "what stands on the letter" if level != BY_MANDATE else "the code of a mandate"
                uow.record("access", "visit.opened", "visit", visit_id, told, {"to": subject})
            uow.commit()
        return visit_id

    def open(self, visitor: Visitor, subject: str) -> None:
        """The same visitor has another letter."""
        if subject in visitor.subjects:
            return
        with self._units.begin(visitor.actor) as uow:
            uow.session.add(VisitSubject(visit_id=visitor.visit_id, subject=subject))
            told = "what stands on the letter"
            uow.record("access", "visit.opened", "visit", visitor.visit_id, told, {"to": subject})
            uow.commit()

    def visitor(self, visit_id: str) -> Visitor:
        """Raises NotAuthenticated once the visit ended."""
        with self._units.read() as session:
            rows = session.execute(
                select(Visit, VisitSubject.subject)
                .outerjoin(VisitSubject, VisitSubject.visit_id == Visit.id)
                .where(Visit.id == visit_id)
            ).all()
            visit = rows[0][0] if rows else None
            if visit is None or visit.ended_at is not None or visit.begun_at + self._holds <= self._clock.now():
                raise NotAuthenticated("visit-ended", "come in again with what stands on the letter")
            opened = frozenset(subject for _, subject in rows if subject is not None)
            return Visitor(visit.id, visit.person, visit.level, opened)

    def end(self, visitor: Visitor) -> None:
        """From here on nobody is behind this visit, wherever a copy of its cookie lies."""
        with self._units.begin(visitor.actor) as uow:
            uow.session.get_one(Visit, visitor.visit_id).ended_at = uow.clock.now()
            uow.record("access", "visit.ended", "visit", visitor.visit_id, "left", {})
            uow.commit()
