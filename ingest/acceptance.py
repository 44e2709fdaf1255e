"""The one way in: every transport ends here. A signed package becomes a capture, or is held with the reason.

Photos are read one at a time, so that a package needs the memory of its largest one.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.blobs import ORIGINALS, BlobStore, FreshKey
from core.clock import Clock
from core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotAuthenticated, TooLarge, Unavailable
from core.group_commit import GroupCommit
from core.ids import new_id
from core.jpeg import JpegInfo
from core.metrics import PACKAGES
from core.settings import Settings
from core.unit_of_work import UnitOfWork, UnitsOfWork
from ingest.capacity import Capacity
from ingest.events import CAPTURE_ACCEPTED
from ingest.known_cameras import KnownCameras
from ingest.metadata import CaptureMetadata
from ingest.metrology import Basis, Entitling, Metrology
from ingest.models import Camera, CameraKey, Capture, CaptureImage, CaptureName
from ingest.package import Claim, Package, inspect_image, parse_metadata, read_claim
from ingest.quarantine import Quarantine
from ingest.registry import camera_actor
from ingest.signature import is_valid, signing_input


@dataclass(frozen=True)
class Accepted:
    """The answer to a push; a duplicate gets the same one again."""

    id: str
    camera_id: str
    capture_id: str
    received_at: datetime
    duplicate: bool = field(compare=False)


@dataclass(frozen=True)
class Waiver:
    """A person lets through, with a reason, what the rule of this code would hold."""

    code: str
    reason: str


@dataclass(frozen=True)
class _Signed:
    """A package whose signature is that of a camera's key."""

    camera: Camera
    key: CameraKey
    entitling: Entitling
    package: Package
    claim: Claim

    @property
    def content_sha256(self) -> str:
        """Of everything that was signed."""
        return hashlib.sha256(signing_input(self.package.metadata, self.claim.image_digests)).hexdigest()


