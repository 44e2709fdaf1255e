"""Ingest's only door: accept capture packages, hand out evidence, register cameras."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from core.bag import readable_json
from core.blobs import ORIGINALS, BlobStore
from core.clock import Clock
from core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotAuthenticated, NotFound, TooLarge
from core.ids import new_id
from core.jpeg import JpegInfo
from core.settings import Settings
from core.unit_of_work import Actor, UnitsOfWork
from ingest.events import CAPTURE_ACCEPTED
from ingest.evidence_log import EvidenceLog
from ingest.metadata import CaptureMetadata, Fact, MeasuredSpeed, Observed
from ingest.models import CalibrationCertificate, Camera, Capture, CaptureImage, QuarantinedPackage
from ingest.package import Package, inspect_image, observed_of, parse_metadata, read_claim
from ingest.signature import is_valid, signing_input
from ingest.states import CAMERA, QUARANTINE

__all__ = [
    "CAPTURE_ACCEPTED", "Accepted", "Certificate", "Evidence", "Fact", "ImageRef", "IngestService", "MeasuredSpeed",
    "Observed", "Package", "Quarantined",
]  # fmt: skip


@dataclass(frozen=True)
class Accepted:
    """The answer to a push; a duplicate gets the same one again."""

    id: str
    camera_id: str
    capture_id: str
    received_at: datetime
    duplicate: bool = field(compare=False)


@dataclass(frozen=True)
class ImageRef:
    """An original photo: position from 0, SHA-256, size in pixels."""

    position: int
    sha256: str
    width: int
    height: int


@dataclass(frozen=True)
class Certificate:
    """The calibration that held at the moment of the conduct."""

    number: str
    issued_by: str
    valid_from: datetime
    valid_to: datetime


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
    images: list[ImageRef]


@dataclass(frozen=True)
class Quarantined:
    """A refused package, for the operator's list."""

    id: str
    camera_id: str
    code: str
    detail: str
    received_at: datetime
    state: str


