"""Letters to the keeper as tagged PDF/A-2a (also PDF/UA-1), in Dutch with an English summary, one page.

A letter's content is plain data, filled in from the case and a version of the text. From the content alone the same
pages come out again, to the byte.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import segno
import yaml
from pydantic import BaseModel, TypeAdapter
from segno import helpers

from core.money import format_euro
from core.settings import Settings
from core.typesetting import typeset
from core.unit_of_work import UnitOfWork
from fines import events
from fines.conduct import conduct_of, facts_of
from fines.increases import Increase
from fines.models import Decision
from fines.references import grouped

_TEXTS = Path(__file__).parent / "texts"
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
    "november", "december",
)  # fmt: skip

Content = dict[str, Any]


class _Section(BaseModel):
    title: str
    text: str


class _Text(BaseModel):
    title: str
    signed_by: str
    opening: list[str]
    outcomes: dict[str, str] = {}
    """By outcome what was decided, as the last line of the opening; the motivation comes after it."""
    sections: list[_Section]
    english: _Section | None = None


class _Version(BaseModel):
    version: str
    valid_from: date
    letters: dict[str, _Text]


@cache
def _versions() -> list[_Version]:
    document = yaml.safe_load((_TEXTS / "letters.yaml").read_text())
    return TypeAdapter(list[_Version]).validate_python(document)


def order_letter(
    uow: UnitOfWork,
    decision_id: str,
    kind: str,
    outcome: str = "",
    motivation: str = "",
    number: int = 1,
    words: Mapping[str, str] | None = None,
) -> None:
    """Inside a transaction: this letter will be made, once; `number` tells repeated ones of a kind apart."""
    payload = {
        "decisionId": decision_id,
        "kind": kind,
        "outcome": outcome,
        "motivation": motivation,
        "number": number,
        "words": dict(words or {}),
    }
    uow.publish(events.LETTER_DUE, decision_id, payload, version=f"{kind}:{number}")


def dutch_date(day: date) -> str:
    """3 maart 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True)
class LetterFacts:
    """What differs from letter to letter of one decision; `open_cents` is what is owed now."""

    kind: str
    dated: date
    sanction_cents: int
    open_cents: int
    paid_cents: int
    increase_cents: int
    pay_until: date
    local_time: str
    plate: str
    road: str | None
    first_increase: Increase
    second_increase: Increase
    access_code: str
    instalments_from_cents: int | None
    """From which sanction on instalments can be granted; None where the law has none."""
    outcome: str = ""
    motivation: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    """What the text of this very letter names, beside the case's own facts."""


def epc_qr(settings: Settings, cents: int, reference: str) -> str:
    """EPC069-12 QR code for a credit transfer, as SVG text."""
    code = helpers.make_epc_qr(
        name=settings.authority_name,
        iban=settings.authority_iban,
        amount=Decimal(cents) / 100,
        text=reference,
    )
    return _drawn(code)


def portal_address(settings: Settings, case_number: str, plate: str, access_code: str) -> str:
    """Where the citizen's pages fill in what stands on the letter. A browser sends nothing of what follows the hash."""
    said = urlencode({"zaak": case_number, "kenteken": plate, "code": access_code.replace(" ", "")})
    return f"{settings.public_url}/#{said}"


def _portal_qr(settings: Settings, decision: Decision, access_code: str) -> str:
    address = portal_address(settings, decision.case_number, decision.plate, access_code)
    return _drawn(segno.make(address, error="m", micro=False))


def _drawn(code: segno.QRCode) -> str:
    """As SVG text."""
    buffer = io.BytesIO()
    code.save(buffer, kind="svg", border=0, scale=4, xmldecl=False)
    return buffer.getvalue().decode()


