"""A camera's life: announced, enrolled by its own key, heard of, given another key, revoked."""

import base64
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from core.errors import InvalidInput
from ingest.models import SeenNonce
from ingest.signature import key_id_of, public_bytes
from ingest.simulator.network import CameraProfile, SignedCapture, SimulatedCamera, sign_capture
from tests.ingest.camera_side import problem, signer
from tests.world import OPERATOR, World, jpeg

PROFILE = CameraProfile("cam-7", "Test Radar", "Teststraat", "Utrecht", 52.1, 5.1, "built-up", 50)


def new_camera() -> SimulatedCamera:
    return SimulatedCamera(PROFILE, Ed25519PrivateKey.generate())


def enrolled(world: World, camera: SimulatedCamera, code: str) -> httpx.Response:
    body = {"code": code, "publicKey": camera.public_key, "proof": camera.proof_of(code)}
    return world.http.post("/v1/cameras/enrolments", json=body)


def announced(world: World) -> str:
    return str(world.post("/v1/handlers/cameras", 201, id=PROFILE.id, model=PROFILE.model)["code"])


def beat(world: World, camera: SimulatedCamera, **more: Any) -> httpx.Response:
    body = {"sentAt": world.clock.now().isoformat(), "waiting": 0, "software": "test 1", **more}
    return world.http.post("/v1/cameras/heartbeats", json=body, auth=signer(world, camera))


def test_a_camera_brings_its_key_with_the_code_it_was_given(world: World) -> None:
    camera = new_camera()
    answer = enrolled(world, camera, announced(world))
    assert answer.status_code == 201
    assert answer.json() == {"cameraId": "cam-7", "keyId": key_id_of(public_bytes(camera.key))}
    assert beat(world, camera).status_code == 201


def test_a_code_is_good_once(world: World) -> None:
    code = announced(world)
    enrolled(world, new_camera(), code)
    assert problem(enrolled(world, new_camera(), code)) == (401, "code-unknown")


def test_a_camera_that_lost_the_answer_asks_again_with_the_same_key(world: World) -> None:
    code, camera = announced(world), new_camera()
    first = enrolled(world, camera, code)
    again = enrolled(world, camera, code)
    assert (again.status_code, again.json()) == (201, first.json())


def test_a_code_is_good_for_a_week(world: World) -> None:
    code = announced(world)
    world.clock.advance(timedelta(days=8))
    assert problem(enrolled(world, new_camera(), code)) == (401, "code-unknown")


def test_a_new_code_voids_the_one_that_was_lost(world: World) -> None:
    lost = announced(world)
    code = world.post("/v1/handlers/cameras/cam-7/enrolment-codes", 201)["code"]
    assert problem(enrolled(world, new_camera(), lost)) == (401, "code-unknown")
    assert enrolled(world, new_camera(), code).status_code == 201


def test_whoever_guesses_codes_is_slowed_down(world: World) -> None:
    for _ in range(30):
        assert problem(enrolled(world, new_camera(), "A" * 32)) == (401, "code-unknown")
    assert problem(enrolled(world, new_camera(), "A" * 32)) == (429, "too-many-lookups")


def test_a_key_without_its_private_half_is_refused(world: World) -> None:
    code = announced(world)
    one, other = new_camera(), new_camera()
    body = {"code": code, "publicKey": one.public_key, "proof": other.proof_of(code)}
    assert problem(world.http.post("/v1/cameras/enrolments", json=body)) == (400, "key-invalid")


def test_a_camera_is_announced_once(world: World) -> None:
    announced(world)
    world.post("/v1/handlers/cameras", 409, id=PROFILE.id, model=PROFILE.model)


@pytest.mark.parametrize("camera_id", ["", "a b", "../x", "x" * 65, "-x"])
def test_an_id_that_is_none_is_refused_by_the_page_too(world: World, camera_id: str) -> None:
    with pytest.raises(InvalidInput):
        world.system.services.ingest.registry.announce(OPERATOR, camera_id, "Radar")


# Keys


def other_key(world: World) -> tuple[SimulatedCamera, httpx.Response]:
    """The camera of the world takes another key."""
    new = SimulatedCamera(world.camera.profile, Ed25519PrivateKey.generate())
    body = {"publicKey": new.public_key, "proof": new.proof_of("cam-1")}
    return new, world.http.post("/v1/cameras/keys", json=body, auth=signer(world, world.camera))


def made(world: World, camera: SimulatedCamera, name: str) -> SignedCapture:
    return sign_capture(camera, name, world.clock.now() - timedelta(seconds=1), "64.0", [jpeg()])


