"""What is kept, by API and page: who may see it, who may place a legal hold, and wrong input."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.world import OPERATOR, World


def client_of(world: World, *roles: str) -> TestClient:
    token = world.system.services.principals.register(OPERATOR, "Test", set(roles))
    client = TestClient(create_app(world.system.services), raise_server_exceptions=False)
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_a_hold_is_placed_seen_and_lifted_by_api(world: World) -> None:
    case = world.fined()
    hold = world.post(f"/v1/handlers/captures/{case['id']}/legal-holds", 201, reason="complaint")["id"]
    world.system.services.retention.run()
    seen = world.get("/v1/handlers/retention")
    assert [(one["keptBy"], one["cases"]) for one in seen["held"]] == [("legal_hold", 1)]
    assert [(one["id"], one["caseId"], one["reason"]) for one in seen["holds"]] == [(hold, case["id"], "complaint")]
    world.post(f"/v1/handlers/legal-holds/{hold}/lifts", 204, reason="settled")
    assert world.get("/v1/handlers/retention")["holds"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [("captures/nothing/legal-holds", 404), ("legal-holds/nothing/lifts", 404)],
)
def test_what_is_not_there_is_neither_held_nor_lifted(world: World, path: str, status: int) -> None:
    assert world.http.post(f"/v1/handlers/{path}", json={"reason": "a typing error"}).status_code == status


def test_a_hold_without_a_reason_is_refused(world: World) -> None:
    case = world.fined()
    answer = world.http.post(f"/v1/handlers/captures/{case['id']}/legal-holds", json={"reason": " "})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_auditor_sees_and_holds_nothing(world: World) -> None:
    case = world.fined()
    auditor = client_of(world, "auditor")
    assert auditor.get("/v1/handlers/retention").status_code == 200
    said = {"reason": "because"}
    assert auditor.post(f"/v1/handlers/captures/{case['id']}/legal-holds", json=said).status_code == 403
    assert client_of(world, "cashier").get("/v1/handlers/retention").status_code == 403


def test_proofs_of_what_was_destroyed_are_there_for_who_asks(world: World) -> None:
    world.register = []
    capture = world.push(world.signed()).json()["id"]
    world.drain()
    world.clock.advance(timedelta(days=3))
    world.system.services.retention.run()
    [proof] = world.get("/v1/handlers/destructions")
    assert (proof["caseId"], proof["rule"]) == (capture, "retention_without_decision_days")
    assert proof["blobs"] == {"originals": 2, "public": 1}
    assert proof["explanation"][0]["status"] == "reported"
    assert world.get(f"/v1/handlers/destructions?before={proof['id']}") == []
