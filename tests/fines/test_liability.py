"""Who is addressed says that he is not the one (Wahv art. 8): weighed by the dates, decided by a person."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.cases import fined
from tests.world import World, keeper_of, lookup

HIRER = {
    "name": "H. Huurder",
    "street": "Huurstraat 2",
    "postcode": "2000 BB",
    "city": "Huurdam",
    "country": "Nederland",
}


@pytest.fixture
def case(world: World) -> dict[str, Any]:
    """A conduct of 14 September 2026."""
    world.register = [keeper_of("000001")]
    return fined(world)


def hired(since: str = "2026-09-10", until: str = "2026-09-17") -> dict[str, Any]:
    return {"ground": "hired", "account": "Zie het contract.", "since": since, "until": until, "person": HIRER}


def state(world: World, case: dict[str, Any], status: int = 201, **said: Any) -> Any:
    return world.post("/v1/keeper-statements", status, **lookup(case), **said)


def accept(world: World, statement: dict[str, Any], status: int = 200) -> Any:
    path = f"/v1/handlers/keeper-statements/{statement['id']}/acceptances"
    answer = world.post(path, status, reason="contract seen")
    world.drain()
    return answer


def refuse(world: World, statement: dict[str, Any]) -> None:
    world.post(f"/v1/handlers/keeper-statements/{statement['id']}/refusals", 204, reason="the contract is not signed")
    world.drain()


def letters(world: World, case: dict[str, Any]) -> list[str]:
    return [letter["kind"] for letter in world.case(case)["letters"]]


def test_the_hirer_takes_the_keepers_place_and_the_keeper_gets_his_money_back(
    world: World, case: dict[str, Any]
) -> None:
    world.pay(case, 9300, "p1")
    successor = accept(world, state(world, case, **hired()))["decisionId"]
    old = world.case(case)
    assert (old["state"], old["amounts"]["open"], old["amounts"]["refundable"]) == ("annulled", 0, 9300)
    assert letters(world, case) == ["decision", "keeper"]
    new = world.get(f"/v1/handlers/decisions/{successor}")
    assert (new["state"], new["amounts"]["open"]) == ("issued", 9300)
    assert new["caseNumber"] != case["caseNumber"]
    assert world.system.services.fines.decision(successor).keeper == HIRER
    assert [letter["kind"] for letter in new["letters"]] == ["decision"]
    assert world.get("/v1/handlers/ledger-findings") == []


def test_a_deposit_goes_back_with_the_rest(world: World, case: dict[str, Any]) -> None:
    world.pay(case, 9300, "p1", "security")
    accept(world, state(world, case, **hired()))
    amounts = world.case(case)["amounts"]
    assert (amounts["security"], amounts["open"], amounts["refundable"]) == (0, 0, 9300)
    assert world.get("/v1/handlers/ledger-findings") == []


def test_the_capture_leads_to_the_decision_that_stands(world: World, case: dict[str, Any]) -> None:
    successor = accept(world, state(world, case, **hired()))["decisionId"]
    fines = world.system.services.fines
    capture = fines.decision(successor).capture_id
    standing = fines.decision_for_capture(capture)
    assert standing is not None
    assert standing.id == successor


@pytest.mark.parametrize(
    ("since", "until", "in_the_way"),
    [
        ("2026-09-01", "2026-11-30", None),  # three months to the day
        ("2026-09-01", "2026-12-01", "more than 3 months"),
        ("2026-09-14", "2026-09-14", None),
        ("2026-09-15", "2026-09-20", "does not cover the day"),
        ("2026-09-01", "2026-09-13", "does not cover the day"),
    ],
)
def test_a_hire_counts_for_three_months_at_most_and_on_its_own_days(
    world: World, case: dict[str, Any], since: str, until: str, in_the_way: str | None
) -> None:
    # Wahv art. 8 sub b: a written contract of at most three months, in the course of business.
    statement = state(world, case, **hired(since, until))
    [seen] = world.get("/v1/handlers/keeper-statements")
    assert any("3 maanden" in sentence or "3 months" in sentence for sentence in seen["sentences"])
    if in_the_way is None:
        assert seen["obstacles"] == []
        accept(world, statement)
    else:
        assert in_the_way in seen["obstacles"][0]
        assert in_the_way in accept(world, statement, 409)["detail"]
        assert world.case(case)["state"] == "issued"


def test_a_vehicle_sold_before_the_conduct_is_no_longer_his(world: World, case: dict[str, Any]) -> None:
    statement = state(world, case, ground="sold", account="Vrijwaringsbewijs 123", since="2026-09-01")
    assert accept(world, statement)["decisionId"] is None
    assert world.case(case)["state"] == "annulled"


def test_a_vehicle_sold_after_the_conduct_was_still_his(world: World, case: dict[str, Any]) -> None:
    statement = state(world, case, ground="sold", account="Vrijwaringsbewijs 123", since="2026-09-15")
    accept(world, statement, 409)


def test_after_eight_months_the_hirer_gets_no_decision_any_more(world: World, case: dict[str, Any]) -> None:
    # Wahv art. 8: the new decision within eight months after the conduct, here up to and including 14 May 2027.
    statement = state(world, case, **hired())
    world.clock.advance(timedelta(days=(date(2027, 5, 15) - date(2026, 9, 14)).days))
    assert accept(world, statement)["decisionId"] is None
    assert world.case(case)["state"] == "annulled"


def test_on_the_last_day_of_the_eight_months_he_does(world: World, case: dict[str, Any]) -> None:
    statement = state(world, case, **hired())
    world.clock.advance(timedelta(days=(date(2027, 5, 14) - date(2026, 9, 14)).days))
    assert accept(world, statement)["decisionId"] is not None


def test_while_it_waits_nothing_is_raised_and_after_a_refusal_there_is_time_to_pay(
    world: World, case: dict[str, Any]
) -> None:
    statement = state(world, case, **hired())
    world.clock.advance(timedelta(days=70))
    assert world.system.services.fines.run_due() == 0
    refuse(world, statement)
    seen = world.case(case)
    assert (seen["state"], seen["amounts"]["open"]) == ("issued", 9300)
    assert date.fromisoformat(seen["dueOn"]) >= world.clock.now().date() + timedelta(days=14)
    assert letters(world, case) == ["decision", "keeper"]
    world.clock.advance(timedelta(days=17))
    assert world.system.services.fines.run_due() == 1


def test_he_may_say_it_again_with_better_papers(world: World, case: dict[str, Any]) -> None:
    refuse(world, state(world, case, **hired()))
    accept(world, state(world, case, **hired()))
    assert letters(world, case) == ["decision", "keeper", "keeper"]


def test_the_hirer_may_say_the_same(world: World, case: dict[str, Any]) -> None:
    successor = accept(world, state(world, case, **hired()))["decisionId"]
    second = world.decision(successor)
    third = accept(world, state(world, second, ground="against_will", account="Aangifte 77"))["decisionId"]
    assert third is None
    assert world.case(second)["state"] == "annulled"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"ground": "hired", "account": "x"}, "hire-incomplete"),
        ({"ground": "sold", "account": "x"}, "sale-incomplete"),
        (hired("2026-09-17", "2026-09-10"), "days-reversed"),
    ],
)
def test_what_the_law_needs_must_be_said(world: World, case: dict[str, Any], said: dict[str, Any], code: str) -> None:
    assert state(world, case, 400, **said)["type"].endswith(code)


def test_one_at_a_time_and_not_beside_an_appeal(world: World, case: dict[str, Any]) -> None:
    state(world, case, **hired())
    assert state(world, case, 409, **hired())["type"].endswith("statement-exists")


def test_not_while_an_appeal_is_open(world: World, case: dict[str, Any]) -> None:
    world.appeal(case)
    assert state(world, case, 409, **hired())["type"].endswith("statement-not-now")


def test_a_decided_statement_is_decided(world: World, case: dict[str, Any]) -> None:
    statement = state(world, case, **hired())
    accept(world, statement)
    accept(world, statement, 409)
