"""A real browser on a small installation."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.world import EVERYTHING, OPERATOR, World
from workers.server import running

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "no Chromium: run scripts/system-packages --tests"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser, world: World) -> Iterator[Page]:
    with running(world.system) as url:
        context = browser.new_context(base_url=url)
        faults: list[str] = []
        opened = context.new_page()
        opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: faults.append(str(error)))
        yield opened
        context.close()
    # What is refused, and a network that a test takes away, are no faults of the page.
    assert [fault for fault in faults if "40" not in fault and "ERR_INTERNET_DISCONNECTED" not in fault] == []


def log_in(page: Page, world: World) -> None:
    token = world.system.services.principals.register(OPERATOR, "Browser", EVERYTHING)
    page.goto("/handlers")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Work list")).to_be_visible()
