"""From the work list to the decision: omissions, hearings, questions, terms, and a second pair of eyes."""

from datetime import date, datetime, timedelta
from typing import Any

import icalendar
import pytest

from appeals.costs import Costs, award
from appeals.service import Filing
from core.clock import AMSTERDAM
from core.unit_of_work import Actor
from fines.releases import LiveLaw
from fines.rules import Rules
from tests.appeals.test_courts import dossier_made
from tests.cases import IBAN, conduct, fined
from tests.cases import decide as decide_cases
from tests.fines.test_letter import words_of
from tests.world import APPELLANT, World, keeper_of, lookup, named

CITIZEN = Actor("citizen", "citizen", frozenset({"citizen"}))
OTHER = Actor("handler", "handler-2", frozenset({"handler"}))


@pytest.fixture
def case(world: World) -> dict[str, Any]:
    """A conduct of 14 September 2026, posted that day."""
    world.register = [keeper_of("000001")]
    return fined(world)


@pytest.fixture
def path(world: World, case: dict[str, Any]) -> str:
    """An appeal that the handler took on."""
    world.appeal(case)
    return world.taken_on(case)


def seen(world: World, path: str) -> dict[str, Any]:
    found: dict[str, Any] = world.get(path)
    return found


def decide(world: World, path: str, status: int = 204, **verdict: Any) -> Any:
    said = {"outcome": "upheld", "motivation": "Want.", "unheard": "manifestly-unfounded", **verdict}
    answer = world.post(f"{path}/decisions", status, **said)
    world.drain()
    return answer


def problem(answer: Any) -> str:
    return str(answer["type"].rsplit(":", 1)[1])


def words_of_newest(world: World, case: dict[str, Any]) -> str:
    """The newest letter about the appeal, as text."""
    world.drain()
    return words_of(world.system.services.fines.letter_pdf(case["decisionId"], "appeal"))


# Intake


def test_whoever_appeals_is_told_when_it_is_decided(world: World, case: dict[str, Any]) -> None:
    world.appeal(case)
    words = words_of_newest(world, case)
    assert "is ontvangen op 14 september 2026" in words
    assert "uiterlijk op 15 februari 2027" in words
    assert "Te betalen" not in words


def test_an_appeal_by_post_counts_from_the_day_it_was_received(world: World, case: dict[str, Any]) -> None:
    world.clock.advance(timedelta(days=45))
    said = {"appellant": APPELLANT, "grounds": "Niet mijn auto.", "ground": "other-vehicle"}
    letter = world.post("/v1/handlers/appeals", 201, **named(case), **said, receivedOn="2026-10-20")
    appeal = seen(world, f"/v1/handlers/appeals/{letter['id']}")
    assert (appeal["channel"], appeal["receivedOn"], appeal["inTime"]) == ("letter", "2026-10-20", True)


def test_a_letter_from_tomorrow_is_refused(world: World, case: dict[str, Any]) -> None:
    said = {"appellant": APPELLANT, "grounds": "Niet mijn auto."}
    answer = world.post("/v1/handlers/appeals", 400, **named(case), **said, receivedOn="2026-09-15")
    assert problem(answer) == "received-in-future"


# The work list


def test_the_list_begins_with_what_must_be_decided_first_and_goes_on_by_the_page(world: World) -> None:
    law, intake = LiveLaw(world.system.releases), world.system.services.appeals.intake
    for number in range(52):
        world.clock.advance(timedelta(hours=5))
        decide_cases(world.system, law, world.clock.now().date(), [conduct(number, world.clock.now(), 62)])
        decision = world.system.services.fines.decision_for_capture(f"capture-{number}")
        assert decision is not None
        intake.file(CITIZEN, decision, Filing("Niet mijn auto.", {"name": "T. Testpersoon"}))
    first = world.get("/v1/handlers/appeals")
    assert (len(first["appeals"]), first["total"]) == (50, 52)
    rest = world.get(first["next"])
    assert (len(rest["appeals"]), rest["next"]) == (2, None)
    days = [row["decideUntil"] for row in first["appeals"] + rest["appeals"]]
    assert days == sorted(days)
    assert len({row["id"] for row in first["appeals"] + rest["appeals"]}) == 52


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("state=filed", 0), ("state=in_handling", 1), ("handler=nobody", 0), ("ground=signs", 1), ("ground=means", 0),
        ("dueIn=14", 0), ("dueIn=200", 1), ("lateFiled=true", 0),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_down(world: World, case: dict[str, Any], asked: str, count: int) -> None:
    world.appeal(case, ground="signs")
    world.taken_on(case)
    assert world.get(f"/v1/handlers/appeals?{asked}")["total"] == count


