"""Letters on their way: printed by postal sort, delivered with proof, and what follows when one comes back."""

import hashlib
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from core.clock import SettableClock, local_date
from core.errors import NotFound
from core.unit_of_work import SYSTEM
from fines.letters import order_letter
from fines.print_runs import postal_sort
from fines.simulator.mailbox import SimulatedMailbox
from tests.cases import fined
from tests.conftest import embedded_world
from tests.world import PLATE, World, keeper_of, lookup
from workers.server import serving

NEW_ADDRESS = {"name": "T. Testpersoon", "street": "Nieuwstraat 9", "postcode": "3511 AB", "city": "Utrecht"}


def unsent(world: World) -> dict[str, Any]:
    """A case whose letter is made and waits for the post."""
    world.push(world.signed("62.0"))
    world.drain()
    fate = next(f for f in world.get("/v1/handlers/captures") if f["decisionId"])
    return world.decision(fate["decisionId"])


def printed(world: World) -> dict[str, Any]:
    run = world.post("/v1/handlers/print-runs", 202)["id"]
    world.drain()
    return next(found for found in world.get("/v1/handlers/print-runs") if found["id"] == run)


def file_of(world: World, run: dict[str, Any], sort: str, status: int = 200) -> Any:
    return world.post(f"/v1/handlers/print-runs/{run['id']}/files/{sort}/fetches", status)


def posted(world: World, run: dict[str, Any], status: int = 204) -> None:
    world.post(f"/v1/handlers/print-runs/{run['id']}/completions", status)
    world.drain()


def deliveries(world: World, case: dict[str, Any]) -> list[tuple[str, str]]:
    found = world.get(f"/v1/handlers/decisions/{case['decisionId']}/deliveries")
    return [(item["channel"], item["state"]) for item in found]


def came_back(world: World, case: dict[str, Any], status: int = 201, kind: str = "decision") -> Any:
    return world.post(
        "/v1/handlers/returned-letters", status, caseNumber=case["caseNumber"], kind=kind, reason="moved away"
    )


def send_again(world: World, delivery: str, status: int = 204) -> Any:
    path = f"/v1/handlers/returned-letters/{delivery}/resendings"
    return world.post(path, status, address=NEW_ADDRESS, reason="register of persons")


def counts_as_known(world: World, delivery: str, status: int = 204, same: bool = False) -> Any:
    path = f"/v1/handlers/returned-letters/{delivery}/services"
    return world.post(path, status, sameAddress=same, reason="undeliverable")


# By post


@pytest.mark.parametrize(
    ("postcode", "country", "sort"),
    [("1000 AA", "Nederland", "10"), ("9999XX", "Nederland", "99"), ("1000", "(BE)", "abroad"), ("", "x", "abroad")],
)
def test_the_postal_sort_is_two_digits_of_the_postcode_or_abroad(postcode: str, country: str, sort: str) -> None:
    assert postal_sort({"postcode": postcode, "country": country}) == sort


def test_a_run_has_a_file_for_each_sort_and_its_manifest_says_which_pages_are_whose(world: World) -> None:
    cases = [fined(world) for _ in range(3)]
    run = printed(world)
    assert (run["state"], run["letters"]) == ("ready", 3)
    [entry] = run["manifest"]
    pdf = file_of(world, run, entry["sort"]).content
    assert hashlib.sha256(pdf).hexdigest() == entry["sha256"]
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == entry["pages"] == sum(letter["pages"] for letter in entry["letters"])
    numbers = {
        item["id"]: case["caseNumber"]
        for case in cases
        for item in world.get(f"/v1/handlers/decisions/{case['decisionId']}/deliveries")
    }
    for letter in entry["letters"]:
        text = pages[letter["first_page"] - 1].extract_text().replace(" ", "")
        assert numbers[letter["delivery"]] in text
    assert "Testpersoon" not in str(run)


