"""The project's own plate locator: for each 8 x 8 pixels, is the middle of a plate here, and where are its corners?"""

from pathlib import Path

import cv2
import numpy as np

from imaging.frame import LocatedPlate, Photo, Quad
from imaging.networks.session import WEIGHTS, Network, planar

STRIDE = 8
"""Pixels of the network's input per cell of its output."""

CORNER_UNIT = 32.0
"""Corner offsets come in units of this many pixels."""

NAME = "flitsketen-locator"
_ROUND = 16
_SAME = 0.35


class PlateLocator:
    """Best at plates 24 to 250 pixels wide in what it is given."""

    def __init__(self, weights: Path | None = None) -> None:
        self.network = Network(weights or WEIGHTS / "locator.onnx")

    def find(self, photo: Photo, scale: float, threshold: float) -> list[LocatedPlate]:
        """Plates in a (H, W, 3) BGR photo looked at in `scale`; corners in pixels of the photo, best first."""
        height, width = photo.shape[:2]
        wide = max(round(width * scale / _ROUND), 4) * _ROUND
        high = max(round(height * scale / _ROUND), 4) * _ROUND
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        seen = photo if (wide, high) == (width, height) else cv2.resize(photo, (wide, high), interpolation=method)
        score, corners = self.network(planar(np.asarray(seen, np.uint8))[None])
        ratio = np.array([width / wide, height / high], np.float32)
        return _suppress(_peaks(score[0], corners[0], ratio, threshold))


def _peaks(score: Quad, corners: Quad, ratio: Quad, threshold: float) -> list[LocatedPlate]:
    highest = cv2.dilate(score, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((score >= highest) & (score > threshold))
    found = []
    for row, column in zip(rows, columns, strict=True):
        centre = np.array([(column + 0.5) * STRIDE, (row + 0.5) * STRIDE], np.float32)
        quad = (corners[:, row, column].reshape(4, 2) * CORNER_UNIT + centre) * ratio
        found.append(LocatedPlate(quad.astype(np.float32), float(score[row, column]), NAME))
    return sorted(found, key=lambda p: -p.score)


def _suppress(plates: list[LocatedPlate]) -> list[LocatedPlate]:
    kept: list[LocatedPlate] = []
    for plate in plates:
        if all(overlap(plate, other) < _SAME for other in kept):
            kept.append(plate)
    return kept


def overlap(one: LocatedPlate, other: LocatedPlate) -> float:
    """Shared area of the upright boxes, as a part of the smaller one."""
    a, b = one.box, other.box
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(wide, 0) * max(high, 0) / smaller if smaller > 0 else 1.0