class Acceptance:
    """See module."""

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        clock: Clock,
        settings: Settings,
        metrology: Metrology,
        quarantine: Quarantine,
        capacity: Capacity,
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._metrology = metrology
        self._known = KnownCameras()
        self._writer = GroupCommit(units)
        self._quarantine = quarantine
        self._capacity = capacity

    def accept(self, package: Package) -> Accepted:
        """Take in a package; when this returns, it is durable.

        Raises NotAuthenticated (unknown camera, wrong signature), InvalidInput, TooLarge, NotAllowed (not entitled at
        the moment of the conduct), Conflict (same id, other content), TooMany (over the camera's quota) or Unavailable
        (no room now). What is signed by a known camera but refused for good stays in quarantine with the reason.
        """
        try:
            accepted = self._accept_or_hold(package)
        except DomainError as refusal:
            PACKAGES.labels(refusal.code).inc()
            raise
        PACKAGES.labels("accepted").inc()
        return accepted

    def _accept_or_hold(self, package: Package) -> Accepted:
        signed = self._signed(package)
        self._capacity.check(signed.camera.id)
        try:
            return self._accept(signed, None)
        except Unavailable:
            raise
        except DomainError as refusal:
            self._quarantine.hold(signed.camera.id, package, refusal)
            raise

    def accept_again(self, package: Package, waiver: Waiver | None) -> Accepted:
        """A package out of quarantine, by the rules as they are now but for the one that a person waives.

        Raises as `accept` does; it stays where it is then.
        """
        return self._accept(self._signed(package), waiver)

    def _signed(self, package: Package) -> _Signed:
        if len(package.metadata) > self._settings.max_metadata_bytes:
            raise TooLarge("metadata-too-large", f"metadata are at most {self._settings.max_metadata_bytes} bytes")
        claim = read_claim(package.metadata)
        with self._units.read() as session:
            known = self._known.find(session, claim.camera_id)
        for key in known.keys if known else ():
            if known and is_valid(key.public_key, package.signature, package.metadata, claim.image_digests):
                return _Signed(known.camera, key, known.entitling, package, claim)
        # One answer for both: nobody learns which cameras exist.
        raise NotAuthenticated("signature-invalid", "the camera is not registered or the signature is not its own")

    def _accept(self, signed: _Signed, waiver: Waiver | None) -> Accepted:
        metadata = parse_metadata(signed.package.metadata)
        infos = self._check_images(metadata, signed.package)
        with self._units.read() as session:
            # Whoever lost the answer gets it again, whatever the rules say by now.
            earlier = _earlier(session, signed, metadata.capture_id)
            if earlier is not None:
                return earlier
            self._check_moment(signed, metadata, waiver)
            basis = self._metrology.basis(session, signed.entitling, metadata)
        key = self._blobs.fresh_key(new_id())
        self._blobs.put_all(ORIGINALS, key, _by_digest(signed.package, metadata))
        try:
            return self._store(key, signed, metadata, basis, infos, waiver)
        except IntegrityError as error:
            # Another request with the same id was faster.
            with self._units.read() as session:
                earlier = _earlier(session, signed, metadata.capture_id)
            if earlier is None:
                raise Unavailable("not-written", "it was not written: try again") from error
            return earlier

    def _check_images(self, metadata: CaptureMetadata, package: Package) -> list[tuple[JpegInfo, int]]:
        sent, most = len(package.images), self._settings.max_images
        if sent != metadata.image_count or sent > most:
            raise InvalidInput("image-count", f"{metadata.image_count} images announced, {sent} sent, {most} allowed")
        infos = []
        for position, (read, announced) in enumerate(zip(package.images, metadata.images, strict=True)):
            image = read()
            if len(image) > self._settings.max_image_bytes:
                raise TooLarge("image-too-large", f"image {position} is over the limit of bytes")
            if hashlib.sha256(image).hexdigest() != announced.sha256:
                raise InvalidInput(
                    "digest-mismatch",
                    f"image {position} is not the one whose digest was signed; send it again",
                )
            infos.append((inspect_image(position, image, self._settings.max_pixels), len(image)))
        return infos

    def _check_moment(self, signed: _Signed, metadata: CaptureMetadata, waiver: Waiver | None) -> None:
        for refusal in self._untimely(signed, metadata):
            if waiver is None or waiver.code != refusal.code:
                raise refusal

    def _untimely(self, signed: _Signed, metadata: CaptureMetadata) -> list[DomainError]:
        captured, now = metadata.captured_at, self._clock.now()
        camera, key = signed.camera, signed.key
        found: list[DomainError] = []
        if captured > now + timedelta(seconds=self._settings.max_clock_ahead_seconds):
            found.append(InvalidInput("captured-in-future", "the camera's clock is ahead; set it and capture anew"))
        if captured < now - timedelta(days=self._settings.max_capture_age_days):
            told = f"captures are taken in up to {self._settings.max_capture_age_days} days after the conduct"
            found.append(InvalidInput("captured-too-long-ago", told))
        if captured < key.valid_from or (key.valid_to and captured >= key.valid_to):
            told = "the camera was not registered with this key at the moment of the conduct"
            found.append(NotAllowed("camera-not-registered-then", told))
        if camera.compromised:
            told = "the camera's key may be in other hands: a person has to see where this comes from"
            found.append(NotAllowed("camera-compromised", told))
        return found

    def _store(
        self,
        key: FreshKey,
        signed: _Signed,
        metadata: CaptureMetadata,
        basis: Basis,
        infos: Sequence[tuple[JpegInfo, int]],
        waiver: Waiver | None,
    ) -> Accepted:
        package, capture_id = signed.package, key.case_id
        details = metadata.model_dump(mode="json")
        metadata_sha256 = hashlib.sha256(package.metadata).hexdigest()
        content_sha256 = signed.content_sha256

        def write(uow: UnitOfWork) -> datetime:
            capture = Capture(
                id=capture_id,
                camera_id=signed.camera.id,
                external_id=metadata.capture_id,
                certificate_id=basis.certificate_id,
                captured_at=metadata.captured_at,
                received_at=self._clock.now(),
                details=details,
                metadata_sha256=metadata_sha256,
                content_sha256=content_sha256,
                signature=package.signature,
                key_id=signed.key.id,
                basis=basis.as_json() | ({"waived": vars(waiver)} if waiver else {}),
            )
            uow.add_in_bulk(key.fresh_row())
            uow.add_in_bulk(capture)
            uow.add_in_bulk(
                CaptureName(camera_id=signed.camera.id, external_id=metadata.capture_id, capture_id=capture_id)
            )
            for position, (info, size) in enumerate(infos):
                uow.add_in_bulk(
                    CaptureImage(
                        capture_id=capture_id,
                        position=position,
                        sha256=metadata.images[position].sha256,
                        width=info.width,
                        height=info.height,
                        size=size,
                    )
                )
            uow.publish(CAPTURE_ACCEPTED, capture_id, {"captureId": capture_id})
            return capture.received_at

        received_at = self._writer.write(camera_actor(signed.camera.id), write)
        return Accepted(capture_id, signed.camera.id, metadata.capture_id, received_at, duplicate=False)


def _by_digest(package: Package, metadata: CaptureMetadata) -> Iterator[tuple[str, bytes]]:
    """Metadata and photos, whose digests were checked."""
    yield hashlib.sha256(package.metadata).hexdigest(), package.metadata
    for read, image in zip(package.images, metadata.images, strict=True):
        yield image.sha256, read()


def _earlier(session: Session, signed: _Signed, external_id: str) -> Accepted | None:
    found = session.scalars(
        select(Capture)
        .join(CaptureName, CaptureName.capture_id == Capture.id)
        .where(CaptureName.camera_id == signed.camera.id, CaptureName.external_id == external_id)
    ).first()
    if found is None:
        return None
    if found.content_sha256 != signed.content_sha256:
        raise Conflict("capture-id-reused", "this captureId was accepted with other content; use a new captureId")
    return Accepted(found.id, signed.camera.id, external_id, found.received_at, duplicate=True)
