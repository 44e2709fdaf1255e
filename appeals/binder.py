"""The dossier as one PDF to read and print: contents, every page numbered, each document with its checksum."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter

from appeals.dossier import DossierContent
from core.typesetting import typeset
from fines.service import dutch_date, format_euro, sentences_of

_TEXTS = Path(__file__).parent / "texts"

_ABOUT = {
    "measurement.json": "Meting",
    "calibration_certificate.json": "IJkcertificaat",
    "evidence/metadata.json": "Wat de camera ondertekende",
    "evidence/signature.json": "Handtekening van de camera",
    "evidence/log_leaf.json": "Wat in het bewijslogboek staat",
    "evidence/inclusion_proof.json": "Bewijs dat het in het bewijslogboek staat",
    "decision.json": "De beschikking als gegevens",
    "timeline.csv": "Tijdlijn",
    "audit_excerpt.jsonl": "Uittreksel van het logboek",
}
_LETTERS = {
    "decision": "Beschikking",
    "first_reminder": "Eerste aanmaning",
    "second_reminder": "Tweede aanmaning",
    "outcome": "Beslissing op het beroep",
    "keeper": "Beslissing over de aansprakelijkheid",
    "appeal": "Bericht over het beroep",
}
_CORRESPONDENCE = {
    "1_appeal_to_prosecutor": "Beroep bij de officier van justitie",
    "2_handling": "Behandeling van het beroep",
    "3_decision_on_appeal": "De beslissing van de officier van justitie",
    "4_court_appeal": "Beroep bij de kantonrechter",
}
_OUTCOMES = {
    "upheld": "ongegrond",
    "amended": "gedeeltelijk gegrond",
    "annulled": "gegrond",
    "inadmissible": "niet-ontvankelijk",
}


@dataclass(frozen=True)
class _Document:
    """One of the binder: what it is called, the bag's file that it shows, and its pages."""

    title: str
    file: str
    pages: bytes


@dataclass
class _Sheet:
    """A document that is set here, from rows of a name and a value, headed paragraphs, a picture and a table."""

    title: str
    rows: list[list[str]] = field(default_factory=list)
    parts: list[tuple[str, list[str]]] = field(default_factory=list)
    table: list[list[str]] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    """In mm; 0 takes what is left."""

    def set(self, dated: date, picture: tuple[str, bytes] | None = None) -> bytes:
        data = {
            **vars(self),
            "dated": [dated.year, dated.month, dated.day],
            "picture": picture[0] if picture else None,
        }
        return typeset(_TEXTS / "sheet.typ", data, dict([picture]) if picture else None)


def bind(content: DossierContent, files: Mapping[str, bytes]) -> bytes:
    """The binder of a dossier with these files; those that are no text or picture are in its contents only."""
    dated = content.correspondence["4_court_appeal"]["filed_on"]
    documents = [
        _Document("De zaak", "decision.json", _case(content).set(dated)),
        *_photos(files, dated),
        *_letters(files),
        *(
            _Document(
                title, f"correspondence/{name}.json", _SHEETS[name](title, content.correspondence[name]).set(dated)
            )
            for name, title in _CORRESPONDENCE.items()
            if name in content.correspondence
        ),
        *_attachments(files, dated),
        _Document("Tijdlijn", "timeline.csv", _timeline(content).set(dated)),
    ]
    lengths = [len(PdfReader(io.BytesIO(document.pages)).pages) for document in documents]
    contents_pages = 1
    while True:
        contents = _contents(content, files, documents, lengths, contents_pages).set(dated)
        found = len(PdfReader(io.BytesIO(contents)).pages)
        if found == contents_pages:
            break
        contents_pages = found
    return _bound(content, [_Document("Inhoud", "", contents), *documents], [contents_pages, *lengths])


