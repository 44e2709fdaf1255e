"""What people send in is kept only as what it is, made anew, and after a scanner has looked at it."""

import hashlib
import io

import pytest
from PIL import Image
from pypdf import PdfReader

from core.errors import InvalidInput, TooLarge, Unavailable
from core.malware import ClamAv
from core.settings import Settings
from core.uploads import Uploads
from tests.conftest import EICAR
from tests.papers import acting_pdf, locked_pdf, long_pdf, pdf, pdf_with, photo


@pytest.fixture
def uploads() -> Uploads:
    return Uploads(Settings(max_upload_bytes=200_000, max_pixels=100_000), None)


def why(uploads: Uploads, content: bytes, name: str = "file") -> str:
    with pytest.raises(InvalidInput) as refused:
        uploads.check(name, content)
    return refused.value.code


@pytest.mark.parametrize(
    ("content", "name", "kept"),
    [
        (photo(), "foto.jpeg", ("foto.jpg", "image/jpeg")),
        (photo("PNG"), "scherm.png", ("scherm.png", "image/png")),
        (photo("WEBP"), "foto.webp", ("foto.jpg", "image/jpeg")),
        (pdf(), "factuur", ("factuur.pdf", "application/pdf")),
        (photo(), r"C:\Users\x\..\vakantie<1>.exe", ("vakantie 1.jpg", "image/jpeg")),
        (pdf(), "../../etc/passwd", ("passwd.pdf", "application/pdf")),
        (pdf(), "\n", ("bestand.pdf", "application/pdf")),
    ],
)
def test_a_file_is_what_its_bytes_say_whatever_it_is_called(
    uploads: Uploads, content: bytes, name: str, kept: tuple[str, str]
) -> None:
    found = uploads.check(name, content)
    assert (found.name, found.media_type) == kept
    assert found.sent_sha256 == hashlib.sha256(content).hexdigest()


def test_a_photo_loses_what_it_says_of_itself_and_the_case_keeps_it(uploads: Uploads) -> None:
    found = uploads.check("foto.jpg", photo(says=True))
    assert found.says == {"taken": "2026:09:14 11:55:00", "place": "52.09000, 5.12000"}
    assert not Image.open(io.BytesIO(found.content)).getexif()


def test_a_pdf_loses_what_it_does_by_itself(uploads: Uploads) -> None:
    sent = acting_pdf()
    found = uploads.check("factuur.pdf", sent)
    assert b"/JavaScript" in sent
    assert b"/JavaScript" not in found.content
    reader = PdfReader(io.BytesIO(found.content))
    assert not reader.attachments
    assert "Factuur" in reader.pages[0].extract_text()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"<html><script>alert(1)</script>", "file-type"),
        (b"PK\x03\x04" + bytes(100), "file-type"),
        (b"GIF89a" + bytes(100), "file-type"),
        (b"%PDF-1.7\nnothing else", "file-broken"),
        (photo()[:500], "file-broken"),
        (locked_pdf(), "file-locked"),
        (long_pdf(201), "file-too-long"),
    ],
)
def test_what_is_unfit_is_refused_with_the_reason(uploads: Uploads, content: bytes, code: str) -> None:
    assert why(uploads, content) == code


def test_more_pixels_than_allowed_are_not_unpacked(uploads: Uploads) -> None:
    buffer = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    assert why(uploads, buffer.getvalue()) == "picture-too-large"


def test_more_bytes_than_allowed_are_refused(uploads: Uploads) -> None:
    with pytest.raises(TooLarge):
        uploads.check("groot.pdf", bytes(200_001))


def test_what_the_scanner_knows_to_be_harmful_is_refused(clamav: str) -> None:
    guarded = Uploads(Settings(), ClamAv(clamav))
    assert why(guarded, pdf_with(EICAR)) == "file-harmful"
    assert guarded.check("factuur.pdf", pdf_with(b"nothing special")).media_type == "application/pdf"


def test_nothing_is_kept_unlooked_at_when_the_scanner_is_away() -> None:
    with pytest.raises(Unavailable):
        Uploads(Settings(), ClamAv("127.0.0.1:9")).check("foto.jpg", photo())
