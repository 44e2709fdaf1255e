"""A stop line passed at red: its evidence rule, a person's look at the passage, and what the law makes of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import pytest

from ingest.signature import sign
from ingest.simulator.network import RedLight, SignedCapture, sign_red_light
from tests.fines.test_letter import words_of
from tests.fines.test_liability import HIRER
from tests.world import PLATE, World, drawn, jpeg, lookup

PASSED = RedLight(yellow_ms=3_500, red_ms=1_240, offsets_ms=(20, 1_020), grace_ms=400)


def beyond() -> bytes:
    """The second photo: the same vehicle farther on."""
    photo = drawn().photo
    height, width = photo.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 0, 1.25)
    return bytes(cv2.imencode(".jpg", cv2.warpAffine(photo, turn, (width, height), flags=cv2.INTER_CUBIC))[1])


def signed(world: World, light: RedLight = PASSED, images: list[bytes] | None = None) -> SignedCapture:
    world.count += 1
    moment = world.clock.now() - timedelta(minutes=5)
    return sign_red_light(world.camera, f"light-{world.count}", moment, light, images or [jpeg(), beyond()])


def pushed(world: World, light: RedLight = PASSED) -> str:
    answer = world.push(signed(world, light))
    assert answer.status_code == 201, answer.text
    world.drain()
    return str(answer.json()["id"])


def confirmed(world: World, light: RedLight = PASSED) -> dict[str, Any]:
    """A person saw the passage; the capture's fate."""
    capture_id = pushed(world, light)
    world.post(f"/v1/handlers/captures/{capture_id}/confirmations", 204, plate=PLATE.text, country="NL")
    world.drain()
    fate = next(one for one in world.get("/v1/handlers/captures") if one["id"] == capture_id)
    return {**fate, "assessment": world.system.services.fines.assessment(capture_id)}


def decided(world: World) -> dict[str, Any]:
    fate = confirmed(world)
    return {**fate, **world.decision(fate["decisionId"])}


def test_a_red_light_waits_for_a_person_however_sure_the_plate_is(world: World) -> None:
    capture_id = pushed(world)
    [reading] = world.get("/v1/handlers/readings")
    assert (reading["captureId"], reading["reasons"]) == (capture_id, ["passage-at-red"])


def test_a_passage_that_the_photos_do_not_show_ends_there(world: World) -> None:
    capture_id = pushed(world)
    world.post(f"/v1/handlers/captures/{capture_id}/rejections", 204, reason="it stopped after the line")
    world.drain()
    assert world.get("/v1/handlers/captures")[0]["fate"] == "rejected"


def test_a_passage_that_a_person_saw_is_fined_by_the_sum_of_the_day(world: World) -> None:
    case = decided(world)
    assert (case["offenceCode"], case["amounts"]["sanction"], case["amounts"]["administration"]) == ("R602", 32000, 900)
    assert (case["measuredSpeedKmh"], case["correctedSpeedKmh"], case["speedLimitKmh"]) == (None, None, None)


def test_the_citizen_reads_how_long_it_was_yellow_and_red(world: World) -> None:
    facts = {fact["nl"]: fact["value"] for fact in world.case(decided(world))["facts"]}
    assert facts == {
        "Geel licht": "3.50 s",
        "Rood licht bij de stopstreep": "1.24 s",
        "Tweede foto na": "1.02 s",
    }


def test_the_letter_names_the_conduct_and_its_times_and_no_speed(world: World) -> None:
    case = decided(world)
    words = words_of(world.system.services.fines.letter_pdf(case["decisionId"], "decision"))
    for needed in ("u stopte niet voor rood licht", "feitcode R602", "1,24 s", "passed a red traffic light"):
        assert needed in words, needed
    for wrong in ("km/h", "te hard", "maximumsnelheid", "speed"):
        assert wrong not in words, wrong


def test_every_step_of_it_is_explained(world: World) -> None:
    steps = {step["rule"]: step for step in decided(world)["explanation"]}
    assert steps["red_light_yellow_ms"]["inputs"]["yellow_ms"] == 3500
    assert steps["red_light_red_ms"]["result"] == 400
    assert steps["fixed_sum"]["result"] == {"offence_code": "R602", "amount_cents": 32000}


