"""A citizen goes to the court by the page; the court annuls; what he paid is ordered back to him."""

from playwright.sync_api import Page, expect

from tests.browser.citizens import Citizen
from tests.browser.conftest import log_in
from tests.world import World


def test_from_the_citizens_page_to_the_court_and_the_money_back(page: Page, world: World) -> None:
    case = world.fined("62.0")
    paid = case["amounts"]["open"]
    world.pay(case, paid, "bank-1")
    world.appeal(case)
    world.decide_appeal(case, "upheld")

    citizen = Citizen(page)
    citizen.come_in(case)
    citizen.sees("you were not right: the fine stays")
    citizen.follow("To the court")
    citizen.follow("Begin")
    citizen.fill("Why do you not agree with the decision?", "De meting klopt niet.")
    citizen.press("Go on")
    citizen.press("Send it to the court")
    citizen.reads("Your case goes to the court")
    citizen.sees("Rechtbank Midden-Nederland")
    world.drain()

    log_in(page, world)
    page.get_by_role("link", name="Courts", exact=True).click()
    page.get_by_role("link", name=case["caseNumber"]).click()
    page.get_by_label("How it was brought there").fill("koerier")
    page.get_by_role("button", name="Handed over").click()
    page.get_by_label("The court's number").fill("UTR 26/1234")
    page.get_by_role("button", name="The court has it").click()
    expect(page.get_by_text("as UTR 26/1234")).to_be_visible()
    page.get_by_text("The court named a day").click()
    page.get_by_label("Day and time").fill("2026-12-01T10:30")
    page.get_by_label("Place", exact=True).fill("Utrecht, zaal 3")
    page.get_by_role("button", name="Write it down").click()
    page.get_by_label("Outcome for the decision").select_option("annulled")
    page.get_by_label("Motivation").fill("De ijking ontbreekt.")
    page.get_by_role("button", name="Record the ruling").click()
    expect(page.get_by_text("De ijking ontbreekt.")).to_be_visible()
    world.drain()

    page.goto("/handlers/money")
    page.get_by_label("Case number").last.fill(case["caseNumber"])
    page.get_by_label("Account (IBAN)").fill("NL25DEMO0000000002")
    page.get_by_label("In the name of").fill("T. Testpersoon")
    page.get_by_role("button", name="Ask", exact=True).click()
    [payout] = world.get("/v1/handlers/payouts")
    assert payout["cents"] == paid

    citizen.come_in(case)
    citizen.sees("you were right: the fine is gone")
