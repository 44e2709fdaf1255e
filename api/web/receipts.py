"""A receipt of what was sent, as PDF to keep."""

from datetime import date
from pathlib import Path

from api.web.languages import translated
from api.web.steps import Sent
from api.web.wording import as_day
from core.settings import Settings
from core.typesetting import typeset
from fines.service import DecisionView

_TEMPLATE = Path(__file__).parent / "receipt.typ"


def receipt_pdf(settings: Settings, decision: DecisionView, sent: Sent, language: str, today: date) -> bytes:
    """In the language of the page, with what was answered."""
    content = {
        "language": language,
        "authority": settings.authority_name,
        "title": sent.title,
        "date": {"year": today.year, "month": today.month, "day": today.day},
        "specimen": decision.specimen and f"{translated('SPECIMEN')}: {decision.specimen}",
        "facts": [
            [translated("Case number"), decision.case_number],
            [translated("Number plate"), decision.plate_display],
            *([label, value] for label, value in sent.facts),
        ],
        "says": sent.says,
        "answers_title": translated("What you sent"),
        "answers": [[label, value] for label, value in sent.answers],
        "made": translated("Made on %(day)s") % {"day": as_day(today)},
    }
    return typeset(_TEMPLATE, content)
