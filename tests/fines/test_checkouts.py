"""Payment pages: one for one sum, booked once from what the provider shows, whatever happens on the way."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.unit_of_work import Actor
from fines.simulator.provider import SimulatedProvider
from tests.cases import IBAN, KEEPER, fined
from tests.statements import Line, camt053, statement
from tests.world import World, lookup


def open_page(shop: World, case: dict[str, Any], **more: Any) -> dict[str, Any]:
    return shop.post("/v1/payment-pages", 201, **lookup(case), **more)


def paid(shop: World, provider: SimulatedProvider) -> tuple[dict[str, Any], str]:
    """A case that was paid on the page, and the provider's name for the payment."""
    case = fined(shop)
    open_page(shop, case)
    [ref] = provider.payments
    provider.finish(ref, "paid")
    shop.drain()
    return case, ref


def sound(shop: World) -> None:
    assert shop.get("/v1/handlers/ledger-findings") == []


def amounts(shop: World, case: dict[str, Any]) -> tuple[str, int, int]:
    seen = shop.case(case)
    return seen["state"], seen["amounts"]["open"], seen["amounts"]["refundable"]


def test_what_is_paid_on_the_page_closes_the_case(shop: World, provider: SimulatedProvider) -> None:
    case = fined(shop)
    page = open_page(shop, case)
    assert (page["state"], page["cents"]) == ("open", 9300)
    [ref] = provider.payments
    order = provider.payments[ref].order
    assert order["amount"] == {"currency": "EUR", "value": "93.00"}
    assert case["caseNumber"] not in str(order)
    assert case["plate"] not in str(order)
    provider.finish(ref, "paid")
    shop.drain()
    assert amounts(shop, case) == ("paid", 0, 0)
    assert shop.get("/v1/handlers/trial-balance")["payment_provider"] == 9300
    sound(shop)


def test_asking_twice_gives_the_same_page(shop: World, provider: SimulatedProvider) -> None:
    case = fined(shop)
    assert open_page(shop, case) == open_page(shop, case)
    assert len(provider.payments) == 1


def test_a_page_whose_opening_was_cut_off_is_opened_once_at_the_provider(
    shop: World, provider: SimulatedProvider
) -> None:
    case = fined(shop)
    provider.away = True
    shop.post("/v1/payment-pages", 503, **lookup(case))
    provider.away = False
    assert open_page(shop, case)["state"] == "open"
    assert len(provider.payments) == 1


def test_a_notification_told_twice_is_booked_once(shop: World, provider: SimulatedProvider) -> None:
    case, ref = paid(shop, provider)
    assert provider.deliver(ref) == 200
    assert provider.deliver(ref) == 200
    shop.drain()
    assert amounts(shop, case) == ("paid", 0, 0)
    sound(shop)


def test_a_notification_that_never_came_is_made_up_for(shop: World, provider: SimulatedProvider) -> None:
    case = fined(shop)
    open_page(shop, case)
    [payment] = provider.payments.values()
    payment.status, payment.paid_at = "paid", shop.clock.now()
    shop.clock.advance(timedelta(minutes=11))
    assert shop.system.services.fines.checkouts.catch_up() == 1
    shop.drain()
    assert amounts(shop, case) == ("paid", 0, 0)
    assert shop.system.services.fines.checkouts.catch_up() == 0


def test_money_paid_in_time_that_is_told_late_undoes_the_increase(shop: World, provider: SimulatedProvider) -> None:
    case = fined(shop)
    open_page(shop, case)
    [ref] = provider.payments
    payment = provider.payments[ref]
    payment.status, payment.paid_at = "paid", shop.clock.now()
    shop.clock.advance(timedelta(days=70))
    shop.system.services.fines.run_due()
    assert shop.case(case)["state"] == "increased_once"
    provider.deliver(ref)
    shop.drain()
    assert amounts(shop, case) == ("paid", 0, 0)
    sound(shop)


@pytest.mark.parametrize("end", ["failed", "expired", "canceled"])
def test_what_was_not_paid_leaves_the_case_open_and_a_new_page_can_be_asked_for(
    shop: World, provider: SimulatedProvider, end: str
) -> None:
    case = fined(shop)
    page = open_page(shop, case)
    [ref] = provider.payments
    provider.finish(ref, end)
    shop.drain()
    assert shop.get(f"/v1/payment-pages/{page['id']}")["state"] == end.replace("canceled", "cancelled")
    assert amounts(shop, case) == ("issued", 9300, 0)
    assert open_page(shop, case)["id"] != page["id"]


