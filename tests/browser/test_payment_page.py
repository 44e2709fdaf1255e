"""A citizen pays on his phone: from his case to the provider's page and back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fines.simulator.provider import SimulatedProvider
from tests.browser.citizens import Citizen
from tests.cases import fined
from tests.world import World


@pytest.fixture
def phone(browser: Browser, shop: World) -> Iterator[Page]:
    context = browser.new_context(base_url=shop.system.settings.public_url, viewport={"width": 320, "height": 640})
    yield context.new_page()
    context.close()


def test_he_pays_and_comes_back_to_what_was_paid(phone: Page, shop: World) -> None:
    case = fined(shop)
    Citizen(phone).come_in(case)
    phone.get_by_role("button", name="Pay €93.00 now").click()
    expect(phone.get_by_role("heading", name="You pay €93.00")).to_be_visible()
    phone.get_by_role("link", name="To the payment page").click()
    phone.get_by_role("button", name="paid").click()
    expect(phone.get_by_role("heading", name="Paid: €93.00")).to_be_visible()
    assert case["caseNumber"] not in phone.url
    Citizen(phone).come_in(case)
    expect(phone.get_by_role("button", name="Pay €")).to_have_count(0)


def test_he_gives_up_and_nothing_was_paid(phone: Page, shop: World) -> None:
    case = fined(shop)
    Citizen(phone).come_in(case)
    phone.get_by_role("button", name="Pay €93.00 now").click()
    phone.get_by_role("link", name="To the payment page").click()
    phone.get_by_role("button", name="canceled").click()
    expect(phone.get_by_role("heading", name="Nothing was paid")).to_be_visible()
    assert shop.case(case)["amounts"]["open"] == 9300


def test_the_provider_is_away_and_he_is_told(phone: Page, shop: World, provider: SimulatedProvider) -> None:
    case = fined(shop)
    provider.away = True
    Citizen(phone).come_in(case)
    phone.get_by_role("button", name="Pay €93.00 now").click()
    expect(phone.get_by_role("alert")).to_contain_text("does not answer")


def test_a_made_up_payment_is_nowhere(phone: Page, shop: World) -> None:
    answer = phone.goto("/payments/nobody")
    assert answer is not None
    assert answer.status == 404