def test_a_new_key_signs_at_once_and_the_old_one_for_a_week_more(world: World) -> None:
    old = world.camera
    new, answer = other_key(world)
    assert answer.status_code == 201, answer.text
    world.clock.advance(timedelta(minutes=1))
    assert world.push(made(world, new, "a")).status_code == 201
    assert world.push(made(world, old, "b")).status_code == 201
    world.clock.advance(timedelta(days=8))
    assert world.push(made(world, new, "c")).status_code == 201
    assert problem(world.push(made(world, old, "d"))) == (403, "camera-not-registered-then")


def test_evidence_names_the_key_that_signed_it(world: World) -> None:
    new, _ = other_key(world)
    world.clock.advance(timedelta(minutes=1))
    capture_id = world.push(made(world, new, "a")).json()["id"]
    assert world.system.services.ingest.evidence(capture_id).camera_public_key == new.public_key


def test_a_key_that_was_superseded_brings_in_no_other(world: World) -> None:
    old = world.camera
    other_key(world)
    newer = SimulatedCamera(old.profile, Ed25519PrivateKey.generate())
    body = {"publicKey": newer.public_key, "proof": newer.proof_of("cam-1")}
    assert problem(world.http.post("/v1/cameras/keys", json=body, auth=signer(world, old))) == (401, "key-ended")


def test_a_key_is_not_taken_twice(world: World) -> None:
    body = {"publicKey": world.camera.public_key, "proof": world.camera.proof_of("cam-1")}
    answer = world.http.post("/v1/cameras/keys", json=body, auth=signer(world, world.camera))
    assert problem(answer) == (409, "key-exists")


def test_a_stranger_brings_no_key(world: World) -> None:
    stranger = SimulatedCamera(world.camera.profile, Ed25519PrivateKey.generate())
    body = {"publicKey": stranger.public_key, "proof": stranger.proof_of("cam-1")}
    answer = world.http.post("/v1/cameras/keys", json=body, auth=signer(world, stranger))
    assert problem(answer) == (401, "key-unknown")


# Signed requests (RFC 9421)


def test_a_request_that_was_overheard_is_not_acted_upon_again(world: World) -> None:
    heard: list[httpx.Request] = []
    world.http.event_hooks["request"].append(heard.append)
    assert beat(world, world.camera).status_code == 201
    [request] = heard
    again = world.http.post("/v1/cameras/heartbeats", content=request.content, headers=request.headers)
    assert problem(again) == (401, "request-replayed")


def test_a_request_with_another_body_than_was_signed_is_refused(world: World) -> None:
    heard: list[httpx.Request] = []
    world.http.event_hooks["request"].append(heard.append)
    beat(world, world.camera)
    [request] = heard
    changed = request.content.replace(b'"waiting":0', b'"waiting":9')
    answer = world.http.post("/v1/cameras/heartbeats", content=changed, headers=request.headers)
    assert problem(answer) == (401, "request-signature-invalid")


def test_an_old_request_is_refused_with_how_far_the_clocks_are_apart(world: World) -> None:
    camera_time = signer(world, world.camera)
    request = world.http.build_request("POST", "/v1/cameras/heartbeats", json={"waiting": 0})
    signed = camera_time(request)
    world.clock.advance(timedelta(minutes=6))
    answer = world.http.send(signed, auth=None)
    assert problem(answer) == (401, "request-signature-invalid")
    assert "360 s" in answer.json()["detail"]


@pytest.mark.parametrize("header", ["Signature-Input", "Signature"])
@pytest.mark.parametrize("value", ["", "x", "sig=()", 'sig=("@method");created=1', "\x7f", "sig=:AAAA:", "a" * 9000])
def test_what_is_no_signature_is_refused(world: World, header: str, value: str) -> None:
    body = {"sentAt": world.clock.now().isoformat(), "waiting": 0}
    request = world.http.build_request("POST", "/v1/cameras/heartbeats", json=body)
    signed = signer(world, world.camera)(request)
    signed.headers[header] = value
    assert problem(world.http.send(signed, auth=None)) == (401, "request-signature-invalid")


def test_what_a_camera_says_of_itself_is_short_announced_or_not(world: World) -> None:
    large = b'{"software": "' + b"x" * 70_000 + b'"}'
    for content in (large, iter([large])):
        answer = world.http.post("/v1/cameras/heartbeats", content=content)
        assert problem(answer) == (413, "body-too-large")


