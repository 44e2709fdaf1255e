"""An operator sees what is stuck and has it tried again."""

from playwright.sync_api import Page, expect
from sqlalchemy import update

from core.outbox import MessageState, OutboxMessage
from tests.browser.conftest import log_in
from tests.world import World


def test_failed_jobs_are_seen_and_tried_again(page: Page, world: World) -> None:
    world.push(world.signed())
    with world.system.database.write_session() as session:
        session.execute(update(OutboxMessage).values(state=MessageState.DEAD, last_error="ConnectionError"))
        session.commit()
    log_in(page, world)
    page.get_by_role("link", name="Installation").click()
    failed = page.locator("section", has=page.get_by_role("heading", name="Failed jobs"))
    row = failed.get_by_role("row", name="imaging.read_plate")
    expect(row).to_contain_text("ConnectionError")
    row.get_by_label("Reason").fill("the store is back")
    row.get_by_role("button", name="Try all again").click()
    expect(failed.get_by_role("row", name="imaging.read_plate")).to_have_count(0)
    queues = page.locator("section", has=page.get_by_role("heading", name="Queues"))
    expect(queues.get_by_role("row", name="imaging")).to_contain_text("1")
