"""A handler comes in by the login of his organisation, with a real browser and a real provider."""

from pathlib import Path

from playwright.sync_api import Browser, expect
from pytest_iam import Server

from core.clock import SettableClock
from tests.api.test_login import CLIENT, person, register_client
from tests.conftest import embedded_world
from workers.server import running, usable_port


def test_by_the_organisations_login_to_the_work_list(
    browser: Browser, iam_server: Server, tmp_path: Path, clock: SettableClock
) -> None:
    port = usable_port()
    here = f"http://127.0.0.1:{port}"
    register_client(iam_server, here)
    person(iam_server, "carla", "traffic-handlers")
    world = embedded_world(tmp_path, clock, public_url=here, oidc_issuer=iam_server.url, **CLIENT)
    with running(world.system, port):
        page = browser.new_context(base_url=here, locale="en").new_page()
        page.goto("/handlers")
        page.get_by_role("link", name="Log in with your organisation").click()
        page.locator("input[name=login]").fill("carla")
        page.get_by_role("button", name="Continue").click()
        page.locator("input[type=password]").fill("correct")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_role("heading", name="Work list")).to_be_visible()
