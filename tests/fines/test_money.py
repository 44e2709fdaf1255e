"""Payments, reminders, refunds: the ledger balances whatever happens, in whatever order."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.unit_of_work import SYSTEM
from fines.ledger import Account, Unbalanced, book
from tests.cases import fined
from tests.conftest import NOON
from tests.world import World, dazzled, keeper_of


def due(world: World, case: dict) -> None:
    """Move the clock past the last day of payment and let the scheduler run."""
    while world.case(case)["dueOn"] and world.case(case)["dueOn"] >= world.clock.now().date().isoformat():
        world.clock.advance(timedelta(days=7))
    world.system.services.fines.run_due()
    world.drain()


def test_a_fine_states_sanction_and_costs_and_closes_when_paid(world: World) -> None:
    case = world.fined("62.0")
    assert case["amounts"] == {
        "sanction": 8400, "administration": 900, "increase": 0, "paid": 0, "open": 9300, "refundable": 0, "security": 0,
        "compensation": 0,
    }  # fmt: skip
    world.pay(case, 9300, "p1")
    assert world.case(case)["state"] == "paid"


def test_a_payment_reported_twice_is_booked_once(world: World) -> None:
    case = fined(world, 64)
    assert world.pay(case, 1000, "p1") == {"booked": True}
    assert world.pay(case, 1000, "p1") == {"booked": False}
    assert world.case(case)["amounts"]["paid"] == 1000


def test_an_overpayment_is_to_be_refunded(world: World) -> None:
    case = fined(world)
    world.pay(case, 10_000, "p1")
    amounts = world.case(case)["amounts"]
    assert (amounts["open"], amounts["refundable"]) == (0, 700)


def test_money_without_a_known_reference_is_kept_apart(world: World) -> None:
    world.pay({"paymentReference": "5000056789012345"}, 1234, "p1")
    assert world.get("/v1/handlers/trial-balance") == {"bank": 1234, "unallocated_receipts": -1234}


def test_unpaid_100_becomes_150_and_then_300(world: World) -> None:
    case = fined(world)
    due(world, case)
    first = world.case(case)
    assert (first["state"], first["amounts"]["open"]) == ("increased_once", 8400 + 4200 + 900)
    due(world, case)
    second = world.case(case)
    assert (second["state"], second["amounts"]["open"]) == ("increased_twice", 8400 * 3 + 900)
    due(world, case)
    assert world.case(case)["state"] == "in_collection"
    assert [letter["kind"] for letter in second["letters"]] == ["decision", "first_reminder", "second_reminder"]


def test_the_last_day_itself_is_still_in_time(world: World) -> None:
    case = fined(world, 64)
    while world.clock.now().date().isoformat() < case["dueOn"]:
        world.clock.advance(timedelta(days=1))
    assert world.system.services.fines.run_due() == 0
    world.clock.advance(timedelta(days=1))
    assert world.system.services.fines.run_due() == 1
    assert world.system.services.fines.run_due() == 0


@pytest.mark.parametrize(
    ("measured", "category", "known", "outcome"),
    [
        ("90.0", 1, True, "prosecutor"),
        ("55.0", 1, True, "no_offence"),
        ("64.0", 2, True, "no_tariff"),
        ("64.0", 1, False, "keeper_unknown"),
    ],
)
def test_what_is_no_fine_says_what_it_is(world: World, measured: str, category: int, known: bool, outcome: str) -> None:
    world.register = [keeper_of("GB-001-B", category=category)] if known else []
    world.push(world.signed(measured))
    world.drain()
    [fate] = world.get("/v1/handlers/captures")
    assert (fate["fate"], fate["decisionId"]) == (outcome, None)
    referred = [item["captureId"] for item in world.get("/v1/handlers/prosecutor-referrals")]
    assert referred == ([fate["id"]] if outcome == "prosecutor" else [])


def test_after_four_months_no_decision_is_made(world: World) -> None:
    world.register = [keeper_of("TN-HV 957", "DE")]
    capture = world.push(world.signed(images=[dazzled("TN-HV 957", "DE")])).json()["id"]
    world.drain()
    world.clock.advance(timedelta(days=30))
    world.clock.advance(timedelta(days=78))
    world.post(f"/v1/handlers/captures/{capture}/confirmations", 204, plate="TN-HV 957", country="DE")
    world.clock.advance(timedelta(days=15))
    world.drain()
    assert world.get("/v1/handlers/captures")[0]["fate"] == "too_late"


def test_a_movement_that_does_not_balance_is_refused(world: World) -> None:
    with world.system.units.begin(SYSTEM) as uow, pytest.raises(Unbalanced):
        book(uow, "k", "test", world.clock.now().date(), None, {Account.BANK: 5, Account.RECEIVABLE: -4})


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(st.integers(min_value=1, max_value=30_000), st.just("wait")), max_size=5))
def test_whatever_is_paid_and_waited_for_the_ledger_balances(world: World, steps: list) -> None:
    world.count += 100
    world.clock.set(NOON)
    case = fined(world, 64)
    paid = 0
    for number, step in enumerate(steps):
        if step == "wait":
            due(world, case)
        else:
            world.pay(case, step, f"{case['caseNumber']}-{number}")
            paid += step
    amounts = world.case(case)["amounts"]
    owed = amounts["sanction"] + amounts["increase"] + amounts["administration"]
    assert amounts["open"] == max(0, owed - paid)
    assert amounts["refundable"] == max(0, paid - owed)
    assert sum(world.get("/v1/handlers/trial-balance").values()) == 0
