"""Tables of imaging."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.ids import new_id


class Reading(Base):
    """What the machine made of a capture's plate. The machine's columns never change."""

    __tablename__ = "reading"
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


class PlateConfirmation(Base):
    """What a person read on the photo (four eyes start here: his id is kept)."""

    __tablename__ = "plate_confirmation"
    __sealed__ = ("id", "reading_id", "plate", "country", "confirmed_by", "confirmed_at")
    __partition__ = "imaging"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    reading_id: Mapped[str] = mapped_column(ForeignKey("reading.id"), unique=True)
    plate: Mapped[str]
    country: Mapped[str]
    confirmed_by: Mapped[str]
    confirmed_at: Mapped[datetime]


class RedactedPhoto(Base):
    """The citizen's copy of one photo."""

    __tablename__ = "redacted_photo"
    __table_args__ = (UniqueConstraint("capture_id", "position"),)
    __sealed__ = ("id", "capture_id", "position", "sha256", "hidden", "plate_visible")
    __partition__ = "imaging"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    capture_id: Mapped[str] = mapped_column(index=True)
    position: Mapped[int]
    sha256: Mapped[str]
    hidden: Mapped[list[Any]]
    plate_visible: Mapped[bool]