def content_of(settings: Settings, decision: Decision, facts: LetterFacts) -> Content:
    """All that the letter shows, by the version of the text that holds on its date."""
    version = max((v for v in _versions() if v.valid_from <= facts.dated), key=lambda v: v.valid_from)
    text = version.letters[_text_name(facts.kind, conduct_of(decision).observed.offence)]
    words = {**_words(settings, decision, facts), **facts.words}
    opening = [line.format_map(words) for line in text.opening]
    if facts.outcome:
        opening.append(text.outcomes[facts.outcome].format_map(words))
    if facts.motivation:
        opening.append(f"Motivering: {facts.motivation}")
    return {
        "version": version.version,
        "title": text.title,
        "authority": {
            "name": settings.authority_name,
            "department": settings.authority_department,
            "address": settings.authority_address,
            "phone": settings.authority_phone,
            "iban": grouped(settings.authority_iban),
        },
        "signed_by": f"de {settings.prosecutor_name}"
        if text.signed_by == "prosecutor"
        else f"de directeur van {settings.authority_name}",
        "date": {"year": facts.dated.year, "month": facts.dated.month, "day": facts.dated.day},
        "specimen": decision.specimen,
        "case_number": decision.case_number,
        "addressee": address_lines(decision.keeper),
        "reference": [
            ["Datum", dutch_date(facts.dated)],
            ["Zaaknummer", grouped(decision.case_number)],
            ["Betalingskenmerk", grouped(decision.payment_reference)],
            ["Kenteken", facts.plate],
            ["Toegangscode", facts.access_code],
        ],
        "portal_qr": _portal_qr(settings, decision, facts.access_code),
        "payment_reference": grouped(decision.payment_reference),
        "pay_until": dutch_date(facts.pay_until),
        "qr": epc_qr(settings, max(facts.open_cents, 1), decision.payment_reference),
        "opening": opening,
        "facts_title": "Waarvoor is deze beschikking?",
        "facts": _facts(decision, facts),
        "amounts": _amounts(decision, facts),
        "sections": [[section.title, section.text.format_map(words)] for section in text.sections],
        "english": [text.english.title, text.english.text.format_map(words)] if text.english else None,
    }


def _text_name(kind: str, offence: str | None) -> str:
    """A decision on a conduct that is no speed says in its own words what it is about."""
    return f"{kind}-{offence}" if kind == "decision" and offence is not None else kind


def render(content: Content) -> bytes:
    """The PDF, unsigned. The same content gives the same bytes."""
    return typeset(_TEXTS / f"letter-{content['version']}.typ", content)


def address_sheet(settings: Settings, address: Mapping[str, str]) -> bytes:
    """A page with nothing but an address, to go before a letter that shows an older one."""
    return typeset(
        _TEXTS / "address-sheet.typ", {"authority": settings.authority_name, "address": address_lines(address)}
    )


def address_lines(address: Mapping[str, str]) -> list[str]:
    """As on an envelope."""
    return [
        address["name"],
        address["street"],
        f"{address['postcode']} {address['city']}".strip(),
        address["country"],
    ]


def _words(settings: Settings, decision: Decision, facts: LetterFacts) -> dict[str, str]:
    return {
        "look_up": f"Ga naar {settings.public_url} en vul zaaknummer, kenteken en toegangscode in (of scan de code).",
        "public_url": settings.public_url,
        "prosecutor": settings.prosecutor_name,
        "decided_on": dutch_date(decision.decided_on),
        "appeal_until": dutch_date(decision.final_on if facts.kind == "keeper" else decision.appeal_until),
        "appeal_until_en": f"{decision.appeal_until:%-d %B %Y}",
        "pay_until": dutch_date(facts.pay_until),
        "pay_until_en": f"{facts.pay_until:%-d %B %Y}",
        "open": format_euro(facts.open_cents),
        "first_increase": facts.first_increase.text_nl,
        "second_increase": facts.second_increase.text_nl,
        "plan": _plan(facts),
    }


def _plan(facts: LetterFacts) -> str:
    least = facts.instalments_from_cents
    if least is None or facts.sanction_cents + facts.increase_cents < least:
        return "Neem dan contact met ons op."
    return f"Vanaf € {format_euro(least)} kunt u vragen om in termijnen te betalen (Wahv, artikelen 23 tot en met 25)."


def _facts(decision: Decision, facts: LetterFacts) -> list[list[str]]:
    if facts.kind != "decision":
        return []
    kind_of_road = f" ({facts.road})" if facts.road else ""
    return [
        ["Gedraging", f"{decision.offence_nl} (feitcode {decision.offence_code})"],
        ["Overtreden voorschrift", decision.violated_article],
        ["Datum en tijd", facts.local_time],
        ["Plaats", f"{decision.place}, gemeente {decision.municipality}{kind_of_road}"],
        ["Voertuig", f"{decision.vehicle}, kenteken {facts.plate} ({decision.plate_country})"],
        *([fact.nl, fact.value.replace(".", ",")] for fact in facts_of(decision)),
    ]


def _amounts(decision: Decision, facts: LetterFacts) -> list[list[str]]:
    if facts.open_cents <= 0 or facts.kind in ("appeal", "mandate"):
        return []
    rows = [["Sanctie", format_euro(facts.sanction_cents)]]
    if facts.increase_cents:
        rows.append(["Verhoging", format_euro(facts.increase_cents)])
    rows.append(["Administratiekosten", format_euro(decision.administration_cents)])
    if facts.paid_cents:
        rows.append(["Al betaald", format_euro(-facts.paid_cents)])
    return [*rows, ["Te betalen", format_euro(facts.open_cents)]]
