"""A citizen logs in by a broker of the national logins, and sees the fines in his name; the number is kept nowhere."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from pytest_iam import Server

from api.app import create_app
from core.clock import SettableClock
from tests.api.test_login import CLIENT, HERE, person, register_client
from tests.conftest import embedded_world
from tests.world import PLATE, World, keeper_of

NUMBER = "999990019"
"""A citizen's number that is made for tests."""
SUBSTANTIAL = "http://eidas.europa.eu/LoA/substantial"


@pytest.fixture
def world(tmp_path: Path, clock: SettableClock, iam_server: Server) -> World:
    """An installation that trusts a real provider on loopback; the keeper of the one car is known by his number."""
    register_client(iam_server, HERE, "/login/return")
    access = {f"citizen_{name}": value for name, value in CLIENT.items() if name != "oidc_roles"}
    found = embedded_world(tmp_path, clock, public_url=HERE, citizen_oidc_issuer=iam_server.url, **access)
    entry = keeper_of(PLATE.text)
    entry["keepers"][0]["person"] = NUMBER
    found.register = [entry]
    return found


@pytest.fixture
def browser(world: World) -> Iterator[TestClient]:
    with TestClient(create_app(world.system.services)) as client:
        client.headers["Accept"] = "text/html"
        client.headers["Accept-Language"] = "en"
        yield client


def come_in(
    client: TestClient, server: Server, number: str = NUMBER, level: str | None = SUBSTANTIAL
) -> httpx.Response:
    """All the way to the broker and back, with what it says of how sure it is."""
    away = client.get("/login", follow_redirects=False)
    assert "LoA%2Fsubstantial" in away.headers["location"]
    user = server.backend.get(server.models.User, user_name=number) or person(server, number)
    server.login(user)
    server.consent(user)
    try:
        asked = urlsplit(away.headers["location"])
        back = server.test_client.get(f"{asked.path}?{asked.query}").headers["location"]
    finally:
        server.logout()
    for code in server.backend.query(server.models.AuthorizationCode):
        server.backend.update(code, acr=level)
        server.backend.save(code)
    return client.get(back)


def test_he_sees_the_fines_in_his_name(world: World, browser: TestClient, iam_server: Server) -> None:
    case = world.fined("62.0")
    page = come_in(browser, iam_server)
    assert page.url.path == "/cases"
    assert f"/cases/{case['decisionId']}" in page.text
    assert browser.get(f"/cases/{case['decisionId']}").status_code == 200


def test_another_sees_nothing_of_them(world: World, browser: TestClient, iam_server: Server) -> None:
    case = world.fined("62.0")
    page = come_in(browser, iam_server, "999990020")
    assert "There are no fines in your name." in page.text
    assert browser.get(f"/cases/{case['decisionId']}").status_code == 404


@pytest.mark.parametrize("level", [None, "http://eidas.europa.eu/LoA/low", "urn:made-up"])
def test_a_login_that_proves_too_little_is_refused(browser: TestClient, iam_server: Server, level: str | None) -> None:
    answer = come_in(browser, iam_server, level=level)
    assert answer.status_code == 403
    assert "does not prove enough" in answer.text
    assert browser.get("/cases").url.path == "/"


def test_the_number_is_kept_nowhere(world: World, browser: TestClient, iam_server: Server) -> None:
    world.fined("62.0")
    come_in(browser, iam_server)
    kept = b"".join(file.read_bytes() for file in world.folder.rglob("*.db*"))
    assert NUMBER.encode() not in kept


def test_an_answer_that_nobody_asked_for_is_refused(browser: TestClient) -> None:
    answer = browser.get("/login/return?code=stolen&state=guessed")
    assert answer.status_code == 401
    assert browser.get("/cases").url.path == "/"


def test_without_a_broker_there_is_no_way_to_it(tmp_path: Path, clock: SettableClock) -> None:
    client = TestClient(create_app(embedded_world(tmp_path, clock).system.services))
    assert 'href="/login"' not in client.get("/").text
    assert client.get("/login").status_code == 404


def test_a_firm_with_a_letter_beside_its_login_sees_both(world: World, browser: TestClient, iam_server: Server) -> None:
    own = world.fined("62.0")
    world.register = [keeper_of(PLATE.text)]
    hired = world.fined("64.0")
    come_in(browser, iam_server)
    page = browser.get("/").text
    token = page.split('name="csrf" value="')[1].split('"')[0]
    said = {"case_number": hired["caseNumber"], "plate": hired["plate"], "access_code": hired["accessCode"]}
    browser.post("/enter", data={"csrf": token, **said})
    listed = browser.get("/cases").text
    assert f"/cases/{own['decisionId']}" in listed
    assert f"/cases/{hired['decisionId']}" in listed
