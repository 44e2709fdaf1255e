"""The review desk as a reviewer uses it: thirty photos, by keyboard alone."""

import random
from datetime import timedelta

from playwright.sync_api import Page, expect

from imaging.service import normalise
from ingest.simulator.plate_art import invent
from tests.browser.conftest import log_in
from tests.world import World, dazzled

PHOTOS = 30


def wait_for(page: Page, capture_id: str) -> None:
    """Until the photo of this capture is drawn."""
    page.wait_for_selector(f"#desk[data-shown='{capture_id}']")


def waiting(world: World) -> list[str]:
    return [view.capture_id for view in world.system.services.imaging.desk.queue()]


def options(page: Page) -> list[str]:
    found = page.locator("button.option")
    return [found.nth(place).get_attribute("data-plate") or "" for place in range(found.count())]


def at_the_desk(page: Page, world: World, *plates: str, order: str = "oldest") -> list[str]:
    """Logged in, with photos of these before the reviewer; the captures in the order in which they come."""
    for plate in plates:
        world.push(world.signed(images=[dazzled(plate)]))
    world.drain()
    log_in(page, world)
    page.goto(f"/handlers/review?order={order}")
    queue = waiting(world) if order == "oldest" else waiting(world)[::-1]
    wait_for(page, queue[0])
    return queue


def test_thirty_photos_are_reviewed_by_keyboard(page: Page, world: World) -> None:
    chance = random.Random(7)
    truth = {}
    for _ in range(PHOTOS):
        plate = invent("NL", chance)
        answer = world.push(world.signed(images=[dazzled(plate.text)]))
        truth[answer.json()["id"]] = normalise(plate.text)
    world.drain()
    queue = waiting(world)
    assert set(queue) == set(truth)
    log_in(page, world)
    page.get_by_role("link", name="Open the review desk").click()
    unreadable, other_vehicle = queue[5], queue[9]
    for capture_id in queue:
        wait_for(page, capture_id)
        if capture_id == unreadable:
            page.keyboard.press("r")
        elif capture_id == other_vehicle:
            page.keyboard.press("v")
        elif truth[capture_id] in options(page):
            page.keyboard.press(str(options(page).index(truth[capture_id]) + 1))
        else:
            page.keyboard.press("t")
            page.keyboard.type(truth[capture_id])
            page.get_by_label("Country").fill("NL")
            page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing waits for review.")).to_be_visible()
    imaging = world.system.services.imaging
    for capture_id, plate in truth.items():
        reading = imaging.reading(capture_id)
        if capture_id in (unreadable, other_vehicle):
            assert reading.state == "rejected"
        else:
            assert (reading.state, reading.plate, reading.country) == ("confirmed", plate, "NL")
    statistics = imaging.desk.statistics()
    assert (statistics.confirmed, statistics.rejected) == (PHOTOS - 2, 2)


def test_a_region_hidden_at_the_desk_is_hidden_in_the_citizens_copy(page: Page, world: World) -> None:
    [capture_id] = at_the_desk(page, world, "GB-001-B")
    for key in ("+", "ArrowRight", "h", "h", "u", "[", "."):
        page.keyboard.press(key)
    page.keyboard.press("t")
    page.keyboard.type("GB001B")
    page.get_by_label("Country").fill("NL")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing waits for review.")).to_be_visible()
    world.drain()
    [record] = world.system.services.imaging.redaction_records(capture_id)
    assert [region["kind"] for region in record.hidden].count("by-hand") == 1


def test_what_is_refused_is_shown_and_the_photo_stays(page: Page, world: World) -> None:
    [capture_id] = at_the_desk(page, world, "GB-001-B")
    page.keyboard.press("t")
    page.keyboard.type("NO PLATE")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="no valid plate")).to_be_visible()
    assert waiting(world) == [capture_id]


def test_skipping_leaves_the_photo_in_the_queue(page: Page, world: World) -> None:
    first, second = at_the_desk(page, world, "GB-001-B", "X-885-FH", order="newest")
    page.keyboard.press("s")
    wait_for(page, second)
    assert set(waiting(world)) == {first, second}
    page.keyboard.press("s")
    expect(page.get_by_text("What you skipped may still wait.")).to_be_visible()
    expect(page.get_by_text("Nothing waits for review.")).to_be_hidden()
    page.get_by_role("link", name="Begin again").click()
    wait_for(page, first)


def test_whoever_is_logged_out_meanwhile_is_asked_to_log_in(page: Page, world: World) -> None:
    _, second, _ = at_the_desk(page, world, "GB-001-B", "X-885-FH", "L-112-XB")
    # The next one is there already.
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies()
    page.keyboard.press("s")
    wait_for(page, second)
    page.keyboard.press("s")
    page.wait_for_url("**/handlers/login**")


def test_what_is_read_after_the_login_has_ended_does_not_pass_for_stored(page: Page, world: World) -> None:
    first, second = at_the_desk(page, world, "GB-001-B", "X-885-FH")
    page.wait_for_load_state("networkidle")
    world.clock.advance(timedelta(hours=2))
    page.keyboard.press("r")
    page.wait_for_url("**/handlers/login**")
    assert waiting(world) == [first, second]


def test_what_does_not_reach_the_server_can_be_sent_again(page: Page, world: World) -> None:
    at_the_desk(page, world, "GB-001-B")
    page.context.set_offline(True)
    page.keyboard.press("r")
    expect(page.get_by_role("alert").filter(has_text="nothing was stored")).to_be_visible()
    page.context.set_offline(False)
    page.keyboard.press("r")
    expect(page.get_by_text("Nothing waits for review.")).to_be_visible()
    assert waiting(world) == []


def test_the_queue_can_be_narrowed_to_a_reason(page: Page, world: World) -> None:
    world.push(world.signed(images=[dazzled("GB-001-B")]))
    world.drain()
    log_in(page, world)
    page.goto("/handlers/review?reason=photo-blurred")
    expect(page.get_by_text("Nothing waits for review.")).to_be_visible()
    page.get_by_label("Reason").select_option("photo-glare")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("1 waiting")).to_be_visible()


def test_without_script_the_desk_still_works(page: Page, world: World) -> None:
    capture_id = world.push(world.signed(images=[dazzled("GB-001-B")])).json()["id"]
    world.drain()
    log_in(page, world)
    page.route("**/review.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto("/handlers/review")
    page.get_by_role("textbox", name="Plate").fill("GB-001-B")
    page.get_by_label("Country").fill("NL")
    page.get_by_role("button", name="As typed").click()
    expect(page.get_by_text("Nothing waits for review.")).to_be_visible()
    assert world.system.services.imaging.reading(capture_id).state == "confirmed"
