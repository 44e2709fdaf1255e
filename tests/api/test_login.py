"""People come in by their organisation's own login, by a token, or at the machine itself by name; nobody else does."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from pytest_iam import Server
from sqlalchemy import select

from api.app import create_app
from core import audit
from core.clock import SettableClock
from core.principals import Login
from core.settings import Settings
from tests.api.test_languages import csrf
from tests.conftest import embedded_world
from tests.world import OPERATOR, World
from workers.bootstrap import sealed_models

HERE = "http://testserver"
ROLES = {"traffic-handlers": "handler", "traffic-seniors": "senior"}


@pytest.fixture
def organisation(tmp_path: Path, clock: SettableClock, iam_server: Server) -> Iterator[TestClient]:
    """An installation that trusts a real provider on loopback."""
    register_client(iam_server, HERE)
    world = embedded_world(tmp_path, clock, public_url=HERE, oidc_issuer=iam_server.url, **CLIENT)
    with TestClient(create_app(world.system.services)) as client:
        yield client


CLIENT: dict[str, Any] = {
    "oidc_client_id": "flitsketen",
    "oidc_client_secret": "a-secret",
    "oidc_roles": ROLES,
}


def register_client(server: Server, public_url: str, back: str = "/handlers/login/provider/return") -> None:
    """The provider knows this installation, and no other."""
    for known in server.backend.query(server.models.Client):
        server.backend.delete(known)
    client = server.models.Client(
        client_id=CLIENT["oidc_client_id"],
        client_secret=CLIENT["oidc_client_secret"],
        client_name="flitsketen",
        contacts=["desk@example.nl"],
        redirect_uris=[f"{public_url}{back}"],
        grant_types=["authorization_code"],
        response_types=["code"],
        token_endpoint_auth_method="client_secret_basic",
        scope=["openid", "profile", "groups"],
    )
    server.backend.save(client)
    server.backend.update(client, audience=[client])
    server.backend.save(client)


def person(server: Server, name: str, *groups: str) -> Any:
    """Somebody of the organisation, in these groups."""
    user = server.models.User(
        user_name=name, formatted_name=name.title(), family_name=name, emails=[f"{name}@example.nl"], password="correct"
    )
    server.backend.save(user)
    for group in groups:
        server.backend.save(server.models.Group(display_name=group, members=[user]))
    return user


@pytest.fixture
def handler(iam_server: Server) -> Any:
    return person(iam_server, "anna", "traffic-handlers")


def come_in(client: TestClient, server: Server, user: Any, level: str | None = None) -> httpx.Response:
    """All the way to the provider and back, with what it says of how sure the login was."""
    away = client.get("/handlers/login/provider", follow_redirects=False)
    server.login(user)
    server.consent(user)
    try:
        asked = urlsplit(away.headers["location"])
        answer = server.test_client.get(f"{asked.path}?{asked.query}")
    finally:
        server.logout()
    for code in server.backend.query(server.models.AuthorizationCode):
        server.backend.update(code, acr=level)
        server.backend.save(code)
    return client.get(answer.headers["location"])


def test_who_the_organisation_knows_gets_the_roles_of_his_groups(
    organisation: TestClient, iam_server: Server, handler: Any
) -> None:
    page = come_in(organisation, iam_server, handler)
    assert page.url.path == "/handlers"
    assert "<span>handler</span>" in page.text
    assert organisation.get("/handlers/money").status_code == 403


def test_roles_are_those_of_the_newest_login(organisation: TestClient, iam_server: Server, handler: Any) -> None:
    come_in(organisation, iam_server, handler)
    iam_server.backend.save(iam_server.models.Group(display_name="traffic-seniors", members=[handler]))
    assert "<span>handler, senior</span>" in come_in(organisation, iam_server, handler).text


def test_who_has_no_role_here_is_told_so(organisation: TestClient, iam_server: Server) -> None:
    answer = come_in(organisation, iam_server, person(iam_server, "bert", "canteen"))
    assert answer.status_code == 403
    assert "nobody gave you work here" in answer.text
    assert organisation.get("/handlers").url.path == "/handlers/login"


def test_a_token_for_another_client_is_refused(organisation: TestClient, iam_server: Server, handler: Any) -> None:
    [client] = iam_server.backend.query(iam_server.models.Client)
    iam_server.backend.update(client, audience=[])
    iam_server.backend.save(client)
    answer = come_in(organisation, iam_server, handler)
    assert answer.status_code == 401
    assert "did not say who this is" in answer.text


@pytest.mark.parametrize(("level", "status"), [("two-factors", 200), ("password", 403), (None, 403)])
def test_a_login_without_a_second_factor_is_refused(
    tmp_path: Path, clock: SettableClock, iam_server: Server, handler: Any, level: str | None, status: int
) -> None:
    register_client(iam_server, HERE)
    levels = ["two-factors"]
    world = embedded_world(tmp_path, clock, public_url=HERE, oidc_issuer=iam_server.url, oidc_levels=levels, **CLIENT)
    with TestClient(create_app(world.system.services)) as client:
        assert come_in(client, iam_server, handler, level).status_code == status


def test_production_wants_a_second_factor(production: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="oidc_levels"):
        Settings(**production, oidc_issuer="https://login.example", oidc_client_id="flitsketen")


def test_an_answer_that_nobody_asked_for_is_refused(organisation: TestClient) -> None:
    answer = organisation.get("/handlers/login/provider/return?code=stolen&state=guessed")
    assert answer.status_code == 401
    assert organisation.get("/handlers").url.path == "/handlers/login"


def test_a_provider_that_is_away_is_told(tmp_path: Path, clock: SettableClock) -> None:
    world = embedded_world(tmp_path, clock, oidc_issuer="http://127.0.0.1:9", **CLIENT)
    answer = TestClient(create_app(world.system.services)).get("/handlers/login/provider")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_without_a_provider_there_is_no_way_to_it(world: World) -> None:
    assert "Log in with your organisation" not in world.http.get("/handlers/login").text
    assert world.http.get("/handlers/login/provider").status_code == 404


def at_the_machine(world: World, **headers: str) -> TestClient:
    """A browser on the machine itself."""
    return TestClient(create_app(world.system.services), client=("127.0.0.1", 50000), headers=headers)


def test_at_the_machine_itself_a_name_is_enough(world: World) -> None:
    browser = at_the_machine(world)
    assert "Log in by name" in browser.get("/handlers/login").text
    page = browser.post("/handlers/login/development", data={"name": "Anna", "role-auditor": "on"})
    assert "<span>auditor</span>" in page.text


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "127.0.0.1"}])
def test_from_elsewhere_a_name_is_not_enough(world: World, headers: dict[str, str]) -> None:
    browser = at_the_machine(world, **headers) if headers else world.http
    assert "Log in by name" not in browser.get("/handlers/login").text
    assert browser.post("/handlers/login/development", data={"name": "Anna"}).status_code == 404


def test_the_development_login_can_be_switched_off(tmp_path: Path, clock: SettableClock) -> None:
    browser = at_the_machine(embedded_world(tmp_path, clock, development_login=False))
    assert browser.post("/handlers/login/development", data={"name": "Anna"}).status_code == 404


def test_production_does_not_start_with_the_development_login(production: dict[str, Any]) -> None:
    Settings(**production)
    with pytest.raises(ValidationError, match="remove development_login"):
        Settings(**production, development_login=True)


@pytest.mark.parametrize("whose", ["oidc", "citizen_oidc"])
def test_production_trusts_no_provider_without_tls(production: dict[str, Any], whose: str) -> None:
    trusted = {f"{whose}_issuer": "http://login.example", f"{whose}_client_id": "flitsketen"}
    with pytest.raises(ValidationError, match=f"{whose}_issuer begins with https://"):
        Settings(**production, **trusted)


def test_a_role_that_does_not_exist_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="roles that do not exist: boss"):
        Settings(data_dir=tmp_path, oidc_roles={"board": "boss"})


def test_a_login_ends_with_the_day(world: World) -> None:
    browser = at_the_machine(world)
    browser.post("/handlers/login/development", data={"name": "Anna", "role-handler": "on"})
    for _ in range(12):
        world.clock.advance(timedelta(minutes=49, seconds=55))
        assert browser.get("/handlers").url.path == "/handlers"
    world.clock.advance(timedelta(minutes=1))
    assert browser.get("/handlers").url.path == "/handlers/login"


def test_a_login_ends_when_nobody_looks_at_a_page(world: World) -> None:
    browser = at_the_machine(world)
    page = browser.post("/handlers/login/development", data={"name": "Anna", "role-handler": "on"}).text
    world.clock.advance(timedelta(minutes=59))
    assert browser.post("/handlers/stay", data={"csrf": csrf(page)}).status_code == 204
    world.clock.advance(timedelta(minutes=59))
    assert browser.get("/handlers").url.path == "/handlers"
    for _ in range(3):
        world.clock.advance(timedelta(minutes=30))
        last = browser.get("/handlers/appeals/counts", headers={"HX-Request": "true"})
    assert last.url.path == "/handlers/login", "what a page asks again by itself is nobody looking"


def test_a_person_logs_out_on_all_machines(world: World) -> None:
    office, home = at_the_machine(world), at_the_machine(world)
    for browser in (office, home):
        page = browser.post("/handlers/login/development", data={"name": "Anna", "role-handler": "on"}).text
    left = home.post("/handlers/logout/everywhere", data={"csrf": csrf(page)}, follow_redirects=False)
    assert left.headers["clear-site-data"] == '"cache", "storage"'
    assert office.get("/handlers").url.path == home.get("/handlers").url.path == "/handlers/login"


def test_who_left_the_organisation_is_out_at_once_and_for_good(world: World) -> None:
    token = world.system.services.principals.register(OPERATOR, "Anna", {"handler"})
    person = world.system.services.principals.recognise(token)
    browser = at_the_machine(world)
    assert browser.post("/handlers/login", data={"token": token}).url.path == "/handlers"
    world.system.services.principals.end(OPERATOR, person.id, "left")
    assert browser.get("/handlers").url.path == "/handlers/login"
    assert browser.post("/handlers/login", data={"token": token}).status_code == 401
    assert world.http.get("/v1/handlers/appeals", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_who_left_does_not_come_back_by_the_login_of_another(world: World) -> None:
    browser = at_the_machine(world)
    browser.post("/handlers/login/development", data={"name": "Anna", "role-handler": "on"})
    [(anna, _)] = world.system.services.principals.with_role("handler")
    world.system.services.principals.end(OPERATOR, anna, "left")
    again = browser.post("/handlers/login/development", data={"name": "Anna", "role-handler": "on"})
    assert again.status_code == 401
    assert "not known here any more" in again.text


def test_after_logging_out_a_copy_of_the_cookie_opens_nothing(world: World) -> None:
    browser = at_the_machine(world)
    page = browser.post("/handlers/login/development", data={"name": "Anna", "role-handler": "on"}).text
    copy = dict(browser.cookies)
    browser.post("/handlers/logout", data={"csrf": csrf(page)})
    stolen = at_the_machine(world)
    stolen.cookies.update(copy)
    assert stolen.get("/handlers").url.path == "/handlers/login"


def test_who_acts_for_others_has_no_desk_here(world: World) -> None:
    token = world.system.services.principals.register(OPERATOR, "Bureau", {"professional"})
    answer = world.http.post("/handlers/login", data={"token": token})
    assert answer.status_code == 403
    assert "people who work here" in answer.text


def test_each_login_is_in_the_audit_log(world: World) -> None:
    at_the_machine(world).post("/handlers/login/development", data={"name": "Anna", "role-handler": "on"})
    with world.system.database.read_session() as session:
        logins = [login.roles for login in session.scalars(select(Login))]
        found = list(audit.verify(session, world.system.signing.known(session), sealed_models()))
    assert logins == ["handler"]
    assert all(isinstance(one, int) for one in found)
