"""Average speed over a section of known length (trajectcontrole): a photo and a clock at its entry and at its exit.

The speed is computed here, from both clocks and the certified length, with every uncertainty in the driver's favour:
the shortest the section can be, in the longest time it can have taken. Where the device claims less, that counts.
`captured_at` is the moment at the end of the section.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from core.errors import InvalidInput
from ingest.metadata import (
    CaptureMetadata,
    Certified,
    Fact,
    Identifier,
    MeasuredSpeed,
    Observed,
    Part,
    RoadType,
    SpeedKmh,
)

_PHOTOS = 2
_MM_PER_US_IN_KMH = 3600
_FASTEST_KMH = 400


class Passage(Part):
    """A vehicle passed, by the clock there, which may be off by so many milliseconds."""

    at: AwareDatetime
    clock_uncertainty_ms: Annotated[int, Field(strict=True, ge=0, le=10_000)]


class Metadata(CaptureMetadata):
    """`average_speed_kmh` is what the device claims; lengths in millimetres, as certified."""

    kind: Literal["section-control"] = "section-control"
    section: Identifier
    length_certificate: Annotated[str, Field(min_length=1, max_length=80)]
    length_mm: Annotated[int, Field(strict=True, ge=100_000, le=100_000_000)]
    length_uncertainty_mm: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
    entry: Passage
    exit: Passage
    average_speed_kmh: SpeedKmh
    speed_limit_kmh: Annotated[int, Field(strict=True, ge=5, le=130)]
    road_type: RoadType

    @property
    def _travelled(self) -> timedelta:
        return self.exit.at - self.entry.at

    @property
    def _uncertainty(self) -> timedelta:
        return timedelta(milliseconds=self.entry.clock_uncertainty_ms + self.exit.clock_uncertainty_ms)

    @property
    def _computed_kmh(self) -> Decimal:
        return _speed(self.length_mm, self._travelled)

    @property
    def _certain_kmh(self) -> Decimal:
        """At least this fast, whatever the clocks and the length were off by."""
        return _speed(self.length_mm - self.length_uncertainty_mm, self._travelled + self._uncertainty)

    @property
    def _counted_kmh(self) -> Decimal:
        return min(self._certain_kmh, self.average_speed_kmh)

    def check_evidence(self) -> None:
        if len(self.images) != _PHOTOS:
            raise InvalidInput("section-photos", "section control needs two photos: at its entry and at its exit")
        if self._travelled <= timedelta():
            raise InvalidInput("section-order", "the exit has to be later than the entry")
        if self.captured_at != self.exit.at:
            raise InvalidInput("section-order", "capturedAt is the moment at the exit: correct capturedAt or exit.at")
        if self.length_uncertainty_mm >= self.length_mm or self._uncertainty >= self._travelled:
            raise InvalidInput("section-uncertain", "with such an uncertainty nothing was measured")
        if self._computed_kmh > _FASTEST_KMH:
            raise InvalidInput(
                "section-impossible", "no vehicle is that fast: these two passages are not one vehicle's"
            )

    def references(self) -> Sequence[Certified]:
        return [Certified(self.section, self.length_certificate, self.length_mm, self.length_uncertainty_mm)]

    def observed(self) -> Observed:
        seconds = self._travelled / timedelta(seconds=1)
        return Observed(
            facts=[
                Fact("Lengte van het traject", "Length of the section", f"{self.length_mm / 1000:.1f} m"),
                Fact("Tijd over het traject", "Time over the section", f"{seconds:.2f} s"),
                Fact("Onzekerheid van de klokken", "Uncertainty of the clocks", f"{_ms(self._uncertainty)} ms"),
                Fact("Gemiddelde snelheid, opgegeven", "Average speed, claimed", f"{self.average_speed_kmh} km/h"),
                Fact("Gemiddelde snelheid, berekend", "Average speed, computed", f"{self._computed_kmh} km/h"),
                Fact("Gemiddelde snelheid die telt", "Average speed that counts", f"{self._counted_kmh} km/h"),
            ],
            speed=MeasuredSpeed(self._counted_kmh, self.speed_limit_kmh, self.road_type),
        )


def _speed(length_mm: int, time: timedelta) -> Decimal:
    """In km/h, rounded down to hundredths, in the driver's favour."""
    exact = Decimal(length_mm) * _MM_PER_US_IN_KMH / Decimal(time // timedelta(microseconds=1))
    return exact.quantize(Decimal("0.01"), rounding=ROUND_FLOOR)


def _ms(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)
