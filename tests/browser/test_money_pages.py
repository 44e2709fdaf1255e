"""The cashier's pages in a real browser."""

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.statements import Line, camt053, statement
from tests.world import World


def open_money(page: Page, world: World) -> None:
    log_in(page, world)
    page.get_by_role("link", name="Money").click()
    expect(page.get_by_role("heading", name="Money", exact=True)).to_be_visible()


def test_a_statement_is_taken_in_and_its_unknown_money_is_matched(page: Page, world: World, tmp_path: Path) -> None:
    case = world.fined("62.0")
    file = tmp_path / "statement.xml"
    file.write_bytes(camt053(statement([Line(9300, "boete van mijn man")])))
    open_money(page, world)
    page.get_by_label("File (camt.053)").set_input_files(file)
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_role("status")).to_contain_text("Booked 0, known before 0, waiting for you 1")
    page.get_by_label("Case number", exact=True).first.fill(case["caseNumber"])
    page.get_by_label("Euro").first.fill("92,99")
    page.get_by_label("Why").first.fill("asked the payer")
    page.get_by_role("button", name="Book for these cases").click()
    expect(page.get_by_role("alert")).to_contain_text("must add up to the 9300 cents")
    page.get_by_label("Case number", exact=True).first.fill(case["caseNumber"])
    page.get_by_label("Euro").first.fill("93,00")
    page.get_by_label("Why").first.fill("asked the payer")
    page.get_by_role("button", name="Book for these cases").click()
    expect(page.get_by_text("Nothing waits here.").first).to_be_visible()
    assert world.case(case)["state"] == "paid"


def test_the_case_page_tells_the_money_from_the_first_day_and_why_it_was_raised(page: Page, world: World) -> None:
    case = world.fined("62.0")
    world.clock.advance(timedelta(days=70))
    world.system.services.fines.run_due()
    world.drain()
    log_in(page, world)
    page.get_by_role("link", name="capture-1").click()
    expect(page.get_by_text("First increase, € 42,00")).to_be_visible()
    expect(page.get_by_text("the sanction is raised by law by 50 percent")).to_be_visible()
    expect(page.get_by_text("The measurement correction is 3 km/h.")).to_be_visible()
    assert world.case(case)["state"] == "increased_once"


def test_the_month_is_shown_with_the_state_of_the_books(page: Page, world: World) -> None:
    case = world.fined("62.0")
    world.pay(case, 9300, "p1")
    open_money(page, world)
    page.get_by_role("link", name="Report of 2026-09").click()
    expect(page.get_by_text("issued, € 93,00")).to_be_visible()
    expect(page.get_by_role("row", name="up to 14 days 1 € 93,00")).to_be_visible()
    expect(page.get_by_text("in order", exact=True)).to_be_visible()
    csv = page.request.get("/handlers/money/report.csv?month=2026-09").text()
    assert "issued,1,9300" in csv
    assert '"paid, up to 14 days",1,9300' in csv


def test_a_handler_grants_instalments_and_stops_collection(page: Page, world: World) -> None:
    case = world.fined("62.0")
    log_in(page, world)
    page.get_by_role("link", name="capture-1").click()
    page.get_by_text("Instalments, steps of recovery").click()
    page.get_by_label("Pay in so many monthly parts").fill("3")
    page.get_by_role("button", name="Ask for instalments").click()
    expect(page.get_by_text("3 instalments: € 31,00 by 2026-10-14")).to_be_visible()
    page.get_by_label("Why", exact=True).first.fill("income checked")
    page.get_by_role("button", name="Grant plan").click()
    assert world.case(case)["state"] == "in_plan"
    page.get_by_text("Instalments, steps of recovery").click()
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_role("alert")).to_contain_text("after both reminders only")
    page.get_by_text("Instalments, steps of recovery").click()
    page.get_by_label("Stop collection up to").fill("2026-12-31")
    page.get_by_label("Because", exact=True).first.fill("debt counselling")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped up to 2026-12-31")).to_be_visible()
