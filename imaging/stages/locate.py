"""Stage locate: find every plate on the photo and its four corners."""

from dataclasses import replace

import numpy as np

from imaging.frame import Frame, LocatedPlate, Photo
from imaging.networks.locator import PlateLocator, overlap
from imaging.networks.second_reader import SecondReader
from imaging.view import closer

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
        view, low = closer(photo, plate.quad.mean(axis=0), scale, _CLOSE_SIZE)
        for seen in self._locator.find(view, 1.0, _DOUBTFUL):
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
