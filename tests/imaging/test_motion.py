"""Two photos and the time between them have to agree with the measured speed."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.frame import Frame, LocatedPlate
from imaging.motion import motions
from ingest.simulator.network import sign_capture
from tests.imaging.test_decide import GOOD
from tests.world import World, drawn, keeper_of

FOCAL = 4000.0
SIZE = (1600, 1200)


def seen(away: float, across: float = 0.0) -> Frame:
    """A photo of a plate `away` metres before the camera and `across` metres to the right."""
    width = FOCAL * 0.52 / away
    x, y = SIZE[0] / 2 + across * FOCAL / away, SIZE[1] / 2
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([width / 2, width * 11 / 104])
    plate = LocatedPlate((half + np.array([x, y])).astype(np.float32), 0.9, "test")
    return Frame(b"", size=(SIZE[1], SIZE[0]), readings=(replace(GOOD, located=plate),))


@given(
    kmh=st.floats(20, 250),
    milliseconds=st.integers(80, 400),
    start=st.floats(18, 30),
    approaching=st.booleans(),
    across=st.floats(-1, 1),
)
def test_the_photos_give_the_true_speed(
    kmh: float, milliseconds: int, start: float, approaching: bool, across: float
) -> None:
    moved = kmh / 3.6 * milliseconds / 1000
    away = start - moved if approaching else start + moved
    if away < 4:
        return
    [motion] = motions([seen(start, across), seen(away, across)], [0, milliseconds], FOCAL)
    assert motion.speed_kmh == pytest.approx(kmh, rel=0.02)
    assert not motion.disagrees(kmh)


def test_a_speed_twice_as_high_is_contradicted() -> None:
    [motion] = motions([seen(20), seen(15)], [0, 300], FOCAL)
    assert motion.speed_kmh == pytest.approx(60, rel=0.01)
    assert not motion.disagrees(61)
    assert motion.disagrees(120)


def test_a_check_that_may_be_far_off_contradicts_nothing() -> None:
    [motion] = motions([seen(60), seen(59.5)], [0, 30], FOCAL)
    assert not motion.disagrees(200)


def test_without_times_or_a_focal_length_nothing_is_said() -> None:
    assert motions([seen(20), seen(15)], [0, None], FOCAL) == []
    assert motions([seen(20), seen(15)], [0, 300], None) == []


def _nearer() -> bytes:
    """The same scene from nearer: everything 1.4 times as large about the middle of the photo."""
    photo = drawn().photo
    height, width = photo.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 0, 1.4)
    return bytes(cv2.imencode(".jpg", cv2.warpAffine(photo, turn, (width, height), flags=cv2.INTER_CUBIC))[1])


@pytest.mark.parametrize(("stretched", "contradicted"), [(3, True), (1, False)])
def test_a_capture_whose_photos_contradict_its_speed_goes_to_a_person(
    world: World, stretched: int, contradicted: bool
) -> None:
    world.register = [keeper_of("GB-001-B")]
    focal, plate = 2500.0, drawn().plate_box
    moved = focal * 0.52 / plate[2] * (1 - 1 / 1.4)
    honest = round(moved / (64 / 3.6) * 1000)
    capture = sign_capture(
        world.camera,
        "two-photos",
        world.clock.now(),
        "64.0",
        [bytes(cv2.imencode(".jpg", drawn().photo)[1]), _nearer()],
        (focal, [0, honest * stretched]),
    )
    capture_id = world.push(capture).json()["id"]
    world.drain()
    reasons = world.system.services.imaging.reading(capture_id).reasons
    assert ("distance-disagrees-with-speed" in reasons) == contradicted
