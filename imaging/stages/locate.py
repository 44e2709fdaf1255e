"""Stage locate: find every plate on the photo and its four corners."""

from dataclasses import replace

import cv2
import numpy as np

from imaging.frame import Frame, LocatedPlate, Photo
from imaging.networks.locator import PlateLocator, overlap
from imaging.networks.second_reader import SecondReader

_LONG_SIDE = 960
"""The whole photo is looked at in this size: a plate that a person can read is then about 30 pixels wide or more."""

_SURE = 0.5
_DOUBTFUL = 0.15
_SAME = 0.4
_CLOSE_WIDTH = 150
_CLOSE_SIZE = (288, 160)
_MOST = 12


class Locate:
    """In: photo. Out: plates, best first, also doubtful ones: they may have to be hidden. No reasons.

    The photo is looked at in one size, in twice that size when nothing sure was found, and by the text finder when
    there is still nothing. Each plate is then looked at once more by itself, which gives exact corners.
    """

    def __init__(self, locator: PlateLocator, texts: SecondReader) -> None:
        self._locator = locator
        self._texts = texts

    def __call__(self, frame: Frame) -> Frame:
        photo = frame.pixels
        scale = min(1.0, _LONG_SIDE / max(photo.shape[:2]))
        found = self._locator.find(photo, scale, _DOUBTFUL)
        if not any(p.score > _SURE for p in found):
            found = _merge(found, self._locator.find(photo, min(2 * scale, 2.0), _DOUBTFUL))
        if not any(p.score > _SURE for p in found):
            found = _merge(found, [_grown(p) for p in self._texts.text(photo)])
        closer = [self._closer(photo, plate) for plate in found[:_MOST]]
        return replace(frame, plates=tuple(_merge([], closer)))

    def _closer(self, photo: Photo, plate: LocatedPlate) -> LocatedPlate:
        """The same plate seen in the size at which the locator is most exact; the plate as given if it sees none."""
        scale = _CLOSE_WIDTH / max(plate.width, 8.0)
        middle = plate.quad.mean(axis=0)
        half = np.array(_CLOSE_SIZE, np.float32) / scale / 2
        low, high = middle - half, middle + half
        corners = np.array([low, [high[0], low[1]], [low[0], high[1]]], np.float32)
        target = np.array([[0, 0], [_CLOSE_SIZE[0], 0], [0, _CLOSE_SIZE[1]]], np.float32)
        piece, offset, shrink = photo, np.zeros(2, np.float32), 1.0
        if scale < 0.7:
            top = np.maximum(np.floor(low), 0).astype(int)
            cut = photo[top[1] : int(high[1]) + 1, top[0] : int(high[0]) + 1]
            piece = np.asarray(cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
            offset, shrink = top.astype(np.float32), scale
        transform = cv2.getAffineTransform(((corners - offset) * shrink).astype(np.float32), target)
        view = cv2.warpAffine(piece, transform, _CLOSE_SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for seen in self._locator.find(np.asarray(view, np.uint8), 1.0, _DOUBTFUL):
            quad = (seen.quad / scale + low).astype(np.float32)
            again = LocatedPlate(quad, max(seen.score, plate.score), seen.by)
            if overlap(again, plate) > _SAME:
                return again
        return plate


def _grown(line: LocatedPlate) -> LocatedPlate:
    """A line of text as a plate would lie around it: the country's field to its left, a rim all around."""
    quad = line.quad
    along, down = (quad[1] - quad[0]), (quad[3] - quad[0])
    shift = np.array([-0.10, 0.04, 0.04, -0.10], np.float32)[:, None] * along
    shift = shift + np.array([-0.12, -0.12, 0.12, 0.12], np.float32)[:, None] * down
    return LocatedPlate((quad + shift).astype(np.float32), line.score, line.by)


def _merge(plates: list[LocatedPlate], more: list[LocatedPlate]) -> list[LocatedPlate]:
    kept = list(plates)
    for plate in more:
        if all(overlap(plate, other) < _SAME for other in kept):
            kept.append(plate)
    return sorted(kept, key=lambda p: -p.score)
