"""What the rooms of appeals have in common: their parts, a locked appeal, and its letters."""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import Select, func, select

from appeals import states
from appeals.models import (
    Appeal,
    Attachment,
    CourtAppeal,
    CourtAssignment,
    Hearing,
    Inquiry,
    Proposal,
    RepairRequest,
    ScannedLetter,
    Sitting,
)
from core.case_events import CaseEvents
from core.clock import Clock, local_date
from core.errors import Conflict, InvalidInput, NotFound
from core.unit_of_work import UnitOfWork, UnitsOfWork
from fines.service import FinesService, LiveLaw, Rules

_Row = TypeVar("_Row", Appeal, CourtAppeal, Hearing, Inquiry, ScannedLetter)


@dataclass(frozen=True)
class Desk:
    """The parts that every room works with."""

    units: UnitsOfWork
    clock: Clock
    law: LiveLaw
    fines: FinesService
    events: CaseEvents

    @property
    def today(self) -> date:
        """In Europe/Amsterdam."""
        return local_date(self.clock.now())

    @property
    def rules(self) -> Rules:
        return self.law.rules

    def check_received(self, day: date) -> None:
        """Raises InvalidInput for a letter that would be received later than today."""
        if day > self.today:
            raise InvalidInput("received-in-future", "a letter was received today or earlier")

    def tell(self, uow: UnitOfWork, appeal: Appeal, which: str, **words: str) -> None:
        """Inside a transaction: a letter to the person about the appeal, of the kind `which` of the letter texts."""
        appeal.letters += 1
        self.fines.outcomes.tell(uow, appeal.decision_id, which, appeal.letters, words)


def locked(uow: UnitOfWork, kind: type[_Row], key: str) -> _Row:
    """The row, locked. Raises NotFound."""
    row = uow.session.get(kind, key, with_for_update=True)
    if row is None:
        raise NotFound(f"{kind.__tablename__.replace('_', '-')}-unknown", "there is nothing with this id")
    return row


def in_hand(uow: UnitOfWork, appeal_id: str) -> Appeal:
    """The appeal, locked, which somebody handles. Raises NotFound, Conflict."""
    appeal = locked(uow, Appeal, appeal_id)
    if appeal.state != states.IN_HANDLING:
        raise Conflict("appeal-not-in-handling", "take the appeal on first")
    return appeal


_OfAppeal = type[Attachment | RepairRequest | Hearing | Inquiry | Proposal]
_AtCourt = type[CourtAssignment | Sitting]


def next_number(uow: UnitOfWork, kind: _OfAppeal, appeal_id: str) -> int:
    """Numbers those of an appeal from 1 on; the appeal is locked."""
    return _next(uow, select(func.count()).select_from(kind).where(kind.appeal_id == appeal_id))


def next_number_at_court(uow: UnitOfWork, kind: _AtCourt, court_appeal_id: str) -> int:
    """Numbers those of a court appeal from 1 on; it is locked."""
    return _next(uow, select(func.count()).select_from(kind).where(kind.court_appeal_id == court_appeal_id))


def _next(uow: UnitOfWork, count: Select[int]) -> int:
    return int(uow.session.scalar(count) or 0) + 1
