"""A reading of each letter in easy words, in the language of the page."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from api.web.languages import language_now
from api.web.wording import as_day, as_euro
from fines.service import DecisionView

_TEXTS = Path(__file__).parent / "plain_letters.yaml"


@cache
def plain_letters() -> dict[str, dict[str, list[str]]]:
    """By kind of letter and language."""
    return TypeAdapter(dict[str, dict[str, list[str]]]).validate_python(yaml.safe_load(_TEXTS.read_text()))


def in_easy_words(kind: str, decision: DecisionView) -> list[str]:
    """Sentences about a letter; what they say of sums and days is of now, not of the day of the letter."""
    words = {
        "open": as_euro(decision.amounts.open),
        "pay_until": as_day(decision.due_on or decision.pay_until),
        "appeal_until": as_day(decision.appeal_until),
    }
    return [sentence.format_map(words) for sentence in plain_letters()[kind][language_now()]]
