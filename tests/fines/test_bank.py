"""Bank statements: every cent of them lands once, where it belongs or with a person."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from core.clock import local_date
from core.unit_of_work import Actor
from fines.bank_statement import read_camt053
from fines.payments import Share
from tests.cases import fined
from tests.statements import ACCOUNT, Line, camt053, on, statement
from tests.world import World

CASHIER = Actor("handler", "cashier-1", frozenset({"cashier"}))
OTHER_CASHIER = Actor("handler", "cashier-2", frozenset({"cashier"}))
KEEPER = "T. Testpersoon"
IBAN = "NL91ABNA0417164300"


def send(world: World, *lines: Line, number: str = "S1", **more: Any) -> dict[str, int]:
    answer = world.http.post("/v1/handlers/bank-statements", content=camt053(statement(lines, number, **more)))
    assert answer.status_code == 201, answer.text
    return answer.json()


def counted(**some: int) -> dict[str, int]:
    return {"booked": 0, "known": 0, "suspense": 0, "held": 0, "pending": 0, "differenceCents": 0, **some}


def in_order(world: World) -> None:
    assert world.system.services.fines.books.check() == []


def bank(world: World) -> int:
    return world.get("/v1/handlers/trial-balance").get("bank", 0)


def spaced(reference: str) -> str:
    return " ".join(reference[i : i + 4] for i in range(0, 16, 4))


@pytest.mark.parametrize("how", ["plain", "spaced", "in a sentence", "case number"])
def test_a_payment_finds_its_case_by_reference_or_case_number(world: World, how: str) -> None:
    case = fined(world)
    text = {
        "plain": case["paymentReference"],
        "spaced": spaced(case["paymentReference"]),
        "in a sentence": f"betreft boete {spaced(case['paymentReference'])} dank",
        "case number": f"zaak {spaced(case['caseNumber'])}",
    }[how]
    assert send(world, Line(9300, text)) == counted(booked=1)
    assert world.case(case)["state"] == "paid"
    in_order(world)


def test_a_statement_sent_again_books_nothing_even_where_the_bank_gives_no_reference(world: World) -> None:
    case = fined(world)
    lines = [Line(1000, case["paymentReference"]), Line(1000, case["paymentReference"]), Line(500, "?")]
    assert send(world, *lines) == counted(booked=2, suspense=1)
    assert send(world, *lines) == counted(known=3)
    # Another order of the same entries, or the statement with one more, is known as well.
    assert send(world, *reversed(lines), Line(1, "new")) == counted(known=3, suspense=1)
    assert world.case(case)["amounts"]["paid"] == 2000
    assert bank(world) == 2501
    in_order(world)


def test_the_same_entry_in_another_statement_is_known_by_the_banks_reference(world: World) -> None:
    case = fined(world)
    line = Line(1000, case["paymentReference"], bank_reference="B-77")
    assert send(world, line, number="intraday") == counted(booked=1)
    assert send(world, line, number="day") == counted(known=1)


def test_too_much_is_to_be_paid_back_and_too_little_stays_open(world: World) -> None:
    case = fined(world)
    send(world, Line(9000, case["paymentReference"], "a"))
    assert world.case(case)["amounts"]["open"] == 300
    send(world, Line(1000, case["paymentReference"], "b"), number="S2")
    amounts = world.case(case)["amounts"]
    assert (amounts["open"], amounts["refundable"], world.case(case)["state"]) == (0, 700, "paid")
    in_order(world)


def two_cases(world: World) -> list[dict[str, Any]]:
    first = fined(world)
    world.clock.advance(timedelta(minutes=30))
    return [first, fined(world, 65)]


def test_one_transfer_for_two_cases_is_shared_when_it_is_exactly_what_is_open(world: World) -> None:
    cases = two_cases(world)
    owed = sum(case["amounts"]["open"] for case in cases)
    text = " en ".join(spaced(case["paymentReference"]) for case in cases)
    assert send(world, Line(owed, text)) == counted(booked=1)
    assert [world.case(case)["state"] for case in cases] == ["paid", "paid"]
    in_order(world)


def test_one_transfer_for_two_cases_of_another_amount_waits_for_a_person_who_shares_it(world: World) -> None:
    cases = two_cases(world)
    text = " en ".join(spaced(case["paymentReference"]) for case in cases)
    assert send(world, Line(10_000, text)) == counted(suspense=1)
    [item] = world.system.services.fines.payments.suspense()
    shares = [Share(cases[0]["caseNumber"], 9300), Share(cases[1]["caseNumber"], 700)]
    world.system.services.fines.payments.allocate(CASHIER, item.payment_id, shares, "the payer told so")
    assert [world.case(case)["amounts"]["paid"] for case in cases] == [9300, 700]
    assert world.get("/v1/handlers/trial-balance").get("unallocated_receipts", 0) == 0
    in_order(world)


def test_a_batch_of_transfers_is_booked_one_by_one_when_they_add_up(world: World) -> None:
    cases = two_cases(world)
    details = [(1000, cases[0]["paymentReference"]), (2000, cases[1]["paymentReference"])]
    assert send(world, Line(3000, details=details, bank_reference="B-1")) == counted(booked=2)
    assert [world.case(case)["amounts"]["paid"] for case in cases] == [1000, 2000]


@pytest.mark.parametrize("amounts", [(1000, 1999), (None, 2000), (None, None)])
def test_a_batch_whose_parts_do_not_add_up_is_booked_as_one_and_waits(world: World, amounts: tuple) -> None:
    cases = two_cases(world)
    details = [(cents, case["paymentReference"]) for cents, case in zip(amounts, cases, strict=True)]
    assert send(world, Line(3000, details=details)) == counted(suspense=1)
    assert bank(world) == 3000
    in_order(world)


def test_a_reference_with_one_wrong_digit_waits_with_the_case_as_a_suggestion(world: World) -> None:
    case = fined(world)
    reference = case["paymentReference"]
    wrong = reference[:7] + str((int(reference[7]) + 1) % 10) + reference[8:]
    assert send(world, Line(9300, wrong)) == counted(suspense=1)
    [item] = world.system.services.fines.payments.suspense()
    assert item.suggestions == [(case["caseNumber"], 9300, "the reference differs in one digit")]
    assert (item.counterparty, item.iban) == ("P. Betaler", IBAN)


def test_a_reversal_makes_the_debt_stand_again_with_a_new_term(world: World) -> None:
    case = fined(world)
    send(world, Line(9300, case["paymentReference"], end_to_end="E1"))
    assert world.case(case)["state"] == "paid"
    assert send(world, Line(-9300, "terug", end_to_end="E1", reversal=True), number="S2") == counted(booked=1)
    again = world.case(case)
    assert (again["state"], again["amounts"]["open"], again["amounts"]["paid"]) == ("issued", 9300, 0)
    assert again["dueOn"] >= case["dueOn"]
    assert bank(world) == 0
    in_order(world)


def test_a_reversal_of_an_overpayment_takes_what_was_to_be_paid_back_first(world: World) -> None:
    case = fined(world)
    send(world, Line(9300, case["paymentReference"], "a"), Line(5000, case["paymentReference"], end_to_end="E2"))
    assert world.case(case)["amounts"]["refundable"] == 5000
    send(world, Line(-5000, "terug", end_to_end="E2", reversal=True), number="S2")
    amounts = world.case(case)["amounts"]
    assert (world.case(case)["state"], amounts["open"], amounts["refundable"]) == ("paid", 0, 0)
    in_order(world)


def test_a_reversal_that_names_no_payment_is_held_until_a_person_says_which(world: World) -> None:
    case = fined(world)
    send(world, Line(9300, case["paymentReference"]))
    assert send(world, Line(-9300, "terugboeking", reversal=True), number="S2") == counted(held=1)
    assert world.case(case)["state"] == "paid"
    in_order(world)
    fines = world.system.services.fines
    [held] = fines.bank.held_entries()
    [(payment_id, _, case_number)] = held.payments
    assert case_number == case["caseNumber"]
    fines.bank.clear_against(CASHIER, held.entry_id, payment_id, "the bank named it by telephone")
    assert world.case(case)["state"] == "issued"
    assert fines.bank.held_entries() == []
    assert bank(world) == 0
    in_order(world)


def test_what_is_pending_is_not_booked_until_it_is(world: World) -> None:
    case = fined(world)
    line = Line(9300, case["paymentReference"], bank_reference="B-1", status="<Sts><Cd>PDNG</Cd></Sts>")
    assert send(world, line) == counted(pending=1)
    assert world.case(case)["amounts"]["paid"] == 0
    line.status = "<Sts><Cd>BOOK</Cd></Sts>"
    assert send(world, line, number="S2") == counted(booked=1)


def test_balances_that_do_not_fit_the_entries_are_reported_with_the_difference(world: World) -> None:
    case = fined(world)
    assert send(world, Line(9300, case["paymentReference"]), opening=1000, closing=10_300) == counted(booked=1)
    assert send(world, Line(100, "x"), number="S2", opening=10_300, closing=10_500) == counted(
        suspense=1, differenceCents=100
    )


# Forms met with in the test files of open-source readers of camt.053 (OCA bank-statement-import, genkgo/camt).
@pytest.mark.parametrize(
    ("version", "account", "line"),
    [
        # Amounts with trailing noughts beyond the cent, and no reference of the bank at the entry.
        ("02", f"<IBAN>{ACCOUNT}</IBAN>", {"amount": "93.000"}),
        # A status without a code of its own, and a moment instead of a day: 22:30 UTC is the next day in Amsterdam.
        ("02", f"<IBAN>{ACCOUNT}</IBAN>", {"day": "<BookgDt><DtTm>2026-09-19T22:30:00.000Z</DtTm></BookgDt>"}),
        # The account under another name, the status with a code, newer schema.
        ("08", f"<Othr><Id>{ACCOUNT}</Id></Othr>", {"status": "<Sts><Cd>BOOK</Cd></Sts>"}),
        # No booking date: the value date stands in.
        ("08", f"<IBAN>{ACCOUNT}</IBAN>", {"day": "<ValDt><Dt>2026-09-20</Dt></ValDt>"}),
    ],
)
def test_the_forms_of_published_statements_are_taken_in(world: World, version: str, account: str, line: dict) -> None:
    case = fined(world)
    document = camt053(statement([Line(9300, case["paymentReference"], **line)], account=account), version=version)
    answer = world.http.post("/v1/handlers/bank-statements", content=document)
    assert answer.json() == counted(booked=1), answer.text
    assert world.case(case)["state"] == "paid"
    [[entry]] = [s.entries for s in read_camt053(document)]
    assert (entry.booked_on, entry.cents) == (date(2026, 9, 20), 9300)


def test_a_transfer_whose_own_amount_is_not_the_entrys_waits_as_a_whole(world: World) -> None:
    # As in a published statement: an entry of 594.05 whose only transfer says 564.05. The entry is what was booked.
    case = fined(world)
    assert send(world, Line(59_405, details=[(56_405, case["paymentReference"])])) == counted(suspense=1)
    assert (bank(world), world.case(case)["amounts"]["paid"]) == (59_405, 0)


def test_a_transfers_amount_in_another_currency_does_not_count(world: World) -> None:
    # As in a published statement of version 8: the entry in euro, its transfer 0 in Swedish kronor.
    case = fined(world)
    document = camt053(statement([Line(9300, details=[(0, case["paymentReference"])])])).replace(
        b'<Amt Ccy="EUR">0.00', b'<Amt Ccy="SEK">0.00'
    )
    assert world.http.post("/v1/handlers/bank-statements", content=document).json() == counted(booked=1)


def test_several_statements_in_one_file_are_all_taken_in(world: World) -> None:
    cases = two_cases(world)
    parts = [statement([Line(100 * (n + 1), case["paymentReference"])], number=f"S{n}") for n, case in enumerate(cases)]
    answer = world.http.post("/v1/handlers/bank-statements", content=camt053(*parts))
    assert answer.json() == counted(booked=2)


@pytest.mark.parametrize(
    ("document", "code", "where"),
    [
        (b"not xml", "statement-not-xml", ""),
        (b"<a/>", "statement-not-camt053", ""),
        (b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + camt053(), "statement-doctype", ""),
        (camt053(statement([Line(1), Line(5, currency="USD")])), "statement-currency", "statement 1, entry 2"),
        (camt053(statement([Line(5, amount="0.055")])), "statement-entry", "statement 1, entry 1"),
        (camt053(statement([Line(5, amount="-0.05")])), "statement-entry", "below zero"),
        (camt053(statement([Line(5, amount="much")])), "statement-entry", "no whole number of cents"),
        (camt053(statement([Line(5, day="")])), "statement-entry", "booking date"),
        (camt053(statement([Line(5)]), statement([Line(5)], account="<X/>")), "statement-reference", "statement 2"),
        (camt053(statement([Line(5)])).replace(b"CRDT", b"PLUS"), "statement-entry", "neither credit nor debit"),
    ],
)
def test_a_statement_that_cannot_be_read_is_refused_whole_with_the_place(
    world: World, document: bytes, code: str, where: str
) -> None:
    answer = world.http.post("/v1/handlers/bank-statements", content=document)
    assert answer.status_code == 400
    problem = answer.json()
    assert (problem["type"].endswith(code), where in problem["detail"]) == (True, True), answer.text
    assert bank(world) == 0


def test_a_thousand_spoilt_statements_book_no_wrong_cent(world: World) -> None:
    case = fined(world)
    whole = camt053(
        statement([Line(700, case["paymentReference"], "B-1"), Line(-300, "x", "B-2"), Line(50, "?", "B-3")])
    )
    dice = random.Random(1)
    seen: set[str] = set()
    expected = refused = 0
    for number in range(1000):
        spoilt = bytearray(whole.replace(b"B-", f"{number}-".encode()))
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(spoilt))
            match dice.randrange(3):
                case 0:
                    spoilt[at] = dice.randrange(256)
                case 1:
                    del spoilt[at : at + dice.randint(1, 40)]
                case _:
                    spoilt[at:at] = spoilt[at : at + dice.randint(1, 40)]
        answer = world.http.post("/v1/handlers/bank-statements", content=bytes(spoilt))
        if answer.status_code == 400:
            refused += 1
            continue
        assert answer.status_code == 201, answer.text
        for entry in (entry for s in read_camt053(bytes(spoilt)) for entry in s.entries):
            # What is read is one of the amounts that were written, or one with a changed digit; it counts once.
            expected += 0 if entry.key in seen else entry.cents if entry.credit else -entry.cents
            seen.add(entry.key)
    assert bank(world) == expected
    assert 0 < refused < 1000
    in_order(world)


def due(world: World, case: dict[str, Any]) -> None:
    while world.case(case)["dueOn"] >= local_date(world.clock.now()).isoformat():
        world.clock.advance(timedelta(days=1))
    world.system.services.fines.run_due()


@pytest.mark.parametrize("order", ["payment first", "increase first"])
def test_money_in_time_undoes_an_increase_in_whatever_order_the_news_arrives(world: World, order: str) -> None:
    case = fined(world)
    line = Line(9300, case["paymentReference"], day=on(date.fromisoformat(case["dueOn"])))
    if order == "payment first":
        send(world, line)
        world.clock.advance(timedelta(days=100))
        world.system.services.fines.run_due()
    else:
        due(world, case)
        assert world.case(case)["state"] == "increased_once"
        send(world, line)
    after = world.case(case)
    assert (after["state"], after["amounts"]["increase"], after["amounts"]["open"]) == ("paid", 0, 0)
    assert after["amounts"]["refundable"] == 0
    in_order(world)


def test_money_a_day_late_does_not_undo_the_increase(world: World) -> None:
    case = fined(world)
    due(world, case)
    late = date.fromisoformat(case["dueOn"]) + timedelta(days=1)
    send(world, Line(9300, case["paymentReference"], day=on(late)))
    after = world.case(case)
    assert (after["state"], after["amounts"]["open"]) == ("increased_once", 4200)
    in_order(world)


def test_paying_the_first_reminder_in_time_undoes_the_second_increase_only(world: World) -> None:
    case = fined(world)
    due(world, case)
    last = date.fromisoformat(world.case(case)["dueOn"])
    due(world, case)
    assert world.case(case)["state"] == "increased_twice"
    send(world, Line(9300 + 4200, case["paymentReference"], day=on(last)))
    after = world.case(case)
    assert (after["state"], after["amounts"]["increase"], after["amounts"]["open"]) == ("paid", 4200, 0)
    in_order(world)


# Payouts


def overpaid(world: World) -> dict[str, Any]:
    case = fined(world)
    send(world, Line(10_000, case["paymentReference"]))
    return case


def test_a_payout_takes_two_people_goes_to_the_bank_once_and_is_settled_by_its_statement(world: World) -> None:
    case = overpaid(world)
    payouts = world.system.services.fines.payouts
    payouts.ask(CASHIER, case["caseNumber"], IBAN, KEEPER)
    [waiting] = payouts.under_way()
    with pytest.raises(Exception, match="another person"):
        payouts.approve(CASHIER, waiting.id)
    payouts.approve(OTHER_CASHIER, waiting.id)
    batch = payouts.export(CASHIER)
    assert batch is not None
    document = payouts.batch(batch).decode()
    assert '<InstdAmt Ccy="EUR">7.00</InstdAmt>' in document
    assert IBAN in document
    assert payouts.export(CASHIER) is None
    assert world.case(case)["amounts"]["refundable"] == 0
    in_order(world)
    end_to_end = waiting.id.replace("-", "")
    assert send(world, Line(-700, "terugbetaling", end_to_end=end_to_end), number="S2") == counted(booked=1)
    assert payouts.under_way() == []
    assert bank(world) == 9300
    in_order(world)
    back = Line(700, "rekening opgeheven", end_to_end=end_to_end, reversal=True)
    assert send(world, back, number="S3") == counted(booked=1)
    assert world.case(case)["amounts"]["refundable"] == 700
    in_order(world)


@pytest.mark.parametrize(
    ("iban", "holder", "code"),
    [
        ("NL91ABNA0417164301", KEEPER, "iban-invalid"),
        (IBAN, "Gemachtigde B.V.", "payout-other-name"),
    ],
)
def test_nothing_is_paid_back_to_another_name_or_an_impossible_account(
    world: World, iban: str, holder: str, code: str
) -> None:
    case = overpaid(world)
    with pytest.raises(Exception, match=code):
        world.system.services.fines.payouts.ask(CASHIER, case["caseNumber"], iban, holder)


def test_a_payout_that_is_owed_again_by_then_does_not_go_out(world: World) -> None:
    case = overpaid(world)
    payouts = world.system.services.fines.payouts
    payouts.ask(CASHIER, case["caseNumber"], IBAN, KEEPER)
    payouts.approve(OTHER_CASHIER, payouts.under_way()[0].id)
    world.system.services.fines.bank.import_statement(
        CASHIER, camt053(statement([Line(-10_000, case["paymentReference"], reversal=True)], "S9"))
    )
    assert payouts.export(CASHIER) is None
    assert payouts.under_way() == []
    in_order(world)


def test_money_for_no_case_goes_back_to_the_account_that_it_came_from(world: World) -> None:
    send(world, Line(1234, "huur oktober"))
    fines = world.system.services.fines
    [item] = fines.payments.suspense()
    fines.payouts.give_back(CASHIER, item.payment_id, "rent of somebody else")
    [payout] = fines.payouts.under_way()
    assert (payout.case_number, payout.cents, payout.iban, payout.holder) == (None, 1234, IBAN, "P. Betaler")
    assert fines.payments.suspense() == []
    in_order(world)
