"""What waits for people comes a page at a time, however much it is, and is counted whole."""

import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from core.clock import local_date
from core.unit_of_work import SYSTEM
from fines.models import Decision
from fines.releases import LiveLaw
from tests.api.test_installation import fail
from tests.appeals.test_courts import to_court
from tests.cases import conduct, decide
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


def decided(world: World, count: int) -> list[Any]:
    """So many decisions, in the order of their numbers."""
    at = world.clock.now()
    conducts = [conduct(number, at, 75) for number in range(1, count + 1)]
    decide(world.system, LiveLaw(world.system.releases), local_date(at), conducts)
    with world.system.units.read() as session:
        return list(session.scalars(select(Decision).order_by(Decision.plate)))


def corrected(world: World, count: int) -> list[str]:
    """So many cases in which somebody says that something is wrong, as they were asked."""
    cases = decided(world, count)
    for case in cases:
        world.system.services.fines.corrections.ask(SYSTEM, case.id, "my name is spelt otherwise")
    return [case.case_number for case in cases]


def test_a_list_names_its_next_page_until_there_is_none(world: World) -> None:
    asked = corrected(world, 103)
    first = world.http.get("/v1/handlers/correction-requests")
    assert [one["caseNumber"] for one in first.json()] == asked[:100]
    [(path, kind)] = re.findall(r'^<([^>]+)>; rel="(\w+)"$', first.headers["Link"])
    assert kind == "next"
    second = world.http.get(path)
    assert [one["caseNumber"] for one in second.json()] == asked[100:]
    assert "Link" not in second.headers


def test_plans_go_on_after_one_of_them(world: World) -> None:
    asked = [
        world.post("/v1/handlers/plans", 201, caseNumber=case.case_number, parts=3)["id"] for case in decided(world, 3)
    ]
    assert [one["id"] for one in world.get("/v1/handlers/plans")] == asked
    assert [one["id"] for one in world.get(f"/v1/handlers/plans?after={asked[0]}")] == asked[1:]


@pytest.mark.parametrize("path", ["keeper-statements", "correction-requests", "mandates", "plans", "measures"])
def test_what_is_no_id_is_refused(world: World, path: str) -> None:
    assert world.http.get(f"/v1/handlers/{path}?after=x").status_code == 400


def test_all_that_waits_of_a_kind_has_a_page(world: World, desk: TestClient) -> None:
    asked = corrected(world, 52)

    def shown(page: str) -> list[str]:
        return re.findall(r'<tr><td><a href="/handlers/cases/[^"]+">([^<]+)</a>', page)

    work_list = desk.get("/handlers").text
    assert [number for number in shown(work_list) if number in asked] == asked[:20]
    assert '<a href="/handlers/waiting/corrections">All of them: 52</a>' in work_list
    first = desk.get("/handlers/waiting/corrections").text
    assert shown(first) == asked[:50]
    [later] = re.findall(r'href="([^"]+)">Later ones', first)
    second = desk.get(later).text
    assert shown(second) == asked[50:]
    assert "Later ones" not in second


def test_a_full_page_with_nothing_behind_it_names_no_next_one(world: World, desk: TestClient) -> None:
    corrected(world, 50)
    assert "Later ones" not in desk.get("/handlers/waiting/corrections").text


def shown_captures(page: str) -> list[str]:
    return re.findall(r'<tr><td><a href="/handlers/cases/([^"]+)">', page)


def earlier(page: str) -> list[str]:
    return re.findall(r'href="([^"]+)">Earlier ones', page)


def without_decision(world: World, count: int) -> list[str]:
    """So many captures that go to the prosecutor, the newest first."""
    pushed = [world.push(world.signed()).json()["id"] for _ in range(count)]
    at = world.clock.now()
    conducts = [replace(conduct(number, at, 90), capture_id=one) for number, one in enumerate(pushed, 1)]
    decide(world.system, LiveLaw(world.system.releases), local_date(at), conducts)
    return pushed[::-1]


def test_the_list_of_all_captures_ends_with_the_first(world: World, desk: TestClient) -> None:
    pushed = [world.push(world.signed()).json()["id"] for _ in range(51)][::-1]
    first = desk.get("/handlers/captures").text
    assert shown_captures(first) == pushed[:50]
    [path] = earlier(first)
    second = desk.get(path).text
    assert (shown_captures(second), earlier(second)) == (pushed[50:], [])


def test_captures_that_no_decision_came_of_are_all_to_be_seen(world: World, desk: TestClient) -> None:
    ended = without_decision(world, 70)
    work_list = desk.get("/handlers").text
    [path] = earlier(work_list)
    assert shown_captures(work_list.split("No decision:")[1].split("</section>")[0]) == ended[:20]
    rest = desk.get(path).text
    assert (shown_captures(rest), earlier(rest)) == (ended[20:], [])
    whole = desk.get("/handlers/captures/no-decision").text
    assert shown_captures(whole) == ended[:50]
    [path] = earlier(whole)
    assert shown_captures(desk.get(path).text) == ended[50:]


def test_there_is_no_page_of_what_is_no_kind(desk: TestClient) -> None:
    assert desk.get("/handlers/waiting/secrets").status_code == 404


def test_jobs_that_failed_alike_are_one_line(world: World, desk: TestClient) -> None:
    for _ in range(3):
        world.push(world.signed())
    fail(world, "ConnectionError")
    shown = desk.get("/handlers").text
    assert "<strong>6</strong>failed jobs" in shown
    assert re.findall(r'<a href="/handlers/installation">([^<]+\.[^<]+)</a></td><td>ConnectionError</td>', shown) == [
        "imaging.read_plate",
        "ingest.log_evidence",
    ]


def test_of_the_quarantine_the_newest_are_shown_and_all_counted(world: World, desk: TestClient) -> None:
    for cut in range(23):
        world.push(world.signed(images=[jpeg()[: -4000 - cut]]))
    shown = desk.get("/handlers").text
    assert shown.count("package of cam-1") == 20
    assert "<strong>23</strong>in quarantine" in shown
    assert '<a href="/handlers/quarantine">All of them: 23</a>' in shown
