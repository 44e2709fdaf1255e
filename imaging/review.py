"""The review desk: people read what the machine may not settle, and some of what they read is read a second time."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, select
from sqlalchemy.orm import aliased

from core.clock import Clock, local_date
from core.errors import Conflict, InvalidInput, NotFound
from core.ids import earliest_id
from core.outbox import machine_now
from core.settings import Settings
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from imaging import events, states
from imaging.models import WAITS, PlateConfirmation, PlateOpinion, Reading
from imaging.plates import countries_of, display, normalise
from imaging.states import READING

_RULES = Path(__file__).parent / "data" / "second_review.yaml"

_WAYS = 9
"""As many as there are keys."""

_LATELY = timedelta(days=30)


@dataclass(frozen=True)
class ReadingView:
    """A reading as others see it. `plate` and `country` are the settled ones, else the machine's guess."""

    capture_id: str
    state: str
    plate: str | None
    country: str | None
    confidence: float
    reasons: list[str]
    candidates: list[dict[str, Any]]
    read_at: datetime
    settled: bool


@dataclass(frozen=True)
class WayToRead:
    """One way to read a plate that a reviewer may accept with a key. `by` names who reads it so."""

    plate: str
    shown: str
    country: str
    by: str
    permille: int | None


@dataclass(frozen=True)
class ReviewerStatistics:
    """What one person read: how much, how often as the machine had guessed, and how often as the other reviewer did."""

    reviewer: str
    read: int
    as_machine: int
    compared: int
    agreed: int


@dataclass(frozen=True)
class ReviewStatistics:
    """`by_reason` counts those that wait; all else is of photos read in the last thirty days, `machine_right` of those
    confirmed."""

    by_reason: dict[str, int]
    confirmed: int
    rejected: int
    machine_right: int
    reviewers: list[ReviewerStatistics]


@dataclass(frozen=True)
class SecondReviewRule:
    """Which readings two people read from `valid_from` on: `permille` of all, and all with a reason in `always`."""

    valid_from: date
    permille: int
    always: frozenset[str]

    def covers(self, reading_id: str, reasons: Sequence[str]) -> bool:
        """The draw hangs on the reading's id alone: nobody can choose it, and asking again changes nothing."""
        drawn = int.from_bytes(hashlib.sha256(reading_id.encode()).digest()[:4], "big") % 1000
        return drawn < self.permille or bool(self.always & set(reasons))


