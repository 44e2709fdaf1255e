"""A camera network: cameras with keys, photographs with their truth, signed pushes over HTTP."""

import csv
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ingest.kinds import KINDS as _KINDS
from ingest.package import Package
from ingest.signature import encoded_public_key, prove, sign
from ingest.simulator.undated import undated

KINDS = tuple(_KINDS)
"""All kinds of capture: these cameras are approved for each."""


@dataclass(frozen=True)
class CameraProfile:
    """Where a camera stands and what it measures; speeds in km/h."""

    id: str
    model: str
    road: str
    municipality: str
    latitude: float
    longitude: float
    road_type: str
    speed_limit_kmh: int


@dataclass(frozen=True)
class SimulatedCamera:
    """A profile with the private key that only the camera has."""

    profile: CameraProfile
    key: Ed25519PrivateKey

    @property
    def public_key(self) -> str:
        """Base64."""
        return encoded_public_key(self.key)

    def proof_of(self, subject: str) -> str:
        """That the private key is there, for enrolment (`subject` is the code) or for another key (the camera's id)."""
        return prove(self.key, subject)

    def save(self, folder: Path) -> None:
        """Write profile and key for a later run."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / f"{self.profile.id}.json").write_text(json.dumps(asdict(self.profile), indent=2))
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path = folder / f"{self.profile.id}.pem"
        path.touch(mode=0o600)
        path.write_bytes(pem)


def load_cameras(folder: Path) -> list[SimulatedCamera]:
    """All cameras saved in a folder, by id. Raises ValueError when there are none."""
    cameras = []
    for path in sorted(folder.glob("*.json")):
        key = load_pem_private_key(path.with_suffix(".pem").read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{path.stem}: not an Ed25519 key")
        cameras.append(SimulatedCamera(CameraProfile(**json.loads(path.read_text())), key))
    if not cameras:
        raise ValueError(f"no cameras in {folder}; register one first: flitsketen camera register")
    return cameras


@dataclass(frozen=True)
class Photo:
    """A photograph and the plate that a person saw on it; country where the truth file names it."""

    path: Path
    plate: str
    country: str | None


def load_photos(folder: Path) -> list[Photo]:
    """Photos in the order of `truth.csv` (columns: file, plate_as_annotated, and country where known)."""
    with (folder / "truth.csv").open(newline="") as file:
        return [
            Photo(folder / row["file"], row["plate_as_annotated"], row.get("country") or None)
            for row in csv.DictReader(file)
        ]


@dataclass(frozen=True)
class SignedCapture:
    """What goes over the wire."""

    capture_id: str
    camera_id: str
    metadata: bytes
    signature: str
    images: list[bytes]

    def package(self) -> Package:
        """As it is taken in, or packed into a batch."""
        return Package(self.metadata, self.signature, [partial(bytes, image) for image in self.images])


# Measured speed over the limit, as drivers are: mostly a little, once far too much, once hardly.
_EXCESSES = (9, 14, 21, 12, 17, 64, 8, 26, 3, 11, 19, 10, 31, 13)


def captures(
    photos: list[Photo], cameras: list[SimulatedCamera], now: datetime, spacing: timedelta, seed: int = 1
) -> Iterator[tuple[Photo, SignedCapture]]:
    """One signed capture a photo, the cameras in turn, `spacing` apart, the last one before `now`."""
    chance = random.Random(seed)  # noqa: S311 - a simulation, not secrets
    for index, photo in enumerate(photos):
        camera = cameras[index % len(cameras)]
        moment = now - spacing * (len(photos) - index) + spacing * chance.random() / 2
        measured = camera.profile.speed_limit_kmh + _EXCESSES[index % len(_EXCESSES)]
        capture_id = f"{photo.path.stem}-{moment:%Y%m%d%H%M%S}"
        image = undated(photo.path.read_bytes())
        yield (
            photo,
            sign_capture(camera, capture_id, moment, f"{measured}.{chance.randint(0, 9)}", [image]),
        )


def sign_capture(
    camera: SimulatedCamera,
    capture_id: str,
    moment: datetime,
    measured_kmh: str,
    images: list[bytes],
    optics: tuple[float, list[int]] | None = None,
) -> SignedCapture:
    """A measured speed as the camera writes it, and its signature. `optics`: focal length in pixels, and each photo's
    offset in milliseconds."""
    profile = camera.profile
    metadata: dict[str, Any] = {
        "measuredSpeedKmh": measured_kmh,
        "speedLimitKmh": profile.speed_limit_kmh,
        "roadType": profile.road_type,
    }
    offsets = None
    if optics is not None:
        metadata["focalLengthPixels"], offsets = optics
    return _signed(camera, capture_id, moment, metadata, images, offsets)


@dataclass(frozen=True)
class RedLight:
    """How a light was passed: how long it was yellow and then red at the stop line, and when the photos were taken."""

    yellow_ms: int = 3_500
    red_ms: int = 1_240
    offsets_ms: tuple[int, int] = (20, 1_020)
    grace_ms: int = 400


def sign_red_light(
    camera: SimulatedCamera, capture_id: str, moment: datetime, light: RedLight, images: list[bytes]
) -> SignedCapture:
    """A stop line passed at red as the camera writes it, and its signature."""
    red_from = moment - timedelta(milliseconds=light.red_ms)
    metadata = {
        "kind": "red-light",
        "signal": "FC08",
        "yellowFrom": (red_from - timedelta(milliseconds=light.yellow_ms)).isoformat(),
        "redFrom": red_from.isoformat(),
        "graceMs": light.grace_ms,
    }
    return _signed(camera, capture_id, moment, metadata, images, list(light.offsets_ms))


@dataclass(frozen=True)
class Section:
    """How a section was driven: `seconds` over `length_mm`, what the device claims, and how sure its clocks are."""

    name: str = "tc-1"
    certificate: str = "TC-2026-1"
    length_mm: int = 2_000_000
    length_uncertainty_mm: int = 1_000
    seconds: str = "60.00"
    clock_uncertainty_ms: int = 5
    claimed_kmh: str = "120.0"


def sign_section(
    camera: SimulatedCamera, capture_id: str, moment: datetime, section: Section, images: list[bytes]
) -> SignedCapture:
    """A section that was driven too fast, as the device writes it at its exit, and its signature."""
    entered = moment - timedelta(seconds=float(section.seconds))
    metadata = {
        "kind": "section-control",
        "section": section.name,
        "lengthCertificate": section.certificate,
        "lengthMm": section.length_mm,
        "lengthUncertaintyMm": section.length_uncertainty_mm,
        "entry": {"at": entered.isoformat(), "clockUncertaintyMs": section.clock_uncertainty_ms},
        "exit": {"at": moment.isoformat(), "clockUncertaintyMs": section.clock_uncertainty_ms},
        "averageSpeedKmh": section.claimed_kmh,
        "speedLimitKmh": camera.profile.speed_limit_kmh,
        "roadType": camera.profile.road_type,
    }
    return _signed(camera, capture_id, moment, metadata, images, None)


def _signed(
    camera: SimulatedCamera,
    capture_id: str,
    moment: datetime,
    measured: dict[str, Any],
    images: list[bytes],
    offsets_ms: list[int] | None,
) -> SignedCapture:
    profile = camera.profile
    digests = [hashlib.sha256(image).hexdigest() for image in images]
    metadata: dict[str, Any] = {
        "cameraId": profile.id,
        "captureId": capture_id,
        "capturedAt": moment.isoformat(),
        "location": {
            "road": profile.road,
            "municipality": profile.municipality,
            "latitude": profile.latitude,
            "longitude": profile.longitude,
        },
        "direction": "approaching",
        "lane": 1,
        "imageCount": len(images),
        "images": [{"sha256": digest} for digest in digests],
        **measured,
    }
    for image, offset in zip(metadata["images"], offsets_ms or [], strict=offsets_ms is not None):
        image["offsetMs"] = offset
    body = json.dumps(metadata).encode()
    return SignedCapture(capture_id, profile.id, body, sign(camera.key, body, digests), images)


def push(client: httpx.Client, capture: SignedCapture) -> httpx.Response:
    """POST the package as multipart/form-data."""
    files: list[tuple[str, Any]] = [
        ("metadata", ("metadata.json", capture.metadata, "application/json")),
        ("signature", ("signature.txt", capture.signature.encode(), "text/plain")),
        *(("images", (f"{i}.jpg", image, "image/jpeg")) for i, image in enumerate(capture.images)),
    ]
    return client.post("/v1/captures", files=files)
