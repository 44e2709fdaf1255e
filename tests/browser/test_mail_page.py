"""Letters are printed, posted and, when they come back, dealt with on a page."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.cases import fined
from tests.world import World


def test_letters_are_printed_posted_and_one_comes_back(page: Page, world: World) -> None:
    case = fined(world)
    log_in(page, world)
    page.get_by_role("link", name="Mail").click()
    page.get_by_role("button", name="Print all that waits").click()
    world.drain()
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename.endswith("-10.pdf")
    page.get_by_role("button", name="All of it is posted").click()
    expect(page.get_by_text("posted 2026-09-14")).to_be_visible()
    page.get_by_label("Case number").fill(case["caseNumber"])
    page.get_by_label("What the post says").fill("moved away")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("Nothing is raised or collected until you decide")).to_be_visible()
    page.get_by_text("Undeliverable there as well").click()
    page.get_by_label("Why").last.fill("returned")
    page.get_by_role("button", name="It counts as known").click()
    expect(page.get_by_role("alert")).to_contain_text("register of persons first")
    page.get_by_text("To the address in the register of persons", exact=True).click()
    for label, value in (
        ("Name", "T. Testpersoon"),
        ("Street and number", "Nieuwstraat 9"),
        ("Postcode", "3511 AB"),
        ("City", "Utrecht"),
    ):
        page.get_by_label(label).fill(value)
    page.get_by_label("Why").first.fill("register of persons")
    page.get_by_role("button", name="Send it there").click()
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()
