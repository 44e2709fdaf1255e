"""Retention: nothing is kept longer than a rule has it kept.

Each room says what it knows of a case: that something in it is open, or from which day on which rule lets it go. When
every word of it has ended the case's key is destroyed, with all rows that name a person, in one transaction; its blobs,
which nobody can read any more, are removed after that. A proof stays. A legal hold keeps a case whatever the rules say.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.blobs import KEPT, BlobStore, CaseKey
from core.clock import Clock, local_date
from core.database import Base
from core.errors import Conflict, InvalidInput, NotFound
from core.ids import new_id
from core.states import TransitionTable
from core.unit_of_work import SYSTEM, Actor, UnitOfWork, UnitsOfWork

log = structlog.get_logger()

_PARTITION = "retention"
OPEN = "open"
"""What a case is kept by while something in it is open."""
LEGAL_HOLD = "legal_hold"
UNCLAIMED = "unclaimed"
"""No room says anything of it: it is kept until one does."""
NO_RULE = "no_rule"
"""There is no rule that may be applied, or none that was approved: it is kept."""

_LOOK_AGAIN = timedelta(days=1)
_LOOK_AGAIN_LATER = timedelta(days=14)
"""At what is open, or nobody knows: at first soon, for most of what becomes of a capture is known within hours."""
_YOUNG = timedelta(days=60)
_PAGE = 200
_MOST_LOOKS = 20_000
_MOST_ENDS = 1_000
"""In one run, so that other chores get their turn."""

STANDING = "standing"
LIFTED = "lifted"
HOLDERS = ("senior", "jurist")
"""Who may place and lift a legal hold."""

HOLD = TransitionTable(
    "legal_hold",
    _PARTITION,
    [
        # from     event   to      who may
        (STANDING, "lift", LIFTED, " ".join(HOLDERS)),
    ],
)


class LegalHold(Base):
    """A case is kept whatever the rules say: for a complaint, an investigation, a court."""

    __tablename__ = "legal_hold"
    __sealed__ = ("id", "case_id", "reason", "placed_by", "placed_at")
    __partition__ = _PARTITION

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    placed_by: Mapped[str]
    placed_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=STANDING, index=True)


class Destruction(Base):
    """Proof that a case was destroyed (verklaring van vernietiging): by which rule, on what, and how much of it.

    `explanation` has the rule's article, version and inputs; `rows` how many went by table; `blobs` how many were
    removed by area, once they were.
    """

    __tablename__ = "destruction"
    __sealed__ = ("id", "case_id", "rule", "due_on", "explanation", "rows", "destroyed_at")
    __partition__ = _PARTITION

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(unique=True)
    rule: Mapped[str]
    due_on: Mapped[date]
    explanation: Mapped[list[Any]]
    rows: Mapped[dict[str, Any]]
    destroyed_at: Mapped[datetime]
    blobs: Mapped[dict[str, Any] | None]
    removed_at: Mapped[datetime | None]


class HeldCount(Base):
    """How many cases are kept by what, as of the newest count; `first_look` is the next day on which one may go."""

    __tablename__ = "held_count"

    kept_by: Mapped[str] = mapped_column(primary_key=True)
    cases: Mapped[int]
    first_look: Mapped[date]
    counted_at: Mapped[datetime]


@dataclass(frozen=True)
class Claim:
    """What a room says of a case: open, where `rule` is empty; else the rule, and the day from which it counts."""

    rule: str = ""
    since: date = date.min


@dataclass(frozen=True)
class LastDay:
    """From `due_on` on it is not kept any more; `approved` tells whether the rule may be applied here."""

    due_on: date
    explanation: list[dict[str, Any]]
    approved: bool


class Terms(Protocol):
    """Reads the law."""

    def last_day(self, rule: str, since: date) -> LastDay | None:
        """None where the law has no such rule on that day."""
        ...


class Holder(Protocol):
    """A room that holds something of cases."""

    def claims(self, session: Session, case_ids: Sequence[str]) -> dict[str, list[Claim]]:
        """What this room knows, by case; nothing for a case that it does not know."""
        ...

    def destroy(self, uow: UnitOfWork, case_id: str, reason: str) -> Counter[str]:
        """Its rows of the case; how many went by table."""
        ...


class OldRows(Protocol):
    """Rows of no case that a rule lets go; `name` says which."""

    @property
    def name(self) -> str: ...

    def erase_due(self, uow: UnitOfWork, terms: Terms, today: date, limit: int) -> int:
        """Takes out who is named in what is due, of at most so many; how many were."""
        ...


_Row = TypeVar("_Row")


def let_go_in_turn(
    rows: Iterable[_Row],
    terms: Terms,
    rule: str,
    today: date,
    since: Callable[[_Row], date],
    act: Callable[[_Row], object],
) -> int:
    """Act on these rows, the oldest first, up to the first whose term has not passed; how many there were."""
    count = 0
    for row in rows:
        last = terms.last_day(rule, since(row))
        if last is None or not last.approved or last.due_on > today:
            break
        act(row)
        count += 1
    return count


@dataclass(frozen=True)
class _End:
    rule: str
    last: LastDay


class Retention:
    """See module. `holders` are asked in this order, and destroy in it: those that rest on others first."""

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        clock: Clock,
        terms: Terms,
        holders: Sequence[Holder],
        old_rows: Sequence[OldRows],
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._terms = terms
        self._holders = holders
        self._old_rows = old_rows

    # What is due

    def run(self) -> int:
        """Destroy what is due, and remove the blobs of what was destroyed; how many cases were. Safe to repeat."""
        today = local_date(self._clock.now())
        count = looks = 0
        failed: Exception | None = None
        while looks < _MOST_LOOKS and count < _MOST_ENDS:
            found = self._look(today)
            looks += len(found)
            for case_id in (case_id for case_id, ended in found.items() if ended):
                try:
                    count += self._end(case_id, today)
                except Exception as error:  # one case that cannot be destroyed holds up no other
                    log.error("case_not_destroyed", case_id=case_id, error_type=type(error).__name__)
                    failed = error
                    self._postpone(case_id, today)
            if len(found) < _PAGE:
                break
        self._remove_blobs()
        self._erase_old_rows(today)
        self._count(today)
        if failed is not None:
            raise failed
        return count

    def _postpone(self, case_id: str, today: date) -> None:
        with self._units.begin(SYSTEM) as uow:
            uow.session.get_one(CaseKey, case_id).look_on = today + _LOOK_AGAIN
            uow.commit()

    def _look(self, today: date) -> dict[str, bool]:
        """At the next cases whose day has come: which of them have ended."""
        due = select(CaseKey).where(KEPT, CaseKey.look_on <= today).order_by(CaseKey.look_on, CaseKey.case_id)
        with self._units.begin(SYSTEM) as uow:
            keys = {key.case_id: key for key in uow.session.scalars(due.limit(_PAGE).with_for_update(skip_locked=True))}
            ends = self._ends(uow.session, list(keys))
            for case_id, key in keys.items():
                end = ends[case_id]
                key.kept_by = end if isinstance(end, str) else end.rule
                if isinstance(end, str):
                    age = today - local_date(key.created_at)
                    key.look_on = today + (_LOOK_AGAIN if age < _YOUNG else _LOOK_AGAIN_LATER)
                elif end.last.due_on > today:
                    key.look_on = end.last.due_on
            uow.commit()
        return {case_id: not isinstance(end, str) and end.last.due_on <= today for case_id, end in ends.items()}

    def _ends(self, session: Session, case_ids: Sequence[str]) -> dict[str, _End | str]:
        """For each case the rule that lets it go last, or what it is kept by without an end."""
        held = set(session.scalars(_standing().where(LegalHold.case_id.in_(case_ids))))
        claims: dict[str, list[Claim]] = {}
        for holder in self._holders:
            for case_id, said in holder.claims(session, case_ids).items():
                claims.setdefault(case_id, []).extend(said)
        return {
            case_id: LEGAL_HOLD if case_id in held else self._end_of(claims.get(case_id, [])) for case_id in case_ids
        }

    def _end_of(self, claims: Sequence[Claim]) -> _End | str:
        if not claims:
            return UNCLAIMED
        if any(not claim.rule for claim in claims):
            return OPEN
        ends = []
        for claim in claims:
            last = self._terms.last_day(claim.rule, claim.since)
            if last is None or not last.approved:
                return NO_RULE
            ends.append(_End(claim.rule, last))
        return max(ends, key=lambda end: end.last.due_on)

    def _end(self, case_id: str, today: date) -> bool:
        """Destroy the case, if that is still so now that nobody else can change it."""
        with self._units.begin(SYSTEM) as uow:
            key = uow.session.get(CaseKey, case_id, with_for_update=True)
            end = self._ends(uow.session, [case_id])[case_id]
            if key is None or key.wrapped is None or isinstance(end, str) or end.last.due_on > today:
                return False
            rows: Counter[str] = Counter()
            for holder in self._holders:
                rows.update(holder.destroy(uow, case_id, end.rule))
            key.destroy()
            uow.add(
                Destruction(
                    case_id=case_id,
                    rule=end.rule,
                    due_on=end.last.due_on,
                    explanation=end.last.explanation,
                    rows=dict(sorted(rows.items())),
                    destroyed_at=self._clock.now(),
                )
            )
            detail = {"rule": end.rule, "dueOn": end.last.due_on.isoformat()}
            uow.record(_PARTITION, "case.destroyed", "case", case_id, "its term has passed", detail)
            uow.commit()
        return True

    def _remove_blobs(self) -> None:
        while case_ids := self._blobs.to_sweep(_PAGE):
            for case_id in case_ids:
                removed = self._blobs.remove(case_id)
                with self._units.begin(SYSTEM) as uow:
                    self._blobs.swept(uow.session, case_id)
                    proof = uow.session.scalars(select(Destruction).where(Destruction.case_id == case_id)).first()
                    if proof is not None:
                        proof.blobs, proof.removed_at = removed, self._clock.now()
                    uow.record(_PARTITION, "blobs.removed", "case", case_id, "its key was destroyed", removed)
                    uow.commit()

    def _erase_old_rows(self, today: date) -> None:
        for old in self._old_rows:
            with self._units.begin(SYSTEM) as uow:
                if count := old.erase_due(uow, self._terms, today, _PAGE):
                    detail = {"count": count}
                    uow.record(_PARTITION, "rows.erased", "rows", old.name, "their term has passed", detail)
                uow.commit()

    # What is held

    def _count(self, today: date) -> None:
        """Once a day: it goes through all keys."""
        name = func.coalesce(CaseKey.kept_by, UNCLAIMED)
        asked = select(name, func.count(), func.min(CaseKey.look_on)).where(KEPT).group_by(name)
        with self._units.begin(SYSTEM) as uow:
            known = {row.kept_by: row for row in uow.session.scalars(select(HeldCount).with_for_update())}
            if any(local_date(row.counted_at) == today for row in known.values()):
                return
            for kept_by, cases, first_look in uow.session.execute(asked).tuples():
                known.pop(kept_by, None)
                uow.session.merge(
                    HeldCount(kept_by=kept_by, cases=cases, first_look=first_look, counted_at=self._clock.now())
                )
            for gone in known.values():
                uow.session.delete(gone)
            uow.commit()

    def held(self) -> list[HeldCount]:
        """How many cases are kept, and by what, as it was counted last."""
        with self._units.read() as session:
            return list(session.scalars(select(HeldCount).order_by(HeldCount.kept_by)))

    def proofs(self, before: str = "", limit: int = 100) -> list[Destruction]:
        """Of what was destroyed, the newest first; of those before an id where one is given."""
        wanted = select(Destruction).order_by(Destruction.id.desc()).limit(limit)
        with self._units.read() as session:
            return list(session.scalars(wanted.where(Destruction.id < before) if before else wanted))

    def proof(self, case_id: str) -> Destruction | None:
        """That it was destroyed; None for what was not."""
        return self.destroyed([case_id]).get(case_id)

    def destroyed(self, case_ids: Sequence[str]) -> dict[str, Destruction]:
        """The proof of each of these cases that was destroyed."""
        with self._units.read() as session:
            found = session.scalars(select(Destruction).where(Destruction.case_id.in_(case_ids)))
            return {one.case_id: one for one in found}

    # Legal hold

    def hold(self, actor: Actor, case_id: str, reason: str) -> str:
        """Keep a case until the hold is lifted; returns the hold's id.

        Raises NotAllowed, InvalidInput, NotFound, and Conflict where it is held already or was destroyed.
        """
        actor.require(*HOLDERS, told="a legal hold is placed by a senior handler or a jurist")
        if not reason.strip():
            raise InvalidInput("hold-reason-missing", "say for whom or what it is to be kept")
        with self._units.begin(actor) as uow:
            key = uow.session.get(CaseKey, case_id, with_for_update=True)
            if key is None:
                raise NotFound("case-unknown", "there is no case with this id")
            if key.wrapped is None:
                raise Conflict("case-destroyed", "this case was destroyed: there is nothing left to keep")
            if uow.session.scalars(_standing().where(LegalHold.case_id == case_id)).first():
                raise Conflict("case-held", "this case is held already")
            placed = LegalHold(case_id=case_id, reason=reason, placed_by=actor.id, placed_at=self._clock.now())
            placed.state = STANDING
            uow.add(placed)
            HOLD.create(uow, placed, reason, case=case_id)
            key.kept_by = LEGAL_HOLD
            uow.commit()
            return placed.id

    def lift(self, actor: Actor, hold_id: str, reason: str) -> None:
        """The rules count again. Raises NotFound, InvalidInput, Conflict, NotAllowed."""
        if not reason.strip():
            raise InvalidInput("hold-reason-missing", "say why it need not be kept any more")
        with self._units.begin(actor) as uow:
            placed = uow.session.get(LegalHold, hold_id, with_for_update=True)
            if placed is None:
                raise NotFound("hold-unknown", "there is no legal hold with this id")
            HOLD.fire(uow, placed, "lift", reason)
            key = uow.session.get(CaseKey, placed.case_id, with_for_update=True)
            if key is not None:
                key.look_on = local_date(self._clock.now())
            uow.commit()

    def holds(self) -> list[LegalHold]:
        """Those that stand, the oldest first."""
        with self._units.read() as session:
            return list(session.scalars(select(LegalHold).where(LegalHold.state == STANDING).order_by(LegalHold.id)))


def _standing() -> Select[str]:
    return select(LegalHold.case_id).where(LegalHold.state == STANDING)
