"""Imaging's only door: read a capture's plate, let a person review it, make the citizen's copy."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.bag import COPIES, bagged, readable_json
from core.blobs import PUBLIC, BlobStore
from core.clock import Clock
from core.errors import InvalidInput, NotFound
from core.settings import Settings
from core.unit_of_work import SYSTEM, Actor, UnitOfWork, UnitsOfWork
from imaging import events, states
from imaging.events import PHOTOS_REDACTED
from imaging.frame import Box, Frame, PlateReading, Region
from imaging.isolation import IsolatedPipeline, isolated
from imaging.models import PlateConfirmation, Reading, RedactedPhoto, RegionChange, StampedPhoto
from imaging.motion import motions
from imaging.plates import countries_of, display, normalise
from imaging.review import ReadingView, ReviewDesk, ReviewerStatistics, ReviewStatistics, WayToRead, load, view
from imaging.stages.decide import Verdict
from imaging.stages.redact import share_inside
from imaging.stages.validate import clock_disagrees
from imaging.stamp import stamped
from imaging.states import READING
from ingest.service import Evidence, IngestService

__all__ = [
    "PHOTOS_REDACTED",
    "PHOTO_VIEWED",
    "Box",
    "ImagingService",
    "IsolatedPipeline",
    "ReadingView",
    "RedactionRecord",
    "ReviewDesk",
    "ReviewStatistics",
    "ReviewerStatistics",
    "ShownPhoto",
    "WayToRead",
    "countries_of",
    "display",
    "isolated",
    "normalise",
]


PHOTO_VIEWED = "photo.viewed"
"""In the audit log: somebody looked at the citizen's copy."""


@dataclass(frozen=True)
class ShownPhoto:
    """A JPEG as it goes out, and the SHA-256 of it."""

    sha256: str
    content: bytes


@dataclass(frozen=True)
class RedactionRecord:
    """What the citizen's copy of one photo hides, and by which networks. `hidden` has kind, box, score and finder."""

    position: int
    revision: int
    hidden: list[dict[str, Any]]
    plate_visible: bool
    models: dict[str, Any]
    redacted_at: datetime


@dataclass(frozen=True)
class _Copy:
    position: int
    sha256: str
    hidden: list[dict[str, Any]]
    plate_visible: bool


@dataclass(frozen=True)
class _Prepared:
    """`copies` are made where nobody has to look at the reading; None where that failed, so that it is tried again."""

    verdict: Verdict
    candidates: list[dict[str, Any]]
    copies: list[_Copy] | None


_WORTH_OFFERING = 0.005
"""Probability from which a reviewer is offered a way to read the plate."""