def test_money_is_booked_even_if_the_provider_called_the_payment_expired_before(
    shop: World, provider: SimulatedProvider
) -> None:
    case = fined(shop)
    open_page(shop, case)
    [ref] = provider.payments
    provider.finish(ref, "expired")
    shop.drain()
    provider.finish(ref, "paid")
    shop.drain()
    assert amounts(shop, case) == ("paid", 0, 0)


def test_a_chargeback_makes_it_owed_again(shop: World, provider: SimulatedProvider) -> None:
    case, ref = paid(shop, provider)
    provider.charge_back(ref, 9300)
    provider.deliver(ref)
    shop.drain()
    assert amounts(shop, case) == ("issued", 9300, 0)
    [record] = shop.get(f"/v1/handlers/decisions/{case['decisionId']}/money")["checkouts"]
    assert [(change["kind"], change["cents"]) for change in record["changes"]] == [("chargeback", 9300)]
    sound(shop)


def test_a_chargeback_that_the_bank_undoes_counts_from_the_day_it_was_paid(
    shop: World, provider: SimulatedProvider
) -> None:
    case, ref = paid(shop, provider)
    chargeback = provider.charge_back(ref, 9300)
    shop.drain()
    shop.clock.advance(timedelta(days=70))
    shop.system.services.fines.run_due()
    assert shop.case(case)["state"] == "increased_once"
    provider.undo_chargeback(ref, chargeback)
    shop.drain()
    assert amounts(shop, case) == ("paid", 0, 0)
    provider.charge_back(ref, 9300)
    shop.drain()
    assert shop.case(case)["state"] == "issued"
    sound(shop)


def test_a_part_that_the_provider_refunded_is_owed_again_or_taken_from_what_was_too_much(
    shop: World, provider: SimulatedProvider
) -> None:
    case, ref = paid(shop, provider)
    shop.pay(case, 1000, "twice")
    assert amounts(shop, case) == ("paid", 0, 1000)
    provider.refund(ref, 1000)
    shop.drain()
    assert amounts(shop, case) == ("paid", 0, 0)
    refund = provider.refund(ref, 300)
    shop.drain()
    assert amounts(shop, case) == ("issued", 300, 0)
    provider.fail_refund(ref, refund)
    shop.drain()
    assert amounts(shop, case) == ("paid", 0, 0)
    sound(shop)


def test_a_refund_that_is_only_queued_is_not_booked(shop: World, provider: SimulatedProvider) -> None:
    case, ref = paid(shop, provider)
    provider.refund(ref, 9300, "queued")
    shop.drain()
    assert amounts(shop, case) == ("paid", 0, 0)


def test_a_chargeback_of_which_nobody_told_is_found(shop: World, provider: SimulatedProvider) -> None:
    case, ref = paid(shop, provider)
    provider.charge_back(ref, 9300)
    # The notification is thrown away: its job never ran.
    provider.payments[ref].lists["chargebacks"][0]["id"] = "chb_silent"
    assert shop.system.services.fines.checkouts.catch_up() == 1
    shop.drain()
    assert amounts(shop, case) == ("issued", 9300, 0)
    assert shop.system.services.fines.checkouts.catch_up() == 0


def test_the_provider_pays_out_to_the_account(shop: World, provider: SimulatedProvider) -> None:
    paid(shop, provider)
    entry = Line(9300, "Mollie settlement", iban="NL42MOLL0000000001")
    answer = shop.http.post("/v1/handlers/bank-statements", content=camt053(statement([entry])))
    assert answer.json()["booked"] == 1
    balance = shop.get("/v1/handlers/trial-balance")
    assert (balance["bank"], balance.get("payment_provider", 0)) == (9300, 0)
    sound(shop)


def test_the_bank_taking_something_back_never_means_a_payment_by_the_provider(
    shop: World, provider: SimulatedProvider
) -> None:
    case, _ = paid(shop, provider)
    entry = Line(-9300, case["paymentReference"], reversal=True)
    answer = shop.http.post("/v1/handlers/bank-statements", content=camt053(statement([entry])))
    assert answer.json()["held"] == 1
    assert amounts(shop, case) == ("paid", 0, 0)


@pytest.mark.parametrize(("cents", "code"), [(9301, "amount-not-open"), (0, None)])
def test_more_than_is_open_or_nothing_cannot_be_paid(shop: World, cents: int, code: str | None) -> None:
    case = fined(shop)
    problem = shop.post("/v1/payment-pages", 400, **lookup(case), amountCents=cents)
    assert code is None or problem["type"] == "urn:flitsketen:problem:" + code


