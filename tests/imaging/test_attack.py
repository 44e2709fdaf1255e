"""What an attacker can get back from the citizen's copy: nothing."""

import cv2
import numpy as np

from core.settings import Settings
from imaging.networks.second_reader import SecondReader
from imaging.pipeline import Pipeline
from imaging.plates import fold
from tests.imaging.test_reading_and_redaction import decoded
from tests.world import drawn, jpeg

PIPELINE = Pipeline(Settings())
SECRET = "X-885-FH"
SUSPECTS = ["X-885-FH", "T-885-FH", "X-886-FH", "KL-714-B", "9-XBD-21", "R-330-ZT", "HG-902-N", "4-TZV-18"]


def hidden_plate(other: str) -> np.ndarray:
    """The place of the bystander's plate on the citizen's copy (H, W, 3)."""
    frame = PIPELINE.redact(jpeg("GB-001-B", other=other), "GB001B")
    x, y, w, h = drawn("GB-001-B", other=SECRET).other_plates[0]
    return decoded(frame.encoded or b"")[y : y + h, x : x + w]


def test_sharpening_brings_no_character_back() -> None:
    reader = SecondReader()
    patch = cv2.resize(hidden_plate(SECRET), None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    attempts = [patch]
    for strength in (2, 8, 30):
        blurred = cv2.GaussianBlur(patch, (0, 0), 5)
        attempts.append(np.clip(patch * (1 + strength) - blurred.astype(float) * strength, 0, 255).astype(np.uint8))
    attempts.append(cv2.merge([cv2.equalizeHist(plane) for plane in cv2.split(patch)]))
    secret = fold(SECRET)
    for text, _ in reader.read(attempts):
        assert not any(secret[i : i + 3] in fold(text) for i in range(len(secret) - 2)), text


def test_comparing_with_every_suspects_plate_tells_nothing() -> None:
    truth = hidden_plate(SECRET).astype(int)
    distances = {suspect: float(np.abs(hidden_plate(suspect) - truth).mean()) for suspect in SUSPECTS}
    alike = [suspect for suspect, distance in distances.items() if distance < 0.5]
    assert len(alike) > len(SUSPECTS) / 2, distances


def test_a_hidden_face_is_one_tone() -> None:
    frame = PIPELINE.redact(jpeg("GB-001-B"), "GB001B")
    assert frame.copy is not None
    for region in frame.regions:
        left, top, right, bottom = region.box
        assert len(np.unique(frame.copy[top:bottom, left:right].reshape(-1, 3), axis=0)) == 1
