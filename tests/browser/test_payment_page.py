"""A citizen pays on his phone: from his case to the provider's page and back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fines.simulator.provider import SimulatedProvider
from tests.cases import fined
from tests.world import World


@pytest.fixture
def phone(browser: Browser, shop: World) -> Iterator[Page]:
    context = browser.new_context(base_url=shop.system.settings.public_url, viewport={"width": 320, "height": 640})
    yield context.new_page()
    context.close()


def look_up(phone: Page, case: dict) -> None:
    phone.goto("/")
    phone.get_by_label("Zaaknummer").fill(case["caseNumber"])
    phone.get_by_label("Kenteken").fill(case["plate"])
    phone.get_by_role("button", name="Bekijken").click()


def test_he_pays_and_comes_back_to_what_was_paid(phone: Page, shop: World) -> None:
    case = fined(shop)
    look_up(phone, case)
    phone.get_by_role("button", name="Betaal € 93,00 online").click()
    expect(phone.get_by_role("heading", name="U betaalt € 93,00")).to_be_visible()
    phone.get_by_role("link", name="Naar de betaalpagina").click()
    phone.get_by_role("button", name="paid").click()
    expect(phone.get_by_role("heading", name="Betaald: € 93,00")).to_be_visible()
    assert case["caseNumber"] not in phone.url
    look_up(phone, case)
    expect(phone.get_by_role("button", name="online")).to_have_count(0)


def test_he_gives_up_and_nothing_was_paid(phone: Page, shop: World) -> None:
    case = fined(shop)
    look_up(phone, case)
    phone.get_by_role("button", name="Betaal € 93,00 online").click()
    phone.get_by_role("link", name="Naar de betaalpagina").click()
    phone.get_by_role("button", name="canceled").click()
    expect(phone.get_by_role("heading", name="Er is niet betaald")).to_be_visible()
    assert shop.case(case)["amounts"]["open"] == 9300


def test_the_provider_is_away_and_he_is_told(phone: Page, shop: World, provider: SimulatedProvider) -> None:
    case = fined(shop)
    provider.away = True
    look_up(phone, case)
    phone.get_by_role("button", name="Betaal € 93,00 online").click()
    expect(phone.get_by_role("alert")).to_contain_text("nu niet bereikbaar")


def test_a_made_up_payment_is_nowhere(phone: Page, shop: World) -> None:
    answer = phone.goto("/betaling/nobody")
    assert answer is not None
    assert answer.status == 404
