"""Systems come in by a key of their own (client credentials, private_key_jwt), and nobody by anything less."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc import jwk, jwt

from api.app import create_app
from core.errors import InvalidInput
from core.ids import new_id
from tests.world import OPERATOR, World

TOKEN = "/v1/oauth2/token"
AUDIENCE = "http://127.0.0.1:8000/v1/oauth2/token"
OWN = "/v1/professionals/appeals"


def key_set(*keys: jwk.Key) -> bytes:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


@pytest.fixture
def key() -> jwk.Key:
    return jwk.ECKey.generate_key("P-256")


@pytest.fixture
def client_id(world: World, key: jwk.Key) -> str:
    return world.system.services.clients.register(OPERATOR, "Lease system", {"professional"}, key_set(key))


@pytest.fixture
def assertion(world: World, key: jwk.Key, client_id: str) -> Callable[..., str]:
    """Signs what a system says of itself; other claims and another key on request."""

    def made(signed_by: jwk.Key = key, alg: str = "ES256", **other: Any) -> str:
        now = world.clock.now()
        claims = {
            "iss": client_id, "sub": client_id, "aud": AUDIENCE, "jti": new_id(),
            "exp": int((now + timedelta(minutes=2)).timestamp()), **other,
        }  # fmt: skip
        return jwt.encode({"alg": alg}, claims, signed_by, algorithms=[alg])

    return made


@pytest.fixture
def caller(world: World) -> TestClient:
    return TestClient(create_app(world.system.services))


def ask(caller: TestClient, signed: str) -> Any:
    said = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
    }
    return caller.post(TOKEN, data=said)


def test_a_system_gets_a_token_and_is_known_by_it(caller: TestClient, assertion: Callable[..., str]) -> None:
    given = ask(caller, assertion()).json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    assert caller.get(OWN, headers=bearer).status_code == 200
    assert caller.get("/v1/handlers/captures", headers=bearer).status_code == 403


def test_a_token_ends_by_itself(world: World, caller: TestClient, assertion: Callable[..., str]) -> None:
    bearer = {"Authorization": f"Bearer {ask(caller, assertion()).json()['access_token']}"}
    world.clock.advance(timedelta(seconds=601))
    assert caller.get(OWN, headers=bearer).status_code == 401


def test_an_assertion_counts_once(caller: TestClient, assertion: Callable[..., str]) -> None:
    signed = assertion()
    assert [ask(caller, signed).status_code for _ in range(2)] == [200, 401]


@pytest.mark.parametrize(
    "other",
    [
        {"aud": "https://elsewhere.example/token"}, {"iss": "another"}, {"sub": "another"}, {"exp": 1}, {"exp": 9e12},
        {"jti": "short"}, {"jti": None}, {"nbf": 9e9}, {"exp": "soon"}, {"aud": None},
    ],
)  # fmt: skip
def test_an_assertion_that_says_anything_else_is_refused(
    caller: TestClient, assertion: Callable[..., str], other: dict[str, Any]
) -> None:
    answer = ask(caller, assertion(**other))
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:flitsketen:problem:client-unknown"


def test_another_key_is_refused(caller: TestClient, assertion: Callable[..., str]) -> None:
    assert ask(caller, assertion(signed_by=jwk.ECKey.generate_key("P-256"))).status_code == 401


def test_a_shared_secret_is_no_key(caller: TestClient, assertion: Callable[..., str], key: jwk.Key) -> None:
    """The public key as a secret: what libraries that believe the header were fooled by."""
    _, said, _ = assertion().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=").decode()
    mac = hmac.digest(key.as_pem(private=False), f"{head}.{said}".encode(), "sha256")
    forged = f"{head}.{said}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert ask(caller, forged).status_code == 401


@pytest.mark.parametrize("nonsense", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
def test_nonsense_is_refused(caller: TestClient, nonsense: str) -> None:
    assert ask(caller, nonsense).status_code in (400, 401)


def test_keys_are_changed_without_a_gap(
    world: World, caller: TestClient, assertion: Callable[..., str], client_id: str, key: jwk.Key
) -> None:
    clients, new = world.system.services.clients, jwk.RSAKey.generate_key(2048)
    clients.change_keys(OPERATOR, client_id, key_set(key, new))
    both = [assertion(), assertion(signed_by=new, alg="PS256")]
    assert [ask(caller, one).status_code for one in both] == [200, 200]
    clients.change_keys(OPERATOR, client_id, key_set(new))
    both = [assertion(), assertion(signed_by=new, alg="PS256")]
    assert [ask(caller, one).status_code for one in both] == [401, 200]


UNFIT: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"no keys",
    "none": lambda: b'{"keys": []}',
    "weak": lambda: key_set(jwk.RSAKey.generate_key(1024)),
    "private": lambda: json.dumps({"keys": [jwk.ECKey.generate_key("P-256").as_dict(private=True)]}).encode(),
    "shared": lambda: json.dumps({"keys": [jwk.OctKey.generate_key(256).as_dict(private=True)]}).encode(),
}


@pytest.mark.parametrize("kind", list(UNFIT))
def test_weak_private_and_shared_keys_are_not_taken(world: World, kind: str) -> None:
    with pytest.raises(InvalidInput):
        world.system.services.clients.register(OPERATOR, "x", {"professional"}, UNFIT[kind]())


def test_who_guesses_is_slowed_down(world: World, caller: TestClient) -> None:
    answers = [ask(caller, "a.b.c").status_code for _ in range(31)]
    assert (answers[0], answers[-1]) == (401, 429)
