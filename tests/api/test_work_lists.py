"""What waits for people comes a page at a time, however much it is, and is counted whole."""

import re

from fastapi.testclient import TestClient

from tests.appeals.test_courts import to_court
from tests.world import World, dazzled, jpeg


def waiting(world: World, count: int) -> list[str]:
    """So many captures whose photo a person has to look at, as they were read."""
    pushed = [world.push(world.signed(images=[dazzled("GB-001-B")])).json()["id"] for _ in range(count)]
    world.drain()
    return pushed


def test_readings_go_on_after_that_of_a_capture(world: World) -> None:
    waiting(world, 4)
    found = [one["captureId"] for one in world.get("/v1/handlers/readings")]
    assert len(found) == 4
    assert [one["captureId"] for one in world.get(f"/v1/handlers/readings?after={found[1]}")] == found[2:]


def test_a_page_goes_on_after_a_reading_that_was_settled_meanwhile(world: World) -> None:
    waiting(world, 3)
    first, *others = [one["captureId"] for one in world.get("/v1/handlers/readings")]
    world.post(f"/v1/handlers/captures/{first}/rejections", 204, reason="mud on the plate")
    assert [one["captureId"] for one in world.get(f"/v1/handlers/readings?after={first}")] == others


def test_a_page_of_readings_has_a_hundred(world: World) -> None:
    waiting(world, 103)
    found = world.get("/v1/handlers/readings")
    assert len(found) == 100
    assert len(world.get(f"/v1/handlers/readings?after={found[-1]['captureId']}")) == 3


def test_the_work_list_shows_some_and_counts_all(world: World, desk: TestClient) -> None:
    waiting(world, 23)
    shown = desk.get("/handlers").text
    assert "<strong>23</strong>plates to review" in shown
    assert (
        len(re.findall(r"<tr><td><a href=\"/handlers/cases/[^\"]+\">[^<]+</a></td><td><span class=\"plate\">", shown))
        == 20
    )


def test_the_review_desk_takes_the_oldest_or_the_newest_of_a_reason(world: World, desk: TestClient) -> None:
    world.push(world.signed(images=[jpeg("GB-001-B"), jpeg("X-885-FH")]))
    world.drain()
    dazzling = waiting(world, 3)
    [reason] = {tuple(one["reasons"]) for one in world.get("/v1/handlers/readings") if one["captureId"] in dazzling}

    def taken(query: str) -> tuple[str, str]:
        page = desk.get(f"/handlers/review?{query}").text
        return re.findall(r'data-capture="([^"]+)"', page)[0], re.findall(r"<strong>(\d+)</strong> waiting", page)[0]

    assert taken(f"reason={reason[0]}") == (dazzling[0], "3")
    assert taken(f"reason={reason[0]}&order=newest") == (dazzling[-1], "3")
    assert taken("order=newest") == (dazzling[-1], "4")
    following = desk.get(f"/handlers/review/item?after={dazzling[1]}&reason={reason[0]}").text
    assert f'data-capture="{dazzling[2]}"' in following
    assert desk.get(f"/handlers/review/item?after={dazzling[2]}&reason={reason[0]}").status_code == 204


def test_cases_before_a_court_go_on_after_one_of_them(world: World, desk: TestClient) -> None:
    for _ in range(2):
        to_court(world)
    first, second = world.get("/v1/handlers/court-appeals")
    assert world.get(f"/v1/handlers/court-appeals?after={first['id']}") == [second]
    shown = desk.get(f"/handlers/courts?after={first['id']}").text
    assert "before one: 2" in shown
    assert second["id"] in shown
    assert first["id"] not in shown
