"""The code on the letter: it opens the case to who got the letter, and nobody is kept out by another's guesses."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader
from sqlalchemy import event

from api.app import create_app
from tests.cases import fined
from tests.world import World, lookup, with_code

LOOK = "/v1/case-lookups"


@pytest.fixture
def case(world: World) -> dict[str, Any]:
    return fined(world)


def from_(world: World, address: str) -> TestClient:
    """The same installation as somebody at another address sees it."""
    return TestClient(world.http.app, client=(address, 50000))


def guess(caller: TestClient, case: dict[str, Any], times: int = 1) -> list[int]:
    wrong = {**lookup(case), "accessCode": "0000 0000"}
    return [caller.post(LOOK, json=wrong).status_code for _ in range(times)]


def test_the_letter_names_the_code_that_opens_the_case(world: World) -> None:
    case = world.fined()
    letter = world.post("/v1/letter-lookups", 200, **lookup(case)).content
    text = PdfReader(io.BytesIO(letter)).pages[0].extract_text()
    [code] = re.findall(r"Toegangscode\s+([0-9A-Z]{4} [0-9A-Z]{4})", text)
    world.post(LOOK, 200, **{**lookup(case), "accessCode": code})


@pytest.mark.parametrize("write", [str.lower, lambda code: code.replace(" ", ""), lambda code: code.replace("0", "o")])
def test_how_the_code_is_written_does_not_matter(world: World, case: dict[str, Any], write: Any) -> None:
    world.post(LOOK, 200, **{**lookup(case), "accessCode": write(case["accessCode"])})


def test_a_handler_is_never_shown_the_code(world: World, case: dict[str, Any]) -> None:
    shown = world.http.get(f"/v1/handlers/decisions/{case['decisionId']}").text
    assert case["accessCode"] not in shown
    assert case["accessCode"].replace(" ", "") not in shown


def test_another_case_has_another_code(world: World, case: dict[str, Any]) -> None:
    other = fined(world)
    assert world.http.post(LOOK, json={**lookup(case), "accessCode": other["accessCode"]}).status_code == 404


def test_who_guesses_is_stopped_after_five(world: World, case: dict[str, Any]) -> None:
    guesser = from_(world, "192.0.2.1")
    assert guess(guesser, case, 6) == [404] * 5 + [429]
    assert guesser.post(LOOK, json=lookup(case)).status_code == 429
    assert guesser.post(LOOK, json=lookup(case)).headers["retry-after"]


def test_guesses_by_others_keep_no_citizen_out(world: World, case: dict[str, Any]) -> None:
    for number in range(1, 30):
        guess(from_(world, f"192.0.2.{number}"), case, 6)
    assert from_(world, "198.51.100.7").post(LOOK, json=lookup(case)).status_code == 200


def test_who_guesses_at_many_cases_is_stopped_too(world: World, case: dict[str, Any]) -> None:
    guesser = from_(world, "192.0.2.1")
    tried = [guess(guesser, {**case, "caseNumber": f"90000000000000{n:02}"})[0] for n in range(31)]
    assert tried == [404] * 30 + [429]


def test_a_whole_network_of_ipv6_is_one_guesser(world: World, case: dict[str, Any]) -> None:
    tried = [guess(from_(world, f"2001:db8::{n:x}"), case)[0] for n in range(1, 7)]
    assert tried == [404] * 5 + [429]
    assert guess(from_(world, "2001:db8:0:1::1"), case) == [404]


def test_right_ones_are_not_counted(world: World, case: dict[str, Any]) -> None:
    citizen = from_(world, "192.0.2.1")
    assert {citizen.post(LOOK, json=lookup(case)).status_code for _ in range(40)} == {200}


@pytest.fixture
def statements(world: World) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    event.listen(world.system.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(world.system.database.engine, "before_cursor_execute", note)


def test_unknown_takes_the_same_work_as_wrong(
    world: World, case: dict[str, Any], statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    codes = type(world.system.access_codes)
    matches = codes.matches
    monkeypatch.setattr(codes, "matches", lambda self, key, given: compared.append(given) or matches(self, key, given))
    work = []
    for wrong in ({"accessCode": "0000 0000"}, {"plate": "XX-999-X"}, {"caseNumber": "9000000000000000"}):
        statements.clear()
        compared.clear()
        assert world.http.post(LOOK, json={**lookup(case), **wrong}).status_code == 404
        work.append((list(statements), len(compared)))
    assert work[0] == work[1] == work[2]


def test_every_installation_has_its_own_codes(world: World, case: dict[str, Any]) -> None:
    assert with_code(world.system, case)["accessCode"] == case["accessCode"]
    assert create_app(world.system.services) is not None
    other = type(world.system.access_codes)(b"another key of thirty-two bytes!")
    assert other.of(case["decisionId"]) != case["accessCode"]
