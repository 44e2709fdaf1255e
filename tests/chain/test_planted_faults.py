"""An operator who knows the handbook finds what is wrong: each fault shows on the page Installation, in the metrics,
and in `flitsketen doctor` with what to do.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from core.outbox import MessageState, OutboxMessage, machine_now
from core.schedule import Schedule
from tests.commands import flitsketen
from tests.world import OPERATOR, World
from workers.chores import chores
from workers.exposition import InstallationCollector


def stuck_relay(world: World) -> None:
    """Nobody hands out: what came half an hour ago still waits."""
    assert world.push(world.signed()).status_code == 201
    change(world, available_at=machine_now() - timedelta(minutes=30))


def dead_letter(world: World) -> None:
    assert world.push(world.signed()).status_code == 201
    change(world, state=MessageState.DEAD, last_error="ConnectionError")


def silent_camera(world: World) -> None:
    _ = world.camera
    world.clock.advance(timedelta(hours=25))


def full_bucket(world: World) -> None:
    """The store takes nothing any more: there are files where its folders should be."""
    for area in ("check", "originals"):
        place = world.system.settings.data_dir / "blobs" / area
        shutil.rmtree(place, ignore_errors=True)
        place.touch()
    Schedule(world.system.database, chores(world.system)).tick()


def expired_calibration(world: World) -> None:
    _ = world.camera
    world.clock.advance(timedelta(days=400))


def change(world: World, **values: object) -> None:
    with world.system.database.write_session() as session:
        session.execute(update(OutboxMessage).values(**values))
        session.commit()


@pytest.fixture
def page(world: World) -> Callable[[], str]:
    token = world.system.services.principals.register(OPERATOR, "Test", {"operator"})

    def load() -> str:
        desk = TestClient(world.http.app)
        desk.post("/handlers/login", data={"token": token})
        return desk.get("/handlers/installation", headers={"Accept-Language": "en"}).text

    return load


def metric(world: World, name: str, **labels: str) -> float:
    for family in InstallationCollector(world.system.services).collect():
        for sample in family.samples:
            if sample.name == f"flitsketen_{name}" and labels.items() <= sample.labels.items():
                return sample.value
    raise AssertionError(f"{name} is not measured")


def told(world: World) -> tuple[int, str]:
    settings = world.system.settings
    (settings.data_dir / "clock").write_text(world.clock.now().isoformat())
    return flitsketen("doctor", data_dir=str(settings.data_dir), clock_file=str(settings.data_dir / "clock"))


@pytest.mark.parametrize(
    ("fault", "on_the_page", "by_the_doctor", "measured"),
    [
        (stuck_relay, "30 minutes", "is a relay running that hands out", ("queue_oldest_seconds", "imaging", 1800)),
        (dead_letter, "ConnectionError", "have them tried again", ("queue_dead", "imaging", 1)),
        (silent_camera, "Cameras that are not heard of", "not heard of for 24 hours", ("cameras_silent", "", 1)),
        (full_bucket, "Unavailable", "photo store: cannot be written to", ("chore_well", "check-store", 0)),
        (expired_calibration, "Certificates that end", "have it renewed", ("certificates_ending", "", 1)),
    ],
)
def test_a_planted_fault_is_found(
    world: World,
    page: Callable[[], str],
    fault: Callable[[World], None],
    on_the_page: str,
    by_the_doctor: str,
    measured: tuple[str, str, float],
) -> None:
    name, label, value = measured
    labels = {"queue" if name.startswith("queue") else "chore": label} if label else {}
    assert on_the_page not in page()
    fault(world)
    assert on_the_page in page()
    assert metric(world, name, **labels) == pytest.approx(value, abs=60 if value > 1 else 0)
    code, said = told(world)
    assert by_the_doctor in said
    assert code == (0 if fault in (dead_letter, silent_camera) else 1)