class ReviewDesk:
    """Part of imaging's door."""

    def __init__(self, units: UnitsOfWork, clock: Clock, settings: Settings) -> None:
        self._units = units
        self._clock = clock
        self._settings = settings

    def confirm(self, actor: Actor, capture_id: str, plate: str, country: str) -> None:
        """A reviewer has read the plate himself. It stands, or a second person has to read it too.

        Raises NotFound, InvalidInput when the plate does not fit the country's syntax, Conflict when the reading does
        not wait for this person, NotAllowed.
        """
        text = normalise(plate)
        if country not in countries_of(text):
            raise InvalidInput("plate-syntax", "this is no valid plate of that country; check both against the photo")
        with self._units.begin(actor) as uow:
            reading = load(uow, capture_id)
            first = self._hear(uow, reading, text, country)
            if reading.state == states.IN_REVIEW and self._read_twice(reading):
                READING.fire(uow, reading, "pass_on", "read by a person; drawn for a second one")
            elif reading.state == states.IN_SECOND_REVIEW:
                self._compare(uow, reading, first, (text, country))
            else:
                READING.fire(uow, reading, "confirm", "read by a person")
            if reading.state == states.CONFIRMED:
                self._settle(uow, reading, text, country)
            uow.commit()

    def reject(self, actor: Actor, capture_id: str, reason: str) -> None:
        """A reviewer cannot read the plate either: no decision will follow. Raises NotFound, Conflict, NotAllowed."""
        with self._units.begin(actor) as uow:
            reading = load(uow, capture_id)
            first = self._hear(uow, reading, None, None)
            if reading.state == states.IN_SECOND_REVIEW:
                self._compare(uow, reading, first, (None, None))
            else:
                READING.fire(uow, reading, "reject", reason)
            uow.commit()

    def queue(
        self, actor: Actor | None = None, reason: str = "", after: str = "", *, newest: bool = False, limit: int = 100
    ) -> list[ReadingView]:
        """The first readings that wait for a person, oldest first or `newest`: of those with a `reason`, of those after
        a capture's; with `actor`, of those that he has not read himself."""
        wanted = select(Reading).where(*_waiting(actor, reason, after, newest=newest))
        order = Reading.id.desc() if newest else Reading.id
        with self._units.read() as session:
            return [view(row, None) for row in session.scalars(wanted.order_by(order).limit(limit))]

    def waiting(self, actor: Actor | None = None, reason: str = "", after: str = "", *, newest: bool = False) -> int:
        """How many readings wait for a person, of those that `queue` would give."""
        wanted = select(func.count()).select_from(Reading).where(*_waiting(actor, reason, after, newest=newest))
        with self._units.read() as session:
            return session.scalar(wanted) or 0

    def ways_to_read(self, seen: ReadingView) -> list[WayToRead]:
        """What a reviewer may accept as it stands: valid plates only, the likeliest first, each once."""
        ways: dict[tuple[str, str], WayToRead] = {}
        for candidate in seen.candidates:
            for found in candidate["suggestions"]:
                if found["country"]:
                    _offer(ways, found["plate"], found["country"], "plate reader", found["permille"])
            for country in countries_of(candidate["second"])[:2]:
                _offer(ways, candidate["second"], country, "text reader", None)
        return list(ways.values())[:_WAYS]

    def statistics(self) -> ReviewStatistics:
        """How much waits and why, how often the machine's first guess was what people read, and how far they agree."""
        since = earliest_id(machine_now() - _LATELY)
        why = cast(Reading.reasons, String)
        right = func.count().filter(Reading.plate == PlateConfirmation.plate)
        confirmed = (
            select(func.count(), right)
            .select_from(PlateConfirmation)
            .join(Reading, Reading.id == PlateConfirmation.reading_id)
            .where(Reading.id >= since, PlateConfirmation.id >= since)
        )
        rejected = select(func.count()).where(Reading.state == states.REJECTED, Reading.id >= since)
        by_reason = Counter[str]()
        with self._units.late(), self._units.read() as session:
            for reasons, count in session.execute(select(why, func.count()).where(WAITS).group_by(why)):
                by_reason.update(dict.fromkeys(json.loads(reasons), count))
            settled, guessed = session.execute(confirmed).one()
            return ReviewStatistics(
                by_reason=dict(by_reason.most_common()),
                confirmed=settled,
                rejected=session.scalar(rejected) or 0,
                machine_right=guessed,
                reviewers=[ReviewerStatistics(*row) for row in session.execute(_by_reviewer(since))],
            )

    def _hear(self, uow: UnitOfWork, reading: Reading, plate: str | None, country: str | None) -> PlateOpinion | None:
        """Keep what this person read; the opinion before his, if any. Nobody is his own second reader."""
        wanted = select(PlateOpinion).where(PlateOpinion.reading_id == reading.id).order_by(PlateOpinion.number)
        earlier = list(uow.session.scalars(wanted))
        if reading.state in states.WAITING and any(opinion.given_by == uow.actor.id for opinion in earlier):
            raise Conflict("read-by-you-before", "you have read this one; now another person has to")
        uow.add(
            PlateOpinion(
                reading_id=reading.id,
                number=len(earlier) + 1,
                plate=plate,
                country=country,
                given_by=uow.actor.id,
                given_at=self._clock.now(),
            )
        )
        return earlier[-1] if earlier else None

    def _read_twice(self, reading: Reading) -> bool:
        today = local_date(self._clock.now())
        rule = max((r for r in self._rules if r.valid_from <= today), key=lambda r: r.valid_from, default=None)
        return rule is not None and rule.covers(reading.id, reading.reasons)

    @cached_property
    def _rules(self) -> list[SecondReviewRule]:
        entries = yaml.safe_load((self._settings.second_review_file or _RULES).read_text())
        return [SecondReviewRule(e["valid_from"], e["permille"], frozenset(e["always"])) for e in entries]

    def _compare(
        self, uow: UnitOfWork, reading: Reading, first: PlateOpinion | None, second: tuple[str | None, str | None]
    ) -> None:
        if first is not None and (first.plate, first.country) == second:
            READING.fire(uow, reading, "agree", "two people read the same")
        else:
            READING.fire(uow, reading, "disagree", "two people read it differently; a third decides")

    def _settle(self, uow: UnitOfWork, reading: Reading, plate: str, country: str) -> None:
        uow.add(
            PlateConfirmation(
                reading_id=reading.id,
                plate=plate,
                country=country,
                confirmed_by=uow.actor.id,
                confirmed_at=self._clock.now(),
            )
        )
        uow.publish(events.READING_SETTLED, reading.capture_id, {"captureId": reading.capture_id})


