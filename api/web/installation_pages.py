"""The operators' page: what is stuck, where, and how old; failed jobs and their replay."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.dependencies import ServicesDep
from api.installation import installation
from api.services import Services
from api.web.forms import Checked, TextField
from api.web.handler_pages import done_or_told, only
from api.web.rendering import templates
from core.unit_of_work import Actor

router = APIRouter(prefix="/handlers")

Operator = Annotated[Actor, Depends(only("operator"))]


@router.get("/installation")
def read_installation(request: Request, doors: ServicesDep, person: Operator) -> Response:
    return _page(request, doors, person)


def _page(request: Request, doors: Services, person: Actor, problem: str | None = None) -> Response:
    context = {
        "person": person,
        "csrf": request.session["csrf"],
        "state": installation(doors),
        "problem": problem,
    }
    return templates.TemplateResponse(request, "installation.html", context, status_code=409 if problem else 200)


@router.post("/installation/replays", dependencies=[Checked])
def replay(
    request: Request, doors: ServicesDep, person: Operator, job: TextField, error: TextField, reason: TextField
) -> Response:
    """All jobs of a kind with the same error."""
    return done_or_told(
        request,
        lambda: doors.dead_letters.replay_all(person, job, error, reason),
        "/handlers/installation",
        lambda problem: _page(request, doors, person, problem),
    )
