"""The pages in a real browser."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.world import EVERYTHING, OPERATOR, World, jpeg, keeper_of
from workers.server import running

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "no Chromium: run scripts/system-packages --browser"
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
    assert [fault for fault in faults if "40" not in fault] == []


def log_in(page: Page, world: World) -> None:
    token = world.system.services.principals.register(OPERATOR, "Browser", EVERYTHING)
    page.goto("/handlers")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Work list")).to_be_visible()


def test_a_handler_reviews_a_plate_and_sees_the_case(page: Page, world: World) -> None:
    world.register = [keeper_of("TN-HV 957", "DE")]
    world.push(world.signed(images=[jpeg("TN-HV 957", "DE")]))
    world.drain()
    log_in(page, world)
    page.get_by_role("link", name="capture-1").click()
    page.get_by_label("Country").fill("de")
    page.get_by_role("button", name="Confirm plate").click()
    expect(page.get_by_text("confirmed", exact=True)).to_be_visible()
    world.drain()
    page.reload()
    expect(page.get_by_role("img", name="Redacted photo")).to_be_visible()
    expect(page.get_by_text("SPECIMEN")).to_be_visible()


def test_a_handler_takes_on_and_annuls_an_appeal(page: Page, world: World) -> None:
    case = world.fined()
    world.appeal(case)
    log_in(page, world)
    expect(page.get_by_text("SPECIMEN: rule data")).to_be_visible()
    page.get_by_role("link", name=case["caseNumber"]).click()
    page.get_by_role("button", name="Take on").click()
    page.get_by_label("Outcome").select_option("annulled")
    page.get_by_label("Motivation").fill("De auto was verkocht.")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("decided", exact=True)).to_be_visible()
    world.drain()
    assert world.case(case)["state"] == "annulled"


def test_what_is_refused_is_shown_with_its_reason(page: Page, world: World) -> None:
    world.push(world.signed(images=[jpeg("TN-HV 957", "DE")]))
    world.drain()
    log_in(page, world)
    page.get_by_role("link", name="capture-1").click()
    page.get_by_label("Country").fill("NL")
    page.get_by_role("button", name="Confirm plate").click()
    expect(page.get_by_role("alert")).to_contain_text("no valid plate of that country")


def test_a_wrong_token_does_not_get_in(page: Page, world: World) -> None:
    page.goto("/handlers/login")
    page.get_by_label("Your token").fill("guess")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known")


def test_a_citizen_sees_his_photo_and_the_sum(page: Page, world: World) -> None:
    case = world.fined("62.0")
    page.goto("/")
    page.get_by_label("Zaaknummer").fill(case["caseNumber"])
    page.get_by_label("Kenteken").fill("gb 001 b")
    page.get_by_role("button", name="Bekijken").click()
    expect(page.get_by_role("img", name="Foto van de gedraging")).to_be_visible()
    expect(page.get_by_text("€ 93,00")).to_be_visible()
    assert case["plate"] not in page.url


def test_a_citizen_with_a_wrong_plate_gets_a_clear_answer(page: Page, world: World) -> None:
    case = world.fined()
    page.goto("/")
    page.get_by_label("Zaaknummer").fill(case["caseNumber"])
    page.get_by_label("Kenteken").fill("XX-999-X")
    page.get_by_role("button", name="Bekijken").click()
    expect(page.get_by_role("alert")).to_contain_text("niet gevonden")
