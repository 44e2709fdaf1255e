"""A citizen without a mouse: from the first page to the receipt of his appeal by keyboard alone."""

from playwright.sync_api import Page

from tests.browser.test_keyboard_only import press, tab_to
from tests.world import World


def type_into(page: Page, label: str, text: str) -> None:
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(text)


def test_an_appeal_is_sent_by_keyboard_alone(page: Page, world: World) -> None:
    case = world.fined("62.0")
    page.add_init_script(
        "addEventListener('pointerdown', (event) => { event.preventDefault(); throw Error('a mouse') }, true)"
    )
    page.goto("/")
    for label, text in (
        ("Case number", case["caseNumber"]), ("Number plate", case["plate"]), ("Access code", case["accessCode"]),
    ):  # fmt: skip
        tab_to(page, page.get_by_label(label))
        page.keyboard.type(text)
    press(page, page.get_by_role("button", name="See your fine"))
    press(page, page.get_by_role("link", name="Appeal", exact=True))
    press(page, page.get_by_role("link", name="Begin"))
    press(page, page.locator("input[type=radio]").first, "Space")
    press(page, page.get_by_role("button", name="Go on"))
    type_into(page, "Why do you not agree?", "The camera stood askew.")
    press(page, page.get_by_role("button", name="Go on"))
    press(page, page.get_by_role("button", name="Go on"))
    tab_to(page, page.locator("input[type=radio]").first)
    page.keyboard.press("ArrowDown")
    press(page, page.get_by_role("button", name="Go on"))
    type_into(page, "Your name", "T. Testpersoon")
    tab_to(page, page.get_by_label("Date of birth"))
    page.keyboard.type("01011980")
    type_into(page, "Place of birth", "Proefdorp")
    press(page, page.get_by_role("button", name="Go on"))
    type_into(page, "Address", "Proefstraat 1, Proefdorp")
    type_into(page, "Bank account (IBAN)", "NL91ABNA0417164300")
    press(page, page.get_by_role("button", name="Go on"))
    press(page, page.get_by_role("button", name="Send the appeal"))
    page.get_by_role("heading", name="We have received your appeal").wait_for()
    assert len(world.get("/v1/handlers/appeals")["appeals"]) == 1
