"""Who answers for what is kept sees by which rule, holds a case and lets it go again."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.world import World


def test_a_case_is_held_by_its_number_and_let_go_again(page: Page, world: World) -> None:
    case = world.fined()
    world.register = []
    world.push(world.signed())
    world.drain()
    world.clock.advance(timedelta(days=3))
    world.system.services.retention.run()
    log_in(page, world)
    page.get_by_role("link", name="Retention").click()
    holds = page.locator("section", has=page.get_by_role("heading", name="Legal holds"))
    holds.get_by_label("Case number, or id of the capture").fill("9000 0000 0000 0000")
    holds.get_by_label("Reason").fill("complaint")
    holds.get_by_role("button", name="Place a legal hold").click()
    expect(page.get_by_role("alert")).to_contain_text("no case")
    holds.get_by_label("Case number, or id of the capture").fill(case["caseNumber"])
    holds.get_by_label("Reason").fill("complaint at the ombudsman")
    holds.get_by_role("button", name="Place a legal hold").click()
    row = holds.get_by_role("row", name="complaint at the ombudsman")
    expect(row).to_be_visible()
    destroyed = page.locator("section", has=page.get_by_role("heading", name="Destroyed"))
    expect(destroyed).to_contain_text("captures without a decision")
    row.get_by_label("Reason").fill("settled")
    row.get_by_role("button", name="Lift").click()
    expect(holds).to_contain_text("None stands.")
