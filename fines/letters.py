"""Letters to the keeper as PDF/A-2b with tags (typst), in Dutch, one page."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import fontpkg_fira_sans
import typst
from segno import helpers

from core.money import format_euro
from core.settings import Settings
from fines.increases import Increase
from fines.models import Decision

_TEMPLATE = Path(__file__).parent / "templates" / "letter.typ"
_FONTS = Path(fontpkg_fira_sans.__file__).parent / "files"
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
    "november", "december",
)  # fmt: skip


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
    road: str
    first_increase: Increase
    second_increase: Increase
    outcome: Sequence[str] = ()


def epc_qr(settings: Settings, cents: int, reference: str) -> str:
    """EPC069-12 QR code for a credit transfer, as SVG text."""
    code = helpers.make_epc_qr(
        name=settings.authority_name,
        iban=settings.authority_iban,
        amount=Decimal(cents) / 100,
        text=reference,
    )
    buffer = io.BytesIO()
    code.save(buffer, kind="svg", border=0, scale=4, xmldecl=False)
    return buffer.getvalue().decode()


def render(settings: Settings, decision: Decision, facts: LetterFacts) -> bytes:
    """The PDF. The same input gives the same pages."""
    keeper = decision.keeper
    data = {
        "title": _TITLES[facts.kind],
        "authority": {
            "name": settings.authority_name,
            "department": settings.authority_department,
            "address": settings.authority_address,
            "phone": settings.authority_phone,
            "iban": _groups(settings.authority_iban),
        },
        "signed_by": _signatory(settings, facts.kind),
        "date": {"year": facts.dated.year, "month": facts.dated.month, "day": facts.dated.day},
        "specimen": decision.specimen,
        "case_number": decision.case_number,
        "addressee": [
            keeper["name"],
            keeper["street"],
            f"{keeper['postcode']} {keeper['city']}".strip(),
            keeper["country"],
        ],
        "reference": [
            ["Datum", dutch_date(facts.dated)],
            ["Zaaknummer", _groups(decision.case_number)],
            ["Betalingskenmerk", _groups(decision.payment_reference)],
            ["Kenteken", facts.plate],
        ],
        "payment_reference": _groups(decision.payment_reference),
        "pay_until": dutch_date(facts.pay_until),
        "qr": epc_qr(settings, max(facts.open_cents, 1), decision.payment_reference),
        "opening": _opening(decision, facts),
        "facts_title": "Waarvoor is deze beschikking?",
        "facts": _facts(decision, facts),
        "amounts": _amounts(decision, facts),
        "sections": _sections(settings, decision, facts),
    }
    return typst.compile(
        str(_TEMPLATE),
        format="pdf",
        pdf_standards=["a-2b"],
        sys_inputs={"data": json.dumps(data)},
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
    )


_TITLES = {
    "decision": "Beschikking: u reed te hard",
    "first_reminder": "Aanmaning: uw boete is verhoogd",
    "second_reminder": "Tweede aanmaning: uw boete is opnieuw verhoogd",
    "outcome": "De beslissing op uw beroep",
    "ruling": "De uitspraak van de kantonrechter",
}


def _opening(decision: Decision, facts: LetterFacts) -> list[str]:
    if facts.kind == "decision":
        return [
            "Met een voertuig dat op uw naam staat, is de maximumsnelheid overschreden. Daarom krijgt u als "
            "kentekenhouder een administratieve sanctie (Wahv, artikelen 2 en 5)."
        ]
    if facts.kind in ("outcome", "ruling"):
        return list(facts.outcome)
    increase = facts.first_increase if facts.kind == "first_reminder" else facts.second_increase
    return [
        f"Het bedrag van de beschikking van {dutch_date(decision.decided_on)} is niet op tijd betaald. De sanctie "
        f"is daarom van rechtswege met {increase.text_nl} verhoogd "
        f"(Wahv, artikel {'23' if facts.kind == 'first_reminder' else '25'})."
    ]


def _signatory(settings: Settings, kind: str) -> str:
    """The prosecutor decides on appeals; all else comes from the authority that collects."""
    return f"de {settings.prosecutor_name}" if kind == "outcome" else f"de directeur van {settings.authority_name}"


def _facts(decision: Decision, facts: LetterFacts) -> list[list[str]]:
    if facts.kind != "decision":
        return []
    excess = decision.corrected_kmh - decision.limit_kmh
    return [
        ["Gedraging", f"{decision.offence_nl} (feitcode {decision.offence_code})"],
        ["Overtreden voorschrift", decision.violated_article],
        ["Datum en tijd", facts.local_time],
        ["Plaats", f"{decision.place}, gemeente {decision.municipality} ({facts.road})"],
        ["Voertuig", f"{decision.vehicle}, kenteken {facts.plate} ({decision.plate_country})"],
        ["Gemeten snelheid", f"{decision.measured_kmh.replace('.', ',')} km/h"],
        [
            "Na correctie",
            f"{decision.corrected_kmh} km/h; toegestaan {decision.limit_kmh} km/h; overschrijding {excess} km/h",
        ],
    ]


def _amounts(decision: Decision, facts: LetterFacts) -> list[list[str]]:
    if facts.open_cents <= 0:
        return []
    rows = [["Sanctie", format_euro(facts.sanction_cents)]]
    if facts.increase_cents:
        rows.append(["Verhoging", format_euro(facts.increase_cents)])
    rows.append(["Administratiekosten", format_euro(decision.administration_cents)])
    if facts.paid_cents:
        rows.append(["Al betaald", format_euro(-facts.paid_cents)])
    return [*rows, ["Te betalen", format_euro(facts.open_cents)]]


def _sections(settings: Settings, decision: Decision, facts: LetterFacts) -> list[list[str]]:
    look_up = f"Ga naar {settings.public_url} en vul uw zaaknummer en kenteken in."
    if facts.kind == "decision":
        return [
            [
                "Wilt u de foto zien?",
                f"{look_up} U ziet de foto, de meting en hoe het bedrag is berekend. "
                "Andere personen en kentekens zijn onherkenbaar gemaakt.",
            ],
            [
                "Bent u het er niet mee eens?",
                f"Stel dan uiterlijk {dutch_date(decision.appeal_until)} (zes weken na de dag van verzending) "
                f"administratief beroep in bij de {settings.prosecutor_name} (Wahv, artikel 6). {look_up} Vermeld "
                "uw naam, geboortedatum en geboorteplaats, adres, rekeningnummer, het zaaknummer en waarom u het "
                "niet eens bent. Beroep is gratis. Tijdens het beroep hoeft u niet te betalen.",
            ],
            [
                "Als u niet op tijd betaalt",
                f"Dan wordt de sanctie eerst met {facts.first_increase.text_nl} verhoogd en daarna, met de eerste "
                f"verhoging, met {facts.second_increase.text_nl} (Wahv, artikelen 23 en 25).",
            ],
        ]
    if facts.kind in ("outcome", "ruling"):
        return []
    follow = (
        "Betaalt u weer niet op tijd, dan wordt het bedrag van sanctie en verhoging met "
        f"{facts.second_increase.text_nl} verhoogd (Wahv, artikel 25)."
        if facts.kind == "first_reminder"
        else "Betaalt u weer niet, dan kan de gerechtsdeurwaarder het bedrag op uw goederen, inkomen of "
        "banktegoed verhalen (Wahv, artikelen 26 en 27)."
    )
    return [["Als u niet op tijd betaalt", follow], ["Uw zaak bekijken", look_up]]


def _groups(text: str) -> str:
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))
