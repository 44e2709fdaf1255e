"""Pages of a scanned letter as pictures, to be shown beside a form or read by a machine."""

import cv2
import numpy as np
import numpy.typing as npt
from pypdfium2 import PdfDocument

from core.bounded import bounded
from core.uploads import PDF

MOST_PAGES = 10
"""Of a long file only the first pages are shown and read."""

_POINTS_PER_INCH = 72
_SHOWN_DPI = 130
_SECONDS = 60.0
_MEMORY_MIB = 2048

Picture = npt.NDArray[np.uint8]


def pictures_of(media_type: str, content: bytes) -> list[bytes]:
    """The pages as JPEG, drawn in a process of their own. Raises OutOfBounds."""
    return bounded(_SECONDS, _MEMORY_MIB, as_jpeg, media_type, content)


def as_jpeg(media_type: str, content: bytes) -> list[bytes]:
    """As `pictures_of`, in this process."""
    pages = drawn(media_type, content, _SHOWN_DPI)
    return [bytes(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 80])[1]) for page in pages]


def drawn(media_type: str, content: bytes, dpi: int) -> list[Picture]:
    """(H, W, 3; BGR uint8); a picture is one page, as large as it is."""
    if media_type != PDF:
        return [np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), np.uint8)]
    document = PdfDocument(content)
    return [
        np.ascontiguousarray(document[number].render(scale=dpi / _POINTS_PER_INCH).to_numpy()[:, :, :3])
        for number in range(min(len(document), MOST_PAGES))
    ]


def written_in(media_type: str, content: bytes) -> list[str]:
    """The text that a PDF carries itself, page by page; nothing for a picture."""
    if media_type != PDF:
        return []
    document = PdfDocument(content)
    pages = [document[number].get_textpage() for number in range(min(len(document), MOST_PAGES))]
    return [page.get_text_bounded().replace("\r\n", "\n").strip() for page in pages]
