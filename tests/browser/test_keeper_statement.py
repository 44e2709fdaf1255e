"""A handler weighs a statement about the keeper on the case page."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.fines.test_liability import hired, state
from tests.world import World


def test_a_hire_is_accepted_and_the_page_shows_the_hirers_case(page: Page, world: World) -> None:
    case = world.fined("62.0")
    state(world, case, **hired())
    log_in(page, world)
    page.get_by_role("link", name=case["caseNumber"]).first.click()
    expect(page.get_by_text("H. Huurder, Huurstraat 2")).to_be_visible()
    page.get_by_label("It holds, because").fill("contract seen")
    page.get_by_role("button", name="Annul and address the person named").click()
    expect(page.get_by_text("accepted", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text(case["caseNumber"])
    world.drain()
    assert world.case(case)["state"] == "annulled"


def test_what_stands_in_its_way_is_said_and_there_is_no_button(page: Page, world: World) -> None:
    case = world.fined("62.0")
    state(world, case, **hired("2026-01-01", "2026-12-31"))
    log_in(page, world)
    page.get_by_role("link", name=case["caseNumber"]).first.click()
    expect(page.get_by_text("the contract is for more than 3 months")).to_be_visible()
    expect(page.get_by_role("button", name="Annul")).to_have_count(0)
    page.get_by_label("It does not hold, because").fill("a lease is no hire")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_text("refused", exact=True)).to_be_visible()
