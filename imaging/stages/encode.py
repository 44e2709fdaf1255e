"""Stage encode: a fresh JPEG of the redacted copy."""

from dataclasses import replace

import cv2

from imaging.frame import Frame, Photo

_QUALITY = 90


class Encode:
    """In: copy. Out: encoded. Nothing of the original file's metadata or thumbnails comes along."""

    def __call__(self, frame: Frame) -> Frame:
        if frame.copy is None:
            raise ValueError("no redacted copy: the redact stage has not run")
        return replace(frame, encoded=encode(frame.copy))


def encode(photo: Photo) -> bytes:
    """A (H, W, 3) BGR uint8 photo as JPEG of quality 90."""
    done, buffer = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise ValueError("OpenCV could not encode the photo")
    return buffer.tobytes()
