"""What waits for a handler stands on the work list."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.fines.test_liability import hired, state
from tests.world import World


def test_plans_and_statements_wait_on_the_work_list(page: Page, world: World) -> None:
    planned, disputed = world.fined("75.0"), world.fined("62.0")
    world.post("/v1/handlers/plans", 201, caseNumber=planned["caseNumber"], parts=3)
    state(world, disputed, **hired())
    log_in(page, world)
    expect(page.get_by_role("row", name=f"{planned['caseNumber']} 3 instalments")).to_be_visible()
    expect(page.get_by_role("row", name=f"{disputed['caseNumber']} hired")).to_be_visible()
    page.get_by_role("row", name="3 instalments").get_by_role("link").click()
    expect(page.get_by_role("button", name="Grant plan")).to_be_visible()