def test_terms_at_risk_and_past_are_counted(world: World, case: dict[str, Any], path: str) -> None:
    until = date.fromisoformat(seen(world, path)["decideUntil"])
    for day, counts in ((until - timedelta(days=15), (1, 0, 0)), (until, (1, 1, 0)), (until + timedelta(1), (1, 0, 1))):
        world.clock.set(datetime.combine(day, datetime.min.time(), AMSTERDAM) + timedelta(hours=12))
        found = world.get("/v1/handlers/appeal-terms")
        assert (found["open"], found["atRisk"], found["late"]) == counts


# Omissions


def test_while_something_is_missing_the_term_stands_still(world: World, case: dict[str, Any], path: str) -> None:
    before = date.fromisoformat(seen(world, path)["decideUntil"])
    world.post(f"{path}/repair-requests", 204, missing=["signature", "mandate"])
    words = words_of_newest(world, case)
    assert "uw handtekening" in words and "12 oktober 2026" in words
    world.clock.advance(timedelta(days=10))
    world.post(f"{path}/repairs", 204, reason="signed copy received")
    appeal = seen(world, path)
    # From the day after the request to the day of the repair (Awb art. 7:24 par. 3).
    assert date.fromisoformat(appeal["decideUntil"]) == before + timedelta(days=9)
    assert (appeal["state"], appeal["repairs"][0]["state"]) == ("in_handling", "repaired")


def test_a_repair_term_that_passes_unused_gives_the_appeal_back_to_its_handler(world: World, path: str) -> None:
    before = date.fromisoformat(seen(world, path)["decideUntil"])
    world.post(f"{path}/repair-requests", 204, missing=["grounds"])
    world.clock.advance(timedelta(days=28))
    assert world.system.services.appeals.run_due() == 0
    world.clock.advance(timedelta(days=1))
    assert world.system.services.appeals.run_due() == 1
    assert world.system.services.appeals.run_due() == 0
    appeal = seen(world, path)
    assert (appeal["state"], appeal["repairs"][0]["state"]) == ("in_handling", "lapsed")
    assert date.fromisoformat(appeal["decideUntil"]) == before + timedelta(days=27)


def test_nothing_is_decided_while_an_omission_is_waited_for(world: World, path: str) -> None:
    world.post(f"{path}/repair-requests", 204, missing=["grounds"])
    assert problem(decide(world, path, 409)) == "transition-refused"


def test_what_is_missing_is_one_of_what_the_law_asks(world: World, path: str) -> None:
    assert problem(world.post(f"{path}/repair-requests", 400, missing=["a-stamp"])) == "omission-unknown"


# Lateness


def test_a_late_appeal_is_judged_before_it_is_decided(world: World, case: dict[str, Any]) -> None:
    world.clock.advance(timedelta(weeks=7))
    world.appeal(case, lateReason="Ik lag in het ziekenhuis.")
    path = world.taken_on(case)
    assert problem(decide(world, path, 409)) == "lateness-open"
    world.post(f"{path}/lateness-judgements", 204, excused=True, reason="discharge letter seen")
    decide(world, path, outcome="annulled")
    assert world.case(case)["state"] == "annulled"


def test_late_without_excuse_is_inadmissible_and_nothing_else(world: World, case: dict[str, Any]) -> None:
    world.clock.advance(timedelta(weeks=7))
    world.appeal(case, lateReason="Vergeten.")
    path = world.taken_on(case)
    world.post(f"{path}/lateness-judgements", 204, excused=False, reason="no reason to be late")
    assert problem(decide(world, path, 400, outcome="annulled")) == "outcome-late"
    decide(world, path, outcome="inadmissible", unheard="manifestly-inadmissible")


