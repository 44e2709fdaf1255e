"""The facts that entitle cameras to measure, as they are entered: each is dated and has a source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import InvalidInput
from ingest.kinds import KINDS
from ingest.metadata import Direction, RoadType


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Approval of a type of camera (typegoedkeuring) for kinds of capture."""

    number: str
    model: str
    kinds: Sequence[str]
    issued_by: str
    valid_from: datetime
    valid_to: datetime | None = None

    @property
    def described(self) -> str:
        """In a line."""
        return f"{self.number}, {self.issued_by}: {', '.join(self.kinds)}"


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A camera's calibration (ijkcertificaat)."""

    camera_id: str
    number: str
    issued_by: str
    valid_from: datetime
    valid_to: datetime

    @property
    def described(self) -> str:
        """In a line."""
        return f"{self.number}, {self.issued_by}"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Certificate of what a measurement rests on beside the camera, such as a section's length, in millimetres."""

    subject: str
    number: str
    issued_by: str
    value_mm: int
    uncertainty_mm: int
    valid_from: datetime
    valid_to: datetime

    @property
    def described(self) -> str:
        """In a line."""
        return f"{self.number}, {self.issued_by}: {self.subject}, {self.value_mm} ± {self.uncertainty_mm} mm"


@dataclass(frozen=True, kw_only=True)
class PutUp:
    """A camera's deployment: place in degrees (WGS 84) and metres around it, direction, limit as set in km/h."""

    camera_id: str
    stretch: str
    road: str
    municipality: str
    latitude: float
    longitude: float
    radius_m: int
    direction: str
    limit_kmh: int
    installed_by: str
    valid_from: datetime
    valid_to: datetime | None = None

    @property
    def described(self) -> str:
        """In a line."""
        return f"{self.road}, {self.municipality} ({self.direction}, {self.limit_kmh} km/h), {self.installed_by}"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The speed limit of a stretch by a traffic decree (verkeersbesluit), in km/h; with hours of the day where it
    changes with them."""

    stretch: str
    limit_kmh: int
    road_type: str
    decree: str
    valid_from: datetime
    valid_to: datetime | None = None
    from_hour: int | None = None
    to_hour: int | None = None

    @property
    def described(self) -> str:
        """In a line."""
        hours = "" if self.from_hour is None else f", {self.from_hour}-{self.to_hour}"
        return f"{self.stretch}: {self.limit_kmh} km/h ({self.road_type}{hours}), {self.decree}"


MeasurementFact = Approval | Certificate | Reference | PutUp | Limit

KINDS_OF_FACT: dict[str, type[Any]] = {
    "type-approvals": Approval,
    "calibration-certificates": Certificate,
    "reference-certificates": Reference,
    "deployments": PutUp,
    "speed-limits": Limit,
}
"""By the name that the API has for them."""


def check(fact: MeasurementFact) -> None:
    """Raises InvalidInput for one that cannot be."""
    if fact.valid_to is not None and fact.valid_to <= fact.valid_from:
        code = "certificate-period" if isinstance(fact, Certificate) else "period-empty"
        raise InvalidInput(code, "valid_to must lie after valid_from")
    if isinstance(fact, Approval) and (unknown := set(fact.kinds) - set(KINDS)):
        raise InvalidInput("kind-unknown", f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(KINDS)}")
    if isinstance(fact, PutUp) and fact.direction not in set(Direction):
        raise InvalidInput("direction-unknown", f"a direction is one of: {', '.join(Direction)}")
    if isinstance(fact, Limit):
        if fact.road_type not in set(RoadType):
            raise InvalidInput("road-type-unknown", f"a road type is one of: {', '.join(RoadType)}")
        if (fact.from_hour is None) != (fact.to_hour is None):
            raise InvalidInput("hours-incomplete", "name both hours or neither")