def test_a_part_can_be_paid(shop: World, provider: SimulatedProvider) -> None:
    case = fined(shop)
    open_page(shop, case, amountCents=1000)
    provider.finish(next(iter(provider.payments)), "paid")
    shop.drain()
    assert amounts(shop, case) == ("issued", 8300, 0)


def test_a_paid_case_has_no_page(shop: World, provider: SimulatedProvider) -> None:
    case, _ = paid(shop, provider)
    assert shop.post("/v1/payment-pages", 409, **lookup(case))["type"] == "urn:flitsketen:problem:" + "nothing-open"


def test_without_a_provider_there_is_no_page(world: World) -> None:
    case = fined(world)
    assert world.post("/v1/payment-pages", 409, **lookup(case))["type"] == "urn:flitsketen:problem:" + "no-payment-page"


def test_a_made_up_notification_gets_the_same_answer_and_does_nothing(shop: World) -> None:
    url = f"{shop.system.settings.public_url}/v1/provider-notifications/mollie"
    assert httpx.post(url, data={"id": "tr_nobody"}, trust_env=False).status_code == 200
    assert httpx.post(url, data={"id": "../../x"}, trust_env=False).status_code == 400
    assert httpx.post(url, json={"id": "tr_nobody"}, trust_env=False).status_code == 400
    assert shop.system.services.outbox.counts() == {}


def test_a_provider_that_is_away_delays_the_booking_and_loses_nothing(shop: World, provider: SimulatedProvider) -> None:
    case = fined(shop)
    page = open_page(shop, case)
    [ref] = provider.payments
    payment = provider.payments[ref]
    payment.status, payment.paid_at = "paid", shop.clock.now()
    provider.away = True
    provider.deliver(ref)
    shop.drain()
    assert shop.get(f"/v1/payment-pages/{page['id']}")["state"] == "open"
    provider.away = False
    assert shop.get(f"/v1/payment-pages/{page['id']}")["state"] == "paid"
    assert amounts(shop, case) == ("paid", 0, 0)


def test_what_was_paid_back_after_an_annulment_and_charged_back_as_well_is_shown(
    shop: World, provider: SimulatedProvider
) -> None:
    case, ref = paid(shop, provider)
    shop.appeal(case)
    shop.decide_appeal(case, "annulled")
    cashiers = [Actor("handler", f"cashier-{n}", frozenset({"cashier"})) for n in (1, 2)]
    payouts = shop.system.services.fines.payouts
    payouts.ask(cashiers[0], case["caseNumber"], IBAN, KEEPER.name)
    payouts.approve(cashiers[1], payouts.under_way()[0].id)
    payouts.export(cashiers[0])
    provider.charge_back(ref, 9300)
    shop.drain()
    [owed] = shop.get("/v1/handlers/owed-after-annulment")
    assert (owed["caseNumber"], owed["cents"]) == (case["caseNumber"], 9300)
    sound(shop)


def test_a_page_that_was_paid_or_has_expired_is_not_given_again(shop: World, provider: SimulatedProvider) -> None:
    case = fined(shop)
    first = open_page(shop, case)
    [payment] = provider.payments.values()
    payment.status = "expired"  # and the notification got lost
    assert open_page(shop, case)["id"] != first["id"]
    newest = list(provider.payments.values())[-1]
    newest.status, newest.paid_at = "paid", shop.clock.now()
    assert shop.post("/v1/payment-pages", 409, **lookup(case))["type"].endswith("nothing-open")
    assert amounts(shop, case) == ("paid", 0, 0)


def test_what_the_provider_kept_is_booked_once_from_its_invoice(shop: World, provider: SimulatedProvider) -> None:
    paid(shop, provider)
    invoice = {"externalId": "2026-09", "amountCents": 32, "bookedOn": "2026-09-14"}
    shop.post("/v1/handlers/provider-costs", 204, **invoice)
    assert shop.post("/v1/handlers/provider-costs", 409, **invoice)["type"].endswith("invoice-booked")
    balance = shop.get("/v1/handlers/trial-balance")
    assert (balance["payment_provider"], balance["provider_costs"]) == (9268, 32)
    sound(shop)


def test_more_back_than_was_paid_is_not_booked_in_part_but_waits_for_somebody(
    shop: World, provider: SimulatedProvider
) -> None:
    case, ref = paid(shop, provider)
    provider.refund(ref, 9400)
    shop.drain()
    assert amounts(shop, case) == ("paid", 0, 0)
    assert shop.system.services.outbox.counts()["pending"] == 1
    sound(shop)
