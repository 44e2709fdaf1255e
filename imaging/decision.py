"""When may a machine's reading stand without a person? Only when nothing at all speaks against it."""

from dataclasses import dataclass

from imaging.plates import rivals, settled_country
from imaging.reader import PlateCandidate

_RIVAL_AREA = 0.5


@dataclass(frozen=True)
class Verdict:
    """`reasons` empty means: accepted. `confidence` from 0 to 1."""

    plate: str | None
    country: str | None
    confidence: float
    reasons: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        return not self.reasons


def judge(photos: list[list[PlateCandidate]], quality: list[str], min_confidence: float) -> Verdict:
    """Weigh the candidates of each photo of one capture (largest first) and the reasons found before."""
    reasons = list(dict.fromkeys(quality))
    best = [candidates[0] for candidates in photos if candidates]
    if not best:
        return Verdict(None, None, 0.0, (*reasons, "no-plate-found"))
    top = max(best, key=lambda c: c.confidence)
    country = settled_country(top.region.text)
    if len(best) < len(photos):
        reasons.append("plate-not-on-every-photo")
    if len({c.plate for c in best}) > 1:
        reasons.append("photos-disagree")
    if not top.agreed:
        reasons.append("second-look-disagrees")
    if top.confidence < min_confidence:
        reasons.append("confidence-low")
    if not top.countries:
        reasons.append("syntax-unknown")
    elif country is None:
        reasons.append("country-not-settled")
    if country is not None and rivals(top.region.text, country):
        reasons.append("look-alike-plate-exists")
    for candidates in photos:
        if len(candidates) > 1 and candidates[1].region.area > _RIVAL_AREA * candidates[0].region.area:
            reasons.append("two-vehicles")
            break
    return Verdict(top.plate, country, top.confidence, tuple(reasons))
