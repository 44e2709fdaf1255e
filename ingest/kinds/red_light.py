"""A vehicle passes the stop line at red: two photos, and the times of yellow and red from the traffic light itself.

Two photos, because one does not show that the vehicle went on: one at the stop line, one beyond it (so the court asks,
and who stops after the line did another thing: feitcode R620). `captured_at` is the moment at the stop line.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from core.errors import InvalidInput
from ingest.metadata import CaptureMetadata, Fact, Identifier, Observed, SpeedKmh

_PHOTOS = 2

_LONGEST_YELLOW = timedelta(seconds=10)
"""After flashing the first red is no ground for a sanction (GHARL 2018:9725)."""


class Metadata(CaptureMetadata):
    """`grace_ms` is the time of red in which the device takes nothing (pardontijd), in milliseconds as it was set.

    `line_speed_kmh` is the speed at the stop line, where the device measured it: no speed to be fined for.
    """

    kind: Literal["red-light"] = "red-light"
    signal: Identifier
    yellow_from: AwareDatetime
    red_from: AwareDatetime
    grace_ms: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    line_speed_kmh: SpeedKmh | None = None

    @property
    def _yellow(self) -> timedelta:
        return self.red_from - self.yellow_from

    @property
    def _red(self) -> timedelta:
        return self.captured_at - self.red_from

    def check_evidence(self) -> None:
        offsets = [image.offset_ms for image in self.images if image.offset_ms is not None]
        if len(self.images) != _PHOTOS or len(offsets) != _PHOTOS:
            raise InvalidInput("red-light-photos", "a red light needs two photos, each with its offsetMs")
        if self._yellow <= timedelta():
            raise InvalidInput("red-light-order", "yellow has to come before red: correct yellowFrom and redFrom")
        if self._yellow > _LONGEST_YELLOW:
            raise InvalidInput("red-light-order", "so long a yellow is a light that flashes, not one in its cycle")
        if self._red < timedelta(milliseconds=self.grace_ms):
            raise InvalidInput("red-light-within-grace", "the stop line was passed before red, or within its graceMs")
        at_line, beyond = offsets
        if self._red + timedelta(milliseconds=at_line) < timedelta():
            raise InvalidInput("red-light-photos", "the first photo was taken before red")
        if beyond <= max(at_line, 0):
            raise InvalidInput("red-light-photos", "the second photo has to be later than the stop line and the first")

    def observed(self) -> Observed:
        second = self.images[1].offset_ms or 0
        facts = [
            Fact("Geel licht", "Yellow light", _seconds(self._yellow)),
            Fact("Rood licht bij de stopstreep", "Red light at the stop line", _seconds(self._red)),
            Fact("Tweede foto na", "Second photo after", f"{second / 1000:.2f} s"),
        ]
        if self.line_speed_kmh is not None:
            facts.append(Fact("Snelheid bij de stopstreep", "Speed at the stop line", f"{self.line_speed_kmh} km/h"))
        return Observed(
            facts=facts,
            offence="red-light",
            numbers={"yellow_ms": _whole_ms(self._yellow), "red_ms": _whole_ms(self._red)},
            to_check="passage-at-red",
        )


def _whole_ms(time: timedelta) -> int:
    """Rounded down, in the driver's favour."""
    return time // timedelta(milliseconds=1)


def _seconds(time: timedelta) -> str:
    return f"{_whole_ms(time) // 10 / 100:.2f} s"
