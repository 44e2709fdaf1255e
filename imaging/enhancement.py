"""The court's second view of a photo: levels, and the plate by itself. Every step is written down and can be repeated.

Only whole numbers are used: a table maps each old value to a new one, and a piece is enlarged by repeating pixels, so
nothing is in the view that is not in the original, and anyone gets the same pixels from it.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from imaging.frame import Box, Frame, Photo, Quad
from imaging.stages.encode import encode

_DARKEST, _LIGHTEST = 0.01, 0.99
"""Shares of the pixels that are darker than what becomes black, and than what becomes white."""

_AROUND = 0.3
"""What is shown around the plate, in parts of its width."""

_PLATE_WIDTH = 600
_ENCODED_AS = {"whole": "JPEG, quality 90: for the eye; its pixels are near those of the steps", "plate": "PNG: exact"}


@dataclass(frozen=True)
class EnhancedView:
    """`whole` is a JPEG, `plate` a PNG or None where no plate was found; `steps` can be written as JSON."""

    whole: bytes
    plate: bytes | None
    steps: dict[str, Any]


def enhance(frame: Frame, quad: Quad | None) -> EnhancedView:
    """The view of a decoded frame. `quad` are the corners of the plate that the decision rests on."""
    photo = frame.pixels
    whole, levels = _levelled(photo)
    steps: dict[str, Any] = {
        "original_sha256": hashlib.sha256(frame.data).hexdigest(),
        "decode": "JPEG to 8-bit B, G, R by libjpeg-turbo (accurate DCT, fancy upsampling), upright as its Exif says",
        "decoded": _described(photo),
        "whole": [{"levels": levels}],
        "whole_result": _described(whole),
        "levels_rule": "B, G and R: v becomes min(max(255 * (v - low) + (high - low) // 2, 0) // (high - low), 255)",
        "levels_source": "luma (ITU-R BT.601) of the piece: low has 1 % of the pixels below it, high 99 %",
        "encoded_as": _ENCODED_AS,
    }
    if quad is None:
        return EnhancedView(encode(whole), None, steps)
    left, top, right, bottom = box = _around(quad, photo)
    piece, piece_levels = _levelled(np.ascontiguousarray(photo[top:bottom, left:right]))
    times = max(_PLATE_WIDTH // (right - left), 1)
    large = np.asarray(piece.repeat(times, axis=0).repeat(times, axis=1), np.uint8)
    steps["plate"] = [{"crop_left_top_right_bottom": list(box)}, {"levels": piece_levels}, {"repeat_each_pixel": times}]
    steps["plate_result"] = _described(large)
    _, png = cv2.imencode(".png", large)
    return EnhancedView(encode(whole), png.tobytes(), steps)


def _levelled(photo: Photo) -> tuple[Photo, dict[str, int]]:
    luma = cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)
    below = np.cumsum(np.bincount(luma.reshape(-1), minlength=256))
    low, high = (int(np.searchsorted(below, share * luma.size)) for share in (_DARKEST, _LIGHTEST))
    high = max(high, low + 1)
    values = np.arange(256, dtype=np.int64)
    table = np.clip((255 * (values - low) + (high - low) // 2).clip(0) // (high - low), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(photo, table), np.uint8), {"low": low, "high": high}


def _described(photo: Photo) -> dict[str, Any]:
    height, width = photo.shape[:2]
    digest = hashlib.sha256(np.ascontiguousarray(photo).tobytes()).hexdigest()
    return {"width": width, "height": height, "sha256_of_bgr_rows": digest}


def _around(quad: Quad, photo: Photo) -> Box:
    margin = _AROUND * float(np.linalg.norm(quad[1] - quad[0]))
    low = np.maximum(np.floor(quad.min(axis=0) - margin).astype(int), 0)
    high = np.minimum(np.ceil(quad.max(axis=0) + margin).astype(int), [photo.shape[1], photo.shape[0]])
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