# Hearings


def test_whoever_is_invited_gets_a_letter_and_a_calendar_file(world: World, case: dict[str, Any], path: str) -> None:
    at = datetime(2026, 10, 12, 10, 30, tzinfo=AMSTERDAM)
    hearing = world.post(f"{path}/hearings", 201, at=at.isoformat(), place="telefonisch")["id"]
    words = words_of_newest(world, case)
    assert "12 oktober 2026 om 10:30 uur (telefonisch)" in words and "Tot en met 2 oktober 2026" in words
    [event] = icalendar.Calendar.from_ical(world.http.get(f"/v1/handlers/hearings/{hearing}/calendar").content).events
    assert (event.start, event.end - event.start) == (at, timedelta(minutes=30))
    assert case["caseNumber"] in event["summary"]
    assert "Testpersoon" not in str(event)


def test_papers_may_come_in_for_ten_days_so_a_hearing_is_later_than_that(world: World, path: str) -> None:
    answer = world.post(f"{path}/hearings", 400, at="2026-09-24T10:00:00+02:00", place="telefonisch")
    assert problem(answer) == "hearing-too-soon"
    world.post(f"{path}/hearings", 201, at="2026-09-25T10:00:00+02:00", place="telefonisch")


def test_nobody_decides_before_a_planned_hearing_is_reported(world: World, path: str) -> None:
    hearing = world.post(f"{path}/hearings", 201, at="2026-10-12T10:30:00+02:00", place="telefonisch")["id"]
    assert problem(decide(world, path, 409)) == "hearing-open"
    report = {"appeared": True, "report": "Zegt dat het kenteken niet klopt."}
    assert problem(world.post(f"/v1/handlers/hearings/{hearing}/reports", 409, **report)) == "hearing-not-yet"
    world.clock.set(datetime(2026, 10, 12, 11, tzinfo=AMSTERDAM))
    world.post(f"/v1/handlers/hearings/{hearing}/reports", 204, **report)
    decide(world, path, unheard=None)
    assert seen(world, path)["unheard"] is None


def test_without_a_hearing_the_decision_says_why(world: World, case: dict[str, Any], path: str) -> None:
    assert problem(decide(world, path, 400, unheard=None)) == "hearing-missing"
    decide(world, path, unheard="waived")
    letter = words_of(world.system.services.fines.letter_pdf(case["decisionId"], "outcome"))
    assert "Niet gehoord: Awb art. 7:17 sub c" in letter


def test_who_asked_to_be_heard_did_not_waive_it(world: World, case: dict[str, Any]) -> None:
    world.appeal(case, wantsHearing=True)
    path = world.taken_on(case)
    assert problem(decide(world, path, 400, unheard="no-reply")) == "hearing-asked"


# Questions to others


def test_a_question_without_an_answer_is_asked_again(world: World, path: str) -> None:
    inquiry = world.post(f"{path}/inquiries", 201, askedOf="camera-operator", question="Is het log er nog?")["id"]
    world.clock.advance(timedelta(weeks=3))
    assert world.system.services.appeals.run_due() == 0
    world.clock.advance(timedelta(days=1))
    assert world.system.services.appeals.run_due() == 1
    assert world.system.services.appeals.run_due() == 0
    [asked] = seen(world, path)["inquiries"]
    assert (asked["reminders"], asked["state"]) == (1, "asked")
    world.post(f"/v1/handlers/inquiries/{inquiry}/answers", 204, answer="Ja, zie de bijlage.")
    [answered] = seen(world, path)["inquiries"]
    assert (answered["state"], answered["answer"]) == ("answered", "Ja, zie de bijlage.")


# Terms


def test_a_decision_is_put_off_once_and_the_appellant_is_told(world: World, case: dict[str, Any], path: str) -> None:
    before = date.fromisoformat(seen(world, path)["decideUntil"])
    world.post(f"{path}/adjournments", 204, reason="Het antwoord van de politie is er nog niet.")
    assert date.fromisoformat(seen(world, path)["decideUntil"]) == before + timedelta(weeks=10)
    assert "verdaagd" in words_of_newest(world, case)
    answer = world.post(f"{path}/adjournments", 409, reason="Nog eens.")
    assert problem(answer) == "adjournment-too-late"


