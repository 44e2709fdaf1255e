"""Tables of ingest."""

from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.canonical import canonical_json
from core.database import Base
from core.ids import new_id


class Camera(Base):
    """A camera (meetmiddel) that was announced, and what it is. Its keys came later than the table: `public_key` is of
    cameras that were registered before they had any of their own."""

    __tablename__ = "camera"
    __sealed__ = ("id", "model", "registered_at")
    __sealed_if_set__ = ("public_key",)
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[str | None]
    model: Mapped[str]
    state: Mapped[str] = mapped_column(default="announced")
    registered_at: Mapped[datetime]
    revoked_from: Mapped[datetime | None]
    compromised: Mapped[bool] = mapped_column(default=False)
    """Its keys may be in other hands: nothing is taken in any more without a person, whenever it says it was made."""


class CameraKey(Base):
    """A key (Ed25519, 32 bytes in base64) that a camera signs with, from a moment up to, not including, another."""

    __tablename__ = "camera_key"
    __sealed__ = ("id", "camera_id", "public_key", "valid_from")
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), index=True)
    public_key: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="active")


class EnrolmentCode(Base):
    """With this code, of which we keep a digest (SHA-256, hexadecimal), a camera that was announced brings its key."""

    __tablename__ = "enrolment_code"

    code_sha256: Mapped[str] = mapped_column(primary_key=True)
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SeenNonce(Base):
    """A signed request that was acted upon; another with the same nonce is a replay. Kept as long as one could come."""

    __tablename__ = "seen_nonce"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    forget_at: Mapped[datetime] = mapped_column(index=True)


class Heartbeat(Base):
    """What a camera last said of itself. `drift_ms` is its clock against ours at that moment, in milliseconds;
    `waiting` is how many captures it has to send still, the oldest of them made at `oldest_at`."""

    __tablename__ = "heartbeat"

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), primary_key=True)
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime]
    drift_ms: Mapped[int]
    waiting: Mapped[int]
    oldest_at: Mapped[datetime | None]
    software: Mapped[str]


class RegistryVersion(Base):
    """A number that every change of cameras, keys and facts moves on, so that who remembers them knows when to look
    again."""

    __tablename__ = "registry_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


class TypeApproval(Base):
    """Approval of a model (typegoedkeuring) for kinds of capture, up to and not including `valid_to`."""

    __tablename__ = "type_approval"
    __sealed__ = ("id", "number", "model", "kinds", "issued_by", "valid_from", "valid_to")
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str]
    model: Mapped[str] = mapped_column(index=True)
    kinds: Mapped[list[Any]]
    issued_by: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    withdrawn_from: Mapped[datetime | None]


class CalibrationCertificate(Base):
    """Certificate of calibration (ijkcertificaat): valid from its first moment up to, not including, its last."""

    __tablename__ = "calibration_certificate"
    __sealed__ = ("id", "camera_id", "number", "issued_by", "valid_from", "valid_to")
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), index=True)
    number: Mapped[str]
    issued_by: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    withdrawn_from: Mapped[datetime | None]


class ReferenceCertificate(Base):
    """Certificate of what a measurement rests on beside the camera: the length of a section, in millimetres."""

    __tablename__ = "reference_certificate"
    __sealed__ = ("id", "subject", "number", "issued_by", "value_mm", "uncertainty_mm", "valid_from", "valid_to")
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    subject: Mapped[str] = mapped_column(index=True)
    number: Mapped[str]
    issued_by: Mapped[str]
    value_mm: Mapped[int]
    uncertainty_mm: Mapped[int]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    withdrawn_from: Mapped[datetime | None]


class Deployment(Base):
    """Where a camera was put up and set for what: a place (degrees, WGS 84; metres around it), a direction, a limit in
    km/h as it was set, on a stretch of the register of speed limits, and by whom."""

    __tablename__ = "deployment"
    __sealed__ = (
        "id", "camera_id", "stretch", "road", "municipality", "latitude", "longitude", "radius_m", "direction",
        "limit_kmh", "installed_by", "valid_from", "valid_to",
    )  # fmt: skip
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), index=True)
    stretch: Mapped[str]
    road: Mapped[str]
    municipality: Mapped[str]
    latitude: Mapped[float] = mapped_column(Double)
    longitude: Mapped[float] = mapped_column(Double)
    radius_m: Mapped[int]
    direction: Mapped[str]
    limit_kmh: Mapped[int]
    installed_by: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    withdrawn_from: Mapped[datetime | None]


