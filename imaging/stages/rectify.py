"""Stage rectify: straighten each located plate to the crop that the recogniser was trained on."""

from dataclasses import replace

import cv2
import numpy as np

from imaging.frame import Frame, Photo, Quad

CROP_SIZE = (192, 48)
"""Width and height of the crop in pixels."""

_MARGIN = (8, 4)
PLATE_CORNERS = np.array(
    [
        [_MARGIN[0], _MARGIN[1]],
        [CROP_SIZE[0] - _MARGIN[0], _MARGIN[1]],
        [CROP_SIZE[0] - _MARGIN[0], CROP_SIZE[1] - _MARGIN[1]],
        [_MARGIN[0], CROP_SIZE[1] - _MARGIN[1]],
    ],
    np.float32,
)
"""Where the corners of the plate come to lie in the crop: a small margin forgives a locator that is not exact."""


class Rectify:
    """In: photo, plates. Out: one crop (48, 192, 3) BGR uint8 per plate. No reasons."""

    def __call__(self, frame: Frame) -> Frame:
        return replace(frame, crops=tuple(straighten(frame.pixels, plate.quad) for plate in frame.plates))


def straighten(photo: Photo, quad: Quad, size: tuple[int, int] = CROP_SIZE) -> Photo:
    """The plate with its margin, (size[1], size[0], 3) BGR uint8, out of a (H, W, 3) BGR uint8 photo."""
    target = PLATE_CORNERS * (np.array(size, np.float32) / np.array(CROP_SIZE, np.float32))
    wide = float(np.linalg.norm(quad[1] - quad[0]))
    if wide > 2 * size[0]:
        # Shrink large plates by area first: sampling every n-th pixel would tear thin strokes.
        factor = 1.5 * size[0] / wide
        low = np.maximum(np.floor(quad.min(axis=0)).astype(int) - int(wide * 0.2), 0)
        high = np.maximum(np.ceil(quad.max(axis=0)).astype(int) + int(wide * 0.2), low + 2)
        piece = photo[low[1] : high[1], low[0] : high[0]]
        photo = np.asarray(cv2.resize(piece, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
        quad = ((quad - low) * factor).astype(np.float32)
    transform = cv2.getPerspectiveTransform(quad.astype(np.float32), target.astype(np.float32))
    crop = cv2.warpPerspective(photo, transform, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(crop, np.uint8)
