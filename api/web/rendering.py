"""Jinja2 with the filters that the pages share."""

from datetime import datetime
from pathlib import Path

from fastapi.templating import Jinja2Templates

from appeals.service import COUNTED
from core.clock import AMSTERDAM
from core.ids import short
from core.money import format_euro
from core.roles import APPEAL_READERS, INSIGHT_READERS

templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%d-%m-%Y %H:%M}"


templates.env.filters["euro"] = lambda cents: f"€ {format_euro(cents)}"
templates.env.filters["local"] = _local
templates.env.filters["short"] = short
templates.env.filters["counted"] = lambda number: f"{COUNTED} or more" if number >= COUNTED else str(number)
templates.env.globals["appeal_readers"] = APPEAL_READERS
templates.env.globals["insight_readers"] = INSIGHT_READERS
