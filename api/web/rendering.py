"""Jinja2 with the filters that the pages share."""

from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi.templating import Jinja2Templates

from api.web.languages import language_name, language_now, speak, translated, translated_count, word
from appeals.service import COUNTED
from core.clock import AMSTERDAM
from core.ids import short
from core.money import format_euro
from core.roles import APPEAL_READERS, INSIGHT_READERS
from fines.service import sentences_of

templates = Jinja2Templates(directory=Path(__file__).parent / "templates", context_processors=[speak])


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%d-%m-%Y %H:%M}"


def _counted(number: int) -> str:
    return translated("%(number)s or more") % {"number": COUNTED} if number >= COUNTED else str(number)


def _sentences(steps: list[dict[str, Any]]) -> list[str]:
    return sentences_of(steps, language_now())


templates.env.add_extension("jinja2.ext.i18n")
templates.env.install_gettext_callables(translated, translated_count, newstyle=True)  # type: ignore[attr-defined]
templates.env.filters["euro"] = lambda cents: f"€ {format_euro(cents)}"
templates.env.filters["local"] = _local
templates.env.filters["short"] = short
templates.env.filters["word"] = word
templates.env.filters["language_name"] = language_name
templates.env.filters["counted"] = _counted
templates.env.filters["sentences"] = _sentences
templates.env.globals["appeal_readers"] = APPEAL_READERS
templates.env.globals["insight_readers"] = INSIGHT_READERS