def test_a_decision_that_was_not_posted_is_never_raised(world: World) -> None:
    case = unsent(world)
    world.clock.advance(timedelta(days=100))
    assert world.system.services.fines.run_due() == 0
    assert world.case(case)["state"] == "issued"


def test_terms_run_from_the_day_on_which_it_was_posted(world: World) -> None:
    # Awb art. 6:8: the term for appeal starts on the day after the decision was made known.
    case = unsent(world)
    assert case["appealUntil"] == "2026-10-26"
    world.clock.advance(timedelta(days=7))
    posted(world, printed(world))
    seen = world.case(case)
    assert seen["appealUntil"] == "2026-11-02"
    assert seen["dueOn"] == "2026-11-16"
    assert deliveries(world, case) == [("post", "sent")]
    world.clock.set(world.clock.now().replace(month=11, day=2))
    assert world.appeal(case)["inTime"]


def test_posted_on_the_day_of_the_decision_the_dates_on_the_letter_hold(world: World) -> None:
    case = unsent(world)
    posted(world, printed(world))
    assert world.case(case)["dueOn"] == case["dueOn"]


def test_a_posted_runs_files_are_forgotten_and_the_letters_kept(world: World) -> None:
    case = fined(world)
    run = printed(world)
    posted(world, run)
    assert file_of(world, run, run["manifest"][0]["sort"], 409)["type"].endswith("files-not-there")
    blobs = world.system.blobs
    with pytest.raises(NotFound):
        blobs.get("documents", f"print-{run['id']}", run["manifest"][0]["sha256"])
    assert world.post("/v1/letter-lookups", 200, **lookup(case)).content
    posted(world, run, 409)


def test_a_letter_is_in_one_run_only(world: World) -> None:
    fined(world)
    printed(world)
    assert world.post("/v1/handlers/print-runs", 409)["type"].endswith("nothing-waits")


def test_a_run_that_is_prepared_twice_is_one_run(world: World) -> None:
    fined(world)
    runs = world.system.services.fines.print_runs
    run = world.post("/v1/handlers/print-runs", 202)["id"]
    first = runs.prepare({"printRunId": run})
    assert runs.prepare({"printRunId": run}) == first


# Letters that come back


@pytest.fixture
def sent(world: World) -> dict[str, Any]:
    """A case whose letter was posted."""
    case = fined(world)
    posted(world, printed(world))
    return case


def test_while_a_returned_letter_waits_nothing_is_raised(world: World, sent: dict[str, Any]) -> None:
    came_back(world, sent)
    world.clock.advance(timedelta(days=100))
    assert world.system.services.fines.run_due() == 0
    [back] = world.get("/v1/handlers/returned-letters")
    assert (back["caseNumber"], back["kind"], back["attempt"]) == (sent["caseNumber"], "decision", 1)


def test_it_goes_to_the_address_in_the_register_of_persons_with_time_to_pay(world: World, sent: dict[str, Any]) -> None:
    # Wahv art. 4 par. 2.
    delivery = came_back(world, sent)["id"]
    world.clock.advance(timedelta(days=100))
    send_again(world, delivery)
    run = printed(world)
    [entry] = run["manifest"]
    assert entry["sort"] == "35"
    sheet, letter = PdfReader(io.BytesIO(file_of(world, run, "35").content)).pages
    assert "Nieuwstraat 9" in sheet.extract_text()
    assert sent["caseNumber"] in letter.extract_text().replace(" ", "")
    posted(world, run)
    assert deliveries(world, sent) == [("post", "resent"), ("post", "sent")]
    due = date.fromisoformat(world.case(sent)["dueOn"])
    assert due >= local_date(world.clock.now()) + timedelta(days=14)


def test_undeliverable_there_as_well_it_counts_as_known(world: World, sent: dict[str, Any]) -> None:
    # Wahv art. 4 par. 2.
    first = came_back(world, sent)["id"]
    assert counts_as_known(world, first, 409)["type"].endswith("address-not-tried")
    send_again(world, first)
    posted(world, printed(world))
    second = came_back(world, sent)["id"]
    counts_as_known(world, second)
    assert world.get("/v1/handlers/returned-letters") == []
    world.clock.advance(timedelta(days=100))
    assert world.system.services.fines.run_due() == 1