class IngestService:
    """See module."""

    def __init__(
        self, units: UnitsOfWork, blobs: BlobStore, clock: Clock, settings: Settings, log_key: Ed25519PrivateKey
    ) -> None:
        self._units = units
        self.evidence_log = EvidenceLog(units, clock, log_key)
        self._blobs = blobs
        self._clock = clock
        self._settings = settings

    def register_camera(self, actor: Actor, camera_id: str, public_key: str, model: str) -> None:
        """`public_key`: 32 bytes Ed25519, base64. Raises Conflict when the id is taken."""
        with self._units.begin(actor) as uow:
            if uow.session.get(Camera, camera_id) is not None:
                raise Conflict("camera-exists", "a camera with this id is registered")
            camera = Camera(
                id=camera_id,
                public_key=public_key,
                model=model,
                registered_at=self._clock.now(),
                state="active",
            )
            uow.add(camera)
            CAMERA.create(uow, camera, "registration")
            uow.commit()

    def add_certificate(
        self,
        actor: Actor,
        camera_id: str,
        number: str,
        issued_by: str,
        valid_from: datetime,
        valid_to: datetime,
    ) -> None:
        """Raises NotFound for an unknown camera, InvalidInput for an empty period."""
        if valid_to <= valid_from:
            raise InvalidInput("certificate-period", "valid_to must lie after valid_from")
        with self._units.begin(actor) as uow:
            if uow.session.get(Camera, camera_id) is None:
                raise NotFound("camera-unknown", "register the camera first")
            uow.add(
                CalibrationCertificate(
                    camera_id=camera_id,
                    number=number,
                    issued_by=issued_by,
                    valid_from=valid_from,
                    valid_to=valid_to,
                )
            )
            uow.commit()

    def revoke_camera(self, actor: Actor, camera_id: str, reason: str) -> None:
        """From now on nothing that this camera measured is taken in."""
        with self._units.begin(actor) as uow:
            camera = uow.session.get(Camera, camera_id, with_for_update=True)
            if camera is None:
                raise NotFound("camera-unknown", "no camera with this id")
            camera.revoked_from = self._clock.now()
            CAMERA.fire(uow, camera, "revoke", reason)
            uow.commit()

    def accept(self, package: Package) -> Accepted:
        """Take in a package; when this returns, it is durable.

        Raises NotAuthenticated (unknown camera, wrong signature), InvalidInput, TooLarge, NotAllowed
        (camera not entitled at the moment of the conduct) or Conflict (same id, other content). What is
        signed by a known camera but refused stays in quarantine with the reason.
        """
        claim = read_claim(package.metadata)
        with self._units.read() as session:
            camera = session.get(Camera, claim.camera_id)
        if camera is None or not is_valid(camera.public_key, package.signature, package.metadata, claim.image_digests):
            # One answer for both: nobody learns which cameras exist.
            raise NotAuthenticated("signature-invalid", "the camera is not registered or the signature is not its own")
        try:
            return self._accept_signed(camera, package)
        except DomainError as refusal:
            self._quarantine(camera, package, refusal)
            raise

    def _accept_signed(self, camera: Camera, package: Package) -> Accepted:
        metadata = parse_metadata(package.metadata)
        infos = self._check_images(metadata, package.images)
        content = hashlib.sha256(
            signing_input(package.metadata, [image.sha256 for image in metadata.images])
        ).hexdigest()
        earlier = self._earlier(camera.id, metadata.capture_id, content)
        if earlier is not None:
            return earlier
        certificate = self._check_entitled(camera, metadata)
        capture_id = new_id()
        for part in (package.metadata, *package.images):
            self._blobs.put(ORIGINALS, capture_id, part)
        try:
            return self._store(capture_id, camera, certificate, metadata, package, infos, content)
        except IntegrityError:
            # Another request with the same id was faster.
            earlier = self._earlier(camera.id, metadata.capture_id, content)
            if earlier is None:
                raise
            return earlier

    def _check_images(self, metadata: CaptureMetadata, images: list[bytes]) -> list[JpegInfo]:
        if len(images) != metadata.image_count or len(images) > self._settings.max_images:
            raise InvalidInput(
                "image-count",
                f"{metadata.image_count} images announced, {len(images)} sent, {self._settings.max_images} allowed",
            )
        infos = []
        for position, (image, announced) in enumerate(zip(images, metadata.images, strict=True)):
            if len(image) > self._settings.max_image_bytes:
                raise TooLarge("image-too-large", f"image {position} is over the limit of bytes")
            if hashlib.sha256(image).hexdigest() != announced.sha256:
                raise InvalidInput(
                    "digest-mismatch",
                    f"image {position} is not the one whose digest was signed; send it again",
                )
            infos.append(inspect_image(position, image, self._settings.max_pixels))
        return infos

    def _check_entitled(self, camera: Camera, metadata: CaptureMetadata) -> CalibrationCertificate:
        captured, now = metadata.captured_at, self._clock.now()
        if captured > now + timedelta(seconds=self._settings.max_clock_ahead_seconds):
            raise InvalidInput("captured-in-future", "the camera's clock is ahead; set it and capture anew")
        if captured < now - timedelta(days=self._settings.max_capture_age_days):
            raise InvalidInput(
                "captured-too-long-ago",
                f"captures are taken in up to {self._settings.max_capture_age_days} days after the conduct",
            )
        if captured < camera.registered_at or (camera.revoked_from and captured >= camera.revoked_from):
            raise NotAllowed("camera-not-registered-then", "the camera was not registered at the moment of the conduct")
        with self._units.read() as session:
            certificate = session.scalars(
                select(CalibrationCertificate).where(
                    CalibrationCertificate.camera_id == camera.id,
                    CalibrationCertificate.valid_from <= captured,
                    CalibrationCertificate.valid_to > captured,
                )
            ).first()
        if certificate is None:
            raise NotAllowed("calibration-expired", "no calibration certificate holds at the moment of the conduct")
        return certificate

    def _earlier(self, camera_id: str, external_id: str, content: str) -> Accepted | None:
        with self._units.read() as session:
            found = session.scalars(
                select(Capture).where(Capture.camera_id == camera_id, Capture.external_id == external_id)
            ).first()
        if found is None:
            return None
        if found.content_sha256 != content:
            raise Conflict("capture-id-reused", "this captureId was accepted with other content; use a new captureId")
        return Accepted(found.id, camera_id, external_id, found.received_at, duplicate=True)

    def _store(
        self,
        capture_id: str,
        camera: Camera,
        certificate: CalibrationCertificate,
        metadata: CaptureMetadata,
        package: Package,
        infos: list[JpegInfo],
        content: str,
    ) -> Accepted:
        with self._units.begin(Actor("camera", camera.id, frozenset({"camera"}))) as uow:
            capture = Capture(
                id=capture_id,
                camera_id=camera.id,
                external_id=metadata.capture_id,
                certificate_id=certificate.id,
                captured_at=metadata.captured_at,
                received_at=self._clock.now(),
                details=metadata.model_dump(mode="json"),
                metadata_sha256=hashlib.sha256(package.metadata).hexdigest(),
                content_sha256=content,
                signature=package.signature,
            )
            uow.add(capture)
            for position, (image, info) in enumerate(zip(package.images, infos, strict=True)):
                uow.add(
                    CaptureImage(
                        capture_id=capture_id,
                        position=position,
                        sha256=metadata.images[position].sha256,
                        width=info.width,
                        height=info.height,
                        size=len(image),
                    )
                )
            uow.publish(CAPTURE_ACCEPTED, capture_id, {"captureId": capture_id})
            uow.commit()
        return Accepted(capture_id, camera.id, metadata.capture_id, capture.received_at, duplicate=False)

    def _quarantine(self, camera: Camera, package: Package, refusal: DomainError) -> None:
        package_sha256 = hashlib.sha256(
            package.metadata + b"".join(hashlib.sha256(image).digest() for image in package.images)
        ).hexdigest()
        with self._units.read() as session:
            known = session.scalars(
                select(QuarantinedPackage).where(
                    QuarantinedPackage.camera_id == camera.id,
                    QuarantinedPackage.package_sha256 == package_sha256,
                    QuarantinedPackage.code == refusal.code,
                )
            ).first()
        if known is not None:
            return
        quarantine_id = new_id()
        blobs = [self._blobs.put(ORIGINALS, quarantine_id, part) for part in (package.metadata, *package.images)]
        with self._units.begin(Actor("camera", camera.id, frozenset({"camera"}))) as uow:
            row = QuarantinedPackage(
                id=quarantine_id,
                camera_id=camera.id,
                package_sha256=package_sha256,
                code=refusal.code,
                detail=refusal.detail,
                received_at=self._clock.now(),
                blobs=blobs,
                state="held",
            )
            try:
                uow.add(row)
            except IntegrityError:
                return
            QUARANTINE.create(uow, row, refusal.code)
            uow.commit()

    def quarantine(self) -> list[Quarantined]:
        """What operators have to look at, newest first."""
        with self._units.read() as session:
            rows = session.scalars(select(QuarantinedPackage).order_by(QuarantinedPackage.received_at.desc()))
            return [
                Quarantined(row.id, row.camera_id, row.code, row.detail, row.received_at, row.state) for row in rows
            ]

    def discard(self, actor: Actor, quarantine_id: str, reason: str) -> None:
        """An operator has looked; raises NotFound, Conflict when it was discarded before."""
        with self._units.begin(actor) as uow:
            row = uow.session.get(QuarantinedPackage, quarantine_id, with_for_update=True)
            if row is None:
                raise NotFound("package-unknown", "no package with this id is in quarantine")
            QUARANTINE.fire(uow, row, "discard", reason)
            uow.commit()

    def evidence(self, capture_id: str) -> Evidence:
        """Raises NotFound."""
        with self._units.read() as session:
            return _evidence(session, capture_id)

    def cameras_of(self, capture_ids: Sequence[str]) -> dict[str, str]:
        """The camera of each capture, for counts."""
        with self._units.read() as session:
            rows = session.execute(select(Capture.id, Capture.camera_id).where(Capture.id.in_(capture_ids)))
            return {row.id: row.camera_id for row in rows}

    def all_evidence(self) -> list[Evidence]:
        """Every capture, oldest first."""
        with self._units.read() as session:
            ids = session.scalars(select(Capture.id).order_by(Capture.received_at, Capture.external_id)).all()
            return [_evidence(session, capture_id) for capture_id in ids]

    def evidence_files(self, capture_id: str) -> dict[str, bytes]:
        """What a court needs beside the photos, by file name: measurement, calibration, what the camera signed, and the
        proof that it is in the evidence log."""
        evidence = self.evidence(capture_id)
        return {
            "measurement.json": readable_json(
                {**evidence.details, "camera_model": evidence.camera_model, "received_at": evidence.received_at}
            ),
            "calibration_certificate.json": readable_json(asdict(evidence.certificate)),
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
        evidence = self.evidence(capture_id)
        if position not in range(len(evidence.images)):
            raise NotFound("image-unknown", "the capture has no photo at this position")
        with self._units.begin(actor) as uow:
            uow.record("access", "original.viewed", "capture", capture_id, purpose, {"position": position})
            uow.commit()
        return self._blobs.get(ORIGINALS, capture_id, evidence.images[position].sha256)


def _evidence(session: Session, capture_id: str) -> Evidence:
    capture = session.scalars(
        select(Capture).where(Capture.id == capture_id).options(selectinload(Capture.images))
    ).first()
    if capture is None:
        raise NotFound("capture-unknown", "no capture with this id")
    certificate = session.get_one(CalibrationCertificate, capture.certificate_id)
    camera = session.get_one(Camera, capture.camera_id)
    return Evidence(
        id=capture.id,
        camera_id=capture.camera_id,
        camera_model=camera.model,
        capture_id=capture.external_id,
        captured_at=capture.captured_at,
        received_at=capture.received_at,
        details=capture.details,
        observed=observed_of(capture.details),
        metadata_sha256=capture.metadata_sha256,
        content_sha256=capture.content_sha256,
        signature=capture.signature,
        camera_public_key=camera.public_key,
        certificate=Certificate(
            certificate.number, certificate.issued_by, certificate.valid_from, certificate.valid_to
        ),
        images=[ImageRef(i.position, i.sha256, i.width, i.height) for i in capture.images],
    )
