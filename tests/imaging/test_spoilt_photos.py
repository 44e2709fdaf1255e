"""Spoilt photos: a clear reason each, never a crash, never a wrong plate."""

from functools import cache

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import Settings
from imaging.frame import Frame
from imaging.pipeline import Pipeline
from imaging.stages.decode import Decode
from imaging.stages.encode import encode
from ingest.simulator.spoiling import spoil
from tests.world import World, drawn, jpeg

PIPELINE = Pipeline(Settings())
REASONS = {
    "not-jpeg",
    "jpeg-truncated",
    "jpeg-malformed",
    "jpeg-kind-unsupported",
    "jpeg-too-many-scans",
    "jpeg-damaged",
    "image-edge-too-long",
    "image-too-many-pixels",
    "resolution-too-low",
}


@cache
def small() -> bytes:
    return encode(cv2.resize(drawn().photo, (400, 300), interpolation=cv2.INTER_AREA))


@given(st.integers(1, 2**32))
def test_every_spoilt_photo_is_decoded_or_turned_away_with_a_known_reason(seed: int) -> None:
    frame = Decode(50_000_000)(Frame(spoil(small(), seed)))
    assert (frame.photo is None) == (frame.failure in REASONS)


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_turned_away_with_a_known_reason(data: bytes) -> None:
    assert Decode(50_000_000)(Frame(data)).failure in REASONS
    assert Decode(50_000_000)(Frame(b"\xff\xd8\xff" + data)).failure in REASONS


def test_a_quantisation_step_of_nought_is_turned_away(world: World) -> None:
    table = small().index(b"\xff\xdb")
    spoilt = small()[: table + 14] + b"\0" + small()[table + 15 :]
    assert Decode(50_000_000)(Frame(spoilt)).failure == "jpeg-malformed"
    answer = world.push(world.signed(images=[spoilt]))
    assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (400, "jpeg-malformed")


@pytest.mark.parametrize("seed", range(1, 61))
def test_a_spoilt_photo_is_never_read_as_another_plate(seed: int) -> None:
    verdict, _ = PIPELINE.read([spoil(small(), seed)])
    assert not verdict.accepted or verdict.plate == "GB001B"


def test_spoilt_photos_leave_the_worker_alive_and_the_queue_empty(world: World) -> None:
    for seed in range(1, 61):
        answer = world.push(world.signed(images=[spoil(jpeg(), seed)]))
        assert answer.status_code in (201, 400, 413), answer.text
    world.drain()
    assert world.system.services.outbox.counts() == {}
