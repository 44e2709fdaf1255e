"""Stage validate: can these pixels carry a reading, and do the photo and its metadata tell the same story?"""

from dataclasses import replace
from datetime import datetime, timedelta

import cv2

from imaging.frame import Frame, Photo, Quality
from imaging.stages.decode import exif_of
from imaging.tampering import signs

_MIN_SHARPNESS = 25.0
_DARK, _BRIGHT = 12.0, 245.0
_GLARE_LUMA, _MAX_GLARE = 250, 0.30
_EXIF_IFD, _TAKEN = 0x8769, 0x9003
_CLOCK_TOLERANCE = timedelta(minutes=5)


class Validate:
    """In: data, info, photo. Out: quality.

    Reasons: photo-blurred, photo-too-dark, photo-overexposed, photo-glare, and the signs of `imaging.tampering`.
    """

    def __call__(self, frame: Frame) -> Frame:
        quality = measure(frame.pixels)
        reasons = []
        if quality.sharpness < _MIN_SHARPNESS:
            reasons.append("photo-blurred")
        if quality.exposure < _DARK:
            reasons.append("photo-too-dark")
        if quality.exposure > _BRIGHT:
            reasons.append("photo-overexposed")
        elif quality.glare > _MAX_GLARE:
            reasons.append("photo-glare")
        if frame.info is not None:
            reasons += signs(frame.data, frame.info)
        return replace(frame, quality=quality, reasons=(*frame.reasons, *reasons))


def measure(photo: Photo) -> Quality:
    """Quality of a (H, W, 3) BGR uint8 photo or of a piece of one."""
    luma = cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)
    _, spread = cv2.meanStdDev(cv2.Laplacian(luma, cv2.CV_16S))
    glare = cv2.countNonZero(cv2.inRange(luma, _GLARE_LUMA + 1, 255)) / luma.size
    return Quality(float(spread[0, 0] ** 2), float(cv2.mean(luma)[0]), glare)


def clock_disagrees(exif: bytes, captured_at: datetime) -> bool:
    """True when the photo's own time of taking is not the signed one.

    Exif times carry no zone: a difference of whole half hours up to a day is another zone, not another moment.
    """
    text = exif_of(exif).get_ifd(_EXIF_IFD).get(_TAKEN)
    try:
        taken = datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=captured_at.tzinfo)
    except ValueError:
        return False
    apart = abs(taken - captured_at)
    if apart > timedelta(hours=26):
        return True
    past = apart % timedelta(minutes=30)
    return min(past, timedelta(minutes=30) - past) > _CLOCK_TOLERANCE
