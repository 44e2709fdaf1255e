"""Reads what pages send."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Form, Request

from core.clock import AMSTERDAM
from core.errors import InvalidInput, NotAllowed
from imaging.service import Box

TextField = Annotated[str, Form()]


def same_site_form(request: Request, csrf: TextField) -> None:
    """A form counts only with the token of its own session. Raises NotAllowed."""
    if not secrets.compare_digest(csrf, request.session.get("csrf", "none")):
        raise NotAllowed("form-expired", "load the page again and send the form once more")


Checked = Depends(same_site_form)


def begin_form(request: Request) -> None:
    """The session has a token for its forms from here on."""
    request.session.setdefault("csrf", secrets.token_urlsafe(16))


def forget_forms(request: Request) -> None:
    """Somebody else is behind the session now: what an earlier page held of forms is worth nothing any more."""
    request.session["csrf"] = secrets.token_urlsafe(16)


async def form_fields(request: Request) -> dict[str, str]:
    """Every field of the form that was sent."""
    return {name: str(value) for name, value in (await request.form()).items()}


def box_from(values: Sequence[object]) -> Box:
    """Left, top, right, bottom in pixels. Raises InvalidInput."""
    try:
        left, top, right, bottom = (int(str(value)) for value in values)
    except ValueError as error:
        raise InvalidInput("region-invalid", "a box is left, top, right, bottom in whole pixels") from error
    return left, top, right, bottom


def number_from(text: object) -> int:
    """A whole number from zero. Raises InvalidInput."""
    if not str(text).isdecimal():
        raise InvalidInput("number-invalid", "a whole number was expected")
    return int(str(text))


def day_from(text: object) -> date:
    """A day. Raises InvalidInput."""
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise InvalidInput("day-invalid", "write the day as 2026-12-31") from error


def moment_from(text: object) -> datetime:
    """Day and time in Europe/Amsterdam. Raises InvalidInput."""
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=AMSTERDAM)
    except ValueError as error:
        raise InvalidInput("moment-invalid", "write day and time as 2026-12-31T10:30") from error


def appeal_from(form: Mapping[str, str]) -> dict[str, Any]:
    """What an appeal says, as a form has it, for its shape to check."""
    said = {name: value.strip() for name, value in form.items()}
    return {
        "appellant": {name: said.get(name, "") for name in ("name", "birth_date", "birth_place", "address", "iban")},
        "grounds": said.get("grounds", ""),
        "ground": said.get("ground") or None,
        "wants_hearing": {"yes": True, "no": False}.get(said.get("hearing", "")),
        "late_reason": said.get("late_reason") or None,
    }
