"""The capture package as a camera network sends it: one metadata part, its signature, 1..n JPEG parts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from core import strict_json
from core.errors import InvalidInput
from core.jpeg import JpegInfo, NotAJpeg, inspect_jpeg
from ingest.kinds import KINDS, UNNAMED
from ingest.metadata import CaptureMetadata


@dataclass(frozen=True)
class Package:
    """As received: exact bytes of the metadata part, base64 signature, and for each image what reads its exact bytes,
    once more each time that it is called."""

    metadata: bytes
    signature: str
    images: Sequence[Callable[[], bytes]]


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
    """By the kind that it names. Raises InvalidInput that lists every error with its place."""
    kind = KINDS.get(str(_load(metadata).get("kind", UNNAMED)))
    if kind is None:
        raise InvalidInput("kind-unknown", f"the kinds of capture are: {', '.join(KINDS)}")
    try:
        parsed = kind.model_validate_json(metadata)
    except ValidationError as error:
        places = [
            {"pointer": "/" + "/".join(str(step) for step in item["loc"]), "detail": item["msg"]}
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise InvalidInput("metadata-invalid", "correct the metadata and sign it again", places) from error
    if parsed.image_count != len(parsed.images):
        raise InvalidInput("metadata-invalid", "imageCount and the number of images differ; correct and sign again")
    parsed.check_evidence()
    return parsed


def metadata_of(details: Mapping[str, Any]) -> CaptureMetadata:
    """Metadata that were taken in before, from their plain values."""
    return KINDS[details.get("kind", UNNAMED)].model_validate(details)


def inspect_image(position: int, image: bytes, max_pixels: int) -> JpegInfo:
    """Structure and size of one image. Raises InvalidInput with the reason."""
    try:
        info = inspect_jpeg(image)
    except NotAJpeg as error:
        raise InvalidInput(error.code, f"image {position}: {error}; send the camera's JPEG unchanged") from error
    if image[info.end :].strip(b"\0"):
        raise InvalidInput(
            "jpeg-trailing-data", f"image {position}: something follows the image; send the camera's JPEG unchanged"
        )
    if info.width * info.height > max_pixels:
        raise InvalidInput(
            "image-too-many-pixels",
            f"image {position}: {info.width} x {info.height} is over the limit of {max_pixels} pixels",
        )
    return info


def _load(metadata: bytes) -> dict[str, Any]:
    try:
        document = strict_json.loads(metadata)
    except ValueError as error:
        raise InvalidInput("metadata-invalid", f"the metadata part is not JSON: {error}"[:200]) from error
    if not isinstance(document, dict):
        raise InvalidInput("metadata-invalid", "the metadata part must be a JSON object")
    return document