def test_a_term_that_has_passed_is_not_put_off(world: World, path: str) -> None:
    world.clock.set(datetime(2027, 2, 16, 12, tzinfo=AMSTERDAM))
    assert problem(world.post(f"{path}/adjournments", 409, reason="Te laat.")) == "adjournment-too-late"


def late_by(world: World, case: dict[str, Any], path: str, days: int) -> None:
    """The term ends on 15 February 2027; notice on the 16th; from 2 March on a penalty is owed, for so many days."""
    assert seen(world, path)["decideUntil"] == "2027-02-15"
    world.clock.set(datetime(2027, 2, 16, 12, tzinfo=AMSTERDAM))
    world.post("/v1/default-notices", 204, **lookup(case))
    world.clock.advance(timedelta(days=14 + days))


@pytest.mark.parametrize(
    ("days", "cents"),
    # Awb art. 4:17 par. 2 in 2026: 14 days at 23 euro, 14 at 35, the rest at 45, 42 days at most.
    [(0, 0), (1, 2300), (14, 32200), (15, 35700), (28, 81200), (29, 85700), (42, 144200), (60, 144200)],
)
def test_deciding_late_costs_so_much(world: World, case: dict[str, Any], path: str, days: int, cents: int) -> None:
    late_by(world, case, path, days)
    decide(world, path, unheard="waived")
    assert seen(world, path)["default"]["penaltyCents"] == cents
    assert world.case(case)["amounts"]["compensation"] == cents
    assert world.system.services.fines.books.check() == []


def test_what_is_owed_in_full_is_settled_without_waiting_for_the_decision(
    world: World, case: dict[str, Any], path: str
) -> None:
    late_by(world, case, path, 41)
    assert world.system.services.appeals.run_due() == 0
    world.clock.advance(timedelta(days=1))
    assert world.system.services.appeals.run_due() == 1
    assert world.system.services.appeals.run_due() == 0
    assert world.case(case)["amounts"]["compensation"] == 144200
    assert "dwangsom van € 1.442,00" in words_of_newest(world, case)


def test_whoever_withdraws_keeps_what_was_owed_until_then(world: World, case: dict[str, Any], path: str) -> None:
    late_by(world, case, path, 10)
    world.post("/v1/appeal-withdrawals", 200, **lookup(case))
    world.clock.advance(timedelta(days=60))
    assert world.system.services.appeals.run_due() == 0
    assert seen(world, path)["default"]["penaltyCents"] == 23000


def test_a_manifestly_unfounded_appeal_earns_no_penalty(world: World, case: dict[str, Any], path: str) -> None:
    late_by(world, case, path, 10)
    decide(world, path, unheard="manifestly-unfounded")
    assert seen(world, path)["default"]["penaltyCents"] == 0


def test_a_notice_before_the_term_has_passed_is_refused(world: World, case: dict[str, Any], path: str) -> None:
    world.clock.set(datetime(2027, 2, 15, 12, tzinfo=AMSTERDAM))
    assert problem(world.post("/v1/default-notices", 409, **lookup(case))) == "term-still-runs"


def test_a_penalty_is_paid_to_the_person_apart_from_the_fine(world: World, case: dict[str, Any], path: str) -> None:
    late_by(world, case, path, 14)
    decide(world, path, unheard="waived")
    fines, cashiers = world.system.services.fines, [Actor("handler", f"c-{n}", frozenset({"cashier"})) for n in (1, 2)]
    world.post(
        "/v1/handlers/payouts", 204, caseNumber=case["caseNumber"], iban=IBAN, holder="T. Testpersoon",
        owed="compensation",
    )  # fmt: skip
    [payout] = fines.payouts.under_way()
    fines.payouts.approve(cashiers[1], payout.id)
    assert fines.payouts.export(cashiers[0]) is not None
    amounts = world.case(case)["amounts"]
    assert (amounts["compensation"], amounts["open"], amounts["paid"]) == (0, 9300, 0)
    assert fines.books.check() == []


