"""Finds faces so that they can be hidden: YuNet (Wu, Peng, Yu: "YuNet: a tiny millisecond-level face detector", 2023).

It is asked at twice the photo's size, where a face of 14 pixels is as large as those it learnt from, and again on
smaller copies for the large ones. There a hint is enough. Each hint is then looked at again by itself, in the one size
in which a face shows best: a face of 16 pixels is one there too, leaves and grilles are none. It looks at shades of
grey only: colours add hardly a face and many a false alarm, and in the dark they are mostly noise.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.frame import Photo, Region
from imaging.networks.session import WEIGHTS, Array, Network
from imaging.view import closer

Grey = NDArray[np.uint8]
"""(H, W) luma."""

_MAGNIFIED = 2.0
_SHRINK = 2.0
_SMALLEST_EDGE = 160
"""Each look is at a copy this much smaller than the one before, until its shorter edge would be below this."""

_TILE, _SHARED = 640, 96
"""Large copies are looked at tile by tile, so that memory does not grow with the photo; two neighbours share as many
pixels as the largest face measures that only this look finds."""

_DARK, _SMOOTHED = 80.0, 0.6
"""Below this mean luma the photo is smoothed first by so many pixels: what is small in the dark is noise."""

_STRIDES = (8, 16, 32)
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
_AWRY, _SIZES = 0.4, (0.6, 1.6)
"""How far off the middle, in parts of its size, and how much smaller or larger the face may be in the closer look."""

_WEIGHTS = (2.05, 0.43, 1.35)
"""Of a constant and the log-odds of first and closer look. Fitted by the regression of `training/face_evidence.py` on
an earlier set of scenes, without empty ones; its present set gives (3.94, 0.80, 1.16), not yet tried on the bench."""

_WIDTHS = (60.0, 200.0)
_NEEDED = (0.1, 0.97)
"""Evidence, 0 to 1, from which a place is hidden, at the first width in pixels and below, and at the second and above;
between them its log-odds rise with the logarithm of the width. A large face shows clearly, and a large patch hidden for
nothing spoils the photo."""

_DOUBTFUL = 0.25
"""Evidence from which a place may hold a face all the same."""


@dataclass(frozen=True)
class FacesFound:
    """`doubtful` are those that may be faces, with too little evidence to hide them by themselves."""

    faces: list[Region]
    doubtful: list[Region]


class FaceFinder:
    """`weights` is an onnx file as `training/face_weights.py` makes it. Not thread-safe."""

    def __init__(self, weights: Path | None = None) -> None:
        self.network = Network(weights or WEIGHTS / "faces.onnx")

    def find(self, photo: Photo) -> FacesFound:
        """Faces in a (H, W, 3) BGR photo, and what may be some."""
        hints, looks = self.hints(photo)
        evidence = _likely(features(hints, looks) @ np.array(_WEIGHTS))
        faces = _log_odds(evidence) >= _needed(hints)
        doubtful = ~faces & (evidence >= _DOUBTFUL)
        return FacesFound(_regions(hints[faces], evidence[faces]), _regions(hints[doubtful], evidence[doubtful]))

    def hints(self, photo: Photo) -> tuple[Array, Array]:
        """Places that may hold a face: boxes with the first look's score (N, 5), and what the closer look says (N,)."""
        grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), np.uint8)
        if grey.mean() < _DARK:
            grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), _SMOOTHED), np.uint8)
        hints = _distinct(np.concatenate([self._look(grey, scale) for scale in _scales(photo)]))[:_MOST_HINTS]
        return hints, np.array([self._closer(grey, box) for box in hints], np.float32)

    def _look(self, grey: Grey, scale: float) -> Array:
        """Boxes and scores (N, 5) seen on a copy of the photo, in pixels of the photo."""
        size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
        method = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
        copy = np.asarray(cv2.resize(grey, size, interpolation=method), np.uint8)
        step = _TILE - _SHARED
        found = [np.zeros((0, 5), np.float32)]
        for top in range(0, max(size[1] - _SHARED, 1), step):
            for left in range(0, max(size[0] - _SHARED, 1), step):
                boxes = self._seen(copy[top : top + _TILE, left : left + _TILE])
                found.append(boxes + np.array([left, top, left, top, 0], np.float32))
        every = np.concatenate(found)
        every[:, :4] /= scale
        return every

    def _seen(self, tile: Grey) -> Array:
        high, wide = -tile.shape[0] % _STRIDES[-1], -tile.shape[1] % _STRIDES[-1]
        whole = np.asarray(cv2.copyMakeBorder(tile, 0, high, 0, wide, cv2.BORDER_CONSTANT), np.float32)
        layers = self.network(whole[None, None])
        found = []
        for stride, layer in zip(_STRIDES, layers, strict=True):
            rows, columns = np.nonzero(layer[0, 0] >= _HINT)
            score, across, down, wider, taller = layer[0, :, rows, columns].T
            x, y = (columns + across) * stride, (rows + down) * stride
            w, h = (np.exp(np.minimum(side, 8)) * stride / 2 for side in (wider, taller))
            found.append(np.stack([x - w, y - h, x + w, y + h, score], axis=1, dtype=np.float32))
        return np.concatenate(found)

    def _closer(self, grey: Grey, box: Array) -> float:
        """Mean log-odds, over the closer looks, that a face is where the first look saw one."""
        middle, size = (box[:2] + box[2:4]) / 2, max(float((box[2:4] - box[:2]).max()), 1.0)
        view = closer(grey, middle, _CLOSE_FACE / size, _CLOSE_SIZE)[0]
        scores = [self._in_the_middle(view)]
        if scores[0] > _NOTHING:
            scores.append(self._in_the_middle(np.ascontiguousarray(view[:, ::-1])))
            for shift in _SHIFTS:
                view = closer(grey, middle + np.array(shift) * size, _CLOSE_FACE / size, _CLOSE_SIZE)[0]
                scores.append(self._in_the_middle(view))
        return float(_log_odds(np.array(scores)).mean())

    def _in_the_middle(self, view: Grey) -> float:
        """Score of the face of the expected size in the middle of a view; 0 for none."""
        seen = self._seen(view)
        middles, sizes = (seen[:, :2] + seen[:, 2:4]) / 2, (seen[:, 2:4] - seen[:, :2]).max(axis=1) / _CLOSE_FACE
        awry = np.abs(middles - np.array(_CLOSE_SIZE) / 2).max(axis=1) / _CLOSE_FACE
        there = (awry < _AWRY) & (sizes > _SIZES[0]) & (sizes < _SIZES[1])
        return float(seen[there, 4].max(initial=0.0))