class UndecodablePhoto(Exception):
    """A settled capture's photo cannot be decoded; its job ends among the dead letters, where an operator looks."""


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
        self._pipeline = isolated(settings)
        self.desk = ReviewDesk(units, clock, settings)

    def warm_up(self) -> None:
        """Load the networks now rather than at the first photo."""
        self._pipeline.warm_up()

    def prepare_reading(self, payload: dict[str, Any]) -> _Prepared:
        """Job, slow half: look at every photo of the capture, and make the citizen's copies where nobody has to look at
        them first: what was found on a photo need not be found again."""
        evidence = self._ingest.evidence(payload["captureId"])
        originals = self._originals(evidence, "automatic plate reading, and redaction where it stands")
        verdict, frames = self._pipeline.read(originals)
        reasons = _against_the_metadata(frames, evidence)
        if evidence.observed.to_check is not None:
            reasons.append(evidence.observed.to_check)
        verdict = replace(verdict, reasons=(*verdict.reasons, *reasons))
        copies = None
        if verdict.accepted:
            with suppress(UndecodablePhoto):
                copies = self._made_copies(evidence.id, originals, verdict.plate, [])
        return _Prepared(verdict, _shown(frames), copies)

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
            models=self._pipeline.reading_models,
            read_at=self._clock.now(),
            state=states.AUTO_ACCEPTED if verdict.accepted else states.IN_REVIEW,
        )
        uow.add(reading)
        READING.create(uow, reading, ", ".join(verdict.reasons) or "nothing speaks against the reading")
        if prepared.copies is not None:
            self.store_redaction(uow, payload, prepared.copies)
        elif verdict.accepted:
            uow.publish(events.READING_SETTLED, reading.capture_id, {"captureId": reading.capture_id})

    def prepare_redaction(self, payload: dict[str, Any]) -> list[_Copy]:
        """Job, slow half: hide bystanders on every photo and store the copies."""
        capture_id = payload["captureId"]
        originals = self._originals(self._ingest.evidence(capture_id), "redaction for the citizen's copy")
        plate, changes = self.reading(capture_id).plate, self._region_changes(capture_id)
        return self._made_copies(capture_id, originals, plate, changes)

    def _made_copies(
        self, capture_id: str, originals: list[bytes], plate: str | None, changes: list[RegionChange]
    ) -> list[_Copy]:
        copies = []
        for position, data in enumerate(originals):
            frame = self._pipeline.redact(data, plate, *_by_hand(changes, position))
            if frame.encoded is None:
                raise UndecodablePhoto(frame.failure or "unknown")
            sha256 = self._blobs.put(PUBLIC, capture_id, frame.encoded)
            copies.append(_Copy(position, sha256, [_hidden(r) for r in frame.regions], frame.kept is not None))
        return copies

    def store_redaction(self, uow: UnitOfWork, payload: dict[str, Any], copies: list[_Copy]) -> None:
        """Job, quick half."""
        capture_id = payload["captureId"]
        known = select(func.max(RedactedPhoto.revision)).where(RedactedPhoto.capture_id == capture_id)
        revision = (uow.session.scalar(known) or 0) + 1
        for copy in copies:
            uow.add(
                RedactedPhoto(
                    capture_id=capture_id,
                    position=copy.position,
                    revision=revision,
                    sha256=copy.sha256,
                    hidden=copy.hidden,
                    plate_visible=copy.plate_visible,
                    models=self._pipeline.redaction_models,
                    redacted_at=self._clock.now(),
                )
            )
        if revision == 1:
            uow.publish(PHOTOS_REDACTED, capture_id, {"captureId": capture_id})

    def change_region(self, actor: Actor, capture_id: str, position: int, action: str, box: Box, reason: str) -> None:
        """Hide a region of a photo too (`add`), or leave one visible (`lift`); the copies are made anew.

        `box` is left, top, right, bottom in pixels of the upright photo. Raises NotAllowed, NotFound, InvalidInput.
        """
        actor.require("reviewer", "handler", told="regions are changed by reviewers and handlers")
        if position not in range(len(self._ingest.evidence(capture_id).images)):
            raise NotFound("image-unknown", "the capture has no photo at this position")
        left, top, right, bottom = box
        if action not in ("add", "lift") or not (0 <= left < right and 0 <= top < bottom) or not reason.strip():
            raise InvalidInput("region-invalid", "name add or lift, a box inside the photo, and a reason")
        with self._units.begin(actor) as uow:
            reading = load(uow, capture_id)
            # The reading's row is locked, so numbers follow each other.
            earlier = select(func.count()).where(RegionChange.capture_id == capture_id)
            change = RegionChange(
                capture_id=capture_id,
                number=(uow.session.scalar(earlier) or 0) + 1,
                position=position,
                action=action,
                box=list(box),
                reason=reason,
                changed_by=actor.id,
                changed_at=self._clock.now(),
            )
            uow.add(change)
            uow.record("imaging", f"region.{action}", "capture", capture_id, reason, {"position": position})
            if reading.state in states.SETTLED:
                uow.publish(events.REDACTION_CHANGED, capture_id, {"captureId": capture_id}, change.id)
            uow.commit()

    def reading(self, capture_id: str) -> ReadingView:
        """Raises NotFound when the capture was not read yet."""
        found = self.readings([capture_id]).get(capture_id)
        if found is None:
            raise NotFound("reading-unknown", "this capture was not read yet")
        return found

    def readings(self, capture_ids: Sequence[str]) -> dict[str, ReadingView]:
        """Of those captures that were read, by capture."""
        wanted = (
            select(Reading, PlateConfirmation)
            .outerjoin(PlateConfirmation, PlateConfirmation.reading_id == Reading.id)
            .where(Reading.capture_id.in_(capture_ids))
        )
        with self._units.read() as session:
            return {reading.capture_id: view(reading, settled) for reading, settled in session.execute(wanted)}

    def redacted_photo(self, capture_id: str, position: int) -> bytes:
        """The citizen's copy (JPEG). Raises NotFound."""
        return self._blobs.get(PUBLIC, capture_id, self._copy(capture_id, position).sha256)

    def viewed_copy(self, actor: Actor, capture_id: str, position: int, purpose: str) -> bytes:
        """One of them. Raises NotFound."""
        self._copy(capture_id, position)
        return self.viewed_copies(actor, capture_id, purpose)[position]

    def viewed_copies(self, actor: Actor, capture_id: str, purpose: str) -> list[bytes]:
        """All of a capture's citizen's copies in order, for a page; that they were looked at is in the audit log."""
        copies = self._copies(capture_id)
        if copies:
            with self._units.begin(actor) as uow:
                uow.record("access", PHOTO_VIEWED, "capture", capture_id, purpose, {"photos": len(copies)})
                uow.commit()
        return [self._blobs.get(PUBLIC, capture_id, copy.sha256) for copy in copies]

    def _copy(self, capture_id: str, position: int) -> RedactedPhoto:
        row = next((row for row in self._copies(capture_id) if row.position == position), None)
        if row is None:
            raise NotFound("photo-unknown", "there is no photo at this position yet")
        return row

    def shown_photo(self, actor: Actor, capture_id: str, position: int, line: str, purpose: str) -> ShownPhoto:
        """The citizen's copy with a line below it; who looked, and what for, is in the audit log. Raises NotFound."""
        copy = self._copy(capture_id, position)
        sha256 = self._stamped(capture_id, copy, line)
        with self._units.begin(actor) as uow:
            uow.record("access", PHOTO_VIEWED, "capture", capture_id, purpose, {"position": position})
            uow.commit()
        return ShownPhoto(sha256, self._blobs.get(PUBLIC, capture_id, sha256))

    def photo_bundle(self, actor: Actor, capture_id: str, name: str, purpose: str) -> bytes:
        """The citizen's copies with the proof that they are of what the camera signed: a sealed bag, as a zip file.

        Anyone checks it with the published key alone. The look is in the audit log. Raises NotFound.
        """
        copies = self._copies(capture_id)
        if not copies:
            raise NotFound("photo-unknown", "there is no photo at this position yet")
        originals = {image.position: image.sha256 for image in self._ingest.evidence(capture_id).images}
        with self._units.begin(actor) as uow:
            uow.record("access", PHOTO_VIEWED, "capture", capture_id, purpose, {"photos": len(copies)})
            uow.commit()
        said = [
            {"file": f"photos/redacted_{one.position}.jpg", "sha256": one.sha256, "made_of": originals[one.position]}
            for one in copies
        ]
        files = {entry["file"]: self._blobs.get(PUBLIC, capture_id, entry["sha256"]) for entry in said}
        return bagged(
            f"photos-{name}",
            {COPIES: readable_json({"photos": said}), **files, **self._ingest.evidence_files(capture_id)},
            {
                "Source-Organization": self._settings.authority_name,
                "External-Identifier": name,
                "External-Description": "Photos of a conduct, with the proof of where they are from",
            },
            self._ingest.evidence_log.seal,
        )

    def _stamped(self, capture_id: str, copy: RedactedPhoto, line: str) -> str:
        with self._units.read() as session:
            known = session.get(StampedPhoto, (copy.id, line))
        if known is not None:
            return known.sha256
        sha256 = self._blobs.put(PUBLIC, capture_id, stamped(self._blobs.get(PUBLIC, capture_id, copy.sha256), line))
        with self._units.begin(SYSTEM) as uow:
            # Two who look at the same moment make the same bytes.
            uow.session.merge(StampedPhoto(redacted_id=copy.id, line=line, sha256=sha256))
            try:
                uow.commit()
            except IntegrityError:
                return sha256
        return sha256

    def enhanced_views(self, capture_id: str, purpose: str) -> dict[str, bytes]:
        """The court's second view of each original by file name, with the steps that lead to it; access is logged.

        Raises NotFound when the capture was not read yet, ValueError when a photo cannot be decoded.
        """
        quads = {c["position"]: np.array(c["quad"], np.float32) for c in self.reading(capture_id).candidates}
        files = {}
        for position, data in enumerate(self._originals(self._ingest.evidence(capture_id), purpose)):
            view = self._pipeline.enhance(data, quads.get(position))
            files[f"whole_{position}.jpg"] = view.whole
            files[f"steps_{position}.json"] = json.dumps(view.steps, indent=2).encode()
            if view.plate is not None:
                files[f"plate_{position}.png"] = view.plate
        return files

    def redaction_records(self, capture_id: str) -> list[RedactionRecord]:
        """The newest record of each photo, in order; empty before the first redaction."""
        return [
            RedactionRecord(row.position, row.revision, row.hidden, row.plate_visible, row.models, row.redacted_at)
            for row in self._copies(capture_id)
        ]

    def _copies(self, capture_id: str) -> list[RedactedPhoto]:
        """Newest revision of each photo's copy, by position."""
        with self._units.read() as session:
            rows = session.scalars(select(RedactedPhoto).where(RedactedPhoto.capture_id == capture_id)).all()
        newest = max((row.revision for row in rows), default=0)
        return sorted((row for row in rows if row.revision == newest), key=lambda row: row.position)

    def _region_changes(self, capture_id: str) -> list[RegionChange]:
        with self._units.read() as session:
            wanted = select(RegionChange).where(RegionChange.capture_id == capture_id)
            return list(session.scalars(wanted.order_by(RegionChange.number)))

    def _originals(self, evidence: Evidence, purpose: str) -> list[bytes]:
        return [self._ingest.read_original(SYSTEM, evidence.id, i.position, purpose) for i in evidence.images]


