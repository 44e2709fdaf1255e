"""An operator brings a camera in, sees how it does, and judges what is in quarantine."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.world import World, jpeg


def test_a_camera_is_announced_and_its_code_shown_once(page: Page, world: World) -> None:
    log_in(page, world)
    page.get_by_role("link", name="Cameras").click()
    page.get_by_label("Its id").fill("cam-7")
    page.get_by_label("Its model").fill("Test Radar")
    page.get_by_role("button", name="Announce it").click()
    expect(page.get_by_role("status")).to_contain_text("shown this once")
    page.get_by_role("link", name="cam-7").click()
    expect(page.get_by_text("The camera has not brought its key yet.")).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(0)
    page.get_by_role("button", name="Make another code").click()
    expect(page.get_by_role("status")).to_contain_text("shown this once")


def test_a_camera_is_revoked_and_what_entitled_it_withdrawn(page: Page, world: World) -> None:
    world.push(world.signed())
    log_in(page, world)
    page.goto("/handlers/cameras/cam-1")
    page.locator("summary").first.click()
    page.get_by_label("Why").first.fill("the certificate was another camera's")
    page.get_by_role("button", name="It does not hold from now on").first.click()
    expect(page.get_by_text("withdrawn from 14-09-2026")).to_be_visible()
    page.get_by_role("link", name="What rested on it").click()
    expect(page.get_by_role("heading", name="Captures since then")).to_be_visible()
    page.go_back()
    revocation = page.locator("form", has=page.get_by_role("button", name="Revoke it"))
    revocation.get_by_label("Why").fill("stolen")
    revocation.get_by_label("Its key may be in other hands").check()
    revocation.get_by_role("button").click()
    expect(page.get_by_text("revoked").first).to_be_visible()


def test_a_package_is_looked_at_and_let_through(page: Page, world: World) -> None:
    capture = world.signed()
    world.clock.advance(timedelta(days=31))
    world.push(capture)
    log_in(page, world)
    page.get_by_role("link", name="Quarantine").click()
    page.locator("table").last.get_by_role("link").first.click()
    expect(page.get_by_text('"captureId": "capture-1"')).to_be_visible()
    page.get_by_role("button", name="Photo 1").click()
    expect(page.get_by_alt_text("The photo, as it came")).to_be_visible()
    release = page.locator("form", has=page.get_by_role("button", name="Take it in"))
    release.get_by_label("Why").fill("the line was down for a month")
    release.get_by_role("button").click()
    page.get_by_role("link", name="as capture").click()
    expect(page.get_by_role("heading", name="Capture capture-1")).to_be_visible()


def test_what_stays_broken_is_told_and_discarded(page: Page, world: World) -> None:
    world.push(world.signed(images=[jpeg()[:-4000]]))
    log_in(page, world)
    page.goto("/handlers/quarantine")
    page.locator("table").last.get_by_role("link").first.click()
    release = page.locator("form", has=page.get_by_role("button", name="Take it in"))
    release.get_by_label("Why").fill("try")
    release.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("the end-of-image marker is missing")
    discard = page.locator("form", has=page.get_by_role("button", name="Discard it"))
    discard.get_by_label("Why").fill("the file is broken")
    discard.get_by_role("button").click()
    expect(page.get_by_text("discarded")).to_be_visible()