def _bound(content: DossierContent, documents: Sequence[_Document], lengths: Sequence[int]) -> bytes:
    writer = PdfWriter()
    for document in documents:
        writer.append(io.BytesIO(document.pages), outline_item=document.title)
    total = sum(lengths)
    lines: list[str] = []
    for number, length in enumerate(lengths):
        piece = f"stuk {number} · " if number else ""
        lines += [
            f"zaak {content.decision.case_number} · {piece}blad {len(lines) + 1 + i} van {total}" for i in range(length)
        ]
    stamps = PdfReader(io.BytesIO(typeset(_TEXTS / "stamps.typ", {"lines": lines}, standards=())))
    for page, stamp in zip(writer.pages, stamps.pages, strict=True):
        page.merge_page(stamp)
    writer.add_metadata({"/Title": f"Dossier zaak {content.decision.case_number}", "/Author": content.authority})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _contents(
    content: DossierContent,
    files: Mapping[str, bytes],
    documents: Sequence[_Document],
    lengths: Sequence[int],
    own_pages: int,
) -> _Sheet:
    table = [["Stuk", "Document", "Blad", "Bestand in het dossier", "SHA-256"]]
    page = 1 + own_pages
    for number, (document, length) in enumerate(zip(documents, lengths, strict=True), start=1):
        pages = f"{page}" if length == 1 else f"{page}-{page + length - 1}"
        table.append([str(number), document.title, pages, _breakable(document.file), _digest(files[document.file])])
        page += length
    shown = {document.file for document in documents}
    table += [
        ["", _ABOUT.get(name, name.rsplit("/", 1)[-1]), "digitaal", _breakable(name), _digest(data)]
        for name, data in files.items()
        if name not in shown
    ]
    decision = content.decision
    rows = [
        ["Zaaknummer", decision.case_number],
        ["Aan", content.court],
        ["Van", content.authority],
        ["Betrokkene", decision.keeper["name"]],
    ]
    if decision.specimen:
        rows.append(["SPECIMEN", f"{decision.specimen}. Dit dossier heeft geen rechtsgevolg."])
    title = f"Dossier voor de {content.court}" if content.court.startswith("Rechtbank") else "Dossier"
    return _Sheet(title, rows, table=table, widths=[10, 42, 14, 50, 0])


def _digest(data: bytes) -> str:
    """In groups of eight, so that it can be broken over lines and read out."""
    found = hashlib.sha256(data).hexdigest()
    return " ".join(found[i : i + 8] for i in range(0, len(found), 8))


def _breakable(name: str) -> str:
    """With places (zero width spaces) where a line may end."""
    return name.replace("/", "/\u200b").replace("_", "_\u200b")


def _case(content: DossierContent) -> _Sheet:
    decision = content.decision
    keeper = decision.keeper
    rows = [
        ["Zaaknummer", decision.case_number],
        ["Gedraging", f"{decision.offence_nl} (feitcode {decision.offence_code})"],
        ["Overtreden voorschrift", decision.violated_article],
        ["Plaats", f"{decision.place}, gemeente {decision.municipality}"],
        ["Kenteken", f"{decision.plate_display} ({decision.plate_country})"],
        *([fact.nl, fact.value] for fact in decision.facts),
        ["Beschikking van", dutch_date(decision.decided_on)],
        ["Gericht aan", f"{keeper['name']}, {keeper['street']}, {keeper['postcode']} {keeper['city']}"],
        ["Sanctie nu", f"€ {format_euro(decision.amounts.sanction)}"],
        ["Administratiekosten", f"€ {format_euro(decision.amounts.administration)}"],
        ["Betaald", f"€ {format_euro(decision.amounts.paid)}"],
        ["Regels", f"versie {decision.rules_version}"],
    ]
    return _Sheet(
        "De zaak", rows, [("Hoe het bedrag en de data tot stand kwamen", sentences_of(decision.explanation, "nl"))]
    )


def _photos(files: Mapping[str, bytes], dated: date) -> list[_Document]:
    """Each photo that the bag holds, on a page of its own."""
    kinds = {
        "original": "Foto",
        "redacted": "Foto, afgeschermd",
        "whole": "Foto, opgehelderd",
        "plate": "Kenteken, opgehelderd",
    }
    found = []
    for name, data in files.items():
        path = Path(name)
        if path.parts[0] != "photos" or path.suffix not in (".jpg", ".png"):
            continue
        kind, _, position = path.stem.partition("_")
        title = f"{kinds[kind]} {int(position) + 1}"
        found.append(_Document(title, name, _Sheet(title).set(dated, (f"picture{path.suffix}", data))))
    return found


