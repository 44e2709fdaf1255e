"""From "I do not agree" to the court's ruling, and back into the fine."""

import io
import json
import zipfile
from datetime import timedelta

from pypdf import PdfReader

from tests.world import World, lookup


def test_an_appeal_stops_the_increases(world: World) -> None:
    case = world.fined()
    status = world.appeal(case)
    assert (status["state"], status["inTime"]) == ("filed", True)
    world.clock.advance(timedelta(weeks=20))
    assert world.system.services.fines.run_due() == 0
    assert world.case(case)["state"] == "under_appeal"


def test_a_late_appeal_needs_a_reason(world: World) -> None:
    case = world.fined()
    world.clock.advance(timedelta(weeks=7))
    problem = world.appeal(case, status=400)
    assert problem["type"] == "urn:flitsketen:problem:appeal-late"
    assert world.case(case)["state"] == "issued"
    status = world.appeal(case, lateReason="Ik lag in het ziekenhuis.")
    assert status["inTime"] is False


def test_posted_in_time_and_received_within_a_week_is_in_time(world: World) -> None:
    case = world.fined()
    world.clock.advance(timedelta(weeks=6, days=3))
    assert world.appeal(case, postedOn=case["appealUntil"])["inTime"] is True


def test_there_is_one_appeal_against_a_decision(world: World) -> None:
    case = world.fined()
    world.appeal(case)
    assert world.appeal(case, status=409)["type"] == "urn:flitsketen:problem:appeal-exists"


def test_an_annulled_decision_gives_the_money_back(world: World) -> None:
    case = world.fined("62.0")
    world.pay(case, 9300, "p1")
    world.appeal(case)
    world.decide_appeal(case, "annulled")
    after = world.case(case)
    assert after["state"] == "annulled"
    assert (after["amounts"]["open"], after["amounts"]["refundable"]) == (0, 9300)


def test_the_decision_on_an_appeal_goes_out_with_its_motivation_from_the_prosecutor(world: World) -> None:
    case = world.fined("62.0")
    world.appeal(case)
    world.decide_appeal(case, "annulled")
    pdf = world.post("/v1/letter-lookups", 200, **lookup(case), kind="outcome").content
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert "Motivering: Want." in text
    assert "Officier van Justitie" in text


def test_an_amended_decision_owes_the_new_amount(world: World) -> None:
    case = world.fined("62.0")
    world.appeal(case)
    world.decide_appeal(case, "amended", sanctionCents=4000)
    after = world.case(case)
    assert (after["state"], after["amounts"]["open"]) == ("issued", 4900)


def test_amending_upwards_is_refused(world: World) -> None:
    case = world.fined("62.0")
    world.appeal(case)
    [appeal] = world.get("/v1/handlers/appeals")["appeals"]
    world.post(f"/v1/handlers/appeals/{appeal['id']}/claims", 204)
    path = f"/v1/handlers/appeals/{appeal['id']}/decisions"
    problem = world.post(path, 400, outcome="amended", motivation="x", sanctionCents=9000, unheard="waived")
    assert problem["type"] == "urn:flitsketen:problem:sanction-not-lower"


def test_an_upheld_decision_is_due_again_after_the_term_for_the_court(world: World) -> None:
    case = world.fined("62.0")
    world.appeal(case)
    world.clock.advance(timedelta(weeks=10))
    world.decide_appeal(case, "upheld")
    after = world.case(case)
    assert after["state"] == "issued"
    assert after["dueOn"] > (world.clock.now() + timedelta(weeks=7)).date().isoformat()
    assert after["remedy"].startswith("appeal to the district court")


def test_an_appeal_is_decided_by_who_took_it_on_and_once(world: World) -> None:
    case = world.fined()
    world.appeal(case)
    [appeal] = world.get("/v1/handlers/appeals")["appeals"]
    path = f"/v1/handlers/appeals/{appeal['id']}"
    world.post(f"{path}/decisions", 409, outcome="upheld", motivation="x", unheard="waived")
    world.post(f"{path}/claims", 204)
    world.post(f"{path}/claims", 409)
    world.post(f"{path}/decisions", 204, outcome="upheld", motivation="x", unheard="waived")
    world.post(f"{path}/decisions", 409, outcome="annulled", motivation="x")


def test_there_is_no_court_before_the_prosecutor(world: World) -> None:
    case = world.fined()
    world.post("/v1/court-appeals", 409, **lookup(case), grounds="x")


def test_below_225_euro_no_security_is_asked_and_the_dossier_is_made(world: World) -> None:
    case = world.fined("62.0")
    world.appeal(case)
    world.decide_appeal(case, "upheld")
    status = world.post("/v1/court-appeals", 201, **lookup(case), grounds="x")
    assert status["securityCents"] == 0
    world.drain()
    assert world.case(case)["appeal"]["courtState"] == "at_court"


def test_from_225_euro_security_comes_first(world: World) -> None:
    case = world.fined("75.0")
    assert case["amounts"]["sanction"] >= 22500
    world.appeal(case)
    world.decide_appeal(case, "upheld")
    status = world.post("/v1/court-appeals", 201, **lookup(case), grounds="x")
    assert status["securityCents"] == 22500 + 900
    [fate] = world.get("/v1/handlers/captures")
    path = f"/v1/handlers/court-appeals/{fate['courtAppealId']}"
    world.post(f"{path}/security-checks", 409)
    world.pay(case, status["securityCents"], "deposit", purpose="security")
    assert world.post(f"{path}/security-checks", 200) == {"state": "ready"}
    world.drain()
    world.post(f"{path}/rulings", 204, outcome="upheld", motivation="De meting staat vast.")
    world.drain()
    amounts = world.case(case)["amounts"]
    assert (amounts["security"], amounts["open"]) == (0, amounts["sanction"] + 900 - 23400)


def test_security_that_never_came_goes_to_the_court_as_such(world: World) -> None:
    case = world.fined("75.0")
    world.appeal(case)
    world.decide_appeal(case, "upheld")
    world.post("/v1/court-appeals", 201, **lookup(case), grounds="x")
    world.clock.advance(timedelta(weeks=3))
    [fate] = world.get("/v1/handlers/captures")
    assert world.post(f"/v1/handlers/court-appeals/{fate['courtAppealId']}/security-checks", 200) == {"state": "ready"}


def test_the_dossier_tells_what_was_asked_and_heard(world: World) -> None:
    case = world.fined("62.0")
    world.appeal(case, ground="signs")
    path = world.taken_on(case)
    inquiry = world.post(f"{path}/inquiries", 201, askedOf="police", question="Stond het bord er?")["id"]
    world.post(f"/v1/handlers/inquiries/{inquiry}/answers", 204, answer="Ja.")
    world.post(f"{path}/decisions", 204, outcome="upheld", motivation="Want.", unheard="waived")
    world.drain()
    world.post("/v1/court-appeals", 201, **lookup(case), grounds="x")
    world.drain()
    [fate] = world.get("/v1/handlers/captures")
    bag = world.post(f"/v1/handlers/court-appeals/{fate['courtAppealId']}/dossier-views", 200, purpose="test").content
    with zipfile.ZipFile(io.BytesIO(bag)) as archive:
        names = [name.split("/data/", 1)[-1] for name in archive.namelist()]
        handling = next(name for name in archive.namelist() if name.endswith("correspondence/2_handling.json"))
        told = json.loads(archive.read(handling))
    assert {"letters/decision_1.pdf", "letters/appeal_1.pdf", "letters/outcome_1.pdf"} <= set(names)
    assert [(one["question"], one["answer"]) for one in told["inquiries"]] == [("Stond het bord er?", "Ja.")]
