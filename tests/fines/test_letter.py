"""The letter: one page, PDF/A, says what the law asks, marked as a specimen."""

import hashlib
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import PdfSignatureStatus, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
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


def words_of(pdf: bytes) -> str:
    """All that the first page says, in one line."""
    return re.sub(r"\s+", " ", PdfReader(io.BytesIO(pdf)).pages[0].extract_text())


def test_the_letter_says_what_the_law_asks(letter: tuple[dict, bytes]) -> None:
    case, pdf = letter
    text = words_of(pdf)
    for needed in (
        "VA009", "14 september 2026", "59 km/h", "Teststraat", "€ 84,00", "€ 9,00", "€ 93,00", "26 oktober 2026",
        "9 november 2026", "50%", "100%", "officier van justitie", "SPECIMEN", "GB-001-B", "T. Testpersoon",
    ):  # fmt: skip
        assert needed.lower() in text.lower(), needed
    assert case["caseNumber"] in text.replace(" ", "")
    assert case["paymentReference"] in text.replace(" ", "")


def scanned(pdf: bytes, begins: str) -> list[str]:
    """The lines of the QR code that begins so."""
    page = np.asarray(pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil().convert("RGB"))
    found = [code.text for code in zxingcpp.read_barcodes(page)]
    return next((text.split("\n") for text in found if text.startswith(begins)), [])


def test_the_other_qr_code_fills_in_what_the_letter_says_and_sends_nothing(letter: tuple[dict, bytes]) -> None:
    case, pdf = letter
    [address] = scanned(pdf, "http")
    code = case["accessCode"].replace(" ", "")
    assert address == f"http://127.0.0.1:8000/#zaak={case['caseNumber']}&kenteken=GB001B&code={code}"


def test_the_qr_code_pays_this_amount_under_this_reference(letter: tuple[dict, bytes]) -> None:
    case, pdf = letter
    lines = scanned(pdf, "BCD")
    assert lines[:1] == ["BCD"]
    assert "NL52DEMO0000000001" in lines
    assert "EUR93" in lines or "EUR93.00" in lines
    assert case["paymentReference"] in lines


def test_the_letter_says_what_was_decided_even_when_payment_was_faster(world: World) -> None:
    case = world.fined("62.0")
    world.pay(case, 9300, "p1")
    payload = {"decisionId": case["decisionId"], "kind": "decision", "outcome": "", "motivation": "", "number": 1}
    rendered = world.system.services.fines.prepare_letter(payload)
    pages = world.system.services.fines.letter_again(case["decisionId"], "decision")
    assert rendered.unsigned_sha256 == hashlib.sha256(pages).hexdigest()


def signature(world: World, pdf: bytes) -> PdfSignatureStatus:
    """What anyone who trusts the installation's certificate finds."""
    certificate = load_cert_from_pemder(str(world.folder / "keys" / "seal.crt"))
    trusted = ValidationContext(trust_roots=[certificate], allow_fetching=False)
    [embedded] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    # The library runs an event loop of its own; the browser tests leave one in this thread.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(validate_pdf_signature, embedded, trusted).result()


def test_the_letter_carries_a_seal_that_verifies(world: World, letter: tuple[dict, bytes]) -> None:
    found = signature(world, letter[1])
    assert (found.intact, found.valid, found.trusted, found.bottom_line) == (True, True, True, True)
    [embedded] = PdfFileReader(io.BytesIO(letter[1])).embedded_signatures
    assert embedded.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"


def test_a_changed_letter_is_found_out(world: World, letter: tuple[dict, bytes]) -> None:
    at = letter[1].index(b"/Title")
    changed = letter[1][: at + 8] + b"X" + letter[1][at + 9 :]
    assert not signature(world, changed).intact


def test_the_same_pages_come_out_again_from_what_was_kept(world: World, letter: tuple[dict, bytes]) -> None:
    case, pdf = letter
    world.clock.advance(timedelta(days=400))
    pages = world.system.services.fines.letter_again(case["decisionId"], "decision")
    # A signature is added after the pages: what was signed begins with them, byte for byte.
    assert pdf.startswith(pages)


def test_the_letter_has_a_summary_in_english(letter: tuple[dict, bytes]) -> None:
    text = re.sub(r"\s+", " ", PdfReader(io.BytesIO(letter[1])).pages[0].extract_text())
    assert "Summary in English" in text
    assert "must pay by 9 November 2026" in text


def test_the_letter_keeps_to_the_standards_for_archives_and_for_readers(letter: tuple[dict, bytes]) -> None:
    # The compiler refuses a document that breaks PDF/A-2a or PDF/UA-1; what it claims stands in the metadata.
    metadata = PdfReader(io.BytesIO(letter[1])).trailer["/Root"]["/Metadata"].get_data()
    for claim in (b'pdfaid:part="2"', b'pdfaid:conformance="A"', b'pdfuaid:part="1"'):
        assert claim in metadata
