"""The review desk: people read what the machine may not settle, and some of what they read is read a second time."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select

from core.clock import Clock, local_date
from core.errors import Conflict, InvalidInput, NotFound
from core.settings import Settings
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from imaging import events, states
from imaging.models import PlateConfirmation, PlateOpinion, Reading
from imaging.plates import countries_of, display, normalise
from imaging.states import READING

_RULES = Path(__file__).parent / "data" / "second_review.yaml"

_WAYS = 9
"""As many as there are keys."""


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
    """Counts over all readings; `by_reason` of those that wait, `machine_right` of those confirmed."""

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

    def queue(self, actor: Actor | None = None) -> list[ReadingView]:
        """Readings that wait for a person, oldest first; with `actor`, those that he has not read himself."""
        with self._units.read() as session:
            rows = select(Reading).where(Reading.state.in_(states.WAITING)).order_by(Reading.read_at)
            if actor is not None:
                own = select(PlateOpinion.reading_id).where(PlateOpinion.given_by == actor.id)
                rows = rows.where(Reading.id.not_in(own))
            return [view(row, None) for row in session.scalars(rows)]

    def waiting(self) -> int:
        """How many readings wait for a person."""
        with self._units.read() as session:
            wanted = select(func.count()).select_from(Reading).where(Reading.state.in_(states.WAITING))
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
        with self._units.late(), self._units.read() as session:
            waiting = session.scalars(select(Reading.reasons).where(Reading.state.in_(states.WAITING))).all()
            rejected = session.scalar(select(func.count()).where(Reading.state == states.REJECTED)) or 0
            pairs = session.execute(
                select(Reading.plate, PlateConfirmation.plate).join(Reading, Reading.id == PlateConfirmation.reading_id)
            ).all()
            opinions = session.execute(
                select(Reading.plate, PlateOpinion).join(Reading, Reading.id == PlateOpinion.reading_id)
            ).all()
        reasons = Counter(reason for row in waiting for reason in row)
        return ReviewStatistics(
            by_reason=dict(reasons.most_common()),
            confirmed=len(pairs),
            rejected=rejected,
            machine_right=sum(guess == read for guess, read in pairs),
            reviewers=_by_reviewer([(guess, opinion) for guess, opinion in opinions]),
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


def _by_reviewer(opinions: list[tuple[str | None, PlateOpinion]]) -> list[ReviewerStatistics]:
    by_reading: dict[str, dict[int, PlateOpinion]] = defaultdict(dict)
    for _, opinion in opinions:
        by_reading[opinion.reading_id][opinion.number] = opinion
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for guess, opinion in opinions:
        other = by_reading[opinion.reading_id].get({1: 2, 2: 1}.get(opinion.number, 0))
        counts[opinion.given_by].update(
            read=1,
            as_machine=opinion.plate == guess,
            compared=other is not None,
            agreed=other is not None and (other.plate, other.country) == (opinion.plate, opinion.country),
        )
    return [ReviewerStatistics(reviewer, **found) for reviewer, found in sorted(counts.items())]


def _offer(ways: dict[tuple[str, str], WayToRead], plate: str, country: str, by: str, permille: int | None) -> None:
    ways.setdefault((plate, country), WayToRead(plate, display(plate, country), country, by, permille))
