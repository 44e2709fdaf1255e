"""Whoever sends something else than evidence gets a reason, and nothing of it is taken in."""

from collections.abc import Callable, Iterator

import pytest

from tests.ingest.hostile import KINDS, Hostile
from tests.world import World
from workers.demo_world import all_fates


@pytest.fixture
def patient(world: World) -> World:
    """A world that is not tired of it before the end."""
    world.system.settings.captures_per_minute = 10**6
    world.system.settings.max_held_packages = 10**6
    _ = world.camera
    return world


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_is_refused_with_its_reason(patient: World, kind: Callable[[World], Iterator[Hostile]]) -> None:
    answers = {one.name: one.send() for one in kind(patient)}
    taken = {name: answer.status_code for name, answer in answers.items() if not 400 <= answer.status_code < 500}
    assert taken == {}
    silent = [name for name, answer in answers.items() if not answer.json().get("detail")]
    assert silent == []
    ours = {fate["captureId"] for fate in all_fates(patient.get)}
    assert ours <= {"once"}


def test_there_are_at_least_three_hundred(patient: World) -> None:
    assert sum(1 for kind in KINDS for _ in kind(patient)) >= 300
