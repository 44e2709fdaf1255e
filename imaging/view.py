"""A closer look at one place of a photo, for networks that see best in one size."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_SHRINK_FIRST = 0.7
"""Below this scale the piece is shrunk by area before it is sampled: every n-th pixel alone would tear thin strokes."""


def closer(
    photo: NDArray[np.uint8], middle: NDArray[np.floating[Any]], scale: float, size: tuple[int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """What lies around `middle` (x, y), `scale` times as large, as an image of `size` (width, height) in pixels.

    Also returns where its top left corner lies in the photo. `photo` is (H, W, 3) or (H, W); past its edge the last
    pixels are repeated, and a middle outside is taken to be at the edge.
    """
    middle = np.clip(middle, 0, np.array([photo.shape[1] - 1, photo.shape[0] - 1]))
    half = np.array(size, np.float32) / scale / 2
    low, high = middle - half, middle + half
    corners = np.array([low, [high[0], low[1]], [low[0], high[1]]], np.float32)
    target = np.array([[0, 0], [size[0], 0], [0, size[1]]], np.float32)
    piece, offset, shrink = photo, np.zeros(2, np.float32), 1.0
    if scale < _SHRINK_FIRST:
        top = np.maximum(np.floor(low), 0).astype(int)
        cut = photo[top[1] : int(high[1]) + 1, top[0] : int(high[0]) + 1]
        piece = np.asarray(cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        offset, shrink = top.astype(np.float32), scale
    transform = cv2.getAffineTransform(((corners - offset) * shrink).astype(np.float32), target)
    view = cv2.warpAffine(piece, transform, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(view, np.uint8), low.astype(np.float32)
