"""The list of appeals and the page of one, as a handler uses them: by keyboard on the list, by forms on the page."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.world import World


@pytest.fixture
def cases(world: World) -> list[str]:
    """Three appeals; their case numbers, most urgent first."""
    found = []
    for ground in ("signs", "means", "other-vehicle"):
        case = world.fined("62.0")
        world.appeal(case, ground=ground)
        found.append(case["caseNumber"])
    rows = world.get("/v1/handlers/appeals")["appeals"]
    return [row["caseNumber"] for row in rows if row["caseNumber"] in found]


def test_the_list_is_worked_off_by_keyboard_alone(page: Page, world: World, cases: list[str]) -> None:
    log_in(page, world)
    page.goto("/handlers/appeals")
    expect(page.get_by_role("heading", name="All that is open: 3")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=cases[1])).to_be_focused()
    page.keyboard.press("c")
    expect(page.get_by_text("yours")).to_have_count(1)
    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=cases[0])).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(cases[1])
    page.wait_for_load_state()
    page.keyboard.press("g")
    expect(page.get_by_role("heading", name="All that is open: 3")).to_be_visible()


def test_the_lists_and_grounds_narrow_it_down(page: Page, world: World, cases: list[str]) -> None:
    log_in(page, world)
    page.goto("/handlers/appeals")
    page.get_by_label("Ground").select_option("means")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="All that is open: 1")).to_be_visible()
    page.get_by_role("link", name="Mine").click()
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()


def test_an_appeal_is_asked_about_adjourned_and_decided(page: Page, world: World, cases: list[str]) -> None:
    log_in(page, world)
    page.goto("/handlers/appeals?ground=signs")
    page.locator("[data-row]").click()
    page.get_by_role("button", name="Take on").click()
    page.get_by_text("Ask", exact=True).first.click()
    page.get_by_label("Question").fill("Stond het bord er?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("police: Stond het bord er?")).to_be_visible()
    page.get_by_label("Answer").fill("Ja, zie de schouw.")
    page.get_by_role("button", name="Keep the answer").click()
    expect(page.get_by_text("Ja, zie de schouw.")).to_be_visible()
    page.get_by_text("Adjourn, give back, withdrawn").click()
    page.get_by_label("Adjourn once (Awb art. 7:24 par. 4), because").fill("Wij wachten op de wegbeheerder.")
    page.get_by_role("button", name="Adjourn").click()
    expect(page.get_by_text(", adjourned")).to_be_visible()
    page.get_by_text("Sentences to begin with").click()
    page.get_by_role("button", name="Use: not upheld").click()
    expect(page.get_by_label("Motivation")).to_have_value(
        "Uit de opgevraagde gegevens blijkt dat de bebording op de dag van de gedraging aanwezig en zichtbaar was."
    )
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("hear the appellant, or say why not")
    page.get_by_label("Motivation").fill("De borden stonden er.")
    page.get_by_label("Nobody was heard, because").select_option("waived")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("heading", name="Decided")).to_be_visible()


def test_a_misread_plate_waits_for_a_second_handler(page: Page, world: World, cases: list[str]) -> None:
    log_in(page, world)
    page.goto("/handlers/appeals?ground=other-vehicle")
    page.locator("[data-row]").click()
    page.get_by_role("button", name="Take on").click()
    page.get_by_label("Outcome").select_option("annulled")
    page.get_by_label("Motivation").fill("Het kenteken is verkeerd gelezen.")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_text("You proposed it: another handler has to agree.")).to_be_visible()
    page.get_by_role("button", name="Log out", exact=True).click()
    log_in(page, world)
    page.goto("/handlers/appeals?view=proposed")
    page.locator("[data-row]").click()
    page.get_by_role("button", name="Agree").click()
    expect(page.get_by_role("heading", name="Decided")).to_be_visible()


def test_the_page_of_an_appeal_fits_a_phone(page: Page, world: World, cases: list[str]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, world)
    for path in ("/handlers/appeals", f"/handlers/appeals/{world.get('/v1/handlers/appeals')['appeals'][0]['id']}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
