"""What a month of appeals shows: figures, shares by ground and camera, and a camera to be looked at."""

from datetime import timedelta
from typing import Any

import pytest

from tests.cases import fined
from tests.world import World, keeper_of

OUTCOMES = ("upheld", "annulled", "annulled", "upheld", "inadmissible")


@pytest.fixture
def month(world: World) -> World:
    """Six appeals of September, received on the 14th: five decided ten days later, one still open."""
    world.register = [keeper_of(f"{number:06d}") for number in range(1, 8)]
    cases = [fined(world) for _ in range(6)]
    for number, case in enumerate(cases):
        world.appeal(case, ground="signs" if number < 3 else "means")
    world.clock.advance(timedelta(days=10))
    for case, outcome in zip(cases, OUTCOMES, strict=False):
        world.decide_appeal(case, outcome)
    return world


def report(world: World, month: str = "2026-09") -> dict[str, Any]:
    found: dict[str, Any] = world.get(f"/v1/handlers/appeal-reports/{month}")
    return found


def test_figures_are_of_the_month_and_what_is_open_is_open_now(month: World) -> None:
    found = report(month)
    figures = [found[name] for name in ("received", "decided", "daysToDecide", "openNow", "oldestDays")]
    assert figures == [6, 5, 10, 1, 10]
    assert [report(month, "2026-08")[name] for name in ("received", "decided", "daysToDecide")] == [0, 0, None]


def test_grounds_are_told_by_what_did_not_stand(month: World) -> None:
    kinds = [(one["name"], one["decided"], one["annulled"], one["changedPercent"]) for one in report(month)["byGround"]]
    assert kinds == [("signs", 3, 2, 66), ("means", 2, 0, 0)]


def test_a_camera_of_which_much_did_not_stand_is_to_be_looked_at(world: World) -> None:
    for number in range(5):
        case = world.fined("62.0")
        world.appeal(case)
        world.decide_appeal(case, "annulled" if number < 2 else "upheld")
    found = report(world)
    assert [(one["name"], one["changedPercent"]) for one in found["byCamera"]] == [("cam-1", 40)]
    assert found["flagged"] == ["cam-1"]


def test_few_appeals_flag_no_camera(world: World) -> None:
    case = world.fined("62.0")
    world.appeal(case)
    world.decide_appeal(case, "annulled")
    assert report(world)["flagged"] == []


def test_the_same_as_csv(month: World) -> None:
    lines = month.system.services.appeals.insight.month(month.clock.now().date()).as_csv().splitlines()
    assert lines[:2] == [
        "what,name,decided,upheld,amended,annulled,inadmissible,changed_percent",
        "ground,signs,3,1,0,2,0,66",
    ]
