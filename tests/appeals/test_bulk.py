"""Many appeals at once: shown first, each by itself, undone where the law allows; and lists of one's own."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.appeals.test_handling import problem
from tests.cases import fined
from tests.world import OPERATOR, World, keeper_of

API = "/v1/handlers"


@pytest.fixture
def appeals(world: World) -> list[str]:
    """Ids of three appeals that nobody has."""
    world.register = [keeper_of("000001")]
    for ground in ("signs", "means", "means"):
        world.appeal(fined(world), ground=ground)
    return [row["id"] for row in world.get(f"{API}/appeals")["appeals"]]


def states(world: World) -> list[tuple[str, bool]]:
    """State of each, and whether somebody has it."""
    rows = world.get(f"{API}/appeals")["appeals"]
    return [(row["state"], row["handlerId"] is not None) for row in rows]


def colleague(world: World) -> TestClient:
    token = world.system.services.principals.register(OPERATOR, "Colleague", {"handler"})
    return TestClient(create_app(world.system.services), headers={"Authorization": f"Bearer {token}"})


def do(world: World, act: str, appeals: list[str], reason: str = "") -> Any:
    return world.post(f"{API}/bulk-acts", 201, act=act, appealIds=appeals, reason=reason)


def test_a_preview_tells_what_would_become_of_each_and_does_nothing(world: World, appeals: list[str]) -> None:
    world.post(f"{API}/appeals/{appeals[0]}/claims", 204)
    rows = world.post(f"{API}/bulk-previews", 200, act="take", appealIds=appeals)
    assert [row["refusal"] and row["refusal"]["code"] for row in rows] == ["transition-refused", None, None]
    assert states(world) == [("in_handling", True), ("filed", False), ("filed", False)]


def test_one_that_is_refused_holds_up_none_of_the_others(world: World, appeals: list[str]) -> None:
    world.post(f"{API}/appeals/{appeals[0]}/claims", 204)
    done = do(world, "take", appeals)
    assert [row["refusal"] is None for row in done["rows"]] == [False, True, True]
    assert states(world) == [("in_handling", True)] * 3


def test_what_was_taken_on_is_given_back_by_undoing(world: World, appeals: list[str]) -> None:
    done = do(world, "take", appeals)
    undone = world.post(f"{API}/bulk-acts/{done['id']}/reversals", 200)
    assert (undone["undone"], undone["undoable"]) == (True, False)
    assert states(world) == [("filed", False)] * 3


def test_what_was_given_back_returns_to_who_had_it(world: World, appeals: list[str]) -> None:
    other = colleague(world)
    other.post(f"{API}/appeals/{appeals[0]}/claims")
    holder = world.get(f"{API}/appeals/{appeals[0]}")["handlerId"]
    done = do(world, "release", appeals[:1], "ziek")
    world.post(f"{API}/bulk-acts/{done['id']}/reversals", 200)
    assert world.get(f"{API}/appeals/{appeals[0]}")["handlerId"] == holder


def test_what_changed_meanwhile_stays_as_it_is(world: World, appeals: list[str]) -> None:
    done = do(world, "take", appeals)
    world.post(f"{API}/appeals/{appeals[0]}/releases", 204, reason="vakantie")
    colleague(world).post(f"{API}/appeals/{appeals[0]}/claims")
    undone = world.post(f"{API}/bulk-acts/{done['id']}/reversals", 200)
    assert [row["refusal"] and row["refusal"]["code"] for row in undone["rows"]] == ["appeal-of-another", None, None]
    assert states(world) == [("in_handling", True), ("filed", False), ("filed", False)]


def test_it_is_undone_once_and_by_who_did_it(world: World, appeals: list[str]) -> None:
    path = f"{API}/bulk-acts/{do(world, 'take', appeals)['id']}/reversals"
    assert colleague(world).post(path).status_code == 403
    world.post(path, 200)
    assert problem(world.post(path, 409)) == "not-undoable"


def test_an_adjournment_is_told_by_letter_and_cannot_be_undone(world: World, appeals: list[str]) -> None:
    done = do(world, "adjourn", appeals, "Wij wachten op de wegbeheerder.")
    assert not done["undoable"]
    assert all(world.get(f"{API}/appeals/{key}")["adjourned"] for key in appeals)
    assert problem(world.post(f"{API}/bulk-acts/{done['id']}/reversals", 409)) == "not-undoable"


@pytest.mark.parametrize(
    ("act", "chosen", "code"),
    [("take", [], "input-invalid"), ("release", [0], "because-missing"), ("take", [0, 0], "choice-unfit")],
)
def test_what_makes_no_sense_is_refused(
    world: World, appeals: list[str], act: str, chosen: list[int], code: str
) -> None:
    answer = world.post(f"{API}/bulk-acts", 400, act=act, appealIds=[appeals[n] for n in chosen])
    assert problem(answer) == code


def test_a_list_of_ones_own_is_there_for_oneself_only(world: World, appeals: list[str]) -> None:
    kept = world.post(f"{API}/saved-lists", 201, name="Meting, vrij", view="free", ground="means")
    assert world.get(f"{API}/saved-lists") == [
        {"id": kept["id"], "name": "Meting, vrij", "view": "free", "ground": "means", "language": None}
    ]
    other = colleague(world)
    assert other.get(f"{API}/saved-lists").json() == []
    assert other.delete(f"{API}/saved-lists/{kept['id']}").status_code == 404
    assert world.http.delete(f"{API}/saved-lists/{kept['id']}").status_code == 204
    assert world.get(f"{API}/saved-lists") == []


def test_a_person_keeps_no_more_than_twenty_lists(world: World) -> None:
    for n in range(20):
        world.post(f"{API}/saved-lists", 201, name=f"{n}", view="mine")
    assert problem(world.post(f"{API}/saved-lists", 409, name="21", view="mine")) == "too-many-lists"
