"""Finds faces so that they can be hidden: YuNet (Wu, Peng, Yu: "YuNet: a tiny millisecond-level face detector", 2023).

It is asked at twice the photo's size, where a face of 14 pixels is as large as those it learnt from, and again on
smaller copies for the large ones. A small box passes on weak evidence and a large one needs more: hiding a small patch
of road costs nothing, and a small face is all there is to see of it; a large face shows clearly, and a large patch
hidden for nothing spoils the photo. It looks at shades of grey only: colours add hardly a face and many a false alarm,
and in the dark they are mostly noise.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.frame import Photo, Region
from imaging.networks.session import WEIGHTS, Array, Network

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

_BLURRED, _FLAT, _PATCH = 0.12, 19.0, (48, 48)
"""A patch is blurred when its detail is below this part of its contrast; below that contrast, in luma, it is sky or
paint. What is blurred cannot give much evidence and needs no more than a small box, unless it is large."""

_STRIDES = (8, 16, 32)
_SAME = 0.4
_WIDTHS = (16.0, 84.0)
_NEEDED = (0.04, 0.5)
"""Evidence, 0 to 1, that a box needs at the first width in pixels and below, and at the second and above; between them
its log-odds rise with the logarithm of the width."""

_DOUBTFUL = 0.25
"""With this evidence a box may be a face even where its width needs more."""


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
        grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY), np.uint8)
        if grey.mean() < _DARK:
            grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), _SMOOTHED), np.uint8)
        boxes = _distinct(np.concatenate([self._look(grey, scale) for scale in _scales(photo)]))
        sure = _log_odds(boxes[:, 4]) >= _needed(boxes)
        sure[~sure] = [_blurred(grey, box) for box in boxes[~sure]]
        return FacesFound(_regions(boxes[sure]), _regions(boxes[~sure & (boxes[:, 4] >= _DOUBTFUL)]))

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
            rows, columns = np.nonzero(layer[0, 0] >= _NEEDED[0])
            score, across, down, wider, taller = layer[0, :, rows, columns].T
            x, y = (columns + across) * stride, (rows + down) * stride
            w, h = (np.exp(np.minimum(side, 8)) * stride / 2 for side in (wider, taller))
            found.append(np.stack([x - w, y - h, x + w, y + h, score], axis=1, dtype=np.float32))
        return np.concatenate(found)


def _blurred(grey: Grey, box: Array) -> bool:
    """Whether what is in the box shows hardly any detail, along rows or along columns (motion), for its contrast."""
    left, top, right, bottom = (max(int(edge), 0) for edge in box[:4])
    piece = grey[top:bottom, left:right]
    if not piece.size:
        return False
    patch = np.asarray(cv2.resize(piece, _PATCH, interpolation=cv2.INTER_AREA), np.float32)
    contrast = float(patch.std())
    if right - left > _WIDTHS[1] or contrast < _FLAT:
        return False
    return min(float(np.diff(patch, 2, axis=axis).std()) for axis in (0, 1)) < _BLURRED * contrast


def _regions(boxes: Array) -> list[Region]:
    return [
        Region("face", (int(left), int(top), int(np.ceil(right)), int(np.ceil(bottom))), float(score), "yunet")
        for left, top, right, bottom, score in boxes
    ]


def _scales(photo: Photo) -> list[float]:
    scales = [_MAGNIFIED]
    while min(photo.shape[:2]) * scales[-1] / _SHRINK >= _SMALLEST_EDGE:
        scales.append(scales[-1] / _SHRINK)
    return scales


def _needed(boxes: Array) -> NDArray[np.float64]:
    """Log-odds that each box needs for its width."""
    widths = np.log(np.maximum(boxes[:, 2] - boxes[:, 0], 1))
    return np.asarray(np.interp(widths, np.log(_WIDTHS), _log_odds(np.array(_NEEDED, np.float32))), np.float64)


def _log_odds(score: Array) -> Array:
    safe = np.clip(score, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(safe / (1 - safe)), np.float32)


def _distinct(boxes: Array) -> Array:
    """The boxes that stay when each hides the lesser ones about it."""
    upright = np.concatenate([boxes[:, :2], boxes[:, 2:4] - boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(upright.tolist(), boxes[:, 4].tolist(), 0.0, _SAME)
    return np.asarray(boxes[np.array(kept, int).reshape(-1)], np.float32)
