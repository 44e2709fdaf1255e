"""The pages in a real browser."""

from playwright.sync_api import Page, expect

from tests.browser.citizens import Citizen
from tests.browser.conftest import log_in
from tests.world import World, dazzled, keeper_of


def test_a_handler_reviews_a_plate_and_sees_the_case(page: Page, world: World) -> None:
    world.register = [keeper_of("TN-HV 957", "DE")]
    world.push(world.signed(images=[dazzled("TN-HV 957", "DE")]))
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
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_text("decided", exact=True)).to_be_visible()
    world.drain()
    assert world.case(case)["state"] == "annulled"


def test_what_is_refused_is_shown_with_its_reason(page: Page, world: World) -> None:
    world.push(world.signed(images=[dazzled("TN-HV 957", "DE")]))
    world.drain()
    log_in(page, world)
    page.get_by_role("link", name="capture-1").click()
    page.get_by_label("Country").fill("NL")
    page.get_by_role("button", name="Confirm plate").click()
    expect(page.get_by_role("alert")).to_contain_text("no valid plate of that country")


def test_a_wrong_token_does_not_get_in(page: Page, world: World) -> None:
    page.goto("/handlers/login")
    page.get_by_label("Your token").fill("guess")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("not known")


def test_a_citizen_sees_his_photo_and_the_sum(page: Page, world: World) -> None:
    case = world.fined("62.0")
    Citizen(page).come_in({**case, "plate": "gb 001 b"})
    expect(page.get_by_role("img", name="The photo")).to_be_visible()
    expect(page.get_by_role("cell", name="€93.00")).to_be_visible()
    assert case["plate"] not in page.url


def test_a_citizen_with_a_wrong_plate_gets_a_clear_answer(page: Page, world: World) -> None:
    case = world.fined()
    Citizen(page).come_in({**case, "plate": "XX-999-X"})
    expect(page.get_by_role("alert")).to_contain_text("check the case number, the plate and the access code")
