"""No decision without an accepted or confirmed reading."""

import pytest

from tests.world import World, dazzled, keeper_of


@pytest.fixture
def in_review(world: World) -> str:
    world.register = [keeper_of("TN-HV 957", "DE")]
    capture_id = world.push(world.signed(images=[dazzled("TN-HV 957", "DE")])).json()["id"]
    world.drain()
    return str(capture_id)


def fate(world: World) -> str:
    return str(world.get("/v1/handlers/captures")[0]["fate"])


def test_an_unsure_reading_waits_and_no_decision_is_made(world: World, in_review: str) -> None:
    [reading] = world.get("/v1/handlers/readings")
    assert reading["captureId"] == in_review
    assert "photo-glare" in reading["reasons"]
    assert fate(world) == "in_review"


def test_a_confirmed_reading_becomes_a_decision(world: World, in_review: str) -> None:
    world.post(f"/v1/handlers/captures/{in_review}/confirmations", 204, plate="TN-HV 957", country="DE")
    world.drain()
    assert fate(world) == "issued"


def test_a_plate_that_does_not_fit_its_country_is_refused(world: World, in_review: str) -> None:
    answer = world.post(f"/v1/handlers/captures/{in_review}/confirmations", 400, plate="TN-HV 957", country="NL")
    assert answer["type"] == "urn:flitsketen:problem:plate-syntax"


def test_a_rejected_reading_ends_there(world: World, in_review: str) -> None:
    world.post(f"/v1/handlers/captures/{in_review}/rejections", 204, reason="mud on the plate")
    world.drain()
    assert fate(world) == "rejected"
    world.post(f"/v1/handlers/captures/{in_review}/confirmations", 409, plate="TN-HV 957", country="DE")
