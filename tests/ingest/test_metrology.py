"""What entitles a camera to measure: without any one of these a capture becomes no fine, and the reason is shown."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ingest.service import Limit
from ingest.signature import sign
from tests.world import OPERATOR, World, jpeg_digest

KINDS = ("type-approvals", "calibration-certificates", "deployments", "speed-limits")


def withdraw(world: World, kind: str) -> None:
    [fact] = world.get(f"/v1/handlers/measurement-facts/{kind}")
    since = (world.clock.now() - timedelta(hours=1)).isoformat()
    path = f"/v1/handlers/measurement-facts/{kind}/{fact['id']}/withdrawals"
    world.post(path, 204, since=since, reason="found to be wrong")


def refused(world: World, **change: Any) -> dict[str, Any]:
    """The problem document that a push gets."""
    answer = world.push(world.signed(**change))
    assert answer.status_code == 403, answer.text
    return dict(answer.json())


CODES = {
    "type-approvals": "type-not-approved",
    "calibration-certificates": "calibration-expired",
    "deployments": "not-deployed",
    "speed-limits": "speed-limit-not-in-force",
}


@pytest.mark.parametrize("kind", KINDS)
def test_without_it_a_capture_is_refused_and_held(world: World, kind: str) -> None:
    _ = world.camera
    withdraw(world, kind)
    assert refused(world)["type"] == f"urn:flitsketen:problem:{CODES[kind]}"
    [held] = world.get("/v1/handlers/quarantined-packages")
    assert held["code"] == CODES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_turns_out_to_be_wrong_before_the_decision_ends_the_case(world: World, kind: str) -> None:
    world.push(world.signed())
    withdraw(world, kind)
    world.drain()
    [fate] = world.get("/v1/handlers/captures")
    assert (fate["fate"], fate["decisionId"]) == ("no_evidence", None)
    assert fate["why"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_decided_on_it_is_found(world: World, kind: str) -> None:
    case = world.fined()
    [fact] = world.get(f"/v1/handlers/measurement-facts/{kind}")
    rested = f"/v1/handlers/measurement-facts/{kind}/{fact['id']}/captures"
    assert [one["id"] for one in world.get(rested)] == [case["id"]]
    withdraw(world, kind)
    assert [one["decisionId"] for one in world.get(rested)] == [case["decisionId"]]


def test_what_was_measured_before_it_was_withdrawn_is_not_in_doubt(world: World) -> None:
    world.push(world.signed())
    world.clock.advance(timedelta(hours=2))
    withdraw(world, "deployments")
    [fact] = world.get("/v1/handlers/measurement-facts/deployments")
    assert world.get(f"/v1/handlers/measurement-facts/deployments/{fact['id']}/captures") == []


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_withdrawn_once(world: World, kind: str) -> None:
    _ = world.camera
    [fact] = world.get(f"/v1/handlers/measurement-facts/{kind}")
    body = {"since": world.clock.now().isoformat(), "reason": "wrong"}
    world.post(f"/v1/handlers/measurement-facts/{kind}/{fact['id']}/withdrawals", 204, **body)
    world.post(f"/v1/handlers/measurement-facts/{kind}/{fact['id']}/withdrawals", 409, **body)
    world.post(f"/v1/handlers/measurement-facts/{kind}/none/withdrawals", 404, **body)


def from_elsewhere(world: World, old: bytes, new: bytes) -> dict[str, Any]:
    """The problem of a capture that says something else than how the camera was put up."""
    capture = world.signed()
    assert old in capture.metadata
    metadata = capture.metadata.replace(old, new)
    answer = world.push(
        replace(capture, metadata=metadata, signature=sign(world.camera.key, metadata, [jpeg_digest()]))
    )
    assert answer.status_code == 403, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'"latitude": 52.1', b'"latitude": 52.2', "11119 m away, 250 m are allowed"),
        (b'"road": "Teststraat"', b'"road": "Elders"', "on another road"),
        (b'"approaching"', b'"receding"', "it was to look at traffic that is approaching"),
        (b'"speedLimitKmh": 50', b'"speedLimitKmh": 30', "it was set to 50 km/h"),
    ],
)
def test_a_camera_that_measures_otherwise_than_it_was_put_up_is_refused(
    world: World, old: bytes, new: bytes, told: str
) -> None:
    problem = from_elsewhere(world, old, new)
    assert problem["type"] == "urn:flitsketen:problem:deployed-otherwise"
    assert told in problem["detail"]


def test_a_limit_by_day_is_none_by_night(world: World) -> None:
    _ = world.camera
    withdraw(world, "speed-limits")
    by_day = Limit(
        stretch="Teststraat, Utrecht", limit_kmh=50, road_type="built-up", decree="DEMO", from_hour=6, to_hour=19,
        valid_from=world.clock.now() - timedelta(days=1),
    )  # fmt: skip
    world.system.services.ingest.metrology.add(OPERATOR, by_day)
    assert world.push(world.signed()).status_code == 201
    # At noon UTC it is 14 hours in Amsterdam, at 18 it is 20.
    world.clock.advance(timedelta(hours=8))
    assert refused(world)["type"] == "urn:flitsketen:problem:speed-limit-not-in-force"


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("type-approvals", {"number": "1", "model": "m", "kinds": ["sonar"], "issuedBy": "x"}, "kind-unknown"),
        ("speed-limits", {"stretch": "s", "limitKmh": 50, "roadType": "moon", "decree": "d"}, "road-type-unknown"),
        (
            "speed-limits",
            {"stretch": "s", "limitKmh": 50, "roadType": "built-up", "decree": "d", "fromHour": 6},
            "hours-incomplete",
        ),
    ],
)
def test_a_fact_that_cannot_be_is_refused(world: World, kind: str, fields: dict[str, Any], code: str) -> None:
    body = {"kind": kind, "validFrom": world.clock.now().isoformat(), **fields}
    answer = world.post("/v1/handlers/measurement-facts", 400, **body)
    assert answer["type"] == f"urn:flitsketen:problem:{code}"


def test_a_certificate_of_a_camera_that_nobody_knows_is_refused(world: World) -> None:
    now = world.clock.now()
    answer = world.post(
        "/v1/handlers/measurement-facts", 404, kind="calibration-certificates", cameraId="cam-9", number="1",
        issuedBy="x", validFrom=now.isoformat(), validTo=(now + timedelta(days=1)).isoformat(),
    )  # fmt: skip
    assert answer["type"] == "urn:flitsketen:problem:camera-unknown"


def test_the_dossiers_files_name_what_the_capture_rested_on(world: World) -> None:
    capture_id = world.push(world.signed()).json()["id"]
    said = world.system.services.ingest.evidence_files(capture_id)["entitlement.json"].decode()
    for word in ("DEMO-Test Radar", "Voorbeeld Installatie", "DEMO (invented)"):
        assert word in said
