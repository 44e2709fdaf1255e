"""Decode safely, then judge whether the pixels can carry a reading. Images are (H, W, 3) BGR uint8."""

from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from core.jpeg import NotAJpeg, inspect_jpeg

Photo = NDArray[np.uint8]

_MIN_WIDTH, _MIN_HEIGHT = 300, 200
_MIN_SHARPNESS = 25.0
_DARK, _BRIGHT = 12.0, 245.0


class Unusable(ValueError):
    """The photo cannot be decoded; `code` is a stable word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Quality:
    """Sharpness is the variance of the Laplacian, exposure the mean luma (0-255), of the whole photo."""

    sharpness: float
    exposure: float

    def reasons(self) -> list[str]:
        """Why a person should look; empty when the photo is fine."""
        found = []
        if self.sharpness < _MIN_SHARPNESS:
            found.append("photo-blurred")
        if self.exposure < _DARK:
            found.append("photo-too-dark")
        if self.exposure > _BRIGHT:
            found.append("photo-overexposed")
        return found


def decode(data: bytes, max_pixels: int) -> Photo:
    """JPEG to (H, W, 3) BGR uint8. Raises Unusable with the reason; size is checked before any decoding."""
    try:
        info = inspect_jpeg(data)
    except NotAJpeg as error:
        raise Unusable(error.code) from error
    if info.width * info.height > max_pixels:
        raise Unusable("image-too-many-pixels")
    if info.width < _MIN_WIDTH or info.height < _MIN_HEIGHT:
        raise Unusable("resolution-too-low")
    try:
        # Strict: image data that ends early is an error here, not a grey rest of the photo.
        photo: Photo = simplejpeg.decode_jpeg(data, colorspace="BGR", strict=True)
    except ValueError as error:
        raise Unusable("jpeg-damaged") from error
    return photo


def measure(photo: Photo) -> Quality:
    """Quality of a (H, W, 3) BGR photo."""
    luma = cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)
    return Quality(float(cv2.Laplacian(luma, cv2.CV_64F).var()), float(luma.mean()))


def encode(photo: Photo) -> bytes:
    """A fresh JPEG of quality 90: nothing of the original file's metadata comes along."""
    done, buffer = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 90])
    if not done:
        raise Unusable("encode-failed")
    return buffer.tobytes()
