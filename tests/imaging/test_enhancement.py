"""The court's second view: it follows from the original by the steps that go with it, and by nothing else."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from core.settings import Settings
from imaging.isolation import isolated
from imaging.stages.encode import encode
from tests.world import drawn, jpeg

X, Y, W, H = drawn().plate_box
QUAD = np.array([[X, Y], [X + W, Y], [X + W, Y + H], [X, Y + H]], np.float32)


def repeated(original: bytes, steps: dict) -> np.ndarray:
    """What someone else gets who has the original, the steps and other software: B, G, R of the plate."""
    pixels = np.asarray(Image.open(io.BytesIO(original)).convert("RGB"))[:, :, ::-1].astype(int)
    crop, levels, enlarge = steps["plate"]
    left, top, right, bottom = crop["crop_left_top_right_bottom"]
    low, high = levels["levels"]["low"], levels["levels"]["high"]
    piece = pixels[top:bottom, left:right]
    piece = np.minimum(np.maximum(255 * (piece - low) + (high - low) // 2, 0) // (high - low), 255)
    return np.kron(piece, np.ones((enlarge["repeat_each_pixel"],) * 2 + (1,), int)).astype(np.uint8)


def test_the_steps_lead_anyone_from_the_original_to_the_same_plate() -> None:
    view = isolated(Settings()).enhance(jpeg(), QUAD)
    again = repeated(jpeg(), view.steps)
    assert view.plate is not None
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(view.plate)).convert("RGB"))[:, :, ::-1], again)
    assert hashlib.sha256(again.tobytes()).hexdigest() == view.steps["plate_result"]["sha256_of_bgr_rows"]
    assert view.steps["original_sha256"] == hashlib.sha256(jpeg()).hexdigest()


def test_a_dark_photo_becomes_clear() -> None:
    dark = encode((drawn().photo * 0.2).astype(np.uint8))
    view = isolated(Settings()).enhance(dark, None)
    seen, before = (np.asarray(Image.open(io.BytesIO(data)).convert("L")) for data in (view.whole, dark))
    assert np.percentile(before, 99) < 60
    assert np.percentile(seen, 99) - np.percentile(seen, 1) > 240
    assert view.plate is None


def test_what_cannot_be_decoded_has_no_second_view() -> None:
    with pytest.raises(ValueError, match="jpeg-truncated"):
        isolated(Settings()).enhance(jpeg()[:20_000], None)
