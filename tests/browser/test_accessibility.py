"""Every page keeps to WCAG 2.2 AA as far as axe-core can tell, full of work and on a phone as well."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from api.web.court_flow import COURT
from api.web.step_pages import FLOWS
from tests.appeals.test_courts import at_court
from tests.browser.citizens import Citizen
from tests.browser.conftest import log_in
from tests.cases import fined
from tests.fines.test_liability import hired, state
from tests.ingest.test_red_light import decided
from tests.papers import pdf, send
from tests.world import World, dazzled
from workers.server import running

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def busy(world: World) -> dict[str, Any]:
    """Work of every kind waits; the case that the citizen looks up, and the paths of pages that need an id."""
    case = decided(world)
    speeding = world.fined("75.0")
    state(world, speeding, **hired())
    world.push(world.signed("120.0"))
    world.push(world.signed(images=[dazzled("TN-HV 957", "DE")]))
    world.push(world.signed(images=[b"no photo"]))
    world.drain()
    world.appeal(case, ground="other-vehicle", wantsHearing=True)
    path = world.taken_on(case)
    world.post(f"{path}/inquiries", 201, askedOf="police", question="Was het licht goed te zien?")
    world.post(f"{path}/hearings", 201, at="2026-10-12T10:30:00+02:00", place="telefonisch")
    world.post(
        "/v1/handlers/payments", 201, externalId="lost", paymentReference="0000000000000000", amountCents=100,
        bookedOn="2026-09-14", purpose="sanction",
    )  # fmt: skip
    world.drain()
    letter = send(world, "/v1/handlers/scanned-letters", "scan.pdf", pdf(), receivedOn="2026-09-14").json()["id"]
    send(world, f"{path}/attachments", "factuur.pdf", pdf())
    _, court = at_court(world)
    free = fined(world)
    at_desk = f"/handlers/courts/{court.rsplit('/', 1)[-1]}"
    [held] = world.get("/v1/handlers/quarantined-packages")
    pages = [
        f"/handlers/quarantine/{held['id']}",
        "/handlers/installation",
        path.removeprefix("/v1"),
        f"/handlers/cases/{case['id']}",
        at_desk,
        f"/handlers/letters/{letter}",
    ]
    return {**case, "pages": pages, "free": free}


@pytest.fixture
def watched(browser: Browser, world: World) -> Iterator[Page]:
    """A page whose content security lets the checker in."""
    with running(world.system) as url:
        context = browser.new_context(base_url=url, bypass_csp=True)
        yield context.new_page()
        context.close()


def violations(page: Page) -> list[str]:
    # Until its style sheet is there a page has targets and contrasts that nobody sees.
    page.wait_for_load_state()
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_no_page_has_a_violation(
    watched: Page, world: World, busy: dict[str, Any], width: int, scheme: Literal["light", "dark"]
) -> None:
    page = watched
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    seen: dict[str, list[str]] = {}
    page.goto("/handlers/login")
    seen["login"] = violations(page)
    log_in(page, world)
    seen["work list"] = violations(page)
    desks = [
        "appeals",
        "appeals/insight",
        "appeals/people",
        "letters",
        "courts",
        "money",
        "money/report?month=2026-09",
        "mail",
        "prosecutor",
        "cameras",
        "cameras/cam-1",
        "captures",
        "captures/no-decision",
        "quarantine",
    ]
    for path in [*(f"/handlers/{desk}" for desk in desks), *busy["pages"]]:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))")
        seen[path] = violations(page)
    page.goto("/handlers/review")
    page.wait_for_selector("#desk[data-shown]")
    seen["review"] = violations(page)
    page.goto("/")
    seen["start"] = violations(page)
    page.get_by_role("button", name="See your fine").evaluate("button => button.form.noValidate = true")
    page.get_by_role("button", name="See your fine").click()
    seen["start with a problem"] = violations(page)
    page.goto("/act-for")
    seen["act for somebody"] = violations(page)
    citizen = Citizen(page)
    citizen.come_in(busy)
    citizen.come_in(busy["free"])
    case = page.url
    paths = ["", "/photo", "/looks", "/letters/decision/1", *(f"/{kind}" for kind in FLOWS)]
    paths += [f"/{flow.kind}/{step.name}" for flow in FLOWS.values() for step in flow.steps if flow is not COURT]
    for path in paths:
        if page.goto(case + path).status == 404:
            continue
        seen[path] = violations(page)
        if page.locator("form[novalidate]").count():
            citizen.press("Go on")
            seen[f"{path} with problems"] = violations(page)
    for path in ("/cases", "/messages", "/data", "/nowhere"):
        page.goto(path)
        seen[path] = violations(page)
    assert {name: found for name, found in seen.items() if found} == {}
