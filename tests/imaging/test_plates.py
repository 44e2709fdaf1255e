"""Plate syntax: what fits which country, and what is too near to something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.plates import confusable, countries_of, display, fold, gaps, may_be_part, normalise, syntaxes
from training.plate_renderer import example


@pytest.mark.parametrize("plate", ["GB-001-B", "65-ZJB-4", "3-LFP-98", "V-688-SP", "GZD-45-H", "RZ-71-BF", "12-BDF-3"])
def test_every_dutch_sidecode_is_known(plate: str) -> None:
    assert "NL" in countries_of(normalise(plate))


@pytest.mark.parametrize("plate", ["A-001-BB", "12-GVD-3", "XX-00-SS", "QB-001-B"])
def test_letters_that_were_never_issued_are_not_dutch(plate: str) -> None:
    assert "NL" not in countries_of(normalise(plate))


def test_a_form_that_several_countries_use_fits_all_of_them() -> None:
    assert {"SK", "IT", "FR"} <= set(countries_of("BB755AJ"))


def test_a_series_that_a_country_has_not_reached_is_no_plate_of_it() -> None:
    assert countries_of("XX755AJ") == []


@pytest.mark.parametrize("pair", ["0O", "0D", "8B", "1I", "5S", "2Z", "6G"])
def test_signs_that_readers_mix_up_are_confusable(pair: str) -> None:
    assert confusable(*pair)
    assert not confusable(pair[0], "K")


def test_folding_makes_confusable_plates_the_same() -> None:
    assert fold("RK-55O-AO") == fold("RK550A0")


def test_gaps_are_where_the_country_sets_its_separators() -> None:
    assert gaps("RK755AJ", "SK") == [2]
    assert gaps("GB001B", "NL") == [2, 5]


@given(st.sampled_from(syntaxes()), st.randoms())
def test_every_plate_of_a_syntax_is_recognised_and_shown_with_its_separators(syntax, chance) -> None:
    plate = normalise(example(syntax, chance))
    assert syntax.country in countries_of(plate)
    assert normalise(display(plate, syntax.country)) == plate


def test_a_district_that_a_country_does_not_have_is_no_plate_of_it() -> None:
    assert "SK" in countries_of("RK755AJ")
    assert "AT" not in countries_of("RK755AJ")


def test_letters_after_the_separator_are_not_part_of_the_district() -> None:
    assert "SI" in countries_of("LJAB123")
    assert "SI" not in countries_of("ABLJ123")


@given(st.text(max_size=20))
def test_normalising_leaves_capitals_and_digits_only(text: str) -> None:
    assert all(char.isascii() and (char.isdigit() or char.isupper()) for char in normalise(text))


def test_a_diplomatic_plate_keeps_the_nought_after_its_letter_open() -> None:
    assert "PL" in countries_of("W053011")
    assert "PL" in countries_of("WO53011")


@pytest.mark.parametrize(
    ("plate", "country", "expected"),
    [("SPHS77", "DE", True), ("KG14TG", "GB", True), ("KG14TGJ", "GB", False), ("GB001B", "NL", False)],
)
def test_a_plate_may_be_what_is_left_of_a_longer_one(plate: str, country: str, expected: bool) -> None:
    assert may_be_part(plate, country) is expected
