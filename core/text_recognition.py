"""The words on a scanned letter, as a draft for a person to read over: a file's own text where it has one."""

import cv2
from rapidocr_onnxruntime import RapidOCR

from core.bounded import bounded
from core.paper import Picture, drawn, written_in

_SECONDS = 180.0
_MEMORY_MIB = 4096
_SCAN_DPI = 200
_GAP = 1.8
"""Lines further apart than so many times their height are paragraphs."""

_Line = tuple[float, float, str]
"""Top and height in pixels, and the words."""


def words_on(media_type: str, content: bytes) -> str:
    """In the order of reading, with an empty line between paragraphs and pages. Raises OutOfBounds."""
    return bounded(_SECONDS, _MEMORY_MIB, read_pages, media_type, content)


def read_pages(media_type: str, content: bytes) -> str:
    """As `words_on`, in this process."""
    texts = written_in(media_type, content)
    if not any(texts):
        engine = RapidOCR()
        texts = [_read(engine, page) for page in drawn(media_type, content, _SCAN_DPI)]
    return "\n\n".join(text for text in texts if text)


def _read(engine: RapidOCR, scan: Picture) -> str:
    # Speckles of a scanner cost the spaces between words.
    calm = cv2.fastNlMeansDenoising(cv2.cvtColor(scan, cv2.COLOR_BGR2GRAY), None, 15, 5, 15)
    # Lines of a letter stand upright: asked which of them are upside down, it turns some that are not.
    found, _ = engine(cv2.cvtColor(calm, cv2.COLOR_GRAY2BGR), use_cls=False)
    lines: list[_Line] = [
        (min(y for _, y in box), max(y for _, y in box) - min(y for _, y in box), text.strip())
        for box, text, _ in found or []
    ]
    text = ""
    for before, line in zip([None, *lines], lines, strict=False):
        if before is not None:
            text += "\n\n" if line[0] - before[0] > _GAP * before[1] else "\n"
        text += line[2]
    return text
