"""How the ways to read a plate are weighed against each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.hypotheses import combine, hidden, weigh
from imaging.networks.recogniser import ALPHABET, COUNTRIES, NOTHING, SLOTS, Recognition


def seen(text: str, country: dict[str, float], doubts: dict[int, dict[str, float]] | None = None) -> Recognition:
    """What the network would say of `text`; `doubts` gives other signs for a place with their probability."""
    characters = np.full((SLOTS, len(ALPHABET)), 1e-5, np.float32)
    for place in range(SLOTS):
        signs = (doubts or {}).get(place, {})
        sure = text[place] if place < len(text) else NOTHING
        characters[place, ALPHABET.index(sure)] = 1 - sum(signs.values())
        for sign, chance in signs.items():
            characters[place, ALPHABET.index(sign)] = chance
    origin = np.full(len(COUNTRIES), 1e-4, np.float32)
    for name, chance in country.items():
        origin[COUNTRIES.index(name)] = chance
    return Recognition(characters, origin, 0.99, 0.01)


def test_a_clean_plate_is_read_with_its_country() -> None:
    best = weigh(seen("RK755AJ", {"SK": 0.97}))[0]
    assert (best.plate, best.country) == ("RK755AJ", "SK")
    assert best.probability > 0.98


def test_a_sign_that_the_country_never_issued_there_is_read_as_the_one_it_did() -> None:
    best = weigh(seen("RKO99AN", {"SK": 0.97}, {2: {"0": 0.4}}))[0]
    assert best.plate == "RK099AN"
    assert best.probability > 0.95


def test_two_valid_plates_that_look_alike_stay_both() -> None:
    first, second = weigh(seen("TB186J", {"NL": 0.99}, {1: {"D": 0.45}}))[:2]
    assert {first.plate, second.plate} == {"TB186J", "TD186J"}
    assert second.probability > 0.3


def test_a_form_that_several_countries_use_leaves_the_country_open() -> None:
    first, second = weigh(seen("BB755AJ", {"SK": 0.6, "IT": 0.4}))[:2]
    assert (first.plate, second.plate) == ("BB755AJ", "BB755AJ")
    assert {first.country, second.country} == {"SK", "IT"}
    assert second.probability > 0.3


def test_a_text_of_no_syntax_has_no_country() -> None:
    assert weigh(seen("M5XSX", {"DE": 0.9}))[0].country is None


def test_a_covered_character_shows() -> None:
    assert hidden(seen("RK755AJ", {"SK": 0.9}, {3: {"?": 0.6}})) == pytest.approx(0.6)
    assert hidden(seen("RK755AJ", {"SK": 0.9})) < 0.01


def test_looks_that_differ_are_averaged() -> None:
    both = combine([seen("RK755AJ", {"SK": 0.9}), seen("RK756AJ", {"SK": 0.9})])
    assert weigh(both)[0].probability < 0.6


@given(st.integers(0, 2**32 - 1))
def test_probabilities_are_over_everything_and_in_order(seed: int) -> None:
    noise = np.random.default_rng(seed)
    characters = noise.dirichlet(np.full(len(ALPHABET), 0.05), SLOTS).astype(np.float32)
    country = noise.dirichlet(np.full(len(COUNTRIES), 0.1)).astype(np.float32)
    found = weigh(Recognition(characters, country, 0.5, 0.01))
    chances = [h.probability for h in found]
    assert chances == sorted(chances, reverse=True)
    assert 0 < sum(chances) <= 1 + 1e-6
