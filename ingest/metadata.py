"""What every capture says of itself, whatever kind of device took it; the kinds are in `kinds/`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Sha256Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def _number(value: Any) -> Any:
    """Digits as the law's language knows them, and neither yes nor no."""
    if isinstance(value, bool) or (isinstance(value, str) and not value.isascii()):
        raise ValueError("write a number in digits, with a point")
    return value


SpeedKmh = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=400, max_digits=5, decimal_places=2)]
Real = Annotated[float, BeforeValidator(_number)]


class RoadType(StrEnum):
    """Where the camera stands, in the terms that decide the offence series."""

    BUILT_UP = "built-up"
    BUILT_UP_SIGN = "built-up-sign"
    BUILT_UP_MATRIX = "built-up-matrix"
    BUILT_UP_ROADWORKS = "built-up-roadworks"
    BUILT_UP_ROADWORKS_MATRIX = "built-up-roadworks-matrix"
    BUILT_UP_30 = "built-up-30"
    HOME_ZONE = "home-zone"
    OUTSIDE_BUILT_UP = "outside-built-up"
    OUTSIDE_BUILT_UP_SIGN = "outside-built-up-sign"
    OUTSIDE_BUILT_UP_MATRIX = "outside-built-up-matrix"
    OUTSIDE_BUILT_UP_ROADWORKS = "outside-built-up-roadworks"
    OUTSIDE_BUILT_UP_ROADWORKS_MATRIX = "outside-built-up-roadworks-matrix"
    MOTORWAY = "motorway"
    MOTORWAY_SIGN = "motorway-sign"
    MOTORWAY_MATRIX = "motorway-matrix"
    MOTORWAY_SIGN_130 = "motorway-sign-130"
    MOTORWAY_ROADWORKS = "motorway-roadworks"
    MOTORWAY_ROADWORKS_MATRIX = "motorway-roadworks-matrix"
    MOTORWAY_OIL_SHORTAGE = "motorway-oil-shortage"


class Direction(StrEnum):
    APPROACHING = "approaching"
    RECEDING = "receding"


@dataclass(frozen=True)
class MeasuredSpeed:
    """In km/h, before any correction."""

    kmh: Decimal
    limit_kmh: int
    road_type: str


@dataclass(frozen=True)
class Fact:
    """A line of what was observed, for letters and pages: its name in Dutch and English, and its value with a point."""

    nl: str
    en: str
    value: str


@dataclass(frozen=True)
class Observed:
    """What a capture shows, for rooms that need not know its kind.

    `offence` is the conduct by its name in the law's data, where it is not a matter of speed; `numbers` are what the
    law asks of such a conduct. `to_check` says what only a person can see on the photos, where something is.
    """

    facts: Sequence[Fact]
    speed: MeasuredSpeed | None = None
    offence: str | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)
    to_check: str | None = None


@dataclass(frozen=True)
class Certified:
    """What a measurement rests on beside the camera, as the capture tells it; a certificate has to say the same.

    Values in millimetres.
    """

    subject: str
    number: str
    value_mm: int
    uncertainty_mm: int


class Part(BaseModel):
    """A JSON object whose names are in camelCase; what it does not know is refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Location(Part):
    """Place of the conduct; latitude and longitude in degrees (WGS 84)."""

    road: Annotated[str, Field(min_length=1, max_length=120)]
    municipality: Annotated[str, Field(min_length=1, max_length=80)]
    latitude: Annotated[Real, Field(ge=-90, le=90)]
    longitude: Annotated[Real, Field(ge=-180, le=180)]


class ImageDigest(Part):
    """One photo; `offset_ms` is when it was taken, in milliseconds after `captured_at`, where the camera says so."""

    sha256: Sha256Hex
    offset_ms: Annotated[int, Field(strict=True, ge=-60_000, le=60_000)] | None = None


class CaptureMetadata(Part, ABC):
    """What all kinds have in common; a kind adds what it measured, and a `kind` of its own.

    `focal_length_pixels` is the lens's, from the camera's calibration: with it and the photos' offsets, the distance
    that the vehicle moved can be compared with the measured speed.
    """

    camera_id: Identifier
    capture_id: Identifier
    captured_at: AwareDatetime
    location: Location
    direction: Direction
    lane: Annotated[int, Field(strict=True, ge=1, le=12)]
    image_count: Annotated[int, Field(strict=True, ge=1)]
    images: Annotated[list[ImageDigest], Field(min_length=1)]
    focal_length_pixels: Annotated[Real, Field(gt=0, le=1_000_000)] | None = None

    @abstractmethod
    def check_evidence(self) -> None:
        """The kind's evidence rule: raises InvalidInput, with a code of its own, for what cannot be evidence."""

    def references(self) -> Sequence[Certified]:
        """What has to be certified beside the camera itself; nothing for most kinds."""
        return ()

    @abstractmethod
    def observed(self) -> Observed:
        """What it shows."""
