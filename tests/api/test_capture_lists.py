"""Lists of captures come a page at a time, however many there are."""

import re
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import event

from tests.world import World
from workers.demo_world import all_fates


def named(world: World, count: int) -> list[str]:
    captures = [world.signed(capture_id=f"c{number:03}") for number in range(count)]
    assert {world.push(capture).status_code for capture in captures} == {201}
    return [capture.capture_id for capture in captures]


def test_the_api_goes_on_after_an_id_in_the_order_in_which_they_came(world: World) -> None:
    pushed = named(world, 4)
    found = world.get("/v1/handlers/captures")
    assert [one["captureId"] for one in found] == pushed
    rest = world.get(f"/v1/handlers/captures?after={found[1]['id']}")
    assert [one["captureId"] for one in rest] == pushed[2:]


def test_a_page_of_the_api_has_a_hundred(world: World) -> None:
    pushed = named(world, 103)
    assert [one["captureId"] for one in world.get("/v1/handlers/captures")] == pushed[:100]
    assert [one["captureId"] for one in all_fates(world.get)] == pushed


def test_the_pages_go_back_from_the_newest_to_the_first(world: World, desk: TestClient) -> None:
    pushed = named(world, 53)
    first = desk.get("/handlers/captures").text
    shown = re.findall(r">(c\d{3})<", first)
    assert shown == pushed[:2:-1]
    link = re.search(r'href="(/handlers/captures\?before=[^"]+)"', first)
    assert link is not None
    assert re.findall(r">(c\d{3})<", desk.get(link.group(1)).text) == pushed[2::-1]


def test_the_work_list_shows_the_newest_captures_only(world: World, desk: TestClient) -> None:
    pushed = named(world, 53)
    assert re.findall(r">(c\d{3})<", desk.get("/handlers").text) == pushed[:2:-1]


def test_a_long_list_takes_as_many_questions_as_a_short_one(world: World) -> None:
    def questions() -> int:
        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked.append(statement)

        event.listen(world.system.database.engine, "before_cursor_execute", note)
        found = world.get("/v1/handlers/captures")
        event.remove(world.system.database.engine, "before_cursor_execute", note)
        assert {one["fate"] for one in found} == {"issued"}
        return len(asked)

    world.fined()
    few = questions()
    for _ in range(4):
        world.push(world.signed())
    world.drain()
    assert questions() == few
