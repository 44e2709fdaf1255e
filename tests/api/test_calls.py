"""Calls that are sent again, reads that are known already, operations that will go."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from core.clients import AccessToken
from core.errors import Conflict
from core.kept_answers import KeptAnswer, KeptAnswers
from core.outbox import machine_now
from tests.cases import fined
from tests.papers import photo
from tests.world import APPELLANT, OPERATOR, World, lookup, named

KEY = "0e4f6f0e-5c2b-4f5e-9b7d-2f0b6f3c8a11"


@pytest.fixture
def case(world: World) -> dict[str, Any]:
    return fined(world)


def appeal(world: World, case: dict[str, Any], key: str = KEY, **more: Any) -> Any:
    said = {**lookup(case), "appellant": APPELLANT, "grounds": "Niet mijn auto.", **more}
    return world.http.post("/v1/appeals", json=said, headers={"Idempotency-Key": key})


def test_a_call_sent_again_acts_once_and_gets_the_same_answer(world: World, case: dict[str, Any]) -> None:
    first, again = appeal(world, case), appeal(world, case)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(world.get("/v1/handlers/appeals")["appeals"]) == 1


def test_without_a_key_the_second_is_refused(world: World, case: dict[str, Any]) -> None:
    world.appeal(case)
    world.appeal(case, 409)


def test_a_key_belongs_to_one_call(world: World, case: dict[str, Any]) -> None:
    appeal(world, case)
    other = appeal(world, case, grounds="Iets anders.")
    assert other.status_code == 409
    assert other.json()["type"] == "urn:flitsketen:problem:key-used"


def test_a_key_belongs_to_one_caller(world: World, case: dict[str, Any]) -> None:
    """Another who happened on the key gets nothing of the answer."""
    answer = appeal(world, case)
    assert answer.status_code == 201
    other = world.http.post(
        "/v1/appeals",
        json={**lookup(case), "appellant": APPELLANT, "grounds": "Niet mijn auto."},
        headers={"Idempotency-Key": KEY, "Authorization": "Bearer another"},
    )
    assert other.status_code == 409
    assert other.json()["type"] == "urn:flitsketen:problem:appeal-exists"


def test_a_system_is_the_same_caller_with_its_next_token(world: World, case: dict[str, Any]) -> None:
    services = world.system.services
    first = services.principals.register(OPERATOR, "System", {"professional"})
    caller = services.principals.recognise(first)
    with world.system.database.write_session() as session:
        session.add(
            AccessToken(
                sha256=hashlib.sha256(b"next").hexdigest(),
                principal_id=caller.id,
                until=world.clock.now() + timedelta(minutes=10),
            )
        )
        session.commit()
    said = {**lookup(case), "appellant": APPELLANT, "grounds": "Niet mijn auto."}
    answers = [
        world.http.post("/v1/appeals", json=said, headers={"Idempotency-Key": KEY, "Authorization": f"Bearer {token}"})
        for token in (first, "next")
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["idempotency-replayed"] == "true"


def test_what_was_refused_may_be_sent_again_put_right(world: World, case: dict[str, Any]) -> None:
    assert appeal(world, case, accessCode="AAAA AAAA").status_code == 404
    assert appeal(world, case).status_code == 201


def test_a_file_sent_again_is_filed_once(world: World, case: dict[str, Any]) -> None:
    """Each time with another boundary, as programs send them."""
    world.appeal(case)
    for _ in range(2):
        answer = world.http.post(
            "/v1/appeal-attachments",
            data=lookup(case),
            files={"file": ("photo.jpg", photo(), "image/jpeg")},
            headers={"Idempotency-Key": KEY},
        )
        assert answer.status_code == 201
    [filed] = world.get("/v1/handlers/appeals")["appeals"]
    assert len(world.get(f"/v1/handlers/appeals/{filed['id']}")["attachments"]) == 1


@pytest.mark.parametrize("key", ["", "a" * 256, "with space", "ß"])
def test_a_key_that_cannot_be_one_is_refused(world: World, case: dict[str, Any], key: str) -> None:
    answer = world.http.post("/v1/case-lookups", json=lookup(case), headers={b"Idempotency-Key": key.encode("latin-1")})
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:flitsketen:problem:key-invalid"


def test_what_is_kept_of_an_answer_is_encrypted_and_forgotten(world: World, case: dict[str, Any]) -> None:
    appeal(world, case)
    kept = world.system.services.kept_answers
    with world.system.database.write_session() as session:
        [row] = session.query(KeptAnswer)
        assert row.answer is not None
        assert b"decideBy" not in row.answer
        row.begun_at = datetime(2020, 1, 1, tzinfo=UTC)
        session.commit()
    kept.forget_old()
    with world.system.database.read_session() as session:
        assert session.query(KeptAnswer).count() == 0


@pytest.fixture
def kept(world: World) -> KeptAnswers:
    return world.system.services.kept_answers


def test_two_at_the_same_moment_are_not_both_made(kept: KeptAnswers) -> None:
    assert kept.begin("call", "request") is None
    with pytest.raises(Conflict, match="call-running"):
        kept.begin("call", "request")


def test_a_call_that_died_may_be_made_anew(world: World, kept: KeptAnswers) -> None:
    kept.begin("call", "request")
    with world.system.database.write_session() as session:
        session.get_one(KeptAnswer, "call").begun_at = machine_now() - timedelta(minutes=3)
        session.commit()
    assert kept.begin("call", "request") is None


def test_a_reader_who_has_it_is_told_so(world: World, case: dict[str, Any]) -> None:
    first = world.http.get("/v1/handlers/appeals")
    again = world.http.get("/v1/handlers/appeals", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    world.appeal(case)
    changed = world.http.get("/v1/handlers/appeals", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_an_operation_that_will_go_says_when_and_what_instead(world: World, case: dict[str, Any]) -> None:
    answer = world.http.post("/v1/photo-lookups", json={**lookup(case), "position": 0})
    since = datetime.fromtimestamp(int(answer.headers["deprecation"].removeprefix("@")), UTC).date()
    end = parsedate_to_datetime(answer.headers["sunset"]).date()
    assert since == date(2026, 12, 1)
    assert (end - since).days >= 180
    assert answer.headers["link"] == '</v1/photo-links>; rel="successor-version"'
    operation = world.get("/v1/openapi.json")["paths"]["/photo-lookups"]["post"]
    assert operation["deprecated"] is True


def test_others_say_nothing_of_the_kind(world: World, case: dict[str, Any]) -> None:
    answer = world.http.post("/v1/case-lookups", json=named(case) | {"accessCode": case["accessCode"]})
    assert "deprecation" not in answer.headers
