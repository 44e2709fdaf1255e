"""Finds faces so that they can be hidden.

YuNet is asked at twice the photo's size, where a face of 14 pixels is as large as those it learnt from, and again on
smaller copies for the large ones. There a hint is enough. Each hint is then looked at again by itself, in the size in
which a face shows best: a face of 16 pixels is one there too, most leaves and grilles are none. Where still something
is seen, CenterFace is asked as well. All look at shades of grey only: colours add hardly a face and many a false
alarm, and in the dark they are mostly noise.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.frame import Photo, Region
from imaging.networks import centerface
from imaging.networks.centerface import CenterFace
from imaging.networks.session import Array
from imaging.networks.yunet import YuNet
from imaging.view import closer

Grey = NDArray[np.uint8]
"""(H, W) luma."""

Values = NDArray[np.float64]

FOUND_BY = "yunet, centerface"
"""How a region says which networks it rests on."""

_MAGNIFIED = 2.0
_SHRINK = 4.0
_SMALLEST_EDGE = 160
"""Each look is at a copy this much smaller than the one before, until its shorter edge would be below this."""

_TILE, _SHARED = 640, 64
"""Large copies are looked at tile by tile, so that memory does not grow with the photo; two neighbours share as many
pixels as the largest face measures that only this look finds."""

_DARK, _SMOOTHED = 80.0, 0.6
"""Below this mean luma the photo is smoothed first by so many pixels: what is small in the dark is noise."""

_SAME = 0.4

_HINT = 0.02
"""Score of a first look from which a place is looked at again."""

_MOST_HINTS = 800
"""The strongest hints are looked at again; a photo of leaves alone has more."""

_CLOSE_FACE, _CLOSE_SIZE = 84.0, (128, 128)
"""The closer look shows the face so large, in pixels, in a picture of this size."""

_SHIFTS = ((0.12, 0.0), (0.0, 0.12))
"""Where the closer look shows something, it is repeated in the mirror and, by these parts of the face's size, off the
middle: a face stays one, what only happens to look like one does not."""

_NOTHING = 0.03
"""What the closer look sees no more of than this is nothing, and CenterFace is not asked."""

_AWRY, _SIZES = 0.4, (0.6, 1.6)
"""How far off the middle, in parts of its size, and how much smaller or larger the face may be in the closer look."""

_WEIGHTS = (5.57, 1.12, 0.83, 0.78)
"""Of a constant and the log-odds of first look, closer look and CenterFace (`training/face_evidence.py`)."""

_WIDTHS = (60.0, 200.0)
_NEEDED = (0.22, 0.996)
"""Evidence, 0 to 1, from which a place is hidden, at the first width in pixels and below, and at the second and above;
between them its log-odds rise with the logarithm of the width. A large face shows clearly, and a large patch hidden for
nothing spoils the photo."""

_DOUBTFUL = 0.25
"""Evidence from which a place may hold a face all the same."""


@dataclass(frozen=True)
class Hints:
    """Places that may hold a face: boxes (N, 4) as left, top, right, bottom, and what was seen in each (N,), 0 to 1.

    `first` is the score of the first look, `again` the mean of the closer ones (by log-odds), `judged` CenterFace's.
    """

    boxes: Array
    first: Values
    again: Values
    judged: Values

    def features(self) -> Values:
        """What speaks for a face in each place: (N, 4), in the order of the weights."""
        return np.stack(
            [np.ones(len(self.boxes)), *(log_odds(seen) for seen in (self.first, self.again, self.judged))], axis=1
        )


@dataclass(frozen=True)
class FacesFound:
    """`doubtful` are those that may be faces, with too little evidence to hide them by themselves."""

    faces: list[Region]
    doubtful: list[Region]


class FaceFinder:
    """Weights as YuNet and CenterFace take them. Not thread-safe."""

    def __init__(self, weights: Path | None = None, judge_weights: Path | None = None) -> None:
        self._yunet = YuNet(weights)
        self._centerface = CenterFace(judge_weights)
        self.networks = (self._yunet.network, self._centerface.network)

    def find(self, photo: Photo) -> FacesFound:
        """Faces in a (H, W, 3) BGR photo, and what may be some."""
        hints = self.hints(photo)
        evidence = hints.features() @ np.array(_WEIGHTS)
        faces = evidence >= needed(hints.boxes)
        doubtful = ~faces & (evidence >= log_odds(np.array(_DOUBTFUL)))
        return FacesFound(
            _regions(hints.boxes[faces], evidence[faces]), _regions(hints.boxes[doubtful], evidence[doubtful])
        )

    def hints(self, photo: Photo) -> Hints:
        """All places that the first look gives, with what each look says about them."""
        grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), np.uint8)
        if grey.mean() < _DARK:
            grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), _SMOOTHED), np.uint8)
        seen = _distinct(np.concatenate([self._look(grey, scale) for scale in _scales(grey)]))[:_MOST_HINTS]
        again = np.array([self._closer(grey, box) for box in seen])
        judged = np.array(
            [self._judged(grey, box) if sure > _NOTHING else 0.0 for box, sure in zip(seen, again, strict=True)]
        )
        return Hints(seen[:, :4], seen[:, 4].astype(np.float64), again, judged)

    def _look(self, grey: Grey, scale: float) -> Array:
        """Boxes and scores (N, 5) seen on a copy of the photo, in pixels of the photo."""
        size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
        method = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
        copy = np.asarray(cv2.resize(grey, size, interpolation=method), np.uint8)
        step = _TILE - _SHARED
        found = [np.zeros((0, 5), np.float32)]
        for top in range(0, max(size[1] - _SHARED, 1), step):
            for left in range(0, max(size[0] - _SHARED, 1), step):
                boxes = self._yunet.find(copy[top : top + _TILE, left : left + _TILE], _HINT)
                found.append(boxes + np.array([left, top, left, top, 0], np.float32))
        every = np.concatenate(found)
        every[:, :4] /= scale
        return every

    def _closer(self, grey: Grey, box: Array) -> float:
        """How surely the closer looks see a face where the first one saw one, 0 to 1: the mean of their log-odds."""
        middle, size = _place(box)
        view = closer(grey, middle, _CLOSE_FACE / size, _CLOSE_SIZE)[0]
        scores = [self._in_the_middle(view)]
        if scores[0] > _NOTHING:
            scores.append(self._in_the_middle(np.ascontiguousarray(view[:, ::-1])))
            for shift in _SHIFTS:
                view = closer(grey, middle + np.array(shift) * size, _CLOSE_FACE / size, _CLOSE_SIZE)[0]
                scores.append(self._in_the_middle(view))
        return float(_likely(log_odds(np.array(scores)).mean()))

    def _in_the_middle(self, view: Grey) -> float:
        """Score of the face of the expected size in the middle of a view; 0 for none."""
        seen = self._yunet.find(view, _HINT)
        middles, sizes = (seen[:, :2] + seen[:, 2:4]) / 2, (seen[:, 2:4] - seen[:, :2]).max(axis=1) / _CLOSE_FACE
        awry = np.abs(middles - np.array(_CLOSE_SIZE) / 2).max(axis=1) / _CLOSE_FACE
        there = (awry < _AWRY) & (sizes > _SIZES[0]) & (sizes < _SIZES[1])
        return float(seen[there, 4].max(initial=0.0))

    def _judged(self, grey: Grey, box: Array) -> float:
        middle, size = _place(box)
        return self._centerface.judge(closer(grey, middle, centerface.FACE / size, centerface.SIZE)[0])


def needed(boxes: NDArray[np.floating[Any]]) -> Values:
    """Log-odds that each box needs for its width."""
    widths = np.log(np.maximum(boxes[:, 2] - boxes[:, 0], 1))
    return np.asarray(np.interp(widths, np.log(_WIDTHS), log_odds(np.array(_NEEDED))), np.float64)


def log_odds(chance: Values) -> Values:
    """Of chances from 0 to 1; what is nearer to either end than a thousandth counts as a thousandth."""
    safe = np.clip(chance, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(safe / (1 - safe)), np.float64)


def _likely(log_odds: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-log_odds)), np.float64)


def _regions(boxes: Array, evidence: Values) -> list[Region]:
    return [
        Region("face", (int(left), int(top), int(np.ceil(right)), int(np.ceil(bottom))), float(chance), FOUND_BY)
        for (left, top, right, bottom), chance in zip(boxes, _likely(evidence), strict=True)
    ]


def _place(box: Array) -> tuple[Array, float]:
    """Middle and size of a box, in pixels."""
    return np.asarray((box[:2] + box[2:4]) / 2, np.float32), max(float((box[2:4] - box[:2]).max()), 1.0)


def _scales(grey: Grey) -> list[float]:
    scales = [_MAGNIFIED]
    while min(grey.shape) * scales[-1] / _SHRINK >= _SMALLEST_EDGE:
        scales.append(scales[-1] / _SHRINK)
    return scales


def _distinct(boxes: Array) -> Array:
    """The boxes that stay when each hides the lesser ones about it, the surest first."""
    upright = np.concatenate([boxes[:, :2], boxes[:, 2:4] - boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(upright.tolist(), boxes[:, 4].tolist(), 0.0, _SAME)
    return np.asarray(boxes[np.array(kept, int).reshape(-1)], np.float32)
