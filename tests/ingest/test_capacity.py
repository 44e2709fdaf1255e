"""Back-pressure: what there is no room for is refused before anything is written, and comes in later by itself."""

from pathlib import Path

import pytest

from ingest import capacity
from tests.world import World


@pytest.fixture(autouse=True)
def no_remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each push looks anew at how much room there is."""
    monkeypatch.setattr(capacity, "_LOOK_AGAIN_SECONDS", 0.0)


def test_below_the_least_free_room_nothing_is_taken_in_until_there_is_more(world: World) -> None:
    capture = world.signed()
    world.system.settings.min_free_bytes = 1 << 60
    answer = world.push(capture)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:flitsketen:problem:intake-paused")
    assert int(answer.headers["retry-after"]) > 0
    world.system.settings.min_free_bytes = 0
    assert world.push(capture).status_code == 201


def test_while_too_many_jobs_wait_nothing_is_taken_in(world: World) -> None:
    world.system.settings.max_waiting_jobs = 1
    assert world.push(world.signed()).status_code == 201
    assert world.push(world.signed()).status_code == 503
    world.drain()
    assert world.push(world.signed()).status_code == 201


def test_a_camera_over_its_quota_is_told_to_wait_and_others_are_not(world: World) -> None:
    world.system.settings.captures_per_minute = 2
    assert [world.push(world.signed()).status_code for _ in range(3)] == [201, 201, 429]


def test_a_store_that_has_no_room_is_told_as_such_and_leaves_no_case(world: World) -> None:
    capture = world.signed()
    blobs = Path(world.system.settings.blob_url.removeprefix("file://"))
    area = blobs / "originals"
    area.rmdir() if area.exists() else None
    area.write_text("a file where a folder should be")
    answer = world.push(capture)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:flitsketen:problem:storage-away")
    assert world.get("/v1/handlers/captures") == []
    assert world.get("/v1/handlers/quarantined-packages") == []
    area.unlink()
    assert world.push(capture).status_code == 201


def test_readiness_says_what_there_is_too_little_of(world: World) -> None:
    world.system.settings.min_free_bytes = 1 << 60
    assert world.get("/v1/readiness")["intake"] == "too little room on disk"
    world.system.settings.min_free_bytes = 0
    assert world.get("/v1/readiness")["intake"] == "open"
