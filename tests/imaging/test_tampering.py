"""Signs that a photo is not as the camera wrote it send it to a person."""

import cv2
import numpy as np
import skimage.data

from core.jpeg import inspect_jpeg
from core.settings import Settings
from imaging.pipeline import Pipeline
from imaging.stages.encode import encode
from imaging.tampering import signs
from ingest.simulator.scenes import render, sample_scenes
from ingest.simulator.spoiling import spoil
from tests.world import jpeg

PIECE = (slice(128, 384), slice(160, 480))


def compressed(photo: np.ndarray, quality: int) -> bytes:
    return cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def again(photo: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(compressed(photo, quality), np.uint8), cv2.IMREAD_COLOR)


def photograph() -> np.ndarray:
    return np.ascontiguousarray(skimage.data.stereo_motorcycle()[0][:, :, ::-1])


def seen(data: bytes) -> list[str]:
    return signs(data, inspect_jpeg(data))


def test_a_photo_as_the_camera_wrote_it_shows_no_sign() -> None:
    assert seen(compressed(photograph(), 90)) == []
    assert seen(jpeg("GB-001-B")) == []


def test_a_photo_saved_a_second_time_shows_it() -> None:
    assert seen(compressed(again(photograph(), 75), 90)) == ["photo-compressed-twice"]


def test_a_piece_from_another_photo_shows() -> None:
    whole = photograph()
    whole[PIECE] = again(photograph(), 60)[PIECE]
    assert seen(compressed(whole, 92)) == ["photo-region-differs"]


def test_a_table_with_one_changed_step_shows() -> None:
    data = bytearray(jpeg("GB-001-B"))
    data[data.find(b"\xff\xdb") + 5 + 30] = 255
    assert seen(bytes(data)) == ["quantisation-odd"]


def test_a_sign_sends_the_photo_to_a_person() -> None:
    verdict, _ = Pipeline(Settings()).read([compressed(again(cv2.imdecode(_raw(), 1), 70), 92)])
    assert "photo-compressed-twice" in verdict.reasons
    assert verdict.decision == "review"


def test_damage_that_turns_a_6_into_an_8_is_not_accepted() -> None:
    scene = sample_scenes(6)[3]
    photo = cv2.resize(render(scene).photo, (400, 300), interpolation=cv2.INTER_AREA)
    damaged = spoil(encode(photo), 9351)
    verdict, _ = Pipeline(Settings()).read([damaged])
    assert verdict.decision != "accept" or verdict.plate == "V688SP"


def _raw() -> np.ndarray:
    return np.frombuffer(jpeg("GB-001-B"), np.uint8)
