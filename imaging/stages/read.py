"""Stage read: the characters and the country of each located plate, by two readers of different make."""

from dataclasses import replace

import cv2
import numpy as np

from imaging.agreement import endorse
from imaging.cover import covered_share
from imaging.frame import Frame, LocatedPlate, Photo, PlateReading, Quad
from imaging.hypotheses import combine, hidden, looks_from, tempered, weigh
from imaging.networks.recogniser import PlateRecogniser, Recognition
from imaging.networks.second_reader import SecondReader
from imaging.stages.rectify import straighten
from imaging.stages.validate import measure

_LOOKS = ((1.0, 1.0), (0.96, 0.92), (1.05, 1.12))
"""Each plate is read in crops a little wider and narrower too: what is really there is read the same in all."""

_PRESENT = 0.4
_LOCATED, _LEGIBLE = 0.3, 0.2
"""What was neither located with some certainty nor makes any sense as a text is no plate."""

_AS_SURE = 0.6
_SECOND_OPINIONS = 2
"""The second reader is slow: it is asked about the measured vehicle and the one that may be taken for it."""

_LINE = (256, 64)
_TWO_ROWS = 2.6
"""Below this ratio of width to height a plate has two rows."""


class Read:
    """In: photo, plates, crops. Out: presence, and readings of what is a plate at all. No reasons.

    The first reading is of the measured vehicle: the largest plate of those located about as surely as the surest one.
    """

    def __init__(self, recogniser: PlateRecogniser, second: SecondReader) -> None:
        self._recogniser = recogniser
        self._second = second

    def __call__(self, frame: Frame) -> Frame:
        every = [
            (plate, crop, self._look(frame.pixels, plate, crop))
            for plate, crop in zip(frame.plates, frame.crops, strict=True)
        ]
        presence = tuple(recognition.presence for _, _, recognition in every)
        seen = [(plate, crop, recognition) for plate, crop, recognition in every if recognition.presence >= _PRESENT]
        surest = max((plate.score for plate, _, _ in seen), default=0.0)
        seen.sort(key=lambda found: (found[0].score < _AS_SURE * surest, -found[0].width))
        readings = []
        for rank, (plate, crop, recognition) in enumerate(seen):
            second, confidence = self._second_opinion(frame.pixels, plate) if rank < _SECOND_OPINIONS else ("", 0.0)
            reading = PlateReading(
                located=plate,
                hypotheses=endorse(weigh(recognition), second) if second else weigh(recognition),
                looks_from=looks_from(recognition),
                presence=recognition.presence,
                hidden=hidden(recognition),
                covered=covered_share(crop),
                cover=recognition.cover,
                second=second,
                second_confidence=confidence,
                quality=measure(crop),
            )
            if plate.score > _LOCATED or reading.confidence > _LEGIBLE:
                readings.append(reading)
        return replace(frame, presence=presence, readings=tuple(readings))

    def _look(self, photo: Photo, plate: LocatedPlate, crop: Photo) -> Recognition:
        crops = [crop, *(straighten(photo, _scaled(plate.quad, *look)) for look in _LOOKS[1:])]
        return tempered(combine(self._recogniser.read(crops)), self._recogniser.temperature)

    def _second_opinion(self, photo: Photo, plate: LocatedPlate) -> tuple[str, float]:
        line = _even(straighten(photo, plate.quad, _LINE))
        height = float(np.linalg.norm(plate.quad[3] - plate.quad[0]))
        if plate.width > _TWO_ROWS * height:
            return self._second.read([line])[0]
        rows = _even(straighten(photo, plate.quad, (_LINE[0], 2 * _LINE[1])))
        upper, lower = self._second.read([rows[: _LINE[1] + 4].copy(), rows[_LINE[1] - 4 :].copy()])
        return upper[0] + lower[0], min(upper[1], lower[1])


def _scaled(quad: Quad, wide: float, high: float) -> Quad:
    """The quad stretched about its middle along its own sides."""
    middle = quad.mean(axis=0)
    along, down = (quad[1] - quad[0] + quad[2] - quad[3]) / 4, (quad[3] - quad[0] + quad[2] - quad[1]) / 4
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
    residue = quad - (middle + signs[:, :1] * along + signs[:, 1:] * down)
    return np.asarray(middle + signs[:, :1] * along * wide + signs[:, 1:] * down * high + residue, np.float32)


def _even(crop: Photo) -> Photo:
    """Contrast evened out over the plate, grey."""
    luma = cv2.createCLAHE(2.0, (4, 4)).apply(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY))
    return np.asarray(cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR), np.uint8)
