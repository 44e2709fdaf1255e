"""Tables of ingest."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.canonical import canonical_json
from core.database import Base
from core.ids import new_id


class Camera(Base):
    """A registered speed camera (meetmiddel) and the key that it signs with."""

    __tablename__ = "camera"
    __sealed__ = ("id", "public_key", "model", "registered_at")
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[str]
    model: Mapped[str]
    state: Mapped[str] = mapped_column(default="active")
    registered_at: Mapped[datetime]
    revoked_from: Mapped[datetime | None]


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


class Capture(Base):
    """One camera event (registratie): a measurement and its photos. Never changes."""

    __tablename__ = "capture"
    __table_args__ = (UniqueConstraint("camera_id", "external_id"),)
    __sealed__ = (
        "id", "camera_id", "external_id", "certificate_id", "captured_at", "received_at", "details",
        "metadata_sha256", "content_sha256", "signature",
    )  # fmt: skip
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
    images: Mapped[list["CaptureImage"]] = relationship(order_by="CaptureImage.position")


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

    def statement(self) -> bytes:
        """What is signed."""
        return canonical_json({"log": "evidence", "root": self.root, "signedAt": self.signed_at, "size": self.size})


class QuarantinedPackage(Base):
    """A package that a known camera signed but that cannot be evidence, with the reason."""

    __tablename__ = "quarantined_package"
    __table_args__ = (UniqueConstraint("camera_id", "package_sha256", "code"),)
    __sealed__ = ("id", "camera_id", "package_sha256", "code", "detail", "received_at", "blobs")
    __partition__ = "ingest"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"))
    package_sha256: Mapped[str]
    code: Mapped[str]
    detail: Mapped[str]
    received_at: Mapped[datetime]
    blobs: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(default="held")
