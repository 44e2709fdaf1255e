"""The line under a photo that goes out: which case it belongs to, and when it was taken. It covers nothing."""

import io
from functools import cache
from pathlib import Path

import fontpkg_fira_sans
from PIL import Image, ImageDraw, ImageFont

_FONT = Path(fontpkg_fira_sans.__file__).parent / "files" / "FiraSans-Regular.ttf"
_SHARE = 28
"""The line is as high as this part of the photo's width."""
_LEAST = 26
"""Pixels below which it could not be read."""
_QUALITY = 90


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONT), size)


def stamped(photo: bytes, line: str) -> bytes:
    """The JPEG with the line on a strip below it; a line that is too long is set smaller."""
    with Image.open(io.BytesIO(photo), formats=("JPEG",)) as picture:
        height = max(_LEAST, picture.width // _SHARE)
        sheet = Image.new("RGB", (picture.width, picture.height + height), "white")
        sheet.paste(picture.convert("RGB"))
    size = height * 6 // 10
    while size > 8 and _font(size).getlength(line) > sheet.width - height:
        size -= 1
    where = (height // 2, sheet.height - height // 2)
    ImageDraw.Draw(sheet).text(where, line, fill="black", font=_font(size), anchor="lm")
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
