"""Strict look at a JPEG's structure, before any pixel is decoded (ITU-T T.81, annex B)."""

from dataclasses import dataclass, replace

import numpy as np

_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_HUFFMAN_DCT = frozenset({0xC0, 0xC1, 0xC2})
_MAX_SCANS = 64
_MAX_MARKERS = 10_000
"""Bytes that look like one; far more than a picture of so many scans has."""
_MAX_EDGE = 20_000


@dataclass(frozen=True)
class JpegInfo:
    """What the headers state: size in pixels, the bytes of the Exif segment (TIFF structure), empty without, and the
    quantisation tables by their number, each of 64 steps in zigzag order; and at which byte the image ends."""

    width: int
    height: int
    exif: bytes = b""
    tables: tuple[tuple[int, ...], ...] = ()
    end: int = 0


class NotAJpeg(ValueError):
    """`code` is a stable word for counting, the text says what is wrong."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def inspect_jpeg(data: bytes) -> JpegInfo:
    """Walk the markers from SOI to EOI.

    Takes what cameras make: baseline or progressive Huffman-coded DCT, 8 bits, one (grey) or three components.
    Raises NotAJpeg with code `not-jpeg`, `jpeg-truncated`, `jpeg-malformed`, `jpeg-kind-unsupported`,
    `jpeg-too-many-scans` or `image-edge-too-long`.
    """
    if data[:3] != b"\xff\xd8\xff":
        kind = "a PNG" if data.startswith(b"\x89PNG") else "not a JPEG"
        raise NotAJpeg("not-jpeg", f"the file is {kind}, whatever its name says")
    info, scan = _headers(data)
    return replace(info, end=_end(data, scan))


def _end(data: bytes, scan: int) -> int:
    """Where the image ends: behind its end marker, from the first scan's data on.

    A decoder works through the whole picture for each scan, so how many there are is limited.
    """
    values = np.frombuffer(data, np.uint8, offset=scan)
    first, second = values[:-1], values[1:]
    # Image data has FF only before 00 or a restart marker; fill bytes are FF too.
    is_marker = (first == 0xFF) & (second != 0) & (second != 0xFF) & ((second < 0xD0) | (second > 0xD7))
    places = np.flatnonzero(is_marker)[:_MAX_MARKERS]
    at, scans = scan, 1
    for place in (int(one) + scan for one in places):
        if place < at:
            continue  # inside a segment
        marker = data[place + 1]
        if marker == 0xD9:
            return place + 2
        if marker in _STANDALONE or place + 4 > len(data):
            break
        at = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        scans += marker == 0xDA
        if scans > _MAX_SCANS:
            raise NotAJpeg("jpeg-too-many-scans", f"more than {_MAX_SCANS} scans")
    raise NotAJpeg("jpeg-truncated", "the end-of-image marker is missing")


def _headers(data: bytes) -> tuple[JpegInfo, int]:
    """What the headers state, and where the first scan's data begins."""
    info: JpegInfo | None = None
    exif = b""
    tables: dict[int, tuple[int, ...]] = {}
    at = 2
    while True:
        if at + 4 > len(data):
            raise NotAJpeg("jpeg-truncated", "the file ends inside its headers")
        if data[at] != 0xFF:
            raise NotAJpeg("jpeg-malformed", f"no marker at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF or marker in _STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            raise NotAJpeg("jpeg-truncated", "a segment is longer than the file")
        segment = data[at + 4 : at + 2 + length]
        at += 2 + length
        if marker in _FRAME_HEADERS:
            if info is not None:
                raise NotAJpeg("jpeg-malformed", "a second frame header")
            info = _frame(marker, segment)
        elif marker == 0xDB:
            tables.update(_tables(segment))
        elif marker == 0xE1 and segment.startswith(b"Exif\0\0"):
            exif = exif or segment[6:]
        elif marker == 0xDA:
            if info is None:
                raise NotAJpeg("jpeg-malformed", "image data before any frame header")
            return replace(info, exif=exif, tables=tuple(tables[number] for number in sorted(tables))), at


def _tables(segment: bytes) -> dict[int, tuple[int, ...]]:
    found = {}
    at = 0
    while at < len(segment):
        wide, number = 1 + (segment[at] >> 4), segment[at] & 0x0F
        steps = segment[at + 1 : at + 1 + 64 * wide]
        if wide > 2 or len(steps) < 64 * wide:
            raise NotAJpeg("jpeg-malformed", "a quantisation table is cut off")
        found[number] = tuple(int.from_bytes(steps[k : k + wide], "big") for k in range(0, 64 * wide, wide))
        if not all(found[number]):
            raise NotAJpeg("jpeg-malformed", "a quantisation step of 0, where 1 is the least (ITU-T T.81, B.2.4.1)")
        at += 1 + 64 * wide
    return found


def _frame(marker: int, segment: bytes) -> JpegInfo:
    if len(segment) < 6:
        raise NotAJpeg("jpeg-malformed", "the frame header is too short")
    if marker not in _HUFFMAN_DCT or segment[0] != 8:
        raise NotAJpeg("jpeg-kind-unsupported", "only Huffman-coded baseline or progressive JPEG of 8 bits is taken")
    if segment[5] not in (1, 3):
        raise NotAJpeg("jpeg-kind-unsupported", f"{segment[5]} colour components; only grey and YCbCr are taken")
    height = int.from_bytes(segment[1:3], "big")
    width = int.from_bytes(segment[3:5], "big")
    if not width or not height:
        raise NotAJpeg("jpeg-malformed", "the frame header states no size")
    if max(width, height) > _MAX_EDGE:
        raise NotAJpeg("image-edge-too-long", f"{width} x {height}: an edge is over {_MAX_EDGE} pixels")
    return JpegInfo(width, height)
