"""Average speed over a section: computed here from both clocks and the certified length, in the driver's favour."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.kinds.section_control import Metadata, Passage
from ingest.package import parse_metadata
from ingest.service import Reference
from ingest.simulator.network import Section, SignedCapture, sign_section
from tests.world import OPERATOR, PLATE, World, drawn, jpeg

FAST = Section()


def at_exit(plate: str = PLATE.text) -> bytes:
    """The same vehicle by another camera, at the end of the section."""
    return bytes(cv2.imencode(".jpg", cv2.convertScaleAbs(drawn(plate).photo, alpha=0.9))[1])


@pytest.fixture
def motorway(world: World) -> World:
    """A section of a motorway with a limit of 100 km/h, and its length certified."""
    world.road_type, world.limit = "motorway", 100
    certify(world)
    return world


def certify(world: World, **other: Any) -> str:
    now = world.clock.now()
    fact = {
        "subject": FAST.name, "number": FAST.certificate, "issued_by": "Voorbeeld Metrologie",
        "value_mm": FAST.length_mm, "uncertainty_mm": FAST.length_uncertainty_mm,
        "valid_from": now - timedelta(days=30), "valid_to": now + timedelta(days=300), **other,
    }  # fmt: skip
    return world.system.services.ingest.metrology.add(OPERATOR, Reference(**fact))


def signed(world: World, section: Section = FAST, images: list[bytes] | None = None) -> SignedCapture:
    world.count += 1
    moment = world.clock.now() - timedelta(minutes=5)
    return sign_section(world.camera, f"section-{world.count}", moment, section, images or [jpeg(), at_exit()])


def counted(world: World, section: Section) -> Decimal:
    speed = parse_metadata(signed(world, section).metadata).observed().speed
    assert speed is not None
    return speed.kmh


def test_too_fast_over_a_section_becomes_a_decision_with_both_speeds_in_it(motorway: World) -> None:
    answer = motorway.push(signed(motorway))
    assert answer.status_code == 201, answer.text
    motorway.drain()
    [fate] = motorway.get("/v1/handlers/captures")
    assert fate["fate"] == "issued", fate
    case = motorway.decision(fate["decisionId"])
    facts = {fact["en"]: fact["value"] for fact in case["facts"]}
    assert facts == {
        "Length of the section": "2000.0 m",
        "Time over the section": "60.00 s",
        "Uncertainty of the clocks": "10 ms",
        "Average speed, claimed": "120.0 km/h",
        "Average speed, computed": "120.00 km/h",
        "Average speed that counts": "119.92 km/h",
        "After correction": "115 km/h",
        "Allowed": "100 km/h",
        "Excess": "15 km/h",
    }


def test_two_plates_at_entry_and_exit_are_seen_by_a_person(motorway: World) -> None:
    motorway.register = []
    motorway.push(signed(motorway, images=[jpeg(), at_exit("X-885-FH")]))
    motorway.drain()
    [fate] = motorway.get("/v1/handlers/captures")
    assert fate["fate"] == "in_review"


def test_a_lower_claim_of_the_device_counts(motorway: World) -> None:
    assert counted(motorway, replace(FAST, claimed_kmh="113.2")) == Decimal("113.2")


def test_a_higher_claim_does_not(motorway: World) -> None:
    assert counted(motorway, replace(FAST, claimed_kmh="131.0")) == Decimal("119.92")


@given(seconds=st.integers(20, 600), clock=st.integers(0, 2_000), length=st.integers(0, 20_000))
def test_less_sureness_never_makes_a_driver_faster(seconds: int, clock: int, length: int) -> None:
    sure = _computed(seconds, 0, 0)
    unsure = _computed(seconds, clock, length)
    slower = _computed(seconds, clock + 1, length + 1)
    assert slower <= unsure <= sure
    assert sure <= Decimal(2_000_000 * 3600) / (seconds * 1_000_000)


def _computed(seconds: int, clock_ms: int, length_mm: int) -> Decimal:
    entry, exit_ = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    speed = Metadata.model_construct(
        length_mm=2_000_000, length_uncertainty_mm=length_mm, average_speed_kmh=Decimal(400),
        entry=Passage(at=entry, clock_uncertainty_ms=clock_ms), exit=Passage(at=exit_, clock_uncertainty_ms=clock_ms),
        speed_limit_kmh=100, road_type="motorway",
    ).observed().speed  # fmt: skip
    assert speed is not None
    return speed.kmh


@pytest.mark.parametrize(
    ("section", "code"),
    [
        (replace(FAST, seconds="0"), "section-order"),
        (replace(FAST, seconds="-4"), "section-order"),
        (replace(FAST, seconds="10"), "section-impossible"),
        (replace(FAST, length_mm=900_000, length_uncertainty_mm=900_000), "section-uncertain"),
        (replace(FAST, seconds="15", clock_uncertainty_ms=8_000), "section-uncertain"),
    ],
)
def test_what_cannot_be_is_no_evidence(motorway: World, section: Section, code: str) -> None:
    answer = motorway.push(signed(motorway, section))
    assert (answer.status_code, answer.json()["type"]) == (400, f"urn:flitsketen:problem:{code}")


def test_one_photo_is_not_enough(motorway: World) -> None:
    answer = motorway.push(signed(motorway, images=[jpeg()]))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:flitsketen:problem:section-photos")


@pytest.mark.parametrize(
    "section",
    [
        replace(FAST, length_mm=2_000_001),
        replace(FAST, length_uncertainty_mm=999),
        replace(FAST, certificate="TC-2025-1"),
        replace(FAST, name="tc-2"),
    ],
)
def test_a_length_that_no_certificate_has_is_refused_and_waits_for_one(motorway: World, section: Section) -> None:
    answer = motorway.push(signed(motorway, section))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:flitsketen:problem:reference-not-certified")
    [held] = motorway.get("/v1/handlers/quarantined-packages")
    certify(
        motorway, subject=section.name, number=section.certificate,
        value_mm=section.length_mm, uncertainty_mm=section.length_uncertainty_mm,
    )  # fmt: skip
    motorway.post(f"/v1/handlers/quarantined-packages/{held['id']}/releases", 201, reason="the certificate came late")
