"""Files that people send in: nothing is kept that is not what it says, too large, harmful, or able to act by itself."""

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

import puremagic
from PIL import ExifTags, Image, ImageOps
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, NameObject

from core.bounded import OutOfBounds, bounded
from core.errors import InvalidInput, TooLarge
from core.malware import MalwareScanner
from core.settings import Settings

PDF = "application/pdf"
_SUFFIXES = {PDF: ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".jpg"}
"""What may be sent in, by type, and how it is kept."""

_MOST_PAGES = 200
_MEMORY_MIB = 2048
_SECONDS = 60.0
_ACTS = ("/OpenAction", "/AA", "/Names", "/URI", "/Threads", "/Collection")
"""What a PDF can do by itself, or carries along unseen."""


class UnfitFile(Exception):
    """`code` says why it cannot be kept."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class CheckedFile:
    """A file as it may be kept and shown: made anew from what was sent, whose digest stays.

    `says` is what a photo says of itself (`taken`, `place`), for it is gone from the file.
    """

    name: str
    media_type: str
    content: bytes
    sent_sha256: str
    says: dict[str, str]

    @property
    def sha256(self) -> str:
        """Of what is kept."""
        return hashlib.sha256(self.content).hexdigest()


class Uploads:
    """See module. Without a scanner nothing is asked about harm (demonstration only)."""

    def __init__(self, settings: Settings, scanner: MalwareScanner | None) -> None:
        self._most_bytes = settings.max_upload_bytes
        self._most_pixels = settings.max_pixels
        self._scanner = scanner

    def check(self, name: str, content: bytes) -> CheckedFile:
        """Raises InvalidInput for an unfit file, TooLarge, and Unavailable when the scanner is away."""
        if not content:
            raise InvalidInput("file-empty", "the file is empty: choose another one")
        if len(content) > self._most_bytes:
            raise TooLarge("file-too-large", f"send files of at most {self._most_bytes // 2**20} MB each")
        media_type = _type_of(content)
        if media_type not in _SUFFIXES:
            raise InvalidInput("file-type", "send a PDF, or a picture as JPEG, PNG or WebP")
        if self._scanner is not None and self._scanner.harm_in(content) is not None:
            raise InvalidInput("file-harmful", "the file holds something harmful and was not kept")
        try:
            kept, says = bounded(_SECONDS, _MEMORY_MIB, made_anew, media_type, content, self._most_pixels)
        except UnfitFile as error:
            raise InvalidInput(error.code, _WHY[error.code]) from error
        except OutOfBounds as error:
            raise InvalidInput("file-broken", _WHY["file-broken"]) from error
        kept_type = "image/jpeg" if media_type == "image/webp" else media_type
        return CheckedFile(
            _clean_name(name, _SUFFIXES[kept_type]), kept_type, kept, hashlib.sha256(content).hexdigest(), says
        )


_WHY = {
    "file-broken": "the file cannot be read: open it yourself and save it anew",
    "file-locked": "the PDF is protected by a password: send it without",
    "file-too-long": f"send at most {_MOST_PAGES} pages in a file",
    "picture-too-large": "the picture has too many pixels: make it smaller",
}


def made_anew(media_type: str, content: bytes, most_pixels: int) -> tuple[bytes, dict[str, str]]:
    """The same to look at, with nothing that acts or tells on its own. Raises UnfitFile."""
    return (_pdf(content), {}) if media_type == PDF else _picture(media_type, content, most_pixels)


def _type_of(content: bytes) -> str:
    """By the bytes; what the sender calls it does not count."""
    try:
        return str(puremagic.from_string(content[:4096], mime=True))
    except (puremagic.PureError, ValueError):
        return ""


def _picture(media_type: str, content: bytes, most_pixels: int) -> tuple[bytes, dict[str, str]]:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > most_pixels:
                raise UnfitFile("picture-too-large")
            says = _says(picture)
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except Image.DecompressionBombError as error:
        raise UnfitFile("picture-too-large") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise UnfitFile("file-broken") from error
    white = Image.new("RGBA", upright.size, "white")
    flat = Image.alpha_composite(white, upright).convert("RGB")
    buffer = io.BytesIO()
    if media_type == "image/png":
        flat.save(buffer, "PNG")
    else:
        flat.save(buffer, "JPEG", quality=92)
    return buffer.getvalue(), says


def _says(picture: Image.Image) -> dict[str, str]:
    exif = picture.getexif()
    taken = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
    found = {"taken": str(taken)} if taken else {}
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        degrees = [
            (1 if place[side] in ("N", "E") else -1) * sum(float(part) / 60**i for i, part in enumerate(place[value]))
            for side, value in (
                (ExifTags.GPS.GPSLatitudeRef, ExifTags.GPS.GPSLatitude),
                (ExifTags.GPS.GPSLongitudeRef, ExifTags.GPS.GPSLongitude),
            )
        ]
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return found
    return {**found, "place": ", ".join(f"{degree:.5f}" for degree in degrees)}


def _pdf(content: bytes) -> bytes:
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise UnfitFile("file-locked")
        if not 1 <= len(reader.pages) <= _MOST_PAGES:
            raise UnfitFile("file-too-long" if reader.pages else "file-broken")
        writer = PdfWriter(clone_from=reader)
        for name in _ACTS:
            writer.root_object.pop(NameObject(name), None)
        form = writer.root_object.get("/AcroForm")
        if form is not None:
            form.get_object().pop(NameObject("/XFA"), None)
        for page in writer.pages:
            page.pop(NameObject("/AA"), None)
            for note in page.get("/Annots", ArrayObject()).get_object():
                _disarm(note.get_object())
        writer.metadata = None
        # What nothing leads to any more is left out: scripts, files inside the file.
        writer.compress_identical_objects(remove_duplicates=False)
        buffer = io.BytesIO()
        writer.write(buffer)
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise UnfitFile("file-broken") from error
    return buffer.getvalue()


def _disarm(note: DictionaryObject) -> None:
    """What is filled in and written beside the text stays to be seen; what happens at a click does not."""
    for name in ("/A", "/AA", "/FS"):
        note.pop(NameObject(name), None)


def _clean_name(name: str, suffix: str) -> str:
    """The file's own name without a path, and with the suffix of what it is."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    shown = "".join(letter for letter in stem if letter.isprintable())
    return (re.sub(r'[<>:"|?*\s]+', " ", shown).strip(" .")[:80] or "bestand") + suffix
