"""Stage decide: when may a machine's reading stand without a person? Only when nothing at all speaks against it."""

from dataclasses import dataclass
from math import prod

from imaging.agreement import agrees
from imaging.frame import Frame, Hypothesis, PlateReading
from imaging.networks.locator import overlap
from imaging.plates import may_be_part

_MIN_WIDTH = 55.0
_MIN_PRESENCE = 0.8
_MAX_HIDDEN = 0.2
_MAX_COVERED = 0.06
"""About half of a character's width."""

_MAX_COVER = 0.2

_RIVAL_SIZE = 0.7
_RIVAL_CHANCE = 0.02


@dataclass(frozen=True)
class Verdict:
    """`reasons` empty means: accepted. Confidences from 0 to 1; `reading` is the best single one behind it."""

    plate: str | None
    country: str | None
    confidence: float
    reasons: tuple[str, ...]
    reading: PlateReading | None = None
    failed: bool = False

    @property
    def accepted(self) -> bool:
        return not self.reasons

    @property
    def decision(self) -> str:
        """accept, review, or reject when no photo could even be decoded."""
        return "accept" if self.accepted else "reject" if self.failed else "review"


class Decide:
    """In: all frames of one capture. Out: a verdict with every reason against accepting it."""

    def __init__(self, min_confidence: float) -> None:
        self._min_confidence = min_confidence

    def __call__(self, frames: list[Frame]) -> Verdict:
        reasons = [frame.failure for frame in frames if frame.failure]
        reasons += [reason for frame in frames for reason in frame.reasons]
        mains = [frame.readings[0] for frame in frames if frame.readings]
        if not mains:
            failed = all(frame.failure for frame in frames)
            if not failed:
                reasons.append("no-plate-found")
            return Verdict(None, None, 0.0, tuple(dict.fromkeys(reasons)), failed=failed)
        if len(mains) < len(frames):
            reasons.append("plate-not-on-every-photo")
        if len({reading.plate for reading in mains}) > 1:
            reasons.append("photos-disagree")
        fused = fuse(mains)
        plate, country = fused[0].plate, fused[0].country
        confidence = sum(h.probability for h in fused if h.plate == plate)
        best = max((r for r in mains if r.plate == plate), key=lambda r: r.confidence, default=mains[0])
        reasons += self._doubts(fused, confidence, best)
        reasons += [reason for frame in frames for reason in _company(frame)]
        return Verdict(plate, country, confidence, tuple(dict.fromkeys(reasons)), best)

    def _doubts(self, fused: list[Hypothesis], confidence: float, best: PlateReading) -> list[str]:
        found = []
        plate, country = fused[0].plate, fused[0].country
        if best.located.width < _MIN_WIDTH:
            found.append("plate-too-small")
        if best.presence < _MIN_PRESENCE:
            found.append("not-surely-a-plate")
        if best.hidden > _MAX_HIDDEN or best.covered > _MAX_COVERED or best.cover > _MAX_COVER:
            found.append("plate-partly-covered")
        if confidence < self._min_confidence:
            found.append("confidence-low")
        if country is None:
            found.append("syntax-unknown")
        elif sum(h.probability for h in fused if h.plate == plate and h.country == country) < (
            self._min_confidence * confidence
        ):
            found.append("country-not-settled")
        # Where a plate has lost an end, nothing of it need be seen: what is left may be a plate as well.
        if any(may_be_part(plate, other) for other in {*best.looks_from, country} if other):
            found.append("longer-plate-exists")
        if any(h.plate != plate and h.country and h.probability > _RIVAL_CHANCE for h in fused):
            found.append("look-alike-plate-exists")
        if not agrees(best.second, plate, country):
            found.append("second-reader-disagrees")
        return found


def fuse(readings: list[PlateReading]) -> list[Hypothesis]:
    """What all photos together say: the product of their probabilities, an unlisted hypothesis counting as rare."""
    if len(readings) == 1:
        return list(readings[0].hypotheses)
    tables = [{(h.plate, h.country): h.probability for h in reading.hypotheses} for reading in readings]
    keys = {key for table in tables for key in table}
    weights = {key: prod(table.get(key, 1e-4) for table in tables) for key in keys}
    whole = sum(weights.values())
    ranked = sorted(weights.items(), key=lambda item: (-item[1], str(item[0])))
    return [Hypothesis(plate, country, weight / whole) for (plate, country), weight in ranked]


def _company(frame: Frame) -> list[str]:
    """A second plate about as large: whose speed was measured?"""
    if not frame.readings:
        return []
    main = frame.readings[0]
    for other in frame.readings[1:]:
        apart = overlap(main.located, other.located) < 0.3
        if apart and other.presence > 0.5 and other.located.width > _RIVAL_SIZE * main.located.width:
            return ["two-vehicles"]
    return []