def load(uow: UnitOfWork, capture_id: str) -> Reading:
    """The capture's reading, locked. Raises NotFound."""
    reading = uow.session.scalars(select(Reading).where(Reading.capture_id == capture_id).with_for_update()).first()
    if reading is None:
        raise NotFound("reading-unknown", "this capture was not read yet")
    return reading


def view(reading: Reading, confirmation: PlateConfirmation | None) -> ReadingView:
    return ReadingView(
        capture_id=reading.capture_id,
        state=reading.state,
        plate=confirmation.plate if confirmation else reading.plate,
        country=confirmation.country if confirmation else reading.country,
        confidence=reading.confidence_permille / 1000,
        reasons=reading.reasons,
        candidates=reading.candidates,
        read_at=reading.read_at,
        settled=reading.state in states.SETTLED,
    )


def _waiting(actor: Actor | None, reason: str, after: str, *, newest: bool) -> list[ColumnElement[bool]]:
    found = [WAITS]
    if actor is not None:
        found.append(~exists().where(PlateOpinion.reading_id == Reading.id, PlateOpinion.given_by == actor.id))
    if reason:
        found.append(cast(Reading.reasons, String).contains(json.dumps(reason), autoescape=True))
    if after:
        last = select(Reading.id).where(Reading.capture_id == after).scalar_subquery()
        found.append(Reading.id < last if newest else Reading.id > last)
    return found


def _by_reviewer(since: str) -> Select[str, int, int, int, int]:
    """Of those who read something since then: the columns of `ReviewerStatistics`. Only the first two readers of a
    photo are compared: the third one knows that they differ."""
    other = aliased(PlateOpinion)
    same = and_(
        other.plate.is_not_distinct_from(PlateOpinion.plate), other.country.is_not_distinct_from(PlateOpinion.country)
    )
    return (
        select(
            PlateOpinion.given_by,
            func.count(),
            func.count().filter(PlateOpinion.plate.is_not_distinct_from(Reading.plate)),
            func.count(other.id),
            func.count(other.id).filter(same),
        )
        .join(Reading, Reading.id == PlateOpinion.reading_id)
        .outerjoin(other, and_(other.reading_id == PlateOpinion.reading_id, other.number == 3 - PlateOpinion.number))
        .where(Reading.id >= since, PlateOpinion.id >= since)
        .group_by(PlateOpinion.given_by)
        .order_by(PlateOpinion.given_by)
    )


def _offer(ways: dict[tuple[str, str], WayToRead], plate: str, country: str, by: str, permille: int | None) -> None:
    ways.setdefault((plate, country), WayToRead(plate, display(plate, country), country, by, permille))
