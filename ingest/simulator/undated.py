"""Photographs as a simulated camera writes them: without the time at which somebody else took them."""

import io

from PIL import Image

_ORIENTATION, _UPRIGHT = 0x0112, 1
_MARKER, _EXIF, _IMAGE_DATA = 0xFF, 0xE1, 0xDA


def undated(photo: bytes) -> bytes:
    """The JPEG without its Exif segments, every pixel as it was.

    One that its Exif turns upright stays as it is, and so does what is no sound JPEG: refusing it is not done here.
    """
    try:
        if Image.open(io.BytesIO(photo)).getexif().get(_ORIENTATION, _UPRIGHT) != _UPRIGHT:
            return photo
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return photo
    kept, at = [photo[:2]], 2
    while at + 4 <= len(photo) and photo[at] == _MARKER and photo[at + 1] != _IMAGE_DATA:
        end = at + 2 + int.from_bytes(photo[at + 2 : at + 4], "big")
        if not (photo[at + 1] == _EXIF and photo[at + 4 : at + 10] == b"Exif\0\0"):
            kept.append(photo[at:end])
        at = end
    return b"".join(kept) + photo[at:]
