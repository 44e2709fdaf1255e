"""Before the courts: the competent one, cases that go together, sittings, rulings, higher appeal and back."""

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from appeals.models import CourtAppeal
from appeals.states import COURT_APPEAL
from core.clock import local_date
from core.unit_of_work import SYSTEM
from tests.cases import apply_outcomes, fined
from tests.world import World, lookup

NOT_ABOVE_THRESHOLD, ABOVE_THRESHOLD, WITH_SECURITY = 62, 68, 76
"""Measured in a zone of 50 km/h: sanctions of at most 110 euro, up to 225, and from 225."""


def to_court(world: World, kmh: int = ABOVE_THRESHOLD) -> tuple[dict[str, Any], str]:
    """A case for which the court was asked, and the path of its court appeal."""
    case = fined(world, kmh)
    world.appeal(case)
    path = world.taken_on(case)
    world.post(f"{path}/decisions", 204, outcome="upheld", motivation="Want.", unheard="waived")
    apply_outcomes(world.system)
    world.post("/v1/court-appeals", 201, **lookup(case), grounds="Toch niet.")
    found = next(c for c in world.get("/v1/handlers/court-appeals") if c["decisionId"] == case["decisionId"])
    return case, f"/v1/handlers/court-appeals/{found['id']}"


def dossier_made(world: World, path: str) -> None:
    """As if the dossier was made: these cases have no photos."""
    with world.system.units.begin(SYSTEM) as uow:
        case = uow.session.scalars(select(CourtAppeal).where(CourtAppeal.id == path.rsplit("/", 1)[-1])).one()
        COURT_APPEAL.fire(uow, case, "send", "as if the dossier was made")
        uow.commit()


def at_court(world: World, kmh: int = ABOVE_THRESHOLD) -> tuple[dict[str, Any], str]:
    case, path = to_court(world, kmh)
    if kmh == WITH_SECURITY:
        world.clock.advance(timedelta(weeks=3))
        world.post(f"{path}/security-checks", 200)
    dossier_made(world, path)
    return case, path


def rule(world: World, path: str, outcome: str, status: int = 204, **more: Any) -> Any:
    answer = world.post(f"{path}/rulings", status, outcome=outcome, motivation="Gehoord en overwogen.", **more)
    apply_outcomes(world.system)
    return answer


def go_higher(world: World, path: str, status: int = 204, by: str = "appellant") -> Any:
    today = local_date(world.clock.now()).isoformat()
    return world.post(f"{path}/higher-appeals", status, filedBy=by, filedOn=today, grounds="De rechter vergist zich.")


def code(problem: dict[str, Any]) -> str:
    return str(problem["type"]).rsplit(":", 1)[-1]


def test_the_court_follows_from_the_place_and_says_why(world: World) -> None:
    _, path = to_court(world)
    found = world.get(path)
    assert found["court"] == "Rechtbank Midden-Nederland"
    assert any("Wet op de rechterlijke indeling art. 7" in sentence for sentence in found["why"])
    assert found["forwardBy"] == (local_date(world.clock.now()) + timedelta(weeks=6)).isoformat()


def test_a_person_names_another_court_until_the_dossier_is_being_made(world: World) -> None:
    _, path = to_court(world, WITH_SECURITY)
    assert code(world.post(f"{path}/assignments", 400, court="Rechtbank Utrecht", reason="x")) == "court-unknown"
    world.post(f"{path}/assignments", 204, court="Rechtbank Gelderland", reason="woonplaats")
    assert world.get(path)["court"] == "Rechtbank Gelderland"
    world.clock.advance(timedelta(weeks=3))
    world.post(f"{path}/security-checks", 200)
    again = world.post(f"{path}/assignments", 409, court="Rechtbank Limburg", reason="x")
    assert code(again) == "court-settled"


def test_a_court_that_is_not_competent_sends_the_case_on(world: World) -> None:
    _, path = at_court(world)
    world.post(f"{path}/assignments", 204, court="Rechtbank Amsterdam", reason="verwezen")
    assert world.get(path)["court"] == "Rechtbank Amsterdam"


def test_cases_of_one_person_are_heard_together(world: World) -> None:
    (_, first), (_, second) = at_court(world), at_court(world)
    lead = first.rsplit("/", 1)[-1]
    world.post(f"{second}/joinders", 204, withCourtAppealId=lead, reason="zelfde rit")
    moment = (world.clock.now() + timedelta(weeks=8)).isoformat()
    world.post(f"{second}/sittings", 204, at=moment, place="Utrecht, zaal 3")
    for path, other in ((first, second), (second, first)):
        found = world.get(path)
        assert found["joined"] == [other.rsplit("/", 1)[-1]]
        assert [one["place"] for one in found["sittings"]] == ["Utrecht, zaal 3"]
    assert code(world.post(f"{second}/joinders", 409, withCourtAppealId=lead, reason="x")) == "joined-already"


def test_only_open_cases_of_the_same_person_are_offered_to_be_joined(world: World) -> None:
    (_, first), (second, other) = at_court(world), at_court(world)
    court = world.system.services.appeals.court
    offered = court.joinable(first.rsplit("/", 1)[-1])
    assert [(one.case_number, one.court) for one in offered] == [(second["caseNumber"], "Rechtbank Midden-Nederland")]
    rule(world, other, "upheld")
    assert court.joinable(first.rsplit("/", 1)[-1]) == []


