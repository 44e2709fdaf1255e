"""The letter: one page, PDF/A, says what the law asks, marked as a specimen."""

import hashlib
import io
import re

import numpy as np
import pypdfium2
import pytest
from cv2 import QRCodeDetector
from pypdf import PdfReader

from tests.world import World, lookup


@pytest.fixture
def letter(world: World) -> tuple[dict, bytes]:
    case = world.fined("62.0")
    return case, world.post("/v1/letter-lookups", 200, **lookup(case)).content


def test_the_letter_is_one_page_of_pdf_a_with_tags(letter: tuple[dict, bytes]) -> None:
    reader = PdfReader(io.BytesIO(letter[1]))
    assert len(reader.pages) == 1
    assert b"pdfaid" in letter[1]
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"].startswith("nl")


def test_the_letter_says_what_the_law_asks(letter: tuple[dict, bytes]) -> None:
    case, pdf = letter
    text = re.sub(r"\s+", " ", PdfReader(io.BytesIO(pdf)).pages[0].extract_text())
    for needed in (
        "VA009", "14 september 2026", "59 km/h", "Teststraat", "€ 84,00", "€ 9,00", "€ 93,00", "26 oktober 2026",
        "9 november 2026", "50%", "100%", "officier van justitie", "SPECIMEN", "GB-001-B", "T. Testpersoon",
    ):  # fmt: skip
        assert needed.lower() in text.lower(), needed
    assert case["caseNumber"] in text.replace(" ", "")
    assert case["paymentReference"] in text.replace(" ", "")


def scanned(pdf: bytes) -> list[str]:
    """The QR code's lines; like a phone that is moved a little, at several distances until it can be read."""
    for scale in (4, 3, 5, 6, 2.5):
        page = np.asarray(pypdfium2.PdfDocument(pdf)[0].render(scale=scale).to_pil().convert("RGB"))
        content, *_ = QRCodeDetector().detectAndDecode(page)
        if content:
            return str(content).split("\n")
    return []


def test_the_qr_code_pays_this_amount_under_this_reference(letter: tuple[dict, bytes]) -> None:
    case, pdf = letter
    lines = scanned(pdf)
    assert lines[:1] == ["BCD"]
    assert "NL52DEMO0000000001" in lines
    assert "EUR93" in lines or "EUR93.00" in lines
    assert case["paymentReference"] in lines


def test_the_letter_says_what_was_decided_even_when_payment_was_faster(world: World) -> None:
    case = world.fined("62.0")
    world.pay(case, 9300, "p1")
    payload = {"decisionId": case["decisionId"], "kind": "decision", "outcome": []}
    rendered = world.system.services.fines.prepare_letter(payload)
    assert rendered.sha256 == hashlib.sha256(world.post("/v1/letter-lookups", 200, **lookup(case)).content).hexdigest()
