"""No role can do or see what `docs/roles.md` denies it: every route is tried with every role."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from core.roles import OUTSIDE_ROLES, ROLES
from tests.world import OPERATOR, World

TABLE = Path(__file__).parents[2] / "docs" / "roles.md"
OPEN = {
    "/handlers/login", "/handlers/login/development", "/handlers/login/provider", "/handlers/login/provider/return",
    "/handlers/logout", "/handlers/logout/everywhere",
}  # fmt: skip
"""For whoever is not known yet, or no longer wants to be."""
ANY_ID = "00000000-0000-0000-0000-000000000000"


def allowed() -> dict[str, set[str]]:
    """Roles by route, as the document says."""
    rows = re.findall(r"^\| `((?:GET|POST|PUT|DELETE) /\S+)` \| (.+?) \|$", TABLE.read_text(), re.MULTILINE)
    return {route: set(ROLES) if who == "everyone" else set(who.split(", ")) for route, who in rows}


INSIDE = ("/v1/handlers", "/handlers")
OUTSIDE = "/v1/professionals"


def routes(world: World, where: str | tuple[str, ...] = INSIDE) -> list[tuple[str, str]]:
    """Method and path of every route for people who work with the system, or for others who are known."""
    included = [entry for entry in create_app(world.system.services).routes if hasattr(entry, "original_router")]
    return [
        (method, route.path)
        for entry in included
        for route in entry.effective_route_contexts()
        if route.path.startswith(where) and route.path not in OPEN
        for method in sorted(route.methods)
    ]


def test_the_document_names_every_route_and_no_other(world: World) -> None:
    assert sorted(allowed()) == sorted(f"{method} {path}" for method, path in routes(world, (*INSIDE, OUTSIDE)))


def test_the_document_names_every_role() -> None:
    described = re.findall(r"^\| `([a-z-]+)` \|", TABLE.read_text(), re.MULTILINE)
    assert described == [*ROLES, *OUTSIDE_ROLES]


@pytest.mark.parametrize("role", list(ROLES))
def test_a_role_gets_in_where_the_document_says_and_nowhere_else(world: World, role: str) -> None:
    token = world.system.services.principals.register(OPERATOR, role, {role})
    with TestClient(create_app(world.system.services), follow_redirects=False) as client:
        client.post("/handlers/login", data={"token": token})
        found = re.search(r'name="csrf" value="([^"]+)"', client.get("/handlers").text)
        assert found
        got_in = set()
        for method, path in routes(world):
            url = re.sub(r"\{[^}]+\}", ANY_ID, path)
            if path.startswith("/v1"):
                answer = client.request(method, url, headers={"Authorization": f"Bearer {token}"}, json={})
            else:
                answer = client.request(method, url, data={"csrf": found[1]} if method == "POST" else None)
            assert answer.status_code not in (401, 500), (path, answer.text)
            if answer.status_code != 403:
                got_in.add(f"{method} {path}")
    assert got_in == {route for route, roles in allowed().items() if role in roles}


def answers(world: World, role: str, where: str | tuple[str, ...]) -> set[int]:
    """How all these routes answer to the token of a role."""
    token = world.system.services.principals.register(OPERATOR, role, {role})
    with TestClient(create_app(world.system.services), follow_redirects=False) as client:
        client.post("/handlers/login", data={"token": token})
        client.headers["Authorization"] = f"Bearer {token}"
        found = [
            client.request(method, re.sub(r"\{[^}]+\}", ANY_ID, path), json={}) for method, path in routes(world, where)
        ]
        return {answer.status_code for answer in found}


@pytest.mark.parametrize("role", list(ROLES))
def test_nobody_who_works_here_acts_as_one_who_does_not(world: World, role: str) -> None:
    assert answers(world, role, OUTSIDE) == {403}


def test_who_acts_for_others_gets_in_nowhere_here(world: World) -> None:
    assert answers(world, "professional", "/v1/handlers") == {403}
    # A page sends whoever is not logged in to the login.
    assert answers(world, "professional", "/handlers") == {303}


def test_who_acts_for_others_gets_in_at_his_own(world: World) -> None:
    assert answers(world, "professional", OUTSIDE).isdisjoint({401, 403, 500})


def test_without_a_token_no_route_answers(world: World) -> None:
    with TestClient(create_app(world.system.services), follow_redirects=False) as client:
        for method, path in routes(world):
            answer = client.request(method, re.sub(r"\{[^}]+\}", ANY_ID, path), json={})
            assert answer.status_code in (401, 303, 400), (path, answer.status_code)


@pytest.mark.parametrize(("role", "shown"), [("auditor", False), ("handler", True)])
def test_a_page_offers_what_its_reader_may_do(world: World, role: str, shown: bool) -> None:
    case = world.fined("62.0")
    token = world.system.services.principals.register(OPERATOR, role, {role})
    with TestClient(create_app(world.system.services)) as client:
        client.post("/handlers/login", data={"token": token})
        page = client.get(f"/handlers/cases/{case['id']}").text
    assert case["caseNumber"] in page
    offered = [f"/handlers/cases/{case['id']}/{act}" in page for act in ("original", "ask-plan", "stop", "write-off")]
    assert offered == [shown] * 4
