"""The page of what is kept: by which rule, what is held against it, and what was destroyed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.dependencies import ServicesDep
from api.retention import READERS
from api.services import Services
from api.web.forms import Checked, TextField
from api.web.handler_pages import done_or_told, only
from api.web.rendering import templates
from core.retention import HOLDERS
from core.unit_of_work import Actor

_PATH = "/handlers/retention"

router = APIRouter(prefix=_PATH)

Reader = Annotated[Actor, Depends(only(*READERS))]
Holder = Annotated[Actor, Depends(only(*HOLDERS))]


@router.get("")
def read_retention(request: Request, doors: ServicesDep, person: Reader, before: str = "") -> Response:
    return _page(request, doors, person, before=before)


def _page(request: Request, doors: Services, person: Actor, problem: str | None = None, before: str = "") -> Response:
    context = {
        "person": person,
        "csrf": request.session["csrf"],
        "held": doors.retention.held(),
        "holds": doors.retention.holds(),
        "proofs": doors.retention.proofs(before),
        "may_hold": bool(person.roles & set(HOLDERS)),
        "problem": problem,
    }
    return templates.TemplateResponse(request, "retention.html", context, status_code=409 if problem else 200)


@router.post("/holds", dependencies=[Checked])
def place_hold(request: Request, doors: ServicesDep, person: Holder, case: TextField, reason: TextField) -> Response:
    """By the case's number, or by the id of its capture."""
    number = case.replace(" ", "")
    case_id = doors.fines.captures_of([number]).get(number, case.strip())
    return done_or_told(
        request,
        lambda: doors.retention.hold(person, case_id, reason),
        _PATH,
        lambda problem: _page(request, doors, person, problem),
    )


@router.post("/holds/{hold_id}/lifts", dependencies=[Checked])
def lift_hold(request: Request, doors: ServicesDep, person: Holder, hold_id: str, reason: TextField) -> Response:
    return done_or_told(
        request,
        lambda: doors.retention.lift(person, hold_id, reason),
        _PATH,
        lambda problem: _page(request, doors, person, problem),
    )
