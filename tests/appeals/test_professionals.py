"""Lawyers and appeal bureaus: many appeals at once, each by itself; their own to follow, and no others."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from core.clock import SettableClock
from tests.cases import fined
from tests.conftest import embedded_world
from tests.papers import pdf
from tests.world import APPELLANT, OPERATOR, World, keeper_of, named

OWN = "/v1/professionals/appeals"


def office(world: World) -> TestClient:
    """Another one each time."""
    token = world.system.services.principals.register(OPERATOR, "Bureau", {"professional"})
    return TestClient(create_app(world.system.services), headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def bureau(world: World) -> TestClient:
    world.register = [keeper_of("000001")]
    return office(world)


def one(case: dict[str, Any], reference: str = "D-1", **more: Any) -> dict[str, Any]:
    return {
        **named(case), "appellant": APPELLANT, "grounds": "De meting klopt niet.", "reference": reference,
        "actsAs": "mandate", "office": "Bureau Bezwaar", **more,
    }  # fmt: skip


def file(bureau: TestClient, *appeals: dict[str, Any]) -> list[dict[str, Any]]:
    answer = bureau.post(OWN, json={"appeals": appeals})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["appeals"]
    return found


def test_each_of_many_is_filed_or_refused_by_itself(world: World, bureau: TestClient) -> None:
    first, second = fined(world), fined(world)
    answers = file(bureau, one(first, "D-1"), one({**first, "plate": "XX-00-XX"}, "D-2"), one(second, "D-3"))
    assert [(answer["reference"], answer["result"]) for answer in answers] == [
        ("D-1", "filed"),
        ("D-2", "refused"),
        ("D-3", "filed"),
    ]
    assert answers[0]["decideBy"] == "2027-02-15"
    assert answers[1]["refusal"]["code"] == "case-not-found"


def test_what_is_sent_again_is_known_and_filed_once(world: World, bureau: TestClient) -> None:
    case = fined(world)
    [filed], [again] = file(bureau, one(case)), file(bureau, one(case))
    assert again["result"] == "known"
    assert again["appealId"] == filed["appealId"]


def test_a_handler_sees_for_whom_and_by_what_right_it_was_filed(world: World, bureau: TestClient) -> None:
    case = fined(world)
    file(bureau, one(case, actsAs="lawyer", office="Mr. Jansen"))
    appeal = world.get(world.taken_on(case))
    assert appeal["channel"] == "professional"
    assert appeal["representative"] == {"name": "Mr. Jansen", "actsAs": "lawyer", "reference": "D-1"}


def test_a_mandate_is_sent_along(world: World, bureau: TestClient) -> None:
    case = fined(world)
    [filed] = file(bureau, one(case))
    answer = bureau.post(
        f"{OWN}/{filed['appealId']}/attachments", files={"file": ("machtiging.pdf", pdf("Machtiging"))}
    )
    assert answer.status_code == 201
    [attachment] = world.get(world.taken_on(case))["attachments"]
    assert (attachment["name"], attachment["sentBy"]) == ("machtiging.pdf", "professional")


def test_one_follows_his_own_appeals_and_withdraws_them(world: World, bureau: TestClient) -> None:
    case = fined(world)
    [filed] = file(bureau, one(case))
    assert [own["caseNumber"] for own in bureau.get(OWN).json()["appeals"]] == [case["caseNumber"]]
    assert bureau.post(f"{OWN}/{filed['appealId']}/withdrawals", json={"reason": "Cliënt stopt."}).status_code == 204
    assert bureau.get(f"{OWN}/{filed['appealId']}").json()["state"] == "withdrawn"


def test_anothers_appeal_is_as_good_as_none(world: World, bureau: TestClient) -> None:
    case = fined(world)
    [filed] = file(bureau, one(case))
    other = office(world)
    assert other.get(OWN).json()["appeals"] == []
    assert other.get(f"{OWN}/{filed['appealId']}").status_code == 404
    assert other.post(f"{OWN}/{filed['appealId']}/withdrawals", json={"reason": "x"}).status_code == 404
    assert file(other, one(case))[0]["refusal"]["code"] == "appeal-exists"


def test_a_long_list_comes_by_the_page(world: World, bureau: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appeals.service._PAGE", 2)
    file(bureau, *(one(fined(world)) for _ in range(3)))
    first = bureau.get(OWN).json()
    second = bureau.get(first["next"]).json()
    assert (len(first["appeals"]), len(second["appeals"]), second["next"]) == (2, 1, None)


def test_who_guesses_at_cases_is_slowed_down(tmp_path: Path, clock: SettableClock) -> None:
    world = embedded_world(tmp_path, clock)
    world.system.settings.misses_by_caller = 3
    bureau = office(world)
    world.register = [keeper_of("000001")]
    case = fined(world)
    answers = file(bureau, *(one({**case, "plate": f"XX-00-0{n}"}) for n in range(5)))
    codes = [answer["refusal"]["code"] for answer in answers]
    assert codes == ["case-not-found"] * 3 + ["too-many-lookups"] * 2
