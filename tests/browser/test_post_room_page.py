"""The post room with a browser: take a scan in, read over what the machine read, file the appeal."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.papers import LETTER, pdf
from tests.world import World


@pytest.fixture
def scan(world: World, tmp_path: Path) -> Path:
    case = world.fined("62.0")
    file = tmp_path / "scan.pdf"
    file.write_bytes(pdf(LETTER.format(number=case["caseNumber"], plate=case["plate"])))
    return file


def test_a_letter_becomes_an_appeal(page: Page, world: World, scan: Path) -> None:
    log_in(page, world)
    page.get_by_role("link", name="Letters in").click()
    page.get_by_label("Scan: PDF or picture").set_input_files(scan)
    page.get_by_role("button", name="Take in").click()
    expect(page.get_by_role("img", name="Page 1 of the letter")).to_be_visible()
    world.drain()
    page.reload()
    expect(page.get_by_label("What the letter says")).to_have_value(re.compile("te vernietigen"))
    form = page.locator("form[action$=enter]")
    form.get_by_label("Name", exact=True).fill("T. Testpersoon")
    form.get_by_label("Date of birth").fill("1980-01-01")
    form.get_by_label("Place of birth").fill("Proefdorp")
    form.get_by_label("Address").fill("Proefstraat 1, Proefdorp")
    page.get_by_role("button", name="File the appeal").click()
    expect(page.get_by_role("alert")).to_contain_text("iban")
    form.get_by_label("Bank account (IBAN)").fill("NL25DEMO0000000002")
    page.get_by_role("button", name="File the appeal").click()
    expect(page.get_by_role("heading", name="To be entered: 0")).to_be_visible()
    page.goto("/handlers/appeals")
    page.locator("[data-row]").click()
    expect(page.get_by_role("link", name="scan.pdf")).to_be_visible()
    expect(page.get_by_text("2026-09-14, by letter")).to_be_visible()