def features(hints: Array, looks: Array) -> NDArray[np.float64]:
    """What speaks for a face in each place: (N, 3), in the order of _WEIGHTS."""
    return np.stack([np.ones(len(hints)), _log_odds(hints[:, 4]), looks], axis=1)


def _regions(boxes: Array, evidence: NDArray[np.float64]) -> list[Region]:
    return [
        Region("face", (int(left), int(top), int(np.ceil(right)), int(np.ceil(bottom))), float(chance), "yunet")
        for (left, top, right, bottom), chance in zip(boxes[:, :4], evidence, strict=True)
    ]


def _scales(photo: Photo) -> list[float]:
    scales = [_MAGNIFIED]
    while min(photo.shape[:2]) * scales[-1] / _SHRINK >= _SMALLEST_EDGE:
        scales.append(scales[-1] / _SHRINK)
    return scales


def _needed(boxes: Array) -> NDArray[np.float64]:
    """Log-odds that each box needs for its width."""
    widths = np.log(np.maximum(boxes[:, 2] - boxes[:, 0], 1))
    return np.asarray(np.interp(widths, np.log(_WIDTHS), _log_odds(np.array(_NEEDED))), np.float64)


def _log_odds(score: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    safe = np.clip(score.astype(np.float64), 1e-3, 1 - 1e-3)
    return np.asarray(np.log(safe / (1 - safe)), np.float64)


def _likely(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-log_odds)), np.float64)


def _distinct(boxes: Array) -> Array:
    """The boxes that stay when each hides the lesser ones about it, the surest first."""
    upright = np.concatenate([boxes[:, :2], boxes[:, 2:4] - boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(upright.tolist(), boxes[:, 4].tolist(), 0.0, _SAME)
    return np.asarray(boxes[np.array(kept, int).reshape(-1)], np.float32)
