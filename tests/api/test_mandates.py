"""Mandates: whom a person trusts acts in his case, nobody else does, and it ends when he says so."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from core.unit_of_work import Actor
from fines.service import Capacity, Given
from tests.api.test_portal_security import Visit
from tests.cases import fined
from tests.papers import photo
from tests.world import OPERATOR, World, lookup

CITIZEN = Actor("citizen", "test", frozenset({"citizen"}))
TAKE = "/v1/professionals/mandates"


@pytest.fixture
def case(world: World) -> dict[str, Any]:
    return fined(world)


@pytest.fixture
def lawyer(world: World) -> TestClient:
    return professional(world, "Kantoor")


def professional(world: World, name: str) -> TestClient:
    token = world.system.services.principals.register(OPERATOR, name, {"professional"})
    client = TestClient(create_app(world.system.services))
    client.headers["Authorization"] = f"Bearer {token}"
    return client


@pytest.fixture
def give(world: World, case: dict[str, Any]) -> Callable[..., str]:
    """Gives a mandate in the case; returns its code."""

    def given(**more: Any) -> str:
        mandates = world.system.services.fines.mandates
        said = Given("mr. A. Advocaat", Capacity.LAWYER, **{"until": None, **more})
        return mandates.code(mandates.give(CITIZEN, case["decisionId"], said))

    return given


def taken(case: dict[str, Any], code: str) -> dict[str, str]:
    return {"caseNumber": case["caseNumber"], "mandateCode": code}


def test_a_citizen_gives_a_mandate_and_whoever_has_its_code_acts(world: World, case: dict[str, Any]) -> None:
    visit = Visit(world)
    visit.enter(case)
    path = f"/cases/{case['decisionId']}/mandate"
    visit.post(f"{path}/who", name="N. Nicht", capacity="relative")
    visit.post(f"{path}/until", until="")
    page = visit.post(f"{path}/send")
    assert "N. Nicht" in page.text
    [mandate] = world.system.services.fines.mandates.of_decision(case["decisionId"])
    code = world.system.services.fines.mandates.code(mandate.id)
    assert code in page.text
    niece = Visit(world, "192.0.2.7")
    opened = niece.post("/act-for", case_number=case["caseNumber"], mandate_code=code)
    assert opened.url.path == f"/cases/{case['decisionId']}"
    assert "You act for somebody else in this case." in opened.text
    assert niece.get(f"/cases/{case['decisionId']}/appeal").status_code == 200


@pytest.mark.parametrize("page", ["mandate", "mandate-end", "correction"])
def test_who_acts_for_another_does_not_do_what_is_for_the_person_alone(
    world: World, case: dict[str, Any], give: Callable[..., str], page: str
) -> None:
    helper = Visit(world)
    helper.post("/act-for", case_number=case["caseNumber"], mandate_code=give())
    assert helper.get(f"/cases/{case['decisionId']}/{page}").status_code == 403
    assert helper.post(f"/cases/{case['decisionId']}/{page}/send").status_code == 403
    assert helper.get("/data").status_code == helper.post("/data/copy").status_code == 403


def test_a_mandate_opens_no_other_case(world: World, case: dict[str, Any], give: Callable[..., str]) -> None:
    helper = Visit(world)
    helper.post("/act-for", case_number=case["caseNumber"], mandate_code=give())
    assert helper.get(f"/cases/{fined(world)['decisionId']}").status_code == 404


def test_wrong_and_unknown_get_the_same_answer(
    world: World, case: dict[str, Any], give: Callable[..., str], lawyer: TestClient
) -> None:
    code = give()
    wrong = lawyer.post(TAKE, json=taken(case, "AAAA AAAA"))
    unknown = lawyer.post(TAKE, json={"caseNumber": "9999999999999999", "mandateCode": code})
    without = lawyer.post(TAKE, json=taken(fined(world), code))
    assert wrong.status_code == unknown.status_code == without.status_code == 404
    assert wrong.text == unknown.text == without.text


def test_who_guesses_codes_of_mandates_is_stopped(
    case: dict[str, Any], give: Callable[..., str], lawyer: TestClient
) -> None:
    give()
    answers = [lawyer.post(TAKE, json=taken(case, f"AAAA AAA{n}")).status_code for n in range(6)]
    assert answers == [404] * 5 + [429]


def test_a_professional_takes_it_and_sees_the_case(world: World, give: Callable[..., str], lawyer: TestClient) -> None:
    case = world.fined("62.0")
    mandates = world.system.services.fines.mandates
    code = mandates.code(mandates.give(CITIZEN, case["decisionId"], Given("Kantoor", Capacity.LAWYER, None)))
    mandate = lawyer.post(TAKE, json=taken(case, code)).json()
    assert mandate["state"] == "taken"
    assert lawyer.get(TAKE).json()["mandates"] == [mandate]
    assert lawyer.get(f"{TAKE}/{mandate['id']}/case").json()["caseNumber"] == case["caseNumber"]
    assert lawyer.get(f"{TAKE}/{mandate['id']}/photos/0").headers["content-type"] == "image/jpeg"
    assert lawyer.get(f"{TAKE}/{mandate['id']}/letters/decision/1").content.startswith(b"%PDF")
    visit = Visit(world)
    visit.enter(case)
    assert "acts for the person addressed" in visit.get(f"/cases/{case['decisionId']}/looks").text


def test_once_taken_the_code_opens_nothing(
    world: World, case: dict[str, Any], give: Callable[..., str], lawyer: TestClient
) -> None:
    code = give()
    lawyer.post(TAKE, json=taken(case, code))
    assert professional(world, "Ander").post(TAKE, json=taken(case, code)).status_code == 404
    assert Visit(world).post("/act-for", case_number=case["caseNumber"], mandate_code=code).status_code == 404


def test_another_professional_sees_nothing_of_it(
    world: World, case: dict[str, Any], give: Callable[..., str], lawyer: TestClient
) -> None:
    mandate = lawyer.post(TAKE, json=taken(case, give())).json()
    other = professional(world, "Ander")
    for path in ("case", "photos/0", "letters/decision/1"):
        assert other.get(f"{TAKE}/{mandate['id']}/{path}").status_code == 404
    assert other.delete(f"{TAKE}/{mandate['id']}").status_code == 404


def test_the_person_ends_it_at_once(
    world: World, case: dict[str, Any], give: Callable[..., str], lawyer: TestClient
) -> None:
    mandate = lawyer.post(TAKE, json=taken(case, give())).json()
    visit = Visit(world)
    visit.enter(case)
    ended = visit.post(f"/cases/{case['decisionId']}/mandate-end/send")
    assert "Nobody acts for you any more" in ended.text
    assert lawyer.get(f"{TAKE}/{mandate['id']}/case").status_code == 404


def test_the_one_who_acts_lays_it_down(case: dict[str, Any], give: Callable[..., str], lawyer: TestClient) -> None:
    mandate = lawyer.post(TAKE, json=taken(case, give())).json()
    assert lawyer.delete(f"{TAKE}/{mandate['id']}").status_code == 204
    assert lawyer.get(TAKE).json()["mandates"] == []


def test_it_ends_after_its_last_day(
    world: World, case: dict[str, Any], give: Callable[..., str], lawyer: TestClient
) -> None:
    last = world.system.services.fines.today() + timedelta(days=3)
    mandate = lawyer.post(TAKE, json=taken(case, give(until=last))).json()
    world.clock.advance(timedelta(days=3))
    assert lawyer.get(f"{TAKE}/{mandate['id']}/case").status_code == 200
    world.clock.advance(timedelta(days=1))
    assert lawyer.get(f"{TAKE}/{mandate['id']}/case").status_code == 404
    world.system.services.fines.run_due()
    [view] = world.system.services.fines.mandates.of_decision(case["decisionId"])
    assert view.state == "ended"


def test_one_at_a_time(world: World, case: dict[str, Any], give: Callable[..., str]) -> None:
    give()
    visit = Visit(world)
    visit.enter(case)
    assert "mr. A. Advocaat" in visit.get(f"/cases/{case['decisionId']}/mandate").text


def test_the_person_gets_a_letter_about_it(world: World, case: dict[str, Any], give: Callable[..., str]) -> None:
    give()
    world.drain()
    assert "mandate" in {letter["kind"] for letter in world.case(case)["letters"]}


def guardian(world: World, case: dict[str, Any]) -> Visit:
    visit = Visit(world)
    visit.enter(case)
    path = f"/cases/{case['decisionId']}/mandate"
    visit.post(f"{path}/who", name="B. Bewindvoerder", capacity="guardian")
    visit.client.post(
        f"{path}/papers", data={"csrf": visit.token}, files={"files": ("beschikking.jpg", photo(), "image/jpeg")}
    )
    visit.post(f"{path}/until", until="")
    visit.post(f"{path}/send")
    return visit


def test_a_guardian_acts_once_a_handler_saw_the_papers(world: World, case: dict[str, Any]) -> None:
    guardian(world, case)
    [mandate] = world.get("/v1/handlers/mandates")
    code = world.system.services.fines.mandates.code(mandate["id"])
    helper = Visit(world)
    assert helper.post("/act-for", case_number=case["caseNumber"], mandate_code=code).status_code == 404
    proof = mandate["proofs"][0]
    seen = world.http.post(f"/v1/handlers/mandate-proofs/{proof['id']}/fetches", json={"purpose": "guardian"})
    assert seen.headers["content-type"] == "image/jpeg"
    world.post(f"/v1/handlers/mandates/{mandate['id']}/acceptances", 204, reason="beschikking gezien")
    assert helper.post("/act-for", case_number=case["caseNumber"], mandate_code=code).status_code == 200


def test_a_guardian_whose_papers_are_not_right_does_not_act(world: World, case: dict[str, Any]) -> None:
    guardian(world, case)
    [mandate] = world.get("/v1/handlers/mandates")
    world.post(f"/v1/handlers/mandates/{mandate['id']}/refusals", 204, reason="andere persoon")
    assert world.get("/v1/handlers/mandates") == []
    world.post(f"/v1/handlers/mandates/{mandate['id']}/acceptances", 409, reason="toch")


def test_a_guardian_without_papers_is_asked_for_them(world: World, case: dict[str, Any]) -> None:
    visit = Visit(world)
    visit.enter(case)
    path = f"/cases/{case['decisionId']}/mandate"
    visit.post(f"{path}/who", name="B. Bewindvoerder", capacity="guardian")
    visit.post(f"{path}/papers")
    visit.post(f"{path}/until", until="")
    answer = visit.post(f"{path}/send")
    assert answer.status_code == 400
    assert "appoints the guardian" in answer.text


def test_the_draft_of_one_helper_is_not_the_next_ones(
    world: World, case: dict[str, Any], give: Callable[..., str]
) -> None:
    first = Visit(world)
    first.post("/act-for", case_number=case["caseNumber"], mandate_code=give())
    first.post(f"/cases/{case['decisionId']}/appeal/reason", grounds="een geheim van de eerste", ground="")
    world.system.services.fines.mandates.end(CITIZEN, case["decisionId"], "test")
    second = Visit(world)
    second.post("/act-for", case_number=case["caseNumber"], mandate_code=give())
    assert "een geheim" not in second.get(f"/cases/{case['decisionId']}/appeal/reason").text


def test_an_appeal_says_who_acts_and_by_which_mandate(
    world: World, case: dict[str, Any], give: Callable[..., str]
) -> None:
    helper = Visit(world)
    helper.post("/act-for", case_number=case["caseNumber"], mandate_code=give())
    path = f"/cases/{case['decisionId']}/appeal"
    helper.post(f"{path}/reason", ground="none-of-these")
    helper.post(f"{path}/grounds", grounds="Zijn auto stond bij de garage.")
    helper.post(f"{path}/files")
    helper.post(f"{path}/hearing", hearing="no")
    helper.post(f"{path}/person", name="T. Testpersoon", birth_date="1980-01-01", birth_place="Proefdorp")
    helper.post(f"{path}/contact", address="Proefstraat 1", iban="NL91ABNA0417164300")
    helper.post(f"{path}/send")
    [filed] = world.get("/v1/handlers/appeals")["appeals"]
    acts = world.get(f"/v1/handlers/appeals/{filed['id']}")["representative"]
    [mandate] = world.system.services.fines.mandates.of_decision(case["decisionId"])
    assert acts == {"name": "mr. A. Advocaat", "actsAs": "lawyer", "reference": "", "mandate": mandate.id}


def test_the_citizens_api_still_asks_for_the_letters_own_code(
    world: World, case: dict[str, Any], give: Callable[..., str]
) -> None:
    said = {**lookup(case), "accessCode": give()}
    world.post("/v1/case-lookups", 404, **said)