def _against_the_metadata(frames: list[Frame], evidence: Evidence) -> list[str]:
    """photo-time-differs and distance-disagrees-with-speed, where the photos tell another story than the metadata."""
    found = []
    if any(frame.info and clock_disagrees(frame.info.exif, evidence.captured_at) for frame in frames):
        found.append("photo-time-differs")
    if not frames:
        return found
    details, speed = evidence.details, evidence.observed.speed
    offsets = [image.get("offset_ms") for image in details["images"]]
    seen = motions(frames, offsets, details.get("focal_length_pixels"))
    if speed is not None and any(motion.disagrees(float(speed.kmh)) for motion in seen):
        found.append("distance-disagrees-with-speed")
    return found


def _shown(frames: list[Frame]) -> list[dict[str, Any]]:
    """What a reviewer needs: the measured vehicle's plate on each photo; nothing is kept of bystanders' plates."""
    return [
        {
            "position": position,
            "plate": reading.plate,
            "country": reading.country,
            "confidencePermille": round(reading.confidence * 1000),
            "second": normalise(reading.second),
            "suggestions": _suggestions(reading),
            "quad": [[round(float(x)), round(float(y))] for x, y in reading.located.quad],
        }
        for position, frame in enumerate(frames)
        for reading in frame.readings[:1]
    ]


def _suggestions(reading: PlateReading) -> list[dict[str, Any]]:
    return [
        {"plate": h.plate, "country": h.country, "permille": round(h.probability * 1000)}
        for h in reading.hypotheses[:5]
        if h.probability > _WORTH_OFFERING
    ]


def _by_hand(changes: list[RegionChange], position: int) -> tuple[list[Region], list[Box]]:
    """What a person wants hidden and what left visible on one photo; the later word holds."""
    hide: list[Region] = []
    leave: list[Box] = []
    for change in changes:
        if change.position != position:
            continue
        left, top, right, bottom = change.box
        box = (left, top, right, bottom)
        if change.action == "add":
            leave = [other for other in leave if share_inside(other, box) < 0.5]
            hide.append(Region("by-hand", box, 1.0, "person"))
        else:
            hide = [other for other in hide if share_inside(other.box, box) < 0.5]
            leave.append(box)
    return hide, leave


def _hidden(region: Region) -> dict[str, Any]:
    return {"kind": region.kind, "box": list(region.box), "score": round(region.score, 3), "by": region.by}