def test_cases_of_two_courts_are_not_joined(world: World) -> None:
    (_, first), (_, second) = at_court(world), at_court(world)
    world.post(f"{second}/assignments", 204, court="Rechtbank Amsterdam", reason="verwezen")
    refused = world.post(f"{second}/joinders", 409, withCourtAppealId=first.rsplit("/", 1)[-1], reason="x")
    assert code(refused) == "not-one-court"


def test_the_sitting_is_told_to_the_citizen_and_as_a_calendar_file(world: World) -> None:
    case, path = at_court(world)
    moment = world.clock.now() + timedelta(weeks=8)
    world.post(f"{path}/sittings", 204, at=moment.isoformat(), place="Utrecht, zaal 3")
    [sitting] = world.get(path)["sittings"]
    file = world.http.get(f"/v1/handlers/sittings/{sitting['id']}/calendar")
    [event] = Calendar.from_ical(file.content).walk("VEVENT")
    assert event["dtstart"].dt == moment
    assert "Testpersoon" not in file.text
    assert world.case(case)["appeal"]["courtSittingAt"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_sitting_lies_ahead(world: World) -> None:
    _, path = at_court(world)
    past = (world.clock.now() - timedelta(hours=1)).isoformat()
    assert code(world.post(f"{path}/sittings", 400, at=past, place="x")) == "sitting-in-the-past"


def test_a_small_sanction_is_final_with_the_district_court(world: World) -> None:
    case, path = at_court(world, NOT_ABOVE_THRESHOLD)
    rule(world, path, "upheld")
    after = world.case(case)
    assert after["appeal"]["higherAppealUntil"] is None
    assert after["remedy"].startswith("none")
    assert after["dueOn"] == (local_date(world.clock.now()) + timedelta(weeks=2)).isoformat()
    assert code(go_higher(world, path, 409)) == "no-higher-appeal"


def test_above_the_threshold_the_letter_names_higher_appeal_and_its_last_day(world: World) -> None:
    case, path = at_court(world)
    rule(world, path, "upheld")
    after = world.case(case)
    until = local_date(world.clock.now()) + timedelta(weeks=6)
    assert after["appeal"]["higherAppealUntil"] == until.isoformat()
    assert after["remedy"].startswith("higher appeal")
    assert after["dueOn"] == (until + timedelta(weeks=2)).isoformat()


def test_a_sanction_that_the_court_lowers_to_the_threshold_is_final(world: World) -> None:
    _, path = at_court(world)
    rule(world, path, "amended", sanctionCents=11000)
    assert world.get(path)["rulings"][0]["higherUntil"] is None


def test_in_higher_appeal_nothing_is_collected_and_the_outcome_flows_back(world: World) -> None:
    case, path = at_court(world)
    world.pay(case, case["amounts"]["open"], "p1")
    rule(world, path, "upheld")
    go_higher(world, path)
    assert world.case(case)["state"] == "under_appeal"
    rule(world, path, "annulled")
    after = world.case(case)
    assert (after["state"], after["amounts"]["refundable"]) == ("annulled", case["amounts"]["open"])
    assert [one["instance"] for one in world.get(path)["rulings"]] == ["district", "higher"]
    assert world.system.services.fines.books.check() == []


def test_the_court_of_appeal_may_bring_back_what_the_district_court_took_off_but_no_more(world: World) -> None:
    case, path = at_court(world)
    before = case["amounts"]["sanction"]
    rule(world, path, "amended", sanctionCents=before - 1000)
    go_higher(world, path, by="prosecutor")
    assert code(rule(world, path, "amended", 400, sanctionCents=before + 1)) == "sanction-not-lower"
    rule(world, path, "amended", sanctionCents=before)
    assert world.case(case)["amounts"]["open"] == before + 900
    assert world.system.services.fines.books.check() == []


def test_a_ruling_that_found_no_security_is_judged_anew_by_the_district_court(world: World) -> None:
    case, path = at_court(world, WITH_SECURITY)
    rule(world, path, "inadmissible")
    go_higher(world, path)
    world.post(f"{path}/referrals-back", 204, reason="zekerheid was er wel")
    assert world.get(path)["state"] == "at_court"
    rule(world, path, "annulled")
    assert world.case(case)["state"] == "annulled"
    assert [one["outcome"] for one in world.get(path)["rulings"]] == ["inadmissible", "annulled"]


def test_a_ruling_on_the_merits_is_not_referred_back(world: World) -> None:
    _, path = at_court(world)
    rule(world, path, "upheld")
    go_higher(world, path)
    assert code(world.post(f"{path}/referrals-back", 409, reason="x")) == "not-referred-back"


def test_higher_appeal_after_its_term_is_taken_in_and_marked_late(world: World) -> None:
    _, path = at_court(world)
    rule(world, path, "upheld")
    world.clock.advance(timedelta(weeks=7))
    go_higher(world, path)
    assert world.get(path)["higher"][0]["inTime"] is False


@pytest.mark.parametrize("days", [-1, 1])
def test_higher_appeal_was_received_between_the_ruling_and_today(world: World, days: int) -> None:
    _, path = at_court(world)
    rule(world, path, "upheld")
    day = (local_date(world.clock.now()) + timedelta(days=days)).isoformat()
    refused = world.post(f"{path}/higher-appeals", 400, filedBy="appellant", filedOn=day, grounds="x")
    assert code(refused) == "day-impossible"
