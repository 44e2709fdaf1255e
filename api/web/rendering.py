"""Jinja2 with the filters that the pages share."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from babel.dates import format_timedelta
from fastapi import Request
from fastapi.templating import Jinja2Templates

from api.services import Services
from api.web.languages import language_name, language_now, row_problem, speak, translated, translated_count, word
from api.web.wording import KEPT_BY, OUTCOMES, as_day, as_euro, as_moment
from appeals.service import COUNTED
from core.clock import AMSTERDAM
from core.ids import short
from core.money import format_euro
from core.roles import APPEAL_READERS, INSIGHT_READERS
from fines.service import sentences_of


def _of_installation(request: Request) -> dict[str, Any]:
    """What every citizen's page says of who it is from."""
    settings = cast(Services, request.app.state.services).settings
    return {
        "authority": {
            "name": settings.authority_name,
            "address": settings.authority_address,
            "phone": settings.authority_phone,
            "iban": settings.authority_iban,
        },
        "idle_minutes": settings.visit_idle_minutes,
        "login_idle_minutes": settings.login_idle_minutes,
        "citizen_login": bool(settings.citizen_oidc_issuer),
    }


templates = Jinja2Templates(directory=Path(__file__).parent / "templates", context_processors=[speak, _of_installation])


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%d-%m-%Y %H:%M}"


def _counted(number: int) -> str:
    return translated("%(number)s or more") % {"number": COUNTED} if number >= COUNTED else str(number)


def _lasting(seconds: int) -> str:
    return format_timedelta(timedelta(seconds=seconds), locale=language_now())


def _sentences(steps: list[dict[str, Any]]) -> list[str]:
    return sentences_of(steps, language_now())


def _kept_by(name: str) -> str:
    """What keeps a case, or let it go."""
    return str(translated(KEPT_BY[name])) if name in KEPT_BY else name


templates.env.add_extension("jinja2.ext.i18n")
templates.env.install_gettext_callables(translated, translated_count, newstyle=True)  # type: ignore[attr-defined]
templates.env.filters["euro"] = lambda cents: f"€ {format_euro(cents)}"
templates.env.filters["local"] = _local
templates.env.filters["money"] = as_euro
templates.env.filters["day"] = as_day
templates.env.filters["moment"] = as_moment
templates.env.filters["short"] = short
templates.env.filters["word"] = word
templates.env.filters["kept_by"] = _kept_by
templates.env.filters["problem_of"] = row_problem
templates.env.filters["lasting"] = _lasting
templates.env.filters["language_name"] = language_name
templates.env.filters["counted"] = _counted
templates.env.filters["sentences"] = _sentences
templates.env.globals["told"] = lambda code, detail: row_problem(detail, code)
templates.env.globals["appeal_readers"] = APPEAL_READERS
templates.env.globals["outcomes"] = OUTCOMES
templates.env.globals["insight_readers"] = INSIGHT_READERS
