"""Papers that people send in, made here: photos with what they say of themselves, PDF files, scanned letters."""

import io
from typing import Any

import cv2
import httpx
import numpy as np
import typst
from PIL import ExifTags, Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from pypdfium2 import PdfDocument

from tests.world import World

LETTER = """
#set text(font: "Libertinus Serif", size: 12pt)
T. Testpersoon

Betreft: beroep tegen de beschikking met CJIB-nummer {number}

Geachte heer, mevrouw,

Hierbij ga ik in beroep. Op dat tijdstip stond mijn auto met kenteken {plate} bij de garage voor een reparatie.
Ik verzoek u de beschikking te vernietigen.

Hoogachtend,

T. Testpersoon
"""


def photo(kind: str = "JPEG", says: bool = False) -> bytes:
    """A small picture; one that `says` names its moment and place."""
    picture = Image.new("RGB", (320, 240), "navy")
    exif = picture.getexif()
    if says:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:09:14 11:55:00"
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (52.0, 5.0, 24.0)
        place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (5.0, 7.0, 12.0)
    buffer = io.BytesIO()
    picture.save(buffer, kind, exif=exif)
    return buffer.getvalue()


def pdf(text: str = "Factuur van de garage") -> bytes:
    return bytes(typst.compile(text.encode()))


def acting_pdf() -> bytes:
    """It runs a script when it is opened, and carries a file along."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    writer.add_attachment("tool.exe", b"MZ hidden along")
    return _bytes(writer)


def pdf_with(hidden: bytes) -> bytes:
    """It carries these bytes as they are."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.add_attachment("hidden.txt", hidden)
    return _bytes(writer)


def locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.encrypt("geheim", algorithm="AES-256")
    return _bytes(writer)


def long_pdf(pages: int) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    return _bytes(writer)


def scanned_letter(case: dict[str, Any]) -> bytes:
    """A letter that names the case, as a scanner on the table sees it: a little askew, speckled."""
    number = " ".join(case["caseNumber"][i : i + 4] for i in range(0, 16, 4))
    document = PdfDocument(pdf(LETTER.format(number=number, plate=case["plate"])))
    page = document[0].render(scale=200 / 72).to_numpy()[:1200, :, :3]
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 0.7, 1)
    askew = cv2.warpAffine(np.ascontiguousarray(page), turn, (width, height), borderValue=(255, 255, 255))
    speckles = np.random.default_rng(1).normal(0, 6, askew.shape)
    return bytes(cv2.imencode(".jpg", (askew + speckles).clip(0, 255).astype(np.uint8))[1])


def send(world: World, path: str, name: str, content: bytes, **fields: str) -> httpx.Response:
    """A file in a form, by HTTP."""
    return world.http.post(path, files={"file": (name, content)}, data=fields)


def _bytes(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
