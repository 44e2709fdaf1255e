"""Strict look at a JPEG's structure, before any pixel is decoded (ITU-T T.81, annex B)."""

from dataclasses import dataclass

_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class JpegInfo:
    """Size in pixels as the frame header states it."""

    width: int
    height: int


class NotAJpeg(ValueError):
    """`code` is a stable word for counting, the text says what is wrong."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def inspect_jpeg(data: bytes) -> JpegInfo:
    """Walk the markers from SOI to EOI.

    Raises NotAJpeg with code `not-jpeg`, `jpeg-truncated` or `jpeg-malformed`.
    """
    if data[:3] != b"\xff\xd8\xff":
        kind = "a PNG" if data.startswith(b"\x89PNG") else "not a JPEG"
        raise NotAJpeg("not-jpeg", f"the file is {kind}, whatever its name says")
    info: JpegInfo | None = None
    at = 2
    while True:
        if at + 4 > len(data):
            raise NotAJpeg("jpeg-truncated", "the file ends inside its headers")
        if data[at] != 0xFF:
            raise NotAJpeg("jpeg-malformed", f"no marker at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _STANDALONE:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            raise NotAJpeg("jpeg-truncated", "a segment is longer than the file")
        if marker in _FRAME_HEADERS:
            info = _frame(data[at + 4 : at + 2 + length])
        at += 2 + length
        if marker == 0xDA:
            break
    if info is None:
        raise NotAJpeg("jpeg-malformed", "image data before any frame header")
    # Padding after the end marker is harmless; image data without an end marker is not.
    if data.rfind(b"\xff\xd9", at) < 0:
        raise NotAJpeg("jpeg-truncated", "the end-of-image marker is missing")
    return info


def _frame(segment: bytes) -> JpegInfo:
    if len(segment) < 6:
        raise NotAJpeg("jpeg-malformed", "the frame header is too short")
    height = int.from_bytes(segment[1:3], "big")
    width = int.from_bytes(segment[3:5], "big")
    if not width or not height:
        raise NotAJpeg("jpeg-malformed", "the frame header states no size")
    return JpegInfo(width, height)
