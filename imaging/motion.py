"""Do two photos of one capture agree with the measured speed? A secondary check, as metrology practice asks for.

How far away a vehicle is follows from how wide its plate appears: 520 mm at the camera's focal length. Two photos and
the time between them give a speed of their own. It is rougher than the measurement and never replaces it; where the two
differ by more than this check can be wrong, a person looks.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from imaging.frame import Frame, LocatedPlate

_PLATE_METRES = 0.52
_ONE_ROW = 3.6
"""Ratio of width to height from which a plate is the one-row plate of 520 x 110 mm; others have other widths."""

_CORNER_ERROR = 0.8
"""How far a located corner may be off, in pixels (one standard deviation)."""

_SIGMAS = 3.0
_OWN_SHARE = 0.1
"""Part of the measured speed that the plate's size, its bend and the lens may account for."""

_USELESS = 0.5
"""A check that may be wrong by more than this part of the measured speed says nothing."""

_KMH = 3.6


@dataclass(frozen=True)
class Motion:
    """What the photos say of the speed, and by how much that may be wrong; both in km/h."""

    speed_kmh: float
    error_kmh: float

    def disagrees(self, measured_kmh: float) -> bool:
        """Whether the photos speak against the measured speed."""
        allowed = self.error_kmh + _OWN_SHARE * measured_kmh
        return allowed < _USELESS * measured_kmh and abs(self.speed_kmh - measured_kmh) > allowed


def motions(frames: list[Frame], offsets_ms: list[int | None], focal_pixels: float | None) -> list[Motion]:
    """One for each two photos in a row whose times are known; none without the camera's focal length (pixels).

    `offsets_ms` are the photos' times in milliseconds, counted from any common moment.
    """
    if focal_pixels is None:
        return []
    found = []
    for (first, start), (second, end) in pairwise(zip(frames, offsets_ms, strict=True)):
        plates = [frame.readings[0].located for frame in (first, second) if frame.readings]
        if start is None or end is None or start == end or len(plates) < 2 or not all(map(_one_row, plates)):
            continue
        here, there = (_place(p, frame, focal_pixels) for p, frame in zip(plates, (first, second), strict=True))
        seconds = abs(end - start) / 1000
        wrong = np.hypot(*(focal_pixels * _PLATE_METRES * np.sqrt(2) * _CORNER_ERROR / p.width**2 for p in plates))
        speed = float(np.linalg.norm(there - here)) / seconds * _KMH
        found.append(Motion(speed, float(_SIGMAS * wrong / seconds * _KMH)))
    return found


def _one_row(plate: LocatedPlate) -> bool:
    return plate.width > _ONE_ROW * float(np.linalg.norm(plate.quad[3] - plate.quad[0]))


def _place(plate: LocatedPlate, frame: Frame, focal_pixels: float) -> NDArray[np.float64]:
    """Metres from the camera: to the right, down, and away."""
    height, width = frame.size
    away = focal_pixels * _PLATE_METRES / plate.width
    x, y = plate.quad.mean(axis=0) - np.array([width / 2, height / 2])
    return np.array([x * away / focal_pixels, y * away / focal_pixels, away])
