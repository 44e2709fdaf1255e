"""When a reading may stand without a person: each doubt alone is enough to ask one."""

from dataclasses import replace

import numpy as np
import pytest

from imaging.agreement import agrees, endorse
from imaging.frame import Frame, Hypothesis, LocatedPlate, PlateReading, Quality
from imaging.stages.decide import Decide

DECIDE = Decide(0.97)


def located(width: int = 120, left: int = 100, top: int = 100) -> LocatedPlate:
    right, bottom = left + width, top + width // 5
    return LocatedPlate(np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32), 0.9, "test")


GOOD = PlateReading(
    located=located(),
    hypotheses=(Hypothesis("RK755AJ", "SK", 0.995),),
    looks_from=("SK",),
    presence=0.99,
    hidden=0.01,
    covered=0.0,
    cover=0.01,
    second="RK-755AJ",
    second_confidence=0.95,
    quality=Quality(500, 120, 0.0),
)


def verdict(*photos: PlateReading | Frame):
    frames = [p if isinstance(p, Frame) else Frame(b"", readings=(p,)) for p in photos]
    return DECIDE(frames)


def test_a_reading_without_any_doubt_is_accepted() -> None:
    found = verdict(GOOD)
    assert (found.plate, found.country, found.decision) == ("RK755AJ", "SK", "accept")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"located": located(40)}, "plate-too-small"),
        ({"presence": 0.6}, "not-surely-a-plate"),
        ({"hidden": 0.5}, "plate-partly-covered"),
        ({"covered": 0.1}, "plate-partly-covered"),
        ({"cover": 0.4}, "plate-partly-covered"),
        # Two or three digits may have been four, so a strap over the last one leaves a German plate.
        ({"hypotheses": (Hypothesis("SPHS77", "DE", 0.99),)}, "longer-plate-exists"),
        # Read as Dutch, but it looks British, where one letter follows.
        ({"hypotheses": (Hypothesis("KG14TG", "NL", 0.99),), "looks_from": ("NL", "GB")}, "longer-plate-exists"),
        ({"hypotheses": (Hypothesis("RK755AJ", "SK", 0.9),)}, "confidence-low"),
        ({"hypotheses": (Hypothesis("M5XSX", None, 0.99),)}, "syntax-unknown"),
        (
            {"hypotheses": (Hypothesis("RK755AJ", "SK", 0.7), Hypothesis("RK755AJ", "IT", 0.29))},
            "country-not-settled",
        ),
        (
            {"hypotheses": (Hypothesis("RK755AJ", "SK", 0.9), Hypothesis("RK756AJ", "SK", 0.09))},
            "look-alike-plate-exists",
        ),
        ({"second": "RK-756AJ"}, "second-reader-disagrees"),
        ({"second": ""}, "second-reader-disagrees"),
    ],
)
def test_each_doubt_asks_for_a_person(change: dict, reason: str) -> None:
    found = verdict(replace(GOOD, **change))
    assert found.decision == "review"
    assert reason in found.reasons


def test_no_plate_at_all_asks_for_a_person() -> None:
    assert verdict(Frame(b"")).reasons == ("no-plate-found",)


def test_a_photo_that_cannot_be_decoded_is_rejected_with_its_reason() -> None:
    found = verdict(Frame(b"", failure="jpeg-damaged"))
    assert (found.decision, found.reasons) == ("reject", ("jpeg-damaged",))


def test_a_reason_found_by_an_earlier_stage_counts() -> None:
    assert verdict(Frame(b"", readings=(GOOD,), reasons=("photo-blurred",))).reasons == ("photo-blurred",)


def test_two_photos_that_disagree_ask_for_a_person() -> None:
    other = replace(GOOD, hypotheses=(Hypothesis("RK756AJ", "SK", 0.99),), second="RK756AJ")
    assert "photos-disagree" in verdict(GOOD, other).reasons


def test_a_photo_without_the_plate_asks_for_a_person() -> None:
    assert verdict(GOOD, Frame(b"")).reasons == ("plate-not-on-every-photo",)


def test_two_photos_support_each_other() -> None:
    unsure = replace(GOOD, hypotheses=(Hypothesis("RK755AJ", "SK", 0.95), Hypothesis("RK756AJ", "SK", 0.04)))
    assert not verdict(unsure).accepted
    assert verdict(unsure, unsure).accepted


def test_a_second_plate_as_large_asks_for_a_person() -> None:
    other = replace(GOOD, located=located(110, left=400))
    assert "two-vehicles" in verdict(Frame(b"", readings=(GOOD, other))).reasons


@pytest.mark.parametrize(
    ("second", "plate", "country"),
    [
        ("RK-755AJ", "RK755AJ", "SK"),
        ("SK RK-755AJ", "RK755AJ", "SK"),
        ("RKO99AN", "RK099AN", "SK"),
        ("1T4 83213", "1T43213", "CZ"),
    ],
)
def test_the_second_reader_agrees_in_spite_of_what_it_cannot_know(second: str, plate: str, country: str) -> None:
    assert agrees(second, plate, country)


@pytest.mark.parametrize(
    ("second", "plate", "country"),
    [
        ("RK-756AJ", "RK755AJ", "SK"),
        ("TD-186-J", "TB186J", "NL"),
        ("TS-I86-J", "TS188J", "NL"),
        ("RK75AJ", "RK755AJ", "SK"),
        ("M5XSX1", "M5XSX", None),
    ],
)
def test_the_second_reader_disagrees_where_another_plate_may_be_meant(second: str, plate: str, country) -> None:
    assert not agrees(second, plate, country)


def test_a_second_reader_who_agrees_makes_a_reading_surer() -> None:
    unsure = (Hypothesis("RK755AJ", "SK", 0.8), Hypothesis("RK756AJ", "SK", 0.19))
    best = endorse(unsure, "RK-755AJ")[0]
    assert (best.plate, best.probability > 0.98) == ("RK755AJ", True)


def test_a_second_reader_can_tip_the_scales_between_two_hypotheses() -> None:
    unsure = (Hypothesis("RK755AJ", "SK", 0.6), Hypothesis("RK756AJ", "SK", 0.39))
    assert endorse(unsure, "RK-756AJ")[0].plate == "RK756AJ"


def test_a_second_reader_counts_for_little_between_signs_that_readers_mix_up() -> None:
    unsure = (Hypothesis("TB186J", "NL", 0.6), Hypothesis("T8186J", "NL", 0.4))
    assert endorse(unsure, "TB-186-J")[0].probability < 0.9
