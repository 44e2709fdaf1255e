"""Stage decode: from the camera's JPEG to pixels, strictly and within bounds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import simplejpeg
from PIL import Image

from core.jpeg import NotAJpeg, inspect_jpeg
from imaging.frame import Frame, Photo

_MIN_WIDTH, _MIN_HEIGHT = 160, 120
_ORIENTATION = 0x0112
_TURNS: dict[int, Callable[[Photo], Any]] = {
    2: lambda p: cv2.flip(p, 1),
    3: lambda p: cv2.rotate(p, cv2.ROTATE_180),
    4: lambda p: cv2.flip(p, 0),
    5: cv2.transpose,
    6: lambda p: cv2.rotate(p, cv2.ROTATE_90_CLOCKWISE),
    7: lambda p: cv2.flip(cv2.transpose(p), -1),
    8: lambda p: cv2.rotate(p, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


class Decode:
    """In: data. Out: info, photo and its size, upright as its Exif orientation says.

    Failures: the codes of `core.jpeg.inspect_jpeg`, image-too-many-pixels, resolution-too-low, jpeg-damaged.
    """

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels

    def __call__(self, frame: Frame) -> Frame:
        try:
            info = inspect_jpeg(frame.data)
        except NotAJpeg as error:
            return replace(frame, failure=error.code)
        if info.width * info.height > self._max_pixels:
            return replace(frame, info=info, failure="image-too-many-pixels")
        if info.width < _MIN_WIDTH or info.height < _MIN_HEIGHT:
            return replace(frame, info=info, failure="resolution-too-low")
        try:
            # Strict: image data that ends early is an error here, not a grey rest of the photo.
            photo = simplejpeg.decode_jpeg(frame.data, colorspace="BGR", strict=True)
        except ValueError:
            return replace(frame, info=info, failure="jpeg-damaged")
        turn = _TURNS.get(orientation(info.exif))
        upright = photo if turn is None else np.ascontiguousarray(turn(photo), np.uint8)
        return replace(frame, info=info, photo=upright, size=(upright.shape[0], upright.shape[1]))


def exif_of(segment: bytes) -> Image.Exif:
    """The tags of an Exif segment; none when it cannot be read."""
    tags = Image.Exif()
    try:
        if segment:
            tags.load(b"Exif\0\0" + segment)
    except Exception:
        return Image.Exif()
    return tags


def orientation(segment: bytes) -> int:
    """Exif orientation, 1 to 8; 1 (upright) when there is none."""
    value = exif_of(segment).get(_ORIENTATION, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
