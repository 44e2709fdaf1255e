"""Ingest's only door: accept capture packages, hand out evidence, register cameras."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from core.bag import readable_json
from core.blobs import ORIGINALS, BlobStore
from core.clock import Clock
from core.errors import DomainError, NotAllowed, NotFound
from core.installation_key import InstallationKey
from core.outbox import Relay
from core.settings import Settings
from core.timestamps import TimestampAuthority
from core.unit_of_work import Actor, UnitsOfWork
from ingest.acceptance import Acceptance, Accepted, Waiver
from ingest.batch import Batches, BatchReceipt, CaptureResult
from ingest.capacity import Capacity, Storage
from ingest.drop_folder import DropFolder
from ingest.events import CAPTURE_ACCEPTED
from ingest.evidence_log import EvidenceLog
from ingest.facts import KINDS_OF_FACT, Approval, Certificate, Limit, PutUp, Reference
from ingest.metadata import Fact, MeasuredSpeed, Observed
from ingest.metrology import KnownFact, Metrology
from ingest.models import CalibrationCertificate, Camera, CameraKey, Capture, CaptureImage
from ingest.originals_check import OriginalsCheck
from ingest.package import Package, metadata_of
from ingest.quarantine import Held, Quarantine, Quarantined
from ingest.registry import Beat, Health, KnownKey, Registry, SilentCamera
from ingest.resumable import Resumable

__all__ = [
    "CAPTURE_ACCEPTED", "KINDS_OF_FACT", "Accepted", "Approval", "BatchReceipt", "Beat", "CaptureResult",
    "Certificate", "DropFolder", "Evidence", "Fact", "Health", "Held", "ImageRef", "IngestService", "KnownFact",
    "KnownKey", "Limit", "MeasuredSpeed", "Observed", "Package", "PutUp", "Quarantined", "Reference",
    "SilentCamera", "Storage",
]  # fmt: skip


@dataclass(frozen=True)
class ImageRef:
    """An original photo: position from 0, SHA-256, size in pixels."""

    position: int
    sha256: str
    width: int
    height: int


@dataclass(frozen=True)
class Evidence:
    """A capture as the other rooms may see it."""

    id: str
    camera_id: str
    camera_model: str
    capture_id: str
    captured_at: datetime
    received_at: datetime
    details: dict[str, Any]
    observed: Observed
    metadata_sha256: str
    content_sha256: str
    signature: str
    camera_public_key: str
    certificate: Certificate
    entitlement: dict[str, Any]
    """Approval, deployment, speed limit and other certificates that it rested on, by name."""
    images: list[ImageRef]


class IngestService:
    """See module."""

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        clock: Clock,
        settings: Settings,
        outbox: Relay,
        log_key: InstallationKey,
    ) -> None:
        self._units = units
        self._blobs = blobs
        self.capacity = Capacity(settings, units, outbox)
        self.registry = Registry(units, clock, settings)
        self.metrology = Metrology(units, clock)
        self.quarantine = Quarantine(units, blobs, clock, self.capacity)
        authority = None
        if settings.timestamp_url and settings.timestamp_roots_file:
            authority = TimestampAuthority(settings.timestamp_url, settings.timestamp_roots_file)
        self.evidence_log = EvidenceLog(units, clock, log_key, authority)
        acceptance = Acceptance(units, blobs, clock, settings, self.metrology, self.quarantine, self.capacity)

        self._acceptance = acceptance
        self.originals_check = OriginalsCheck(units, blobs)
        self.batches = Batches(acceptance.accept, self.registry, settings)
        self.resumable = Resumable(settings.upload_folder or settings.data_dir / "uploads", self.batches)
        self.drop_folder = DropFolder(settings.drop_folder, self.batches) if settings.drop_folder else None

    def accept(self, package: Package) -> Accepted:
        """Take in a package, as `Acceptance.accept` says; when this returns, it is durable."""
        return self._acceptance.accept(package)

    def release(self, actor: Actor, quarantine_id: str, reason: str) -> Accepted:
        """Take in a package out of quarantine, now that what was missing is there, or because a person lets it pass
        (`WAIVABLE`).

        Raises NotAllowed, NotFound, Conflict where it was seen to before, and as `accept` where it is refused still.
        """
        actor.require("operator", told="only an operator releases what is in quarantine")
        held = self.quarantine.package(quarantine_id)
        waiver = Waiver(held.code, reason) if held.waivable else None
        accepted = self._acceptance.accept_again(self.quarantine.as_sent(quarantine_id), waiver)
        self.quarantine.released(actor, quarantine_id, accepted.id, reason)
        return accepted

    def doubts(self, capture_id: str) -> DomainError | None:
        """What speaks against a capture since it was accepted: a fact that it rested on was withdrawn.

        None where all that it needs holds still, and for captures from before facts were kept. Raises NotFound.
        """
        with self._units.read() as session:
            capture = session.get(Capture, capture_id)
            if capture is None:
                raise _unknown_capture()
            if capture.basis is None:
                return None
            try:
                known = self.metrology.entitling(session, session.get_one(Camera, capture.camera_id))
                self.metrology.basis(session, known, metadata_of(capture.details))
            except NotAllowed as refusal:
                return refusal
        return None

    def evidence(self, capture_id: str) -> Evidence:
        """Raises NotFound."""
        found = self.evidence_of([capture_id])
        if not found:
            raise _unknown_capture()
        return found[0]

    def evidence_of(self, capture_ids: Sequence[str]) -> list[Evidence]:
        """Of those that there are, in the order asked for."""
        found = {one.id: one for one in self._evidence(_WHOLE.where(Capture.id.in_(capture_ids)))}
        return [found[one] for one in capture_ids if one in found]

    def cameras_of(self, capture_ids: Sequence[str]) -> dict[str, str]:
        """The camera of each capture, for counts."""
        with self._units.read() as session:
            rows = session.execute(select(Capture.id, Capture.camera_id).where(Capture.id.in_(capture_ids)))
            return {row.id: row.camera_id for row in rows}

    def captures(self, after: str = "", limit: int = 100) -> list[Evidence]:
        """As they came, the first of those after an id: ids grow with time."""
        return self._evidence(_WHOLE.where(Capture.id > after).order_by(Capture.id).limit(limit))

    def newest(self, before: str = "", limit: int = 50) -> list[Evidence]:
        """The newest first, of those before an id where one is given."""
        wanted = _WHOLE.order_by(Capture.id.desc()).limit(limit)
        return self._evidence(wanted.where(Capture.id < before) if before else wanted)

    def evidence_files(self, capture_id: str) -> dict[str, bytes]:
        """What a court needs beside the photos, by file name: measurement, calibration, what the camera signed, and the
        proof that it is in the evidence log."""
        evidence = self.evidence(capture_id)
        return {
            "measurement.json": readable_json(
                {**evidence.details, "camera_model": evidence.camera_model, "received_at": evidence.received_at}
            ),
            "calibration_certificate.json": readable_json(asdict(evidence.certificate)),
            "entitlement.json": readable_json(evidence.entitlement),
            "evidence/metadata.json": self._blobs.get(ORIGINALS, capture_id, evidence.metadata_sha256),
            "evidence/signature.json": readable_json(
                {
                    "algorithm": "Ed25519 (RFC 8032)",
                    "public_key_base64": evidence.camera_public_key,
                    "signature_base64": evidence.signature,
                    "signed": "the line 'flitsketen-capture-v1', SHA-256 (hex) of metadata.json, then SHA-256 (hex) of "
                    "each original photo, joined by line feeds",
                }
            ),
            **self.evidence_log.proof_files(capture_id),
        }

    def read_original(self, actor: Actor, capture_id: str, position: int, purpose: str) -> bytes:
        """The untouched photo (JPEG). Each view is in the audit log with its purpose before it happens."""
        wanted = select(CaptureImage.sha256).where(
            CaptureImage.capture_id == capture_id, CaptureImage.position == position
        )
        with self._units.begin(actor) as uow:
            sha256 = uow.session.scalar(wanted)
            if sha256 is None:
                raise NotFound("image-unknown", "there is no such capture, or it has no photo at this position")
            uow.record("access", "original.viewed", "capture", capture_id, purpose, {"position": position})
            uow.commit()
        return self._blobs.get(ORIGINALS, capture_id, sha256)

    def _evidence(self, wanted: Select[Capture, Camera, CalibrationCertificate, CameraKey]) -> list[Evidence]:
        """In as many questions for a hundred as for one."""
        with self._units.read() as session:
            rows = session.execute(wanted).all()
            entitlements = self.metrology.described(session, [capture.basis for capture, *_ in rows])
        return [
            _as_evidence(capture, camera, certificate, key, entitlement)
            for (capture, camera, certificate, key), entitlement in zip(rows, entitlements, strict=True)
        ]


_WHOLE = (
    select(Capture, Camera, CalibrationCertificate, CameraKey)
    .join(Camera, Camera.id == Capture.camera_id)
    .join(CalibrationCertificate, CalibrationCertificate.id == Capture.certificate_id)
    .outerjoin(CameraKey, CameraKey.id == Capture.key_id)
    .options(selectinload(Capture.images))
)
"""Captures with all that is kept of them, but the facts that they rested on."""


def _as_evidence(
    capture: Capture,
    camera: Camera,
    certificate: CalibrationCertificate,
    key: CameraKey | None,
    entitlement: dict[str, Any],
) -> Evidence:
    return Evidence(
        id=capture.id,
        camera_id=capture.camera_id,
        camera_model=camera.model,
        capture_id=capture.external_id,
        captured_at=capture.captured_at,
        received_at=capture.received_at,
        details=capture.details,
        observed=metadata_of(capture.details).observed(),
        metadata_sha256=capture.metadata_sha256,
        content_sha256=capture.content_sha256,
        signature=capture.signature,
        camera_public_key=(key or camera).public_key or "",
        certificate=Certificate(
            camera_id=certificate.camera_id,
            number=certificate.number,
            issued_by=certificate.issued_by,
            valid_from=certificate.valid_from,
            valid_to=certificate.valid_to,
        ),
        entitlement=entitlement,
        images=[ImageRef(i.position, i.sha256, i.width, i.height) for i in capture.images],
    )


def _unknown_capture() -> NotFound:
    return NotFound("capture-unknown", "no capture with this id")
