"""The conduct (gedraging): what was done, with which vehicle, where and when; as a job finds it, and as it is kept."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from fines.models import Decision
from ingest.service import Fact, MeasuredSpeed, Observed


@dataclass(frozen=True)
class Conduct:
    """`at` in UTC."""

    capture_id: str
    plate: str
    country: str
    at: datetime
    place: str
    municipality: str
    observed: Observed


def kept(observed: Observed) -> dict[str, Any]:
    """What a decision keeps beside the speed, which has columns of its own; as plain JSON values."""
    return {
        "offence": observed.offence,
        "numbers": dict(observed.numbers),
        "facts": [asdict(fact) for fact in observed.facts],
    }


def conduct_of(decision: Decision) -> Conduct:
    """The conduct that a decision is about."""
    return Conduct(
        decision.capture_id,
        decision.plate,
        decision.plate_country,
        decision.conduct_at,
        decision.place,
        decision.municipality,
        _observed(decision),
    )


def _observed(decision: Decision) -> Observed:
    speed = None
    if decision.measured_kmh is not None and decision.limit_kmh is not None and decision.road_type is not None:
        speed = MeasuredSpeed(Decimal(decision.measured_kmh), decision.limit_kmh, decision.road_type)
    if decision.observed is None:
        return Observed([Fact("Gemeten snelheid", "Measured speed", f"{decision.measured_kmh} km/h")], speed)
    facts = [Fact(**fact) for fact in decision.observed["facts"]]
    return Observed(facts, speed, decision.observed["offence"], decision.observed["numbers"])


def facts_of(decision: Decision) -> list[Fact]:
    """What was observed, and of a speed what the law made of it."""
    facts = list(conduct_of(decision).observed.facts)
    if decision.corrected_kmh is not None and decision.limit_kmh is not None:
        facts += [
            Fact("Na correctie", "After correction", f"{decision.corrected_kmh} km/h"),
            Fact("Toegestaan", "Allowed", f"{decision.limit_kmh} km/h"),
            Fact("Overschrijding", "Excess", f"{decision.corrected_kmh - decision.limit_kmh} km/h"),
        ]
    return facts
