"""Photographs that a simulated camera takes over from somebody else."""

import io

import numpy as np
import pytest
from PIL import Image

from ingest.simulator.undated import undated


def jpeg(orientation: int | None) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0132] = "2006:05:04 10:11:12"
    if orientation is not None:
        exif[0x0112] = orientation
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("orientation", [None, 1])
def test_the_time_goes_and_every_pixel_stays(orientation: int | None) -> None:
    before = jpeg(orientation)
    after = undated(before)
    assert not Image.open(io.BytesIO(after)).getexif()
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(after))), np.asarray(Image.open(io.BytesIO(before))))


@pytest.mark.parametrize("photo", [jpeg(6), b"", b"\xff\xd8\xff", b"no photo", jpeg(None)[:30]])
def test_what_is_turned_by_its_exif_or_no_photo_stays_as_it_is(photo: bytes) -> None:
    assert undated(photo) == photo
