"""What citizens come for, walked in a real browser: on a phone, at a desk, in both languages, without JavaScript."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fines.service import Capacity, Given
from tests.api.test_mandates import CITIZEN
from tests.browser.citizens import Citizen
from tests.browser.conftest import log_in
from tests.cases import fined
from tests.papers import pdf, photo
from tests.world import World

MOST_LOADS = 12
PHONE, DESK = (390, 844), (1440, 900)


@pytest.fixture(params=[("nl", PHONE, True), ("en", DESK, True), ("nl", DESK, False)], ids=["phone", "desk", "no-js"])
def citizen(browser: Browser, shop: World, request: pytest.FixtureRequest) -> Iterator[Citizen]:
    """On a phone in Dutch, at a desk in English, and in a browser that runs no scripts."""
    language, (width, height), scripts = request.param
    context = browser.new_context(
        base_url=shop.system.settings.public_url,
        locale={"nl": "nl-NL", "en": "en-GB"}[language],
        viewport={"width": width, "height": height},
        java_script_enabled=scripts,
        bypass_csp=scripts,
    )
    found = Citizen(context.new_page(), language)
    yield found
    assert found.loads < MOST_LOADS
    context.close()


@pytest.fixture
def case(shop: World) -> dict[str, Any]:
    return shop.fined("75.0")


def test_he_sees_the_photo_what_was_measured_and_how_the_sum_came_about(citizen: Citizen, case: dict[str, Any]) -> None:
    citizen.come_in(case)
    citizen.follow("The photo, the measurement and how the sum came about")
    expect(citizen.page.locator("img.photo")).to_be_visible()
    assert citizen.page.locator("img.photo").evaluate("image => image.naturalWidth") > 0
    citizen.reads("What is hidden, and why?")
    citizen.reads("How did the sum come about?")
    citizen.sees("72 km/h")
    assert not {case["caseNumber"], case["plate"], case["accessCode"]} & set(re.split(r"[/?#=&]", citizen.page.url))


def test_he_pays_and_comes_back_to_his_fine(citizen: Citizen, shop: World, case: dict[str, Any]) -> None:
    citizen.come_in(case)
    citizen.page.get_by_role("button", name="298").click()
    citizen.page.get_by_role("link", name=citizen.words("To the payment page")).click()
    citizen.page.get_by_role("button", name="paid").click()
    citizen.sees("We have received your payment.")
    citizen.follow("To your fine")
    expect(citizen.page.get_by_role("button", name="298")).to_have_count(0)
    assert shop.case(case)["amounts"]["open"] == 0


def test_he_appeals_with_a_file_and_gets_a_receipt(
    citizen: Citizen, shop: World, case: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "auto.jpg").write_bytes(photo(says=True))
    citizen.come_in(case)
    citizen.follow("Appeal")
    citizen.follow("Begin")
    citizen.choose("Something else, or more than one reason")
    citizen.press("Go on")
    citizen.fill("Why do you not agree?", "Mijn auto stond bij de garage.")
    citizen.press("Go on")
    citizen.page.get_by_label(citizen.words("Files")).set_input_files(tmp_path / "auto.jpg")
    citizen.press("Go on")
    citizen.choose("No")
    citizen.press("Go on")
    citizen.says_who_he_is()
    citizen.reads("Check what you filled in")
    citizen.sees("NL91 ABNA 0417 1643 00")
    citizen.press("Send the appeal")
    citizen.reads("We have received your appeal")
    citizen.sees("auto.jpg")
    receipt = citizen.page.request.get(f"{citizen.page.url.removesuffix('/sent')}/receipt.pdf")
    assert receipt.body().startswith(b"%PDF")
    [appeal] = shop.get("/v1/handlers/appeals")["appeals"]
    assert appeal["caseNumber"] == case["caseNumber"]


def test_he_tells_that_the_vehicle_was_hired_out(
    citizen: Citizen, shop: World, case: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "contract.pdf").write_bytes(pdf())
    citizen.come_in(case)
    citizen.follow("It was not my vehicle then")
    citizen.follow("Begin")
    citizen.choose("I had hired it out")
    citizen.press("Go on")
    citizen.fill("First day of the contract", "2026-09-01")
    citizen.fill("Last day of the contract", "2026-09-30")
    citizen.press("Go on")
    for label, value in (
        ("Name", "H. Huurder"), ("Street and number", "Huurweg 2"), ("Postcode", "2000 BB"), ("Town", "Huurdorp"),
        ("Country", "Nederland"),
    ):  # fmt: skip
        citizen.fill(label, value)
    citizen.press("Go on")
    citizen.fill("What happened?", "Het was verhuurd, zie het contract.")
    citizen.press("Go on")
    citizen.page.get_by_label(citizen.words("Files")).set_input_files(tmp_path / "contract.pdf")
    citizen.press("Go on")
    citizen.press("Send the message")
    citizen.reads("We have received your message")
    [statement] = shop.get("/v1/handlers/keeper-statements")
    assert (statement["ground"], statement["person"]["name"]) == ("hired", "H. Huurder")
    assert [file["name"] for file in statement["evidence"]] == ["contract.pdf"]


def test_he_asks_to_pay_in_parts(citizen: Citizen, shop: World, case: dict[str, Any]) -> None:
    citizen.come_in(case)
    citizen.follow("Pay in parts")
    citizen.follow("Begin")
    citizen.choose("3 parts, one each month" if citizen.language == "en" else "3 delen, elke maand één")
    citizen.press("Go on")
    citizen.press("Send the request")
    citizen.reads("You asked to pay in parts")
    [plan] = shop.get("/v1/handlers/plans")
    assert len(plan["instalments"]) == 3


def test_he_takes_his_data_along_and_asks_for_a_correction(citizen: Citizen, shop: World, case: dict[str, Any]) -> None:
    citizen.come_in(case)
    citizen.follow("Your data")
    with citizen.page.expect_download() as download:
        citizen.page.get_by_role("button", name=citizen.words("Download your data")).click()
    with zipfile.ZipFile(download.value.path()) as archive:
        [held] = json.loads(archive.read("data.json"))["cases"]
        assert f"{case['caseNumber']}/photo_1.jpg" in archive.namelist()
    assert held["case"]["caseNumber"] == case["caseNumber"]
    citizen.page.get_by_role("link", name=citizen.words("ask for a correction")).click()
    citizen.follow("Begin")
    citizen.fill("What is wrong?", "Mijn naam is verkeerd geschreven.")
    citizen.press("Go on")
    citizen.press("Send the request")
    citizen.reads("You asked us to correct something")
    [request] = shop.get("/v1/handlers/correction-requests")
    assert request["wrong"] == "Mijn naam is verkeerd geschreven."


def test_he_reads_his_letters_and_how_far_it_is(citizen: Citizen, case: dict[str, Any]) -> None:
    citizen.come_in(case)
    citizen.reads("How far it is")
    citizen.sees("Last day to appeal")
    citizen.follow("Letters")
    citizen.page.locator("main a").first.click()
    citizen.reads("In easy words")


def test_he_lets_somebody_act_for_him_and_ends_it(citizen: Citizen, shop: World, case: dict[str, Any]) -> None:
    citizen.come_in(case)
    citizen.follow("Let somebody act for you")
    citizen.follow("Begin")
    citizen.fill("Name of the person or the office", "N. Nicht")
    citizen.choose("Somebody I trust")
    citizen.press("Go on")
    citizen.press("Go on")
    citizen.press("Give the mandate")
    citizen.reads("Somebody may act for you")
    [mandate] = shop.system.services.fines.mandates.of_decision(case["decisionId"])
    citizen.sees(shop.system.services.fines.mandates.code(mandate.id))
    citizen.follow("To your fine")
    citizen.follow("End the mandate")
    citizen.follow("Begin")
    citizen.press("End the mandate")
    citizen.reads("Nobody acts for you any more")


def test_who_acts_for_another_pays_for_him(citizen: Citizen, shop: World, case: dict[str, Any]) -> None:
    mandates = shop.system.services.fines.mandates
    code = mandates.code(mandates.give(CITIZEN, case["decisionId"], Given("N. Nicht", Capacity.RELATIVE, None)))
    citizen.page.goto("/")
    citizen.follow("Come in with the code of a mandate")
    citizen.fill("Case number", case["caseNumber"])
    citizen.fill("Code of the mandate", code)
    citizen.press("Go on")
    citizen.sees("You act for somebody else in this case.")
    citizen.page.get_by_role("button", name="298").click()
    citizen.page.get_by_role("link", name=citizen.words("To the payment page")).click()
    citizen.page.get_by_role("button", name="paid").click()
    citizen.sees("We have received your payment.")
    assert shop.case(case)["amounts"]["open"] == 0


@pytest.fixture
def english(page: Page) -> Citizen:
    return Citizen(page)


def test_what_is_missing_is_named_beside_its_question_and_the_rest_is_kept(english: Citizen, world: World) -> None:
    english.come_in(fined(world))
    english.follow("Appeal")
    english.follow("Begin")
    english.press("Go on")
    expect(english.page.get_by_role("alert")).to_contain_text("Choose what it is about.")
    assert english.page.title().startswith("Error: ")
    english.choose("The measurement or the device was not right")
    english.press("Go on")
    english.press("Go on")
    expect(english.page.get_by_role("alert")).to_contain_text("Write down why you do not agree")


def test_a_file_that_cannot_be_taken_is_told_and_the_draft_stays(
    english: Citizen, world: World, tmp_path: Path
) -> None:
    (tmp_path / "programma.exe").write_bytes(b"MZ" + bytes(100))
    english.come_in(fined(world))
    english.page.goto(f"{english.page.url}/appeal/files")
    english.page.get_by_label("Files").set_input_files(tmp_path / "programma.exe")
    english.press("Go on")
    expect(english.page.get_by_role("alert")).to_contain_text("PDF")
    assert world.get("/v1/handlers/appeals")["appeals"] == []


def test_he_goes_on_another_day_where_he_left_off(english: Citizen, world: World) -> None:
    case = fined(world)
    english.come_in(case)
    english.follow("Appeal")
    english.follow("Begin")
    english.choose("The measurement or the device was not right")
    english.press("Go on")
    english.fill("Why do you not agree?", "The camera stood askew.")
    english.press("Go on")
    english.press("Leave")
    english.come_in(case)
    english.sees("not sent yet")
    english.follow("Appeal")
    english.follow("Go on where you were")
    english.reads("Do you want to explain it in a conversation?")
    english.page.goto(english.page.url.replace("hearing", "grounds"))
    expect(english.page.get_by_label("Why do you not agree?")).to_have_value("The camera stood askew.")


def test_an_answer_is_changed_before_it_is_sent(english: Citizen, world: World) -> None:
    english.come_in(fined(world))
    english.page.goto(f"{english.page.url}/not-me/ground")
    english.choose("It was used against my will")
    english.press("Go on")
    english.fill("What happened?", "It was stolen.")
    english.press("Go on")
    english.press("Go on")
    english.page.get_by_role("link", name="Change What was the matter?").click()
    english.choose("It was not mine any more")
    english.press("Go on")
    english.reads("Since when was it not yours any more?")


def test_the_code_on_the_letter_fills_in_what_stands_on_it(english: Citizen, world: World) -> None:
    case = fined(world)
    code = case["accessCode"].replace(" ", "")
    english.page.goto(f"/#zaak={case['caseNumber']}&kenteken={case['plate']}&code={code}")
    english.press("See your fine")
    english.reads("Driving too fast")
    english.page.go_back()
    assert "zaak" not in english.page.url


def test_he_reads_his_letter_in_easy_words_and_in_full(english: Citizen, world: World) -> None:
    english.come_in(world.fined("62.0"))
    english.follow("Letters")
    english.sees("new")
    english.page.locator("main a").first.click()
    english.sees("You have to pay €93.00.")
    letter = english.page.request.get(f"{english.page.url}/letter.pdf")
    assert letter.body().startswith(b"%PDF")
    english.follow("Letters")
    expect(english.page.get_by_text("new", exact=True)).to_have_count(0)


def test_he_sees_who_looked_and_what_for(english: Citizen, world: World) -> None:
    case = world.fined("62.0")
    world.post(f"/v1/handlers/captures/{case['id']}/original-views", 200, purpose="complaint 12")
    english.come_in(case)
    english.follow("Who looked at your photo and letters?")
    english.sees("an employee looked at the untouched photo")
    english.sees("complaint 12")
    english.sees("you, in this visit looked at the photo")


def test_a_handler_sees_what_was_sent_along(page: Page, english: Citizen, world: World, tmp_path: Path) -> None:
    (tmp_path / "factuur.pdf").write_bytes(pdf())
    case = world.fined("62.0")
    english.come_in(case)
    english.page.goto(f"{english.page.url}/appeal/reason")
    english.choose("It is not my vehicle, the plate was misread")
    english.press("Go on")
    english.fill("Why do you not agree?", "Mijn auto stond bij de garage.")
    english.press("Go on")
    english.page.get_by_label("Files").set_input_files(tmp_path / "factuur.pdf")
    english.press("Go on")
    english.choose("No")
    english.press("Go on")
    english.says_who_he_is()
    english.press("Send the appeal")
    log_in(page, world)
    page.goto("/handlers/appeals")
    page.locator("[data-row]").click()
    page.get_by_role("button", name="Take on").click()
    expect(page.get_by_role("link", name="factuur.pdf")).to_be_visible()
    page.get_by_label("Outcome").select_option("inadmissible")
    page.get_by_label("Motivation").fill("Dit is geen grond.")
    page.get_by_label("Nobody was heard, because").select_option("waived")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("heading", name="Decided")).to_be_visible()


def test_it_fits_on_the_narrowest_phone(english: Citizen, world: World) -> None:
    english.page.set_viewport_size({"width": 320, "height": 640})
    english.come_in(world.fined("62.0"))
    case = english.page.url
    for path in ("", "/photo", "/looks", "/appeal", "/appeal/reason", "/appeal/person", "/letters/decision/1"):
        english.page.goto(case + path)
        wide = english.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, path
