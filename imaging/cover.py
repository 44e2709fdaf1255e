"""Is something lying over a plate? Where its upper and lower rim both lose the plate's own tone, something does.

The recogniser knows covered characters; a strap in the gap between two groups covers none, and may still have been put
there to hide one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.frame import Photo
from imaging.stages.rectify import CROP_SIZE

_INSIDE = slice(26, 170)
"""Columns between the country's field and the right edge."""

_UPPER, _LOWER = slice(6, 9), slice(39, 42)
"""Rows between the characters and the rim, where a plate has one tone from left to right."""

_STRANGE = 0.35
"""Difference from the rim's own tone, in parts of the contrast between characters and ground."""

_LEAST_CONTRAST = 10.0


def covered_share(crop: Photo) -> float:
    """The longest piece of a rectified plate (48, 192, 3) that lies behind something, in parts of the crop's width."""
    luma = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), np.float32)
    dark, light = np.percentile(luma[_UPPER.start : _LOWER.stop, _INSIDE], [10, 90])
    limit = _STRANGE * max(float(light - dark), _LEAST_CONTRAST)
    longest = run = 0
    for column in _strange(luma[_UPPER], limit) & _strange(luma[_LOWER], limit):
        run = run + 1 if column else 0
        longest = max(longest, run)
    return longest / CROP_SIZE[0]


def _strange(rows: NDArray[np.float32], limit: float) -> NDArray[np.bool_]:
    tones = np.median(rows, axis=0)[_INSIDE]
    return np.asarray(np.abs(tones - np.median(tones)) > limit)
