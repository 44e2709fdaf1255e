"""Letters: scanned, read by a machine as a draft, and made an appeal by a person."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import local_date
from core.errors import NotFound
from core.unit_of_work import Actor
from tests.appeals.test_handling import problem
from tests.cases import fined
from tests.papers import LETTER, pdf, scanned_letter, send
from tests.world import APPELLANT, OPERATOR, World, keeper_of, named

ROOM = "/v1/handlers/scanned-letters"
READER = Actor("handler", "reader", frozenset({"intake"}))


@pytest.fixture
def case(world: World) -> dict[str, Any]:
    world.register = [keeper_of("000001")]
    return fined(world)


def scan(world: World, content: bytes, days_ago: int = 0) -> str:
    """Path of a letter that was scanned and read."""
    received_on = local_date(world.clock.now()) - timedelta(days=days_ago)
    answer = send(world, ROOM, "scan.pdf", content, receivedOn=received_on.isoformat())
    assert answer.status_code == 201, answer.text
    world.drain()
    return f"{ROOM}/{answer.json()['id']}"


def entered(world: World, path: str, case: dict[str, Any], status: int = 201, **more: Any) -> Any:
    said = {**named(case), "appellant": APPELLANT, "grounds": "Mijn auto stond bij de garage.", **more}
    return world.post(f"{path}/appeals", status, **said)


def test_a_machine_reads_a_scanned_letter_and_finds_its_case(world: World, case: dict[str, Any]) -> None:
    letter = world.get(scan(world, scanned_letter(case)))
    assert (letter["caseNumber"], letter["plate"]) == (case["caseNumber"], case["plate"])
    assert "Ik verzoek u de beschikking te vernietigen." in letter["draft"]
    assert [one["id"] for one in world.get(ROOM)] == [letter["id"]]


def test_a_letter_that_was_typed_into_a_pdf_is_read_as_it_stands(world: World, case: dict[str, Any]) -> None:
    path = scan(world, pdf(LETTER.format(number=case["caseNumber"], plate=case["plate"])))
    draft = world.get(path)["draft"]
    assert "Geachte heer, mevrouw," in draft
    assert "te vernietigen." in draft


def test_a_letter_that_names_another_plate_names_no_case(world: World, case: dict[str, Any]) -> None:
    path = scan(world, pdf(LETTER.format(number=case["caseNumber"], plate="XX-00-XX")))
    assert world.get(path)["caseNumber"] is None


def test_a_person_makes_an_appeal_of_it_from_the_day_of_its_stamp(world: World, case: dict[str, Any]) -> None:
    path = scan(world, scanned_letter(case), days_ago=0)
    world.clock.advance(timedelta(days=2))
    appeal = world.get(f"/v1/handlers/appeals/{entered(world, path, case)['id']}")
    assert (appeal["channel"], appeal["receivedOn"]) == ("letter", "2026-09-14")
    [attachment] = appeal["attachments"]
    assert attachment["name"] == "scan.jpg"
    assert world.post(f"/v1/handlers/attachments/{attachment['id']}/fetches", 200, purpose="test").content
    letter = world.get(path)
    assert (letter["state"], letter["appealId"], letter["draft"]) == ("entered", appeal["id"], None)
    assert world.get(ROOM) == []


def test_who_works_in_the_post_room_only_can_do_so_too(world: World, case: dict[str, Any]) -> None:
    path = scan(world, pdf())
    token = world.system.services.principals.register(OPERATOR, "Post", {"intake"})
    world.http.headers["Authorization"] = f"Bearer {token}"
    entered(world, path, case)


def test_once_the_case_keeps_it_nothing_is_left_of_the_letter_itself(world: World, case: dict[str, Any]) -> None:
    path = scan(world, pdf())
    entered(world, path, case)
    with pytest.raises(NotFound):
        world.system.services.appeals.post_room.open(READER, path.rsplit("/", 1)[-1], "test")


def test_what_does_not_become_an_appeal_leaves_the_letter_waiting(world: World, case: dict[str, Any]) -> None:
    path = scan(world, pdf())
    world.appeal(case)
    assert problem(entered(world, path, case, 409)) == "appeal-exists"
    assert world.get(path)["state"] == "waiting"
    assert world.post(f"{path}/fetches", 200, purpose="test").content


def test_it_may_belong_to_an_appeal_that_is_there(world: World, case: dict[str, Any]) -> None:
    world.appeal(case)
    appeal = world.taken_on(case)
    path = scan(world, pdf())
    world.post(f"{path}/additions", 204, appealId=appeal.rsplit("/", 1)[-1])
    assert [one["name"] for one in world.get(appeal)["attachments"]] == ["scan.pdf"]
    assert world.get(path)["state"] == "entered"


def test_nobody_enters_a_letter_twice(world: World, case: dict[str, Any]) -> None:
    path = scan(world, pdf())
    entered(world, path, case)
    assert problem(entered(world, path, fined(world), 404)) == "case-destroyed"


def test_what_is_no_appeal_is_put_away_with_the_reason(world: World) -> None:
    path = scan(world, pdf("Reclame"))
    assert problem(world.post(f"{path}/dismissals", 400, reason=" ")) == "input-invalid"
    world.post(f"{path}/dismissals", 204, reason="een klacht, doorgezonden aan de gemeente")
    assert world.get(path)["state"] == "dismissed"


def test_a_letter_from_tomorrow_is_refused(world: World) -> None:
    answer = send(world, ROOM, "scan.pdf", pdf(), receivedOn="2026-09-15")
    assert problem(answer.json()) == "received-in-future"