# Deciding


def test_a_misread_plate_needs_a_second_handler(world: World, case: dict[str, Any]) -> None:
    world.appeal(case, ground="other-vehicle")
    path = world.taken_on(case)
    decide(world, path, outcome="annulled")
    appeal = seen(world, path)
    assert (appeal["state"], appeal["proposal"]["outcome"], world.case(case)["state"]) == (
        "proposed", "annulled", "under_appeal",
    )  # fmt: skip
    assert problem(world.post(f"{path}/approvals", 403)) == "four-eyes"
    world.system.services.appeals.handling.approve(OTHER, appeal["id"])
    world.drain()
    assert world.case(case)["state"] == "annulled"


def test_a_second_handler_may_send_it_back(world: World, case: dict[str, Any], path: str) -> None:
    decide(world, path, outcome="annulled", againstReading=True)
    world.post(f"{path}/returns", 204, reason="the plate is plain to see")
    assert seen(world, path)["state"] == "in_handling"
    decide(world, path)
    assert seen(world, path)["outcome"] == "upheld"


def test_whoever_withdraws_has_two_weeks_to_pay(world: World, case: dict[str, Any]) -> None:
    world.appeal(case)
    status = world.post("/v1/appeal-withdrawals", 200, **lookup(case))
    world.drain()
    after = world.case(case)
    assert (status["state"], after["state"], after["dueOn"]) == ("withdrawn", "issued", "2026-09-28")
    assert after["appealUntil"] == "2026-09-14"


def test_what_was_asked_ends_with_the_appeal(world: World, path: str) -> None:
    world.post(f"{path}/inquiries", 201, askedOf="police", question="Was er een omleiding?")
    decide(world, path)
    assert [asked["state"] for asked in seen(world, path)["inquiries"]] == ["dropped"]


# Costs


@pytest.mark.parametrize(
    ("outcome", "day", "cents"),
    # Wahv art. 13a par. 2: since 2024 a quarter of the professional help; all of it before.
    [("annulled", "2026-09-14", 16175), ("amended", "2026-09-14", 16175), ("annulled", "2023-09-14", 64700)],
)
def test_costs_of_professional_help_count_by_the_factor_of_the_day(outcome: str, day: str, cents: int) -> None:
    given = award(Costs(assistance_cents=64700), outcome, date.fromisoformat(day), Rules())
    assert given.cents == cents
    assert given.explanation.steps[-1].inputs["assistance_cents"] == 64700


def test_costs_are_owed_beside_what_is_paid_back(world: World, case: dict[str, Any], path: str) -> None:
    world.pay(case, 9300, "p1")
    decide(world, path, outcome="annulled", costs={"assistanceCents": 64700, "otherCents": 1250})
    amounts = world.case(case)["amounts"]
    assert (amounts["refundable"], amounts["compensation"]) == (9300, 16175 + 1250)
    assert seen(world, path)["awardCents"] == 17425
    letter = words_of(world.system.services.fines.letter_pdf(case["decisionId"], "outcome"))
    assert "Vergoeding van kosten: € 174,25" in letter
    assert world.system.services.fines.books.check() == []


def test_an_appeal_that_is_not_upheld_earns_no_costs(world: World, path: str) -> None:
    assert problem(decide(world, path, 400, costs={"assistanceCents": 64700})) == "costs-not-due"


def test_a_court_gives_a_tenth_where_the_sanction_stands(world: World, case: dict[str, Any], path: str) -> None:
    decide(world, path)
    world.post("/v1/court-appeals", 201, **lookup(case), grounds="x")
    [at_court] = world.get("/v1/handlers/court-appeals")
    court = f"/v1/handlers/court-appeals/{at_court['id']}"
    dossier_made(world, court)
    ruling = {"outcome": "upheld", "motivation": "Ongegrond.", "costs": {"assistanceCents": 64700}}
    world.post(f"{court}/rulings", 204, **ruling)
    assert world.case(case)["amounts"]["compensation"] == 6470
