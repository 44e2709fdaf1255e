"""The handlers' pages in Dutch and English: nothing is missing, and a person chooses."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_file
from fastapi.testclient import TestClient

from api.web.languages import LANGUAGES, catalogue
from appeals import states as appeal_states
from appeals.service import ASKED_OF, FILED_BY, UNHEARD
from core.roles import ROLES
from core.states import TransitionTable
from fines import states as fine_states
from fines.assessment import Outcome
from fines.ledger import Account
from fines.service import Capacity, Ground, MeasureKind, WriteOff
from imaging import states as imaging_states
from workers.queues import QUEUES

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "api" / "web" / "templates").glob("*.html"))
OUTCOMES = ("upheld", "amended", "annulled", "inadmissible")
LETTERS = (
    "decision", "first_reminder", "second_reminder", "outcome", "ruling", "higher_ruling", "keeper", "appeal",
    "mandate",
)  # fmt: skip
ELSEWHERE = {
    "no-rule-files", "note-missing", "release-exists", "release-unknown", "rule-file-form", "rule-file-missing",
    "rule-file-unreadable", "rule-unknown",
}  # fmt: skip
"""Refusals of the command line only."""
REFUSALS = ("Conflict", "InvalidInput", "NotAllowed", "NotAuthenticated", "NotFound", "TooLarge", "Unavailable")
OTHER_LANGUAGES = [language for language in LANGUAGES if language != "en"]


def messages() -> set[str]:
    """All that the pages say by themselves."""
    found = set()
    for template in TEMPLATES:
        for _, message, _, _ in extract_from_file(
            "jinja2.ext:babel_extract", template, options={"newstyle_gettext": "true"}
        ):
            found.add(message if isinstance(message, str) else message[0])
    for module in sorted((ROOT / "api" / "web").glob("*.py")):
        for _, message, _, _ in extract_from_file("python", module, keywords={"N_": None, "translated": None}):
            found.add(message if isinstance(message, str) else message[0])
    return found


def states() -> set[str]:
    tables = [
        table
        for module in (appeal_states, fine_states, imaging_states)
        for table in vars(module).values()
        if isinstance(table, TransitionTable)
    ]
    assert len(tables) > 15
    rows = [row for table in tables for row in table.transitions.values()]
    return {row.source for row in rows} | {row.target for row in rows}


def words() -> set[str]:
    """What the program calls things, as the pages show it."""
    names: set[Any] = {*OUTCOMES, *LETTERS, *ASKED_OF, *FILED_BY, *UNHEARD, *ROLES, *states()}
    names |= {
        *QUEUES,
        "pass-terms",
        "destroy-what-is-due",
        "keep-partitions-ahead",
        "ask-after-payments",
        "forget-what-is-over",
        "sign-heads",
        "check-store",
        "seal",
        "calibration",
        "data",
        "photos",
        *Account,
        *Outcome,
        *Ground,
        *MeasureKind,
        *WriteOff,
        *Capacity,
        "district",
        "higher",
        "portal",
        "letter",
        "professional",
        "lawyer",
        "mandate",
    }
    return {str(name).replace("_", " ").replace("-", " ") for name in names}


def refusals() -> Iterator[str]:
    """The codes of all refusals that can reach a page, from the source."""
    for room in ("api/web", "core", "appeals", "fines", "imaging", "ingest"):
        for file in (ROOT / room).rglob("*.py"):
            name = str(file.relative_to(ROOT))
            if "simulator" in name or "ingest/agent" in name:
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    kind = node.func.id in REFUSALS
                    first = node.args[0] if node.args else None
                    if kind and isinstance(first, ast.Constant) and first.value not in ELSEWHERE:
                        yield first.value


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_every_text_of_the_pages_is_translated(language: str) -> None:
    known = catalogue(language)
    found = messages()
    assert len(found) > 400
    assert sorted(text for text in found if not (known.get(text) and known.get(text).string)) == []


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_every_word_that_the_program_shows_is_translated(language: str) -> None:
    known = catalogue(language)
    assert sorted(name for name in words() if not (known.get(name) and known.get(name).string)) == []


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_every_refusal_has_its_sentence(language: str) -> None:
    known = catalogue(language)
    assert sorted(code for code in set(refusals()) if not known.get(code, "problem")) == []


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_a_translation_names_what_its_original_names(language: str) -> None:
    names = re.compile(r"%\((\w+)\)s")
    for entry in catalogue(language):
        if entry.id:
            assert set(names.findall(str(entry.id))) == set(names.findall(str(entry.string))), entry.id


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_nothing_is_kept_that_no_page_says(language: str) -> None:
    """Words are looked up by what the data says; a text with a place for a value stands in a template."""
    kept = {str(entry.id) for entry in catalogue(language) if entry.id and entry.context is None}
    assert sorted(text for text in kept - messages() if "%(" in text) == []


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_the_browser_is_asked_first(desk: TestClient) -> None:
    dutch = desk.get("/handlers", headers={"Accept-Language": "nl-NL,nl;q=0.9,en;q=0.8"}).text
    assert '<html lang="nl">' in dutch
    assert "<h1>Werklijst</h1>" in dutch
    assert "<h1>Work list</h1>" in desk.get("/handlers", headers={"Accept-Language": "fr"}).text


def test_what_a_person_chose_holds(desk: TestClient) -> None:
    token = csrf(desk.get("/handlers").text)
    answer = desk.post("/handlers/language", data={"csrf": token, "language": "nl", "back": "/handlers/money"})
    assert answer.url.path == "/handlers/money"
    assert "<h1>Geld</h1>" in answer.text
    assert "<h1>Geld</h1>" in desk.get("/handlers/money", headers={"Accept-Language": "en"}).text


def test_the_way_back_leads_nowhere_else(desk: TestClient) -> None:
    token = csrf(desk.get("/handlers").text)
    answer = desk.post(
        "/handlers/language",
        data={"csrf": token, "language": "nl", "back": "https://elsewhere.example/"},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/handlers"


def test_a_refusal_is_told_in_the_language_of_the_page(desk: TestClient) -> None:
    token = csrf(desk.get("/handlers/money").text)
    form = {"csrf": token, "case": "1", "iban": "x", "holder": "x", "owed": "refund"}
    page = desk.post("/handlers/money/ask-payout", data=form, headers={"Accept-Language": "nl"})
    assert page.status_code == 409
    assert "De controlecijfers of de lengte van de IBAN kloppen niet." in page.text