@pytest.mark.parametrize(
    ("light", "lacking"),
    [
        (replace(PASSED, yellow_ms=2_899), "yellow_ms"),
        (replace(PASSED, red_ms=399, grace_ms=300), "red_ms"),
    ],
)
def test_less_than_a_court_ever_upheld_is_no_offence(world: World, light: RedLight, lacking: str) -> None:
    fate = confirmed(world, light)
    assert (fate["decisionId"], fate["assessment"].outcome) == (None, "no_offence")
    assert lacking in fate["assessment"].reason


def test_in_a_year_without_a_known_sum_it_is_refused_and_says_so(world: World) -> None:
    world.clock.set(datetime(2023, 6, 1, 10, tzinfo=UTC))
    fate = confirmed(world)
    assert fate["assessment"].outcome == "no_tariff"
    assert fate["assessment"].reason == "there is no sum for red-light by vehicle category 1 on 2023-06-01"


@pytest.mark.parametrize(
    ("light", "code"),
    [
        (replace(PASSED, yellow_ms=0), "red-light-order"),
        (replace(PASSED, yellow_ms=-100), "red-light-order"),
        (replace(PASSED, yellow_ms=10_001), "red-light-order"),
        (replace(PASSED, red_ms=-1, grace_ms=0), "red-light-within-grace"),
        (replace(PASSED, red_ms=399), "red-light-within-grace"),
        (replace(PASSED, offsets_ms=(-1_241, 1_000)), "red-light-photos"),
        (replace(PASSED, offsets_ms=(20, 20)), "red-light-photos"),
        (replace(PASSED, offsets_ms=(-500, -100)), "red-light-photos"),
    ],
)
def test_times_that_contradict_each_other_are_no_evidence(world: World, light: RedLight, code: str) -> None:
    answer = world.push(signed(world, light))
    assert (answer.status_code, answer.json()["type"]) == (400, f"urn:flitsketen:problem:{code}")
    assert [item["code"] for item in world.get("/v1/handlers/quarantined-packages")] == [code]


def test_one_photo_does_not_show_that_the_vehicle_went_on(world: World) -> None:
    light = replace(PASSED, offsets_ms=(20,))  # type: ignore[arg-type]
    answer = world.push(signed(world, light, [jpeg()]))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:flitsketen:problem:red-light-photos")


def test_a_kind_that_nobody_knows_is_refused_with_those_that_there_are(world: World) -> None:
    capture = signed(world)
    metadata = capture.metadata.replace(b'"red-light"', b'"wheel-clamp"')
    digests = [image["sha256"] for image in json.loads(metadata)["images"]]
    answer = world.push(replace(capture, metadata=metadata, signature=sign(world.camera.key, metadata, digests)))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:flitsketen:problem:kind-unknown")
    assert answer.json()["detail"] == "the kinds of capture are: red-light, section-control, speed"


def test_who_drove_instead_of_the_keeper_answers_for_the_same_conduct(world: World) -> None:
    case = decided(world)
    world.post_letters()
    hire = {"ground": "hired", "account": "Contract.", "since": "2026-09-10", "until": "2026-09-17", "person": HIRER}
    statement = world.post("/v1/keeper-statements", 201, **lookup(case), **hire)
    path = f"/v1/handlers/keeper-statements/{statement['id']}/acceptances"
    successor = world.post(path, 200, reason="contract seen")["decisionId"]
    new = world.get(f"/v1/handlers/decisions/{successor}")
    assert (new["offenceCode"], new["amounts"]["sanction"]) == ("R602", 32000)
    assert new["facts"] == case["facts"]


def test_a_change_of_law_shows_its_effect_on_it(world: World) -> None:
    case = decided(world)
    [past] = world.system.services.fines.past_cases(10)
    assert (past.name, past.observed.offence, past.category) == (case["caseNumber"], "red-light", 1)
