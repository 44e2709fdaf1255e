"""Tables of imaging."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, ForeignKey, Index, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.ids import new_id
from imaging import states

# Written out, for an index over some of the rows serves only a question that says which.
WAITS: ColumnElement[bool] = literal_column(f"state IN {states.WAITING}", Boolean)


class Reading(Base):
    """What the machine made of a capture's plate. The machine's columns never change."""

    __tablename__ = "reading"
    __table_args__ = (Index("ix_reading_waits", "id", postgresql_where=WAITS, sqlite_where=WAITS),)
    __sealed__ = (
        "id", "capture_id", "plate", "country", "confidence_permille", "reasons", "candidates", "models", "read_at",
    )  # fmt: skip
    __partition__ = "imaging"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    capture_id: Mapped[str] = mapped_column(unique=True)
    plate: Mapped[str | None]
    country: Mapped[str | None]
    confidence_permille: Mapped[int]
    reasons: Mapped[list[Any]]
    candidates: Mapped[list[Any]]
    models: Mapped[dict[str, Any]]
    read_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)


class PlateOpinion(Base):
    """What one person read on the photo, without knowing what others read. `plate` is None: it cannot be read."""

    __tablename__ = "plate_opinion"
    __table_args__ = (UniqueConstraint("reading_id", "number"),)
    __sealed__ = ("id", "reading_id", "number", "plate", "country", "given_by", "given_at")
    __partition__ = "imaging"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"), index=True)
    number: Mapped[int]
    plate: Mapped[str | None]
    country: Mapped[str | None]
    given_by: Mapped[str] = mapped_column(index=True)
    given_at: Mapped[datetime]


class PlateConfirmation(Base):
    """What the people who looked at the photo settled on, and who settled it."""

    __tablename__ = "plate_confirmation"
    __sealed__ = ("id", "reading_id", "plate", "country", "confirmed_by", "confirmed_at")
    __partition__ = "imaging"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"), unique=True)
    plate: Mapped[str]
    country: Mapped[str]
    confirmed_by: Mapped[str]
    confirmed_at: Mapped[datetime]


class RegionChange(Base):
    """A person's word on one region of a photo: hide it too (`add`), or leave it visible (`lift`)."""

    __tablename__ = "region_change"
    __table_args__ = (UniqueConstraint("capture_id", "number"),)
    __sealed__ = ("id", "capture_id", "number", "position", "action", "box", "reason", "changed_by", "changed_at")
    __partition__ = "imaging"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    capture_id: Mapped[str] = mapped_column(index=True)
    number: Mapped[int]
    position: Mapped[int]
    action: Mapped[str]
    box: Mapped[list[Any]]
    reason: Mapped[str]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class StampedPhoto(Base):
    """A citizen's copy with a line below it, made when it is first asked for: the same line, the same bytes."""

    __tablename__ = "stamped_photo"

    redacted_id: Mapped[str] = mapped_column(ForeignKey("redacted_photo.id"), primary_key=True)
    line: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]


class RedactedPhoto(Base):
    """The citizen's copy of one photo. The highest revision is the one that is shown; earlier ones stay on record."""

    __tablename__ = "redacted_photo"
    __table_args__ = (UniqueConstraint("capture_id", "position", "revision"),)
    __sealed__ = (
        "id", "capture_id", "position", "revision", "sha256", "hidden", "plate_visible", "models", "redacted_at",
    )  # fmt: skip
    __partition__ = "imaging"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    capture_id: Mapped[str] = mapped_column(index=True)
    position: Mapped[int]
    revision: Mapped[int]
    sha256: Mapped[str]
    hidden: Mapped[list[Any]]
    plate_visible: Mapped[bool]
    models: Mapped[dict[str, Any]]
    redacted_at: Mapped[datetime]
