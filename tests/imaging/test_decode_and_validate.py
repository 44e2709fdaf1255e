"""What is let in, what is turned away and why, before any network looks at it."""

import io
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from PIL import Image

from imaging.frame import Frame
from imaging.stages.decode import Decode
from imaging.stages.encode import encode
from imaging.stages.validate import Validate, clock_disagrees
from tests.world import drawn, jpeg

DECODE, VALIDATE = Decode(50_000_000), Validate()
TAKEN = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)


def saved(mode: str = "RGB", **options: object) -> bytes:
    """A photo as Pillow writes it."""
    target = io.BytesIO()
    Image.fromarray(drawn().photo[:, :, ::-1]).convert(mode).save(target, "JPEG", **options)
    return target.getvalue()


def with_frame_byte(data: bytes, offset: int, value: int) -> bytes:
    """The frame header changed: 1 is the marker itself, 4 the precision, 9 the number of components."""
    at = data.index(b"\xff\xc0")
    return data[: at + offset] + bytes([value]) + data[at + offset + 1 :]


def endless(data: bytes) -> bytes:
    """A progressive photo whose last scan is repeated a hundred times."""
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 100 + b"\xff\xd9"


def bomb(width: int, height: int) -> bytes:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GIF89a", "not-jpeg"),
        (b"", "not-jpeg"),
        (jpeg()[:20_000], "jpeg-truncated"),
        (jpeg()[:20_000] + b"\xff\xd9", "jpeg-damaged"),
        (saved("CMYK"), "jpeg-kind-unsupported"),
        (with_frame_byte(jpeg(), 4, 12), "jpeg-kind-unsupported"),
        (with_frame_byte(jpeg(), 1, 0xC9), "jpeg-kind-unsupported"),
        (with_frame_byte(jpeg(), 1, 0xC3), "jpeg-kind-unsupported"),
        (endless(saved(progressive=True)), "jpeg-too-many-scans"),
        (bomb(65_500, 65_500), "image-edge-too-long"),
        (bomb(19_000, 19_000), "image-too-many-pixels"),
        (encode(np.zeros((60, 60, 3), np.uint8)), "resolution-too-low"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_decoded_says_why(data: bytes, code: str) -> None:
    frame = DECODE(Frame(data))
    assert frame.failure == code
    assert frame.photo is None


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 30}, {"icc_profile": b"no profile at all"}])
def test_what_cameras_make_is_decoded(options: dict) -> None:
    photo = DECODE(Frame(saved(**options))).photo
    assert photo is not None
    assert photo.shape == drawn().photo.shape


def test_a_grey_photo_becomes_three_equal_planes() -> None:
    photo = DECODE(Frame(saved("L"))).photo
    assert photo is not None
    assert np.array_equal(photo[:, :, 0], photo[:, :, 2])


@pytest.mark.parametrize(("orientation", "turns"), [(3, 2), (6, 1), (8, 3)])
def test_a_photo_that_lies_on_its_side_is_put_upright(orientation: int, turns: int) -> None:
    lying = np.rot90(drawn().photo, turns)
    exif = Image.Exif()
    exif[0x0112] = orientation
    target = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(lying[:, :, ::-1])).save(target, "JPEG", exif=exif, quality=95)
    upright = DECODE(Frame(target.getvalue())).photo
    assert upright is not None
    assert np.abs(upright.astype(int) - drawn().photo).mean() < 4


def test_a_broken_exif_segment_does_not_matter() -> None:
    data = jpeg()
    segment = b"Exif\0\0II*\0" + b"\xff" * 40
    broken = data[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + data[2:]
    assert DECODE(Frame(broken)).failure is None


def reasons(photo: np.ndarray) -> tuple[str, ...]:
    return VALIDATE(DECODE(Frame(encode(photo)))).reasons


def test_a_sharp_well_lit_photo_gives_no_reason() -> None:
    assert reasons(drawn().photo) == ()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda p: cv2.GaussianBlur(p, (41, 41), 12), "photo-blurred"),
        (lambda p: (p * 0.03).astype(np.uint8), "photo-too-dark"),
        (lambda p: np.clip(p.astype(int) + 230, 0, 255).astype(np.uint8), "photo-overexposed"),
        (lambda p: np.vstack([np.full_like(p[: len(p) // 2], 255), p[len(p) // 2 :]]), "photo-glare"),
    ],
    ids=["blurred", "dark", "overexposed", "glare"],
)
def test_a_photo_that_cannot_carry_a_reading_says_why(spoil, reason: str) -> None:
    assert reason in reasons(spoil(drawn().photo))


def exif_taken(text: str) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = text
    return exif.tobytes()[6:]


@pytest.mark.parametrize(
    ("taken", "differs"),
    [
        ("2026:09:14 08:30:04", False),
        ("2026:09:14 10:30:00", False),
        ("2026:09:14 08:47:00", True),
        ("2025:09:14 08:30:00", True),
        ("not a time", False),
    ],
)
def test_the_photos_own_time_must_be_the_signed_one_up_to_the_zone(taken: str, differs: bool) -> None:
    assert clock_disagrees(exif_taken(taken), TAKEN) is differs


def test_without_exif_there_is_nothing_to_disagree() -> None:
    assert clock_disagrees(b"", TAKEN) is False
