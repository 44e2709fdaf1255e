"""Hides every face, every other plate and all other text in the citizen's copy. Cannot be undone."""

from dataclasses import dataclass

import cv2
import numpy as np

from imaging.faces import Box
from imaging.reader import Quad, TextRegion, expand
from imaging.validation import Photo

_FACE_MARGIN = 0.35
_TEXT_MARGIN = 0.25
_PLATE_MARGIN = 0.10


@dataclass(frozen=True)
class Redacted:
    """The copy (H, W, 3 BGR uint8), what was hidden (kind and box), and whether the offender's plate shows."""

    photo: Photo
    hidden: list[dict[str, object]]
    plate_visible: bool


def redact(photo: Photo, faces: list[Box], texts: list[TextRegion], plate: Quad | None) -> Redacted:
    """`plate` is the offender's, which stays readable; None hides every text region."""
    copy = photo.copy()
    hidden: list[dict[str, object]] = []
    plate_box = _clip(_bounds(expand(plate, _PLATE_MARGIN)), photo) if plate is not None else None
    for text in texts:
        if plate is not None and np.array_equal(text.quad, plate):
            continue
        box = _clip(_bounds(expand(text.quad, _TEXT_MARGIN)), photo)
        _destroy(copy, box)
        hidden.append({"kind": "text", "box": list(box)})
    if plate_box is not None:
        left, top, right, bottom = plate_box
        copy[top:bottom, left:right] = photo[top:bottom, left:right]
    for face in faces:
        box = _clip(_widen(face, _FACE_MARGIN), photo)
        if plate_box is not None and _share_inside(face, plate_box) > 0.5:
            # Nobody's face is on a plate; hiding it here would only hide the evidence.
            continue
        _destroy(copy, box)
        hidden.append({"kind": "face", "box": list(box)})
    return Redacted(copy, hidden, plate_visible=plate_box is not None)


def _destroy(photo: Photo, box: Box) -> None:
    """Replace the region by a mosaic of at most 3 x 3 averages: nothing is left to sharpen."""
    left, top, right, bottom = box
    if right <= left or bottom <= top:
        return
    region = photo[top:bottom, left:right]
    cells = (min(3, right - left), min(3, bottom - top))
    small = cv2.resize(region, cells, interpolation=cv2.INTER_AREA)
    photo[top:bottom, left:right] = cv2.resize(small, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST)


def _bounds(quad: Quad) -> Box:
    low, high = np.floor(quad.min(axis=0)), np.ceil(quad.max(axis=0))
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _widen(box: Box, share: float) -> Box:
    left, top, right, bottom = box
    x, y = int((right - left) * share), int((bottom - top) * share)
    return left - x, top - y, right + x, bottom + y


def _clip(box: Box, photo: Photo) -> Box:
    height, width = photo.shape[:2]
    left, top, right, bottom = box
    return max(0, left), max(0, top), min(width, right), min(height, bottom)


def _share_inside(inner: Box, outer: Box) -> float:
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return max(0, width) * max(0, height) / area if area > 0 else 0.0
