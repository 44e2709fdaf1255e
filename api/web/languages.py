"""The languages of the pages: Dutch from a catalogue, English as the templates have it.

The language is the one that the person chose, else what the browser asks for, else English.
"""

from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.core import Locale, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from fastapi import Request

from api.problems import note_refusal
from core.errors import DomainError

LANGUAGES = {"nl": "Nederlands", "en": "English"}
_SOURCE = "en"
_FOLDER = Path(__file__).parent / "locale"
_PROBLEM = "problem"
"""Context of the catalogue in which a refusal is looked up by its code."""

_speaks: ContextVar[str] = ContextVar("language", default=_SOURCE)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a text that is looked up later."""
    return message


def language_of(request: Request) -> str:
    """One of LANGUAGES. Citizens are spoken to in Dutch where their browser asks for neither."""
    chosen = str(request.session.get("language", ""))
    if chosen in LANGUAGES:
        return chosen
    wanted = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    otherwise = _SOURCE if request.url.path.startswith("/handlers") else "nl"
    return (negotiate_locale(wanted, list(LANGUAGES), sep="-") or otherwise)[:2]


def speaking(request: Request) -> str:
    """From here on texts are looked up in the language of this request, which is given."""
    language = language_of(request)
    _speaks.set(language)
    return language


def speak(request: Request) -> dict[str, Any]:
    """For each page: texts are looked up in this language from here on."""
    return {"lang": speaking(request), "languages": LANGUAGES}


def language_now() -> str:
    """Of the page that is being made."""
    return _speaks.get()


def translated(message: str) -> str:
    """The message in the language of the page that is being made."""
    return _found(message) or message


def translated_count(one: str, many: str, number: int) -> str:
    """As gettext has it; the pages put no number into a word."""
    return translated(one if number == 1 else many)


def word(value: object) -> str:
    """A code or a name of the program (a state, a kind, a role) as a word; nothing for None."""
    return translated(str(value).replace("_", " ").replace("-", " ")) if value is not None else ""


def language_name(code: str) -> str:
    """What a language is called in the language of the page."""
    return Locale.parse(code).get_language_name(language_now()) or code


def refusal(request: Request, error: DomainError) -> str:
    """Why something was refused, in the language of the request; English has the details. It is logged too."""
    note_refusal(request, error)
    return told(request, error.code, error.detail)


def row_problem(detail: str, code: str | None) -> str:
    """What is wrong in a row of a list: by its own text, or by the code of what it was refused with."""
    return _found(detail) or (_found(code, _PROBLEM) if code else "") or detail


def told(request: Request, code: str, detail: str) -> str:
    """The same by its code, with what is said where the catalogue has nothing."""
    speaking(request)
    return _found(code, _PROBLEM) or detail


def _found(message: str, context: str | None = None) -> str:
    language = _speaks.get()
    if language == _SOURCE:
        return ""
    entry = catalogue(language).get(message, context)
    return str(entry.string) if entry is not None else ""


@cache
def catalogue(language: str) -> Catalog:
    """All messages of a language."""
    with (_FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)
