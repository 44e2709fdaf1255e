"""Plate syntax: what fits which country, and what is too near to something else."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imaging.plates import countries_of, display, look_alikes, normalise, rivals, settled_country, syntaxes


@pytest.mark.parametrize("plate", ["GB-001-B", "65-ZJB-4", "3-LFP-98", "V-688-SP", "GZD-45-H", "RZ-71-BF", "12-BDF-3"])
def test_dutch_sidecodes_settle_the_country(plate: str) -> None:
    assert settled_country(plate) == "NL"


@pytest.mark.parametrize("plate", ["A-001-BB", "12-GVD-3", "XX-00-SS", "QB-001-B"])
def test_letters_that_were_never_issued_are_not_dutch(plate: str) -> None:
    assert "NL" not in countries_of(normalise(plate))


def test_a_form_that_several_countries_use_settles_nothing() -> None:
    assert settled_country("RK-755AJ") is None
    assert {"SK", "IT", "FR"} <= set(countries_of("RK755AJ"))


def test_separators_settle_what_characters_alone_do_not() -> None:
    assert settled_country("GZD45H") is None
    assert settled_country("GZD-45-H") == "NL"


def test_confusable_characters_give_look_alikes() -> None:
    assert "RK550AO" in look_alikes("RK550A0")


def test_a_look_alike_with_dashes_elsewhere_is_no_rival() -> None:
    assert rivals("TS-186-J", "NL") == []
    assert "TS18GJ" in rivals("TS186J", "NL")


@given(st.sampled_from(syntaxes()), st.randoms())
def test_every_plate_of_a_syntax_is_recognised_and_shown_with_its_separators(syntax, chance) -> None:
    plate = "".join(chance.choice("0123456789" if sign == "9" else "BDFHJ") for sign in normalise(syntax.pattern))
    assume(syntax.matches(plate))
    assert syntax.country in countries_of(plate)
    assert normalise(display(plate, syntax.country)) == plate


@given(st.text(max_size=20))
def test_normalising_leaves_capitals_and_digits_only(text: str) -> None:
    assert all(char.isascii() and (char.isdigit() or char.isupper()) for char in normalise(text))
