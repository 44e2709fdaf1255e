"""A firm logs in with a real browser at a real provider, names its hirers and asks to be told of letters."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Page, expect
from pytest_iam import Server

from core.clock import SettableClock
from tests.api.test_login import CLIENT, person, register_client
from tests.browser.citizens import Citizen
from tests.browser.test_accessibility import violations
from tests.conftest import Letterbox, embedded_world
from tests.fines.test_hirer_lists import as_csv, row
from tests.fines.test_notices import body
from tests.world import PLATE, World, keeper_of
from workers.server import running, usable_port

FIRM = "90000001"
"""Stands in for a firm's number in the trade register."""


@pytest.fixture
def world(
    tmp_path: Path,
    clock: SettableClock,
    iam_server: Server,
    mail_server: Controller,
) -> Iterator[World]:
    """A broker that knows one level of assurance and says so by being who it is; the firm keeps the one car."""
    port = usable_port()
    here = f"http://127.0.0.1:{port}"
    register_client(iam_server, here, "/login/return")
    person(iam_server, FIRM)
    found = embedded_world(
        tmp_path,
        clock,
        public_url=here,
        citizen_oidc_issuer=iam_server.url,
        citizen_oidc_level_claim="iss",
        citizen_oidc_levels={iam_server.url: "substantial", iam_server.url.rstrip("/"): "substantial"},
        smtp_host="127.0.0.1",
        smtp_port=mail_server.port,
        smtp_tls=False,
        **{f"citizen_{name}": value for name, value in CLIENT.items() if name != "oidc_roles"},
    )
    entry = keeper_of(PLATE.text)
    entry["keepers"][0]["person"] = FIRM
    found.register = [entry]
    with running(found.system, port):
        yield found


@pytest.fixture
def firm(browser: Browser, world: World) -> Iterator[Citizen]:
    """Logged in, on a page whose content security lets the accessibility checker in."""
    here = world.system.settings.public_url
    context = browser.new_context(base_url=here, locale="en-GB", bypass_csp=True)
    found = Citizen(context.new_page())
    found.page.goto("/")
    found.follow("Log in")
    sign_in(found.page)
    expect(found.page.get_by_role("heading", name="Your fines")).to_be_visible()
    yield found
    context.close()


def sign_in(page: Page) -> None:
    page.locator("input[name=login]").fill(FIRM)
    page.get_by_role("button", name="Continue").click()
    page.locator("input[type=password]").fill("correct")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Accept").click()


def test_a_list_is_taken_in_row_by_row_and_what_is_wrong_comes_back(
    firm: Citizen, world: World, tmp_path: Path
) -> None:
    right, wrong = world.fined("62.0"), world.fined("64.0")
    (tmp_path / "hirers.csv").write_bytes(as_csv([row(right), row(wrong, contract_until="2020-01-01")]))
    firm.page.goto("/cases")
    firm.follow("Who had hired your vehicles?")
    assert violations(firm.page) == []
    firm.page.get_by_label("The list (CSV)").set_input_files(tmp_path / "hirers.csv")
    firm.press("Send the list")
    world.drain()
    firm.page.reload()
    firm.sees("All rows were worked off.")
    firm.sees("line 3")
    assert violations(firm.page) == []
    with firm.page.expect_download() as download:
        firm.page.get_by_role("link", name="Download the refused rows").click()
    [refused] = csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")), delimiter=";")
    assert refused["case_number"] == wrong["caseNumber"]
    [statement] = world.get("/v1/handlers/keeper-statements")
    assert statement["caseNumber"] == right["caseNumber"]


def test_a_list_that_is_none_is_told_and_nothing_is_kept(firm: Citizen, tmp_path: Path) -> None:
    (tmp_path / "photo.csv").write_bytes(b"\xff\xd8\xff no list")
    firm.page.goto("/hirers")
    firm.page.get_by_label("The list (CSV)").set_input_files(tmp_path / "photo.csv")
    firm.press("Send the list")
    expect(firm.page.get_by_role("alert")).to_be_visible()
    assert violations(firm.page) == []
    expect(firm.page.get_by_role("heading", name="Your lists")).to_have_count(0)


def test_an_address_is_confirmed_and_taken_away(
    firm: Citizen,
    world: World,
    letterbox: Letterbox,
) -> None:
    world.fined("62.0")
    firm.page.goto("/data")
    firm.fill("E-mail address", "post@example.nl")
    firm.press("Tell me by e-mail")
    firm.sees("not confirmed yet")
    assert violations(firm.page) == []
    world.drain()
    [sent] = letterbox.mail
    [path] = re.findall(r"(/email/confirm/\S+)", body(sent))
    firm.page.goto(path)
    assert violations(firm.page) == []
    firm.press("Confirm")
    firm.sees("We tell you by e-mail when there is a new letter.")
    assert violations(firm.page) == []
    firm.page.goto("/data")
    expect(firm.page.get_by_text("not confirmed yet")).to_have_count(0)
    firm.press("Take away post@example.nl")
    expect(firm.page.get_by_text("post@example.nl")).to_have_count(0)