def test_a_push_may_be_signed_and_is_refused_where_the_signature_is_wrong(world: World) -> None:
    capture = world.signed()
    files = {"metadata": capture.metadata, "signature": capture.signature.encode(), "images": jpeg()}
    stranger = SimulatedCamera(world.camera.profile, Ed25519PrivateKey.generate())
    assert problem(world.http.post("/v1/captures", files=files, auth=signer(world, stranger)))[0] == 401
    assert world.http.post("/v1/captures", files=files, auth=signer(world, world.camera)).status_code == 201


def test_an_installation_may_ask_that_every_push_is_signed(world: World) -> None:
    world.system.settings.signed_pushes_only = True
    assert problem(world.push(world.signed())) == (401, "request-unsigned")


# Revocation


def test_what_was_measured_before_a_revocation_stays_valid_and_is_delivered(world: World) -> None:
    early = world.signed()
    world.post("/v1/handlers/cameras/cam-1/revocations", 204, reason="worn out")
    world.clock.advance(timedelta(hours=1))
    assert world.push(early).status_code == 201
    assert problem(world.push(world.signed())) == (403, "camera-not-registered-then")


def test_a_revocation_may_reach_back(world: World) -> None:
    capture = world.signed()
    since = (world.clock.now() - timedelta(hours=1)).isoformat()
    world.post("/v1/handlers/cameras/cam-1/revocations", 204, reason="was moved", since=since)
    assert problem(world.push(capture)) == (403, "camera-not-registered-then")


def test_from_a_camera_in_other_hands_nothing_comes_in_without_a_person(world: World) -> None:
    capture = world.signed()
    world.post("/v1/handlers/cameras/cam-1/revocations", 204, reason="stolen", compromised=True)
    assert problem(world.push(capture)) == (403, "camera-compromised")
    [held] = world.get("/v1/handlers/quarantined-packages")
    assert held["waivable"]
    path = f"/v1/handlers/quarantined-packages/{held['id']}/releases"
    receipt = world.post(path, 201, reason="read from the card that was in it")
    basis = world.system.services.ingest.evidence_files(receipt["id"])["entitlement.json"].decode()
    assert "read from the card that was in it" in basis


def test_a_revoked_camera_is_revoked_once_and_does_not_come_back(world: World) -> None:
    _ = world.camera
    world.post("/v1/handlers/cameras/cam-1/revocations", 204, reason="worn out")
    world.post("/v1/handlers/cameras/cam-1/revocations", 409, reason="worn out")
    world.post("/v1/handlers/cameras/cam-1/enrolment-codes", 409)


def test_a_revocation_is_not_for_later(world: World) -> None:
    _ = world.camera
    since = (world.clock.now() + timedelta(hours=1)).isoformat()
    world.post("/v1/handlers/cameras/cam-1/revocations", 400, reason="soon", since=since)


# Health


def test_an_operator_sees_how_a_camera_does(world: World) -> None:
    world.push(world.signed())
    world.push(world.signed(images=[jpeg()[:-4000]]))
    late = (world.clock.now() - timedelta(seconds=4)).isoformat()
    beat(world, world.camera, sentAt=late, waiting=12)
    [camera] = world.get("/v1/handlers/cameras")
    assert (camera["id"], camera["state"], camera["driftMs"], camera["waiting"]) == ("cam-1", "active", -4000, 12)
    assert (camera["accepted"][-1], camera["refused"][-1], camera["rejectionPermille"]) == (1, 1, 500)


def test_a_clock_that_was_far_ahead_is_shown_so_and_heard_again_when_it_is_set(world: World) -> None:
    beat(world, world.camera, sentAt="9999-01-01T00:00:00Z", waiting=1)
    assert world.get("/v1/handlers/cameras")[0]["driftMs"] == 2**31 - 1
    beat(world, world.camera, waiting=2)
    [camera] = world.get("/v1/handlers/cameras")
    assert (camera["driftMs"], camera["waiting"]) == (0, 2)


def test_nonces_are_forgotten_when_they_cannot_come_again(world: World) -> None:
    beat(world, world.camera)
    registry = world.system.services.ingest.registry
    registry.forget_nonces()
    with world.system.database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(SeenNonce)) == 1
    world.clock.advance(timedelta(minutes=11))
    registry.forget_nonces()
    with world.system.database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(SeenNonce)) == 0


def test_public_keys_are_known_by_their_digest() -> None:
    key = Ed25519PrivateKey.generate()
    assert len(base64.b64decode(SimulatedCamera(PROFILE, key).public_key)) == 32
    assert len(key_id_of(public_bytes(key))) == 64
