"""Weighs the ways to read a plate: what the characters look like, where the plate seems to be from, and what exists.

Every valid plate that is one character away from the best one of a syntax is a hypothesis of its own. So a 0 that may
as well be an O stays open wherever both would be a plate, and is settled only where one of them never was issued.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from imaging.frame import Hypothesis
from imaging.networks.recogniser import ALPHABET, COUNTRIES, HIDDEN, NOTHING, SLOTS, Recognition
from imaging.networks.session import Array
from imaging.plates import Syntax, countries_of, normalise, syntaxes

_LEAST = 1e-6
_NO_SYNTAX = 0.02
"""Prior of a plate that follows none of the known syntaxes: personal, diplomatic, historic, of another continent."""

_OTHER_COUNTRY = 0.03
"""Prior share that the country is any of them whatever the band seems to say."""

_POSSIBLE = 0.02
"""Share from which a country is one that the look of a plate allows."""

_NEGLIGIBLE = 12.0
"""Natural logarithm of how much less likely than the best a hypothesis may be before it is left out."""

_KEPT = 8


@cache
def _masks() -> list[tuple[Syntax, int, Array]]:
    """Per syntax its length and (SLOTS, 38) of 0 where a class may stand and minus infinity where not."""
    found = []
    for syntax in syntaxes():
        plain = normalise(syntax.pattern)
        mask = np.full((SLOTS, len(ALPHABET)), -np.inf, np.float32)
        for place in range(SLOTS):
            allowed = NOTHING if place >= len(plain) else "0123456789" if plain[place] == "9" else syntax.letters
            mask[place, [ALPHABET.index(sign) for sign in allowed]] = 0
        found.append((syntax, len(plain), mask))
    return found


def combine(recognitions: list[Recognition]) -> Recognition:
    """One recognition out of several looks at the same plate: the mean of what they say."""
    return Recognition(
        np.mean([r.characters for r in recognitions], axis=0),
        np.mean([r.country for r in recognitions], axis=0),
        float(np.mean([r.presence for r in recognitions])),
        float(np.mean([r.cover for r in recognitions])),
    )


def tempered(seen: Recognition, temperature: float) -> Recognition:
    """The same recognition with its certainty scaled: below 1 a network that was taught to doubt is surer."""

    def scaled(chances: Array) -> Array:
        sharpened = np.maximum(chances, _LEAST) ** (1 / temperature)
        return np.asarray(sharpened / sharpened.sum(axis=-1, keepdims=True), np.float32)

    return Recognition(scaled(seen.characters), scaled(seen.country), seen.presence, seen.cover)


def weigh(seen: Recognition) -> tuple[Hypothesis, ...]:
    """The likeliest hypotheses, best first; their probabilities are over all hypotheses there are."""
    logs = np.log(np.maximum(seen.characters, _LEAST))
    origin = (1 - _OTHER_COUNTRY) * seen.country + _OTHER_COUNTRY / len(COUNTRIES)
    weights: dict[tuple[str, str | None], float] = {}

    def add(plate: str, country: str | None, weight: float) -> None:
        key = (plate, country)
        weights[key] = max(weights.get(key, -np.inf), weight)

    places = [(syntax, length, logs + mask) for syntax, length, mask in _masks()]
    totals = [
        float(open_places.max(axis=1).sum()) + float(np.log(origin[COUNTRIES.index(syntax.country)]))
        for syntax, _, open_places in places
    ]
    for (syntax, length, open_places), total in zip(places, totals, strict=True):
        if total < max(totals) - _NEGLIGIBLE:
            continue
        chosen, best = open_places.argmax(axis=1), open_places.max(axis=1)
        for plate, loss in _variants(open_places, chosen, best, length):
            if syntax.matches(plate):
                add(plate, syntax.country, total - loss)
    free = logs.copy()
    free[:, ALPHABET.index(HIDDEN)] = -np.inf
    text = "".join(ALPHABET[c] for c in free.argmax(axis=1)).rstrip(NOTHING).replace(NOTHING, "")
    if not weights or not countries_of(text):
        add(text, None, float(free.max(axis=1).sum()) + float(np.log(_NO_SYNTAX)))
    highest = max(weights.values())
    scaled = {key: float(np.exp(weight - highest)) for key, weight in weights.items()}
    whole = sum(scaled.values())
    ranked = sorted(scaled.items(), key=lambda item: (-item[1], item[0][0]))
    return tuple(Hypothesis(plate, country, value / whole) for (plate, country), value in ranked[:_KEPT])


def _variants(open_places: Array, chosen: NDArray[np.intp], best: Array, length: int) -> Iterator[tuple[str, float]]:
    """The best text of a syntax and every text one character away from it, with what each loses in likelihood."""
    yield "".join(ALPHABET[c] for c in chosen[:length]), 0.0
    for place in range(length):
        losses = best[place] - open_places[place]
        for other in np.flatnonzero(losses < _NEGLIGIBLE):
            if other != chosen[place]:
                classes = chosen.copy()
                classes[place] = other
                yield "".join(ALPHABET[c] for c in classes[:length]), float(losses[other])


def looks_from(seen: Recognition) -> tuple[str, ...]:
    """Countries that the look of the plate allows, whatever its text says."""
    return tuple(name for name, chance in zip(COUNTRIES, seen.country, strict=True) if chance >= _POSSIBLE)


def hidden(seen: Recognition) -> float:
    """The highest probability, over the places, that a character is covered."""
    return float(seen.characters[:, ALPHABET.index(HIDDEN)].max())