def _letters(files: Mapping[str, bytes]) -> list[_Document]:
    found = []
    for name, data in files.items():
        if name.startswith("letters/"):
            kind, _, number = Path(name).stem.rpartition("_")
            found.append(_Document(f"Brief: {_LETTERS.get(kind, kind)} {number}", name, data))
    return found


def _attachments(files: Mapping[str, bytes], dated: date) -> list[_Document]:
    """What the appellant sent along: a PDF as it is, a picture on a page of its own."""
    found = []
    for name, data in files.items():
        path = Path(name)
        if path.parts[0] != "attachments":
            continue
        number, _, shown = path.name.partition("_")
        title = f"Bijlage {int(number)}: {shown}"
        pages = data if path.suffix == ".pdf" else _Sheet(title).set(dated, (f"picture{path.suffix}", data))
        found.append(_Document(title, name, pages))
    return found


def _timeline(content: DossierContent) -> _Sheet:
    table = [["Moment (UTC)", "Wie", "Wat", "Waarom"]]
    table += [
        [f"{record['at']:%Y-%m-%d %H:%M:%S}", record["actor"].split(":")[0], record["action"], record["reason"]]
        for record in content.audit
        if record["action"] != "row.sealed"
    ]
    return _Sheet("Tijdlijn", table=table, widths=[34, 20, 46, 0])


def _appeal(title: str, said: Mapping[str, Any]) -> _Sheet:
    appellant = said["appellant"]
    rows = [
        ["Ontvangen op", dutch_date(said["received_on"])],
        ["Ingediend door", appellant["name"]],
        ["Adres", appellant.get("address", "")],
    ]
    parts = [("Gronden", [said["grounds"]])]
    if said["late_reason"]:
        parts.append(("Waarom het te laat is", [said["late_reason"]]))
    return _Sheet(title, rows, [*parts, ("Ontvankelijkheid", sentences_of(said["admissibility"], "nl"))])


def _handling(title: str, said: Mapping[str, Any]) -> _Sheet:
    parts = [
        (f"Gevraagd om herstel op {dutch_date(one['asked_on'])}", [", ".join(one["missing"]), one["state"]])
        for one in said["repairs"]
    ]
    parts += [
        (f"Hoorzitting op {one['at']:%d-%m-%Y}", [one["place"], one["report"] or "(geen verslag)"])
        for one in said["hearings"]
    ]
    parts += [
        (
            f"Vraag aan {one['asked_of']} op {dutch_date(one['asked_on'])}",
            [one["question"], one["answer"] or "(geen antwoord)"],
        )
        for one in said["inquiries"]
    ]
    return _Sheet(title, [["Grond", said["ground"] or "niet genoemd"]], parts)


def _decided(title: str, said: Mapping[str, Any]) -> _Sheet:
    rows = [["Beslist op", dutch_date(said["decided_on"])], ["Uitkomst", _OUTCOMES[said["outcome"]]]]
    if said["sanction_cents"] is not None:
        rows.append(["Nieuwe sanctie", f"€ {format_euro(said['sanction_cents'])}"])
    return _Sheet(title, rows, [("Motivering", [said["motivation"]])])


def _court_appeal(title: str, said: Mapping[str, Any]) -> _Sheet:
    rows = [
        ["Ingediend op", dutch_date(said["filed_on"])],
        ["Zekerheid", f"€ {format_euro(said['security_cents'])}" if said["security_cents"] else "niet nodig"],
    ]
    parts = [("Gronden", [said["grounds"]]), ("Ontvankelijkheid", sentences_of(said["admissibility"], "nl"))]
    return _Sheet(title, rows, parts)


_SHEETS = {
    "1_appeal_to_prosecutor": _appeal,
    "2_handling": _handling,
    "3_decision_on_appeal": _decided,
    "4_court_appeal": _court_appeal,
}