class SpeedLimit(Base):
    """What the speed limit of a stretch is (km/h), of which type of road, by which traffic decree (verkeersbesluit).

    With hours it holds each day from the first up to, not including, the second, on the clock of Europe/Amsterdam; a
    stretch with a signal that changes has several at once.
    """

    __tablename__ = "speed_limit"
    __sealed__ = (
        "id", "stretch", "limit_kmh", "road_type", "from_hour", "to_hour", "decree", "valid_from", "valid_to",
    )  # fmt: skip
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    stretch: Mapped[str] = mapped_column(index=True)
    limit_kmh: Mapped[int]
    road_type: Mapped[str]
    from_hour: Mapped[int | None]
    to_hour: Mapped[int | None]
    decree: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    withdrawn_from: Mapped[datetime | None]


class Capture(Base):
    """One camera event (registratie): a measurement and its photos. Never changes.

    `basis` names what entitled the camera to it: ids of approval, deployment, speed limit and other certificates.
    """

    __tablename__ = "capture"
    __table_args__ = (Index(None, "camera_id", "received_at"), {"postgresql_partition_by": "RANGE (id)"})
    __sealed__ = (
        "id", "camera_id", "external_id", "certificate_id", "captured_at", "received_at", "details",
        "metadata_sha256", "content_sha256", "signature",
    )  # fmt: skip
    __sealed_if_set__ = ("key_id", "basis")
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"))
    external_id: Mapped[str]
    certificate_id: Mapped[str] = mapped_column(ForeignKey("calibration_certificate.id"))
    captured_at: Mapped[datetime] = mapped_column(index=True)
    received_at: Mapped[datetime]
    details: Mapped[dict[str, Any]]
    metadata_sha256: Mapped[str]
    content_sha256: Mapped[str]
    signature: Mapped[str]
    key_id: Mapped[str | None] = mapped_column(ForeignKey("camera_key.id"))
    basis: Mapped[dict[str, Any] | None]
    images: Mapped[list["CaptureImage"]] = relationship(order_by="CaptureImage.position")


class CaptureName(Base):
    """What a camera calls a capture, once. In a table of its own: one in partitions cannot say so of all of them."""

    __tablename__ = "capture_name"

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    capture_id: Mapped[str] = mapped_column(ForeignKey("capture.id"))


class CaptureImage(Base):
    """One original photo; its bytes are in the blob store under the capture's key."""

    __tablename__ = "capture_image"
    __table_args__ = (UniqueConstraint("capture_id", "position"),)
    __sealed__ = ("id", "capture_id", "position", "sha256", "width", "height", "size")
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    capture_id: Mapped[str] = mapped_column(ForeignKey("capture.id"), index=True)
    position: Mapped[int]
    sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]


class EvidenceLeaf(Base):
    """Which leaf of the evidence log a capture is; the log itself vouches for it."""

    __tablename__ = "evidence_leaf"

    capture_id: Mapped[str] = mapped_column(ForeignKey("capture.id"), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)


class TreeHead(Base):
    """A head of the evidence log, with its size in leaves, signed. `root` is hexadecimal."""

    __tablename__ = "tree_head"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[str]
    signed_at: Mapped[datetime]
    signature: Mapped[str]
    timestamp: Mapped[bytes | None]
    """What a timestamp authority answered about the statement (RFC 3161, TimeStampResp in DER)."""

    def statement(self) -> bytes:
        """What is signed."""
        return canonical_json({"log": "evidence", "root": self.root, "signedAt": self.signed_at, "size": self.size})


class QuarantinedPackage(Base):
    """A package that a known camera signed but that cannot be evidence, with the reason."""

    __tablename__ = "quarantined_package"
    __table_args__ = (UniqueConstraint("camera_id", "package_sha256", "code"),)
    __sealed__ = ("id", "camera_id", "package_sha256", "code", "detail", "received_at", "blobs")
    __sealed_if_set__ = ("signature",)
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"))
    package_sha256: Mapped[str]
    code: Mapped[str]
    detail: Mapped[str]
    received_at: Mapped[datetime]
    blobs: Mapped[list[Any]]
    signature: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="held", index=True)
    released_as: Mapped[str | None]
