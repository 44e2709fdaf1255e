"""YuNet (Wu, Peng, Yu: "YuNet: a tiny millisecond-level face detector", 2023): where a picture may show a face."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.networks.session import WEIGHTS, Array, Network

_STRIDES = (8, 16, 32)


class YuNet:
    """`weights` is an onnx file as `training/face_weights.py` makes it. Not thread-safe."""

    def __init__(self, weights: Path | None = None) -> None:
        self.network = Network(weights or WEIGHTS / "faces.onnx")

    def find(self, grey: NDArray[np.uint8], least: float) -> Array:
        """Boxes and scores from `least` to 1: (N, 5) as left, top, right, bottom, score, of a (H, W) grey picture."""
        high, wide = -grey.shape[0] % _STRIDES[-1], -grey.shape[1] % _STRIDES[-1]
        whole = np.asarray(cv2.copyMakeBorder(grey, 0, high, 0, wide, cv2.BORDER_CONSTANT), np.float32)
        found = []
        for stride, layer in zip(_STRIDES, self.network(whole[None, None]), strict=True):
            rows, columns = np.nonzero(layer[0, 0] >= least)
            score, across, down, wider, taller = layer[0, :, rows, columns].T
            x, y = (columns + across) * stride, (rows + down) * stride
            w, h = (np.exp(np.minimum(side, 8)) * stride / 2 for side in (wider, taller))
            found.append(np.stack([x - w, y - h, x + w, y + h, score], axis=1, dtype=np.float32))
        return np.concatenate(found)
