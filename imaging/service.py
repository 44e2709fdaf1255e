"""Imaging's only door: read a capture's plate, let a person review it, make the citizen's copy."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from core.blobs import PUBLIC, BlobStore
from core.clock import Clock
from core.errors import InvalidInput, NotFound
from core.settings import Settings
from core.unit_of_work import SYSTEM, Actor, UnitOfWork, UnitsOfWork
from imaging import events, states
from imaging.decision import Verdict, judge
from imaging.events import PHOTOS_REDACTED
from imaging.faces import FaceFinder
from imaging.models import PlateConfirmation, Reading, RedactedPhoto
from imaging.plates import countries_of, display, normalise
from imaging.reader import PlateCandidate, PlateReader, TextRegion
from imaging.redaction import Redacted, redact
from imaging.states import READING
from imaging.validation import Photo, Unusable, decode, encode, measure
from ingest.service import IngestService

__all__ = ["PHOTOS_REDACTED", "ImagingService", "ReadingView", "countries_of", "display", "normalise"]


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
class _Prepared:
    verdict: Verdict
    candidates: list[dict[str, Any]]


@dataclass(frozen=True)
class _Copy:
    position: int
    sha256: str
    redacted: Redacted


class ImagingService:
    """See module."""

    def __init__(
        self, units: UnitsOfWork, blobs: BlobStore, clock: Clock, settings: Settings, ingest: IngestService
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._ingest = ingest

    @cached_property
    def _reader(self) -> PlateReader:
        return PlateReader()

    @cached_property
    def _faces(self) -> FaceFinder:
        return FaceFinder()

    def prepare_reading(self, payload: dict[str, Any]) -> _Prepared:
        """Job, slow half: look at every photo of the capture."""
        photos: list[list[PlateCandidate]] = []
        shown: list[dict[str, Any]] = []
        quality: list[str] = []
        for position, data in enumerate(self._originals(payload["captureId"], "automatic plate reading")):
            try:
                photo = decode(data, self._settings.max_pixels)
            except Unusable as error:
                quality.append(error.code)
                photos.append([])
                continue
            quality.extend(measure(photo).reasons())
            candidates = self._reader.candidates(photo, self._reader.regions(photo))
            photos.append(candidates)
            # The three largest are what a reviewer needs; texts of others are not kept.
            shown.extend(_shown(position, candidate) for candidate in candidates[:3])
        return _Prepared(judge(photos, quality, self._settings.min_plate_confidence), shown)

    def store_reading(self, uow: UnitOfWork, payload: dict[str, Any], prepared: _Prepared) -> None:
        """Job, quick half."""
        verdict = prepared.verdict
        reading = Reading(
            capture_id=payload["captureId"],
            plate=verdict.plate,
            country=verdict.country,
            confidence_permille=round(verdict.confidence * 1000),
            reasons=list(verdict.reasons),
            candidates=prepared.candidates,
            models={**self._reader.models()},
            read_at=self._clock.now(),
            state=states.AUTO_ACCEPTED if verdict.accepted else states.IN_REVIEW,
        )
        uow.add(reading)
        READING.create(uow, reading, ", ".join(verdict.reasons) or "nothing speaks against the reading")
        if verdict.accepted:
            uow.publish(events.READING_SETTLED, reading.capture_id, {"captureId": reading.capture_id})

    def prepare_redaction(self, payload: dict[str, Any]) -> list[_Copy]:
        """Job, slow half: hide bystanders on every photo and store the copies."""
        capture_id = payload["captureId"]
        plate = self.reading(capture_id).plate
        copies = []
        for position, data in enumerate(self._originals(capture_id, "redaction for the citizen's copy")):
            photo = decode(data, self._settings.max_pixels)
            redacted = self._redact(photo, plate)
            sha256 = self._blobs.put(PUBLIC, capture_id, encode(redacted.photo))
            copies.append(_Copy(position, sha256, redacted))
        return copies

    def _redact(self, photo: Photo, plate: str | None) -> Redacted:
        regions = self._reader.regions(photo)
        return redact(photo, self._faces.find(photo), regions, _region_of(plate, regions))

    def store_redaction(self, uow: UnitOfWork, payload: dict[str, Any], copies: list[_Copy]) -> None:
        """Job, quick half."""
        for copy in copies:
            uow.add(
                RedactedPhoto(
                    capture_id=payload["captureId"],
                    position=copy.position,
                    sha256=copy.sha256,
                    hidden=copy.redacted.hidden,
                    plate_visible=copy.redacted.plate_visible,
                )
            )
        uow.publish(PHOTOS_REDACTED, payload["captureId"], {"captureId": payload["captureId"]})

    def confirm(self, actor: Actor, capture_id: str, plate: str, country: str) -> None:
        """A reviewer has read the plate himself.

        Raises NotFound, InvalidInput when the plate does not fit the country's syntax, Conflict when the
        reading is not in review.
        """
        text = normalise(plate)
        if country not in countries_of(text):
            raise InvalidInput("plate-syntax", "this is no valid plate of that country; check both against the photo")
        with self._units.begin(actor) as uow:
            reading = _load(uow, capture_id)
            READING.fire(uow, reading, "confirm", "read by a person")
            uow.add(
                PlateConfirmation(
                    reading_id=reading.id,
                    plate=text,
                    country=country,
                    confirmed_by=actor.id,
                    confirmed_at=self._clock.now(),
                )
            )
            uow.publish(events.READING_SETTLED, capture_id, {"captureId": capture_id})
            uow.commit()

    def reject(self, actor: Actor, capture_id: str, reason: str) -> None:
        """A reviewer cannot read the plate either: no decision will follow. Raises NotFound, Conflict."""
        with self._units.begin(actor) as uow:
            READING.fire(uow, _load(uow, capture_id), "reject", reason)
            uow.commit()

    def reading(self, capture_id: str) -> ReadingView:
        """Raises NotFound when the capture was not read yet."""
        with self._units.read() as session:
            reading = session.scalars(select(Reading).where(Reading.capture_id == capture_id)).first()
            if reading is None:
                raise NotFound("reading-unknown", "this capture was not read yet")
            confirmation = session.scalars(
                select(PlateConfirmation).where(PlateConfirmation.reading_id == reading.id)
            ).first()
        return _view(reading, confirmation)

    def review_queue(self) -> list[ReadingView]:
        """Readings that wait for a person, oldest first."""
        with self._units.read() as session:
            rows = session.scalars(select(Reading).where(Reading.state == states.IN_REVIEW).order_by(Reading.read_at))
            return [_view(row, None) for row in rows]

    def redacted_photo(self, capture_id: str, position: int) -> bytes:
        """The citizen's copy (JPEG). Raises NotFound."""
        with self._units.read() as session:
            row = session.scalars(
                select(RedactedPhoto).where(RedactedPhoto.capture_id == capture_id, RedactedPhoto.position == position)
            ).first()
        if row is None:
            raise NotFound("photo-unknown", "there is no photo at this position yet")
        return self._blobs.get(PUBLIC, capture_id, row.sha256)

    def _originals(self, capture_id: str, purpose: str) -> list[bytes]:
        images = self._ingest.evidence(capture_id).images
        return [self._ingest.read_original(SYSTEM, capture_id, i.position, purpose) for i in images]


