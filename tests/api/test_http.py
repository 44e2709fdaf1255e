"""What the HTTP side promises everyone: problems, privacy, limits, roles."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.unit_of_work import Actor
from tests.world import OPERATOR, World, lookup


def test_wrong_and_unknown_get_the_same_answer(world: World) -> None:
    case = world.fined()
    wrong_plate = world.http.post("/v1/case-lookups", json={**lookup(case), "plate": "XX-999-X"})
    wrong_code = world.http.post("/v1/case-lookups", json={**lookup(case), "accessCode": "0000 0000"})
    unknown = world.http.post("/v1/case-lookups", json={**lookup(case), "caseNumber": "9000000000000000"})
    assert wrong_plate.status_code == wrong_code.status_code == unknown.status_code == 404
    assert wrong_plate.json() == wrong_code.json() == unknown.json()


def test_invalid_input_is_400_with_every_error_and_its_place(world: World) -> None:
    answer = world.http.post("/v1/appeals", json={"caseNumber": "12", "plate": "GB-001-B", "grounds": ""})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert {"/body/caseNumber", "/body/grounds", "/body/appellant"} <= pointers


def test_the_citizen_gets_the_redacted_photo_and_never_by_a_uri(world: World) -> None:
    case = world.fined()
    photo = world.post("/v1/photo-lookups", 200, **lookup(case))
    assert photo.headers["content-type"] == "image/jpeg"
    assert "not approved" in photo.headers["flitsketen-specimen"]
    paths = world.get("/v1/openapi.json")["paths"]
    assert not [path for path in paths if "plate" in path.lower() or "casenumber" in path.lower()]


def test_a_photo_that_is_not_there_is_not_found(world: World) -> None:
    world.post("/v1/photo-lookups", 404, **lookup(world.fined()), position=5)


def test_a_view_of_an_original_is_recorded_with_its_purpose(world: World) -> None:
    case = world.fined()
    world.post(f"/v1/handlers/captures/{case['id']}/original-views", 200, purpose="complaint 12")
    from sqlalchemy import select

    from core.audit import AuditRecord

    with world.system.database.read_session() as session:
        viewed = session.scalars(select(AuditRecord).where(AuditRecord.action == "original.viewed")).all()
    assert [r.reason for r in viewed if r.actor.startswith("handler:")] == ["complaint 12"]


def test_a_view_of_an_original_without_purpose_is_refused(world: World) -> None:
    case = world.fined()
    world.post(f"/v1/handlers/captures/{case['id']}/original-views", 400, purpose=" ")


@pytest.mark.parametrize(
    "path", ["captures", "readings", "appeals", "quarantined-packages", "dead-letters", "trial-balance"]
)
def test_handlers_need_a_token(world: World, path: str) -> None:
    answer = world.http.get(f"/v1/handlers/{path}", headers={"Authorization": ""})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_handlers_need_the_role(world: World) -> None:
    token = world.system.services.principals.register(OPERATOR, "Only reviews", {"reviewer"})
    answer = world.http.get("/v1/handlers/trial-balance", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert "cashier" in answer.json()["detail"]


def test_every_answer_carries_version_and_security_headers(world: World) -> None:
    for path in ("/v1/health", "/v1/nowhere", "/"):
        headers = world.http.get(path).headers
        assert headers["api-version"] == "1.0.0"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]


def test_a_trailing_slash_is_not_found(world: World) -> None:
    answer = world.http.get("/v1/health/")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_description_lists_problems_and_no_422(world: World) -> None:
    document = world.get("/v1/openapi.json")
    assert document["openapi"].startswith("3.1")
    operations = [op for path in document["paths"].values() for op in path.values()]
    assert all("422" not in operation["responses"] for operation in operations)
    assert "Problem" in document["components"]["schemas"]


def test_readiness_counts_jobs(world: World) -> None:
    world.push(world.signed())
    assert world.get("/v1/readiness")["jobs"] == {"pending": 2}
    world.drain()
    assert world.get("/v1/readiness")["jobs"] == {}


def test_an_unexpected_fault_is_a_problem_without_inner_detail(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Actor:
        raise RuntimeError("GB-001-B")

    monkeypatch.setattr(world.system.services.principals, "recognise", broken)
    answer = world.http.get("/v1/handlers/captures")
    assert answer.status_code == 500
    assert "GB-001-B" not in answer.text


def test_two_payments_at_the_same_moment_are_booked_once(world: World) -> None:
    case = world.fined()
    body = {
        "externalId": "p1",
        "paymentReference": case["paymentReference"],
        "amountCents": 500,
        "bookedOn": "2026-09-14",
    }
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.http.post("/v1/handlers/payments", json=body), range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert [answer.json().get("booked") for answer in answers].count(True) == 1
    assert world.case(case)["amounts"]["paid"] == 500


def test_a_page_without_login_leads_to_the_login(world: World) -> None:
    for path in ("/handlers", "/handlers/cases/1"):
        answer = world.http.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/handlers/login")


def test_a_form_without_its_token_does_nothing(world: World) -> None:
    token = world.system.services.principals.register(OPERATOR, "Web", {"reviewer"})
    world.http.post("/handlers/login", data={"token": token})
    answer = world.http.post("/handlers/cases/1/reject", data={"csrf": "guess", "reason": "x"})
    assert answer.status_code == 403
