"""The capture package as a camera network sends it: one metadata part, its signature, 1..n JPEG parts."""

import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from core.errors import InvalidInput
from core.jpeg import JpegInfo, NotAJpeg, inspect_jpeg

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Sha256Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


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


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Location(_Part):
    """Place of the conduct; latitude and longitude in degrees (WGS 84)."""

    road: Annotated[str, Field(min_length=1, max_length=120)]
    municipality: Annotated[str, Field(min_length=1, max_length=80)]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class ImageDigest(_Part):
    """One photo; `offset_ms` is when it was taken, in milliseconds after `captured_at`, where the camera says so."""

    sha256: Sha256Hex
    offset_ms: Annotated[int, Field(ge=-60_000, le=60_000)] | None = None


class CaptureMetadata(_Part):
    """The measurement; speeds in km/h, the moment with its offset.

    `focal_length_pixels` is the lens's, from the camera's calibration: with it and the photos' offsets, the distance
    that the vehicle moved can be compared with the measured speed.
    """

    camera_id: Identifier
    capture_id: Identifier
    captured_at: AwareDatetime
    location: Location
    direction: Direction
    lane: Annotated[int, Field(ge=1, le=12)]
    measured_speed_kmh: Annotated[Decimal, Field(gt=0, le=400, max_digits=5, decimal_places=2)]
    speed_limit_kmh: Annotated[int, Field(ge=5, le=130)]
    road_type: RoadType
    image_count: Annotated[int, Field(ge=1)]
    images: Annotated[list[ImageDigest], Field(min_length=1)]
    focal_length_pixels: Annotated[float, Field(gt=0, le=1_000_000)] | None = None


@dataclass(frozen=True)
class Package:
    """As received: exact bytes of the metadata part, base64 signature, exact bytes of the images."""

    metadata: bytes
    signature: str
    images: list[bytes]


@dataclass(frozen=True)
class Claim:
    """What the package says of itself before anything is trusted."""

    camera_id: str
    image_digests: list[str]


def read_claim(metadata: bytes) -> Claim:
    """Find out whose key must have signed. Raises InvalidInput when even that cannot be read."""
    document = _load(metadata)
    camera_id = document.get("cameraId")
    images = document.get("images")
    if not isinstance(camera_id, str) or not isinstance(images, list):
        raise InvalidInput("metadata-invalid", "the metadata part needs cameraId and images")
    digests = [str(image.get("sha256", "")) if isinstance(image, dict) else "" for image in images]
    return Claim(camera_id, digests)


def parse_metadata(metadata: bytes) -> CaptureMetadata:
    """Raises InvalidInput that lists every error with its place."""
    try:
        parsed = CaptureMetadata.model_validate_json(metadata)
    except ValidationError as error:
        places = [
            {"pointer": "/" + "/".join(str(step) for step in item["loc"]), "detail": item["msg"]}
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise InvalidInput("metadata-invalid", "correct the metadata and sign it again", places) from error
    if parsed.image_count != len(parsed.images):
        raise InvalidInput("metadata-invalid", "imageCount and the number of images differ; correct and sign again")
    return parsed


def inspect_image(position: int, image: bytes, max_pixels: int) -> JpegInfo:
    """Structure and size of one image. Raises InvalidInput with the reason."""
    try:
        info = inspect_jpeg(image)
    except NotAJpeg as error:
        raise InvalidInput(error.code, f"image {position}: {error}; send the camera's JPEG unchanged") from error
    if info.width * info.height > max_pixels:
        raise InvalidInput(
            "image-too-many-pixels",
            f"image {position}: {info.width} x {info.height} is over the limit of {max_pixels} pixels",
        )
    return info


def _load(metadata: bytes) -> dict[str, Any]:
    try:
        document = json.loads(metadata)
    except ValueError as error:
        raise InvalidInput("metadata-invalid", "the metadata part is not JSON") from error
    if not isinstance(document, dict):
        raise InvalidInput("metadata-invalid", "the metadata part must be a JSON object")
    return document