def test_where_the_register_has_the_same_address_it_counts_as_known_at_once(world: World, sent: dict[str, Any]) -> None:
    counts_as_known(world, came_back(world, sent)["id"], same=True)
    assert deliveries(world, sent) == [("post", "served")]


def test_what_was_never_sent_cannot_come_back(world: World, sent: dict[str, Any]) -> None:
    assert came_back(world, sent, 404, kind="first_reminder")["type"].endswith("letter-not-sent")


def test_what_came_back_cannot_come_back_again(world: World, sent: dict[str, Any]) -> None:
    came_back(world, sent)
    came_back(world, sent, 404)


# By mailbox


@pytest.fixture
def mailbox(clock: SettableClock) -> SimulatedMailbox:
    return SimulatedMailbox(clock, "secret", people={"person-1"})


@pytest.fixture
def digital(tmp_path: Path, clock: SettableClock, mailbox: SimulatedMailbox) -> Iterator[World]:
    """A world with a mailbox, in which the keeper of the plate has chosen it."""
    with serving(mailbox.app()) as url:
        world = embedded_world(tmp_path, clock, mailbox_url=url, mailbox_token="secret")
        world.register = [keeper_of(PLATE.text)]
        world.register[0]["keepers"][0]["keeper"]["mailbox"] = "person-1"
        yield world


def test_who_has_a_mailbox_gets_the_signed_letter_there_and_the_receipt_is_kept(
    digital: World, mailbox: SimulatedMailbox
) -> None:
    case = unsent(digital)
    [(message, pdf)] = mailbox.taken.items()
    letter = digital.post("/v1/letter-lookups", 200, **lookup(case)).content
    assert pdf == letter
    [delivery] = digital.get(f"/v1/handlers/decisions/{case['decisionId']}/deliveries")
    assert (delivery["id"], delivery["channel"], delivery["state"]) == (message, "mailbox", "sent")
    assert delivery["proof"]["sha256"] == hashlib.sha256(letter).hexdigest()
    assert digital.post("/v1/handlers/print-runs", 409)["type"].endswith("nothing-waits")


def test_who_closed_his_mailbox_gets_it_by_post(digital: World, mailbox: SimulatedMailbox) -> None:
    mailbox.people.clear()
    case = unsent(digital)
    assert deliveries(digital, case) == [("mailbox", "redirected"), ("post", "waiting")]
    posted(digital, printed(digital))
    assert deliveries(digital, case)[-1] == ("post", "sent")


def test_a_mailbox_that_is_away_delays_and_delivers_once(digital: World, mailbox: SimulatedMailbox) -> None:
    mailbox.away = True
    case = unsent(digital)
    assert deliveries(digital, case) == [("mailbox", "waiting")]
    mailbox.away = False
    delivery = digital.get(f"/v1/handlers/decisions/{case['decisionId']}/deliveries")[0]["id"]
    fines = digital.system.services.fines
    fines.deliveries.prepare({"deliveryId": delivery})
    receipt = fines.deliveries.prepare({"deliveryId": delivery})
    with digital.system.units.begin(SYSTEM) as uow:
        fines.deliveries.apply(uow, {"deliveryId": delivery}, receipt)
        uow.commit()
    assert len(mailbox.taken) == 1
    assert deliveries(digital, case) == [("mailbox", "sent")]


def test_every_letter_of_a_case_takes_the_same_way(digital: World, mailbox: SimulatedMailbox) -> None:
    case = unsent(digital)
    with digital.system.units.begin(SYSTEM) as uow:
        order_letter(uow, case["decisionId"], "keeper", "refused", "no ground")
        uow.commit()
    digital.drain()
    assert deliveries(digital, case) == [("mailbox", "sent"), ("mailbox", "sent")]
