"""The whole work without a mouse: log in, keep a list, many at once, the photo, decide, the next, log out."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.world import EVERYTHING, OPERATOR, World


@pytest.fixture
def keys(page: Page, world: World) -> Page:
    """Two appeals against one photo's worth of work; a browser whose mouse does not work."""
    for measured in ("62.0", "64.0"):
        world.appeal(world.fined(measured), ground="means")
    page.add_init_script(
        "addEventListener('pointerdown', (event) => { event.preventDefault(); throw Error('a mouse') }, true)"
    )
    return page


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and see that it shows."""
    for _ in range(80):
        if target.evaluate("element => element === document.activeElement"):
            shown = target.evaluate("element => getComputedStyle(element).outlineStyle !== 'none'")
            assert shown, "the focus cannot be seen"
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way by Tab to {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    tab_to(page, target)
    page.keyboard.press(key)
    page.wait_for_load_state()


def test_the_whole_work_is_done_by_keyboard_alone(keys: Page, world: World) -> None:
    page = keys
    token = world.system.services.principals.register(OPERATOR, "Keyboard", EVERYTHING)
    page.goto("/handlers")
    tab_to(page, page.get_by_label("Your token"))
    page.keyboard.type(token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Work list")).to_be_visible()
    press(page, page.get_by_role("link", name="Appeals", exact=True).first)
    expect(page.get_by_role("heading", name="All that is open: 2")).to_be_visible()

    press(page, page.get_by_text("Keep this list under a name"))
    tab_to(page, page.get_by_label("Name of the list"))
    page.keyboard.type("Mijn lijst")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Mijn lijst")).to_have_attribute("aria-current", "page")
    page.wait_for_load_state()

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    press(page, page.get_by_role("button", name="Look first"))
    expect(page.get_by_role("heading", name="About to be done: take")).to_be_visible()
    press(page, page.get_by_role("button", name="Do it for 2"))
    expect(page.get_by_role("heading", name="Done: take")).to_be_visible()
    press(page, page.get_by_role("button", name="Undo"))
    expect(page.get_by_role("heading", name="Undone: take")).to_be_visible()
    press(page, page.get_by_role("link", name="To the list"))
    expect(page.get_by_role("heading", name="All that is open: 2")).to_be_visible()
    page.wait_for_load_state()

    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
    page.wait_for_load_state()
    tab_to(page, page.get_by_role("group", name="Photo to look at closely"))
    before = page.locator("[data-viewer] img").evaluate("photo => photo.style.transform")
    page.keyboard.press("+")
    assert page.locator("[data-viewer] img").evaluate("photo => photo.style.transform") != before
    page.keyboard.press("d")
    tab_to(page, page.get_by_label("Motivation"))
    page.keyboard.type("De meting klopt.")
    tab_to(page, page.get_by_label("Nobody was heard, because"))
    page.keyboard.type("waived")
    press(page, page.get_by_role("button", name="Decide, and take the next"))
    expect(page.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
    press(page, page.get_by_role("button", name="Log out", exact=True))
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
