"""What a camera network gets back for each kind of push."""

import hashlib
import io
import struct
from datetime import timedelta

import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.simulator.network import SignedCapture, SimulatedCamera, sign_capture
from tests.world import OPERATOR, World, jpeg


def quarantined(world: World) -> list[str]:
    return [item["code"] for item in world.get("/v1/handlers/quarantined-packages")]


def refused(world: World, capture: SignedCapture, status: int, code: str) -> None:
    answer = world.push(capture)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:flitsketen:problem:{code}"
    assert world.get("/v1/handlers/captures") == []


def test_a_signed_capture_of_a_registered_camera_is_created(world: World) -> None:
    answer = world.push(world.signed())
    assert answer.status_code == 201
    assert answer.json()["status"] == "accepted"
    assert len(world.get("/v1/handlers/captures")) == 1


def test_a_duplicate_gets_202_and_the_same_answer_and_is_stored_once(world: World) -> None:
    capture = world.signed()
    first, again = world.push(capture), world.push(capture)
    assert (first.status_code, again.status_code) == (201, 202)
    assert first.json() == again.json()
    assert len(world.get("/v1/handlers/captures")) == 1


def test_who_lost_the_answer_gets_it_again_however_late_and_whatever_came_between(world: World) -> None:
    capture = world.signed()
    first = world.push(capture)
    world.clock.advance(timedelta(days=40))
    world.system.services.ingest.registry.revoke(OPERATOR, "cam-1", "stolen", compromised=True)
    again = world.push(capture)
    assert (again.status_code, again.json()) == (202, first.json())
    assert quarantined(world) == []


def test_the_same_id_with_other_content_conflicts_and_is_quarantined(world: World) -> None:
    world.push(world.signed(capture_id="twice"))
    answer = world.push(world.signed(measured="71.0", capture_id="twice"))
    assert answer.status_code == 409
    assert quarantined(world) == ["capture-id-reused"]


def test_a_wrong_signature_is_not_authenticated_and_leaves_nothing(world: World) -> None:
    stranger = SimulatedCamera(world.camera.profile, Ed25519PrivateKey.generate())
    capture = sign_capture(stranger, "forged", world.clock.now(), "64", [jpeg()])
    refused(world, capture, 401, "signature-invalid")
    assert quarantined(world) == []


def test_an_unknown_camera_gets_the_same_answer_as_a_wrong_signature(world: World) -> None:
    capture = world.signed()
    metadata = capture.metadata.replace(b"cam-1", b"cam-9")
    refused(world, SignedCapture("x", "cam-9", metadata, capture.signature, capture.images), 401, "signature-invalid")


def test_a_truncated_jpeg_is_quarantined(world: World) -> None:
    refused(world, world.signed(images=[jpeg()[:-4000]]), 400, "jpeg-truncated")
    assert quarantined(world) == ["jpeg-truncated"]


def test_a_png_named_jpg_is_quarantined(world: World) -> None:
    png = bytes(cv2.imencode(".png", np.zeros((400, 400, 3), np.uint8))[1])
    refused(world, world.signed(images=[png]), 400, "not-jpeg")
    assert quarantined(world) == ["not-jpeg"]


def test_a_bomb_of_100_megapixels_is_refused_from_its_header_alone(world: World) -> None:
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 10_000, 10_000)
    refused(world, world.signed(images=[bytes(data)]), 400, "image-too-many-pixels")
    assert quarantined(world) == ["image-too-many-pixels"]


def test_an_image_that_was_not_signed_is_quarantined(world: World) -> None:
    capture = world.signed()
    other = SignedCapture(
        capture.capture_id, capture.camera_id, capture.metadata, capture.signature, [jpeg("X-885-FH")]
    )
    refused(world, other, 400, "digest-mismatch")
    assert quarantined(world) == ["digest-mismatch"]


def test_an_expired_calibration_is_refused_and_quarantined(world: World) -> None:
    _ = world.camera
    world.clock.advance(timedelta(days=400))
    refused(world, world.signed(), 403, "calibration-expired")
    assert quarantined(world) == ["calibration-expired"]


def test_a_revoked_camera_is_refused(world: World) -> None:
    _ = world.camera
    world.system.services.ingest.registry.revoke(OPERATOR, "cam-1", "stolen")
    world.clock.advance(timedelta(hours=1))
    refused(world, world.signed(), 403, "camera-not-registered-then")


def test_a_capture_from_the_future_is_refused(world: World) -> None:
    capture = sign_capture(world.camera, "early", world.clock.now() + timedelta(hours=1), "64", [jpeg()])
    refused(world, capture, 400, "captured-in-future")


def test_signed_but_wrong_metadata_lists_every_error_and_is_quarantined(world: World) -> None:
    capture = world.signed()
    metadata = capture.metadata.replace(b'"lane": 1', b'"lane": 99').replace(b"built-up", b"moon")
    from ingest.signature import sign

    signature = sign(world.camera.key, metadata, [hashlib.sha256(jpeg()).hexdigest()])
    answer = world.push(SignedCapture("bad", "cam-1", metadata, signature, [jpeg()]))
    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/lane", "/roadType"}
    assert quarantined(world) == ["metadata-invalid"]


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"cameraId": 3, "images": 4}'])
def test_metadata_that_is_no_package_gets_a_problem_document(world: World, body: bytes) -> None:
    refused(world, SignedCapture("x", "x", body or b" ", "AAAA", [jpeg()]), 400, "metadata-invalid")


def test_a_body_over_the_limit_is_refused(world: World) -> None:
    world.system.settings.max_package_bytes = 100_000
    answer = world.push(world.signed(images=[jpeg() + bytes(200_000)]))
    assert answer.status_code == 413


def test_a_push_that_is_not_multipart_gets_a_problem_document(world: World) -> None:
    answer = world.http.post("/v1/captures", content=io.BytesIO(b"hello").read())
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:flitsketen:problem:not-multipart"


def test_an_operator_discards_a_quarantined_package_once(world: World) -> None:
    world.push(world.signed(images=[jpeg()[:-4000]]))
    package = world.get("/v1/handlers/quarantined-packages")[0]
    world.post(f"/v1/handlers/quarantined-packages/{package['id']}/discards", 204, reason="camera was rebooting")
    world.post(f"/v1/handlers/quarantined-packages/{package['id']}/discards", 409, reason="again")
