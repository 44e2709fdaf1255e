"""Two readers of different make on one plate: do they agree, and what does that say?"""

from imaging.frame import Hypothesis
from imaging.plates import confusable, countries_of, fold, gaps, normalise

_BAND = 3
"""Letters that the country's field may add in front of what the second reader sees."""

_AGREES, _MIXED_UP, _OTHERWISE = 0.85, 0.25, 0.02
"""How likely the second reader's text is if a hypothesis is true: when it agrees with it, when it differs in signs that
readers mix up, and when it says something else."""


def endorse(hypotheses: tuple[Hypothesis, ...], second: str) -> tuple[Hypothesis, ...]:
    """The hypotheses weighed anew with what the second reader saw (Bayes), likeliest first."""
    weights = [h.probability * _likelihood(second, h) for h in hypotheses]
    # What was left out of the list is as improbable as the second reader's text is to all of it.
    rest = max(0.0, 1 - sum(h.probability for h in hypotheses)) * _OTHERWISE
    whole = sum(weights) + rest
    weighed = [Hypothesis(h.plate, h.country, weight / whole) for h, weight in zip(hypotheses, weights, strict=True)]
    return tuple(sorted(weighed, key=lambda h: (-h.probability, h.plate, h.country or "")))


def _likelihood(second: str, hypothesis: Hypothesis) -> float:
    if agrees(second, hypothesis.plate, hypothesis.country):
        return _AGREES
    return _MIXED_UP if fold(second) == fold(hypothesis.plate) else _OTHERWISE


def agrees(second: str, plate: str, country: str | None) -> bool:
    """Whether the second reader saw the same plate.

    It knows no syntax and no plates. So it may take one sign for a confusable one where only one of the two makes a
    valid plate of the country; it may read the country's letters or a rim as signs before or behind; and it may read
    a seal or a coat of arms as one sign more, where the plate has its gap. All that only if what it saw is no valid
    plate of the country by itself.
    """
    seen = normalise(second)
    if seen == plate:
        return True
    if country is None or country in countries_of(seen) or len(seen) > len(plate) + _BAND:
        return False
    pieces = [seen[start : start + len(plate)] for start in range(min(_BAND, len(seen) - len(plate)) + 1)]
    if len(seen) == len(plate) + 1:
        pieces += [seen[:gap] + seen[gap + 1 :] for gap in gaps(plate, country)]
    return any(_same(piece, plate, country) for piece in pieces)


def _same(seen: str, plate: str, country: str) -> bool:
    if len(seen) != len(plate):
        return False
    for place, (ours, theirs) in enumerate(zip(plate, seen, strict=True)):
        if ours == theirs:
            continue
        if not confusable(ours, theirs) or country in countries_of(plate[:place] + theirs + plate[place + 1 :]):
            return False
    return True