def _load(uow: UnitOfWork, capture_id: str) -> Reading:
    reading = uow.session.scalars(select(Reading).where(Reading.capture_id == capture_id).with_for_update()).first()
    if reading is None:
        raise NotFound("reading-unknown", "this capture was not read yet")
    return reading


def _view(reading: Reading, confirmation: PlateConfirmation | None) -> ReadingView:
    return ReadingView(
        capture_id=reading.capture_id,
        state=reading.state,
        plate=confirmation.plate if confirmation else reading.plate,
        country=confirmation.country if confirmation else reading.country,
        confidence=reading.confidence_permille / 1000,
        reasons=reading.reasons,
        candidates=reading.candidates,
        read_at=reading.read_at,
        settled=reading.state in (states.AUTO_ACCEPTED, states.CONFIRMED),
    )


def _shown(position: int, candidate: PlateCandidate) -> dict[str, Any]:
    return {
        "position": position,
        "plate": candidate.plate,
        "countries": list(candidate.countries),
        "suggestions": list(candidate.suggestions[:5]),
        "confidencePermille": round(candidate.confidence * 1000),
        "quad": [[round(float(x)), round(float(y))] for x, y in candidate.region.quad],
    }


def _region_of(plate: str | None, regions: list[TextRegion]) -> Any:
    """The region that carries the settled plate; the largest where several read alike."""
    if plate is None:
        return None
    near = [r for r in regions if _distance(normalise(r.text), plate) <= 2]
    if not near:
        return None
    return min(near, key=lambda r: (_distance(normalise(r.text), plate), -r.area)).quad


def _distance(left: str, right: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row, previous = [i], row
        for j, b in enumerate(right, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (a != b)))
    return row[-1]
