"""One device measures the speed (radar, laser, loops), fixed or mobile, and takes one photo or more."""

from typing import Annotated, Literal

from pydantic import Field

from ingest.metadata import CaptureMetadata, Fact, MeasuredSpeed, Observed, RoadType, SpeedKmh


class Metadata(CaptureMetadata):
    """Speeds in km/h."""

    kind: Literal["speed"] = "speed"
    measured_speed_kmh: SpeedKmh
    speed_limit_kmh: Annotated[int, Field(strict=True, ge=5, le=130)]
    road_type: RoadType

    def check_evidence(self) -> None:
        """One photo is enough: what was measured is not seen on it, and a person looks where two disagree with it."""

    def observed(self) -> Observed:
        return Observed(
            facts=[Fact("Gemeten snelheid", "Measured speed", f"{self.measured_speed_kmh} km/h")],
            speed=MeasuredSpeed(self.measured_speed_kmh, self.speed_limit_kmh, self.road_type),
        )
