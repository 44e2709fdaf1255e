"""Criminal cases are handed over on a page."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.world import World


def test_a_criminal_case_is_handed_over_and_receipted(page: Page, world: World) -> None:
    world.push(world.signed("90.0"))
    world.drain()
    log_in(page, world)
    page.get_by_role("link", name="Prosecutor").click()
    expect(page.get_by_role("heading", name="1 to hand over")).to_be_visible()
    page.get_by_role("button", name="Hand over all that waits").click()
    world.drain()
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("button", name="Fetch the export").click()
    assert download.value.suggested_filename.endswith(".zip")
    page.get_by_label("Digest of the manifest").fill("0" * 64)
    page.get_by_label("Prosecutor's number").fill("16/123456-26")
    page.get_by_role("button", name="Receipted").click()
    expect(page.get_by_role("alert")).to_contain_text("another manifest")
    page.get_by_label("Digest of the manifest").fill(page.locator("article code").inner_text())
    page.get_by_label("Prosecutor's number").fill("16/123456-26")
    page.get_by_role("button", name="Receipted").click()
    expect(page.get_by_role("cell", name="16/123456-26")).to_be_visible()
