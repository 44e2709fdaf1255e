"""A citizen appeals on the page, with files; a handler sees them, decides, and it goes on to the court and back."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.papers import pdf, photo
from tests.world import World


@pytest.fixture
def case(world: World) -> dict[str, Any]:
    return world.fined("62.0")


def open_form(page: Page, case: dict[str, Any]) -> None:
    page.goto("/")
    page.get_by_label("Zaaknummer").fill(case["caseNumber"])
    page.get_by_label("Kenteken").fill(case["plate"])
    page.get_by_role("button", name="Bekijken").click()
    page.get_by_role("button", name="Beroep instellen").click()


def fill_in(page: Page) -> None:
    page.get_by_label("Leg uit").fill("Mijn auto stond bij de garage.")
    page.get_by_label("Nee").check()
    page.get_by_label("Naam").fill("T. Testpersoon")
    page.get_by_label("Geboortedatum").fill("1980-01-01")
    page.get_by_label("Geboorteplaats").fill("Proefdorp")
    page.get_by_label("Straat, huisnummer").fill("Proefstraat 1, Proefdorp")
    page.get_by_label("Bankrekening").fill("NL25DEMO0000000002")


def test_a_citizen_appeals_with_files_and_a_handler_decides(
    page: Page, world: World, case: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "factuur.pdf").write_bytes(pdf())
    (tmp_path / "auto.jpg").write_bytes(photo(says=True))
    open_form(page, case)
    page.get_by_label("Waar gaat het om?").select_option("other-vehicle")
    fill_in(page)
    page.get_by_label("Bijlagen").set_input_files([tmp_path / "factuur.pdf", tmp_path / "auto.jpg"])
    page.get_by_role("button", name="Beroep versturen").click()
    expect(page.get_by_role("heading", name="Uw beroep is ontvangen")).to_be_visible()
    expect(page.get_by_text("factuur.pdf, auto.jpg")).to_be_visible()
    expect(page.get_by_text("15-02-2027")).to_be_visible()
    log_in(page, world)
    page.goto("/handlers/appeals")
    page.locator("[data-row]").click()
    page.get_by_role("button", name="Take on").click()
    expect(page.get_by_role("link", name="factuur.pdf")).to_be_visible()
    expect(page.get_by_text("at 52.09000, 5.12000, says the file")).to_be_visible()
    expect(page.get_by_role("img", name="Redacted photo of the capture, number 1")).to_be_visible()
    page.get_by_label("Outcome").select_option("inadmissible")
    page.get_by_label("Motivation").fill("Dit is geen grond.")
    page.get_by_label("Nobody was heard, because").select_option("waived")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("heading", name="Decided")).to_be_visible()


def test_what_is_missing_is_named_and_what_was_typed_is_kept(page: Page, world: World, case: dict[str, Any]) -> None:
    open_form(page, case)
    fill_in(page)
    page.get_by_label("Bankrekening").fill("weet ik niet")
    page.get_by_role("button", name="Beroep versturen").click()
    expect(page.get_by_role("alert")).to_contain_text("Uw beroep is nog niet verstuurd.")
    expect(page.get_by_text("Vul het nummer van uw bankrekening in")).to_be_visible()
    expect(page.get_by_label("Leg uit")).to_have_value("Mijn auto stond bij de garage.")
    page.get_by_label("Bankrekening").fill("NL25DEMO0000000002")
    page.get_by_role("button", name="Beroep versturen").click()
    expect(page.get_by_role("heading", name="Uw beroep is ontvangen")).to_be_visible()


def test_a_file_that_cannot_be_taken_is_told_and_nothing_is_filed(
    page: Page, world: World, case: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "programma.exe").write_bytes(b"MZ" + bytes(100))
    open_form(page, case)
    fill_in(page)
    page.get_by_label("Bijlagen").set_input_files(tmp_path / "programma.exe")
    page.get_by_role("button", name="Beroep versturen").click()
    expect(page.get_by_text("Stuur een PDF, of een foto als JPEG, PNG of WebP.")).to_be_visible()
    assert world.get("/v1/handlers/appeals")["appeals"] == []
