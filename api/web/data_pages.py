"""What is held about the visitor: a copy to download, who looked, and where he wants to be told of letters."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.dependencies import ServicesDep
from api.problems import status_of
from api.services import Services
from api.web.citizen_pages import cases_of
from api.web.forms import Checked, TextField
from api.web.languages import language_of, refusal
from api.web.own_data import own_data
from api.web.rendering import templates
from api.web.visiting import Opened, VisitorDep
from core.errors import DomainError, NotAllowed
from core.visits import BY_MANDATE, Visitor

router = APIRouter(prefix="/data")


def himself(who: VisitorDep) -> Visitor:
    """Raises NotAllowed for who has nothing but a mandate."""
    if who.level == BY_MANDATE:
        raise NotAllowed("not-by-mandate", "only the person himself can do this")
    return who


HimselfDep = Annotated[Visitor, Depends(himself)]


@router.get("")
def data(request: Request, doors: ServicesDep, who: HimselfDep) -> Response:
    return _data(request, doors, who)


def _data(request: Request, doors: Services, who: Visitor, error: DomainError | None = None) -> Response:
    cases = cases_of(doors, who)
    context = {
        "cases": cases,
        "who": who,
        "emails": [one for decision in cases for one in doors.fines.notices.of_decision(decision.id)],
        "by_email": doors.fines.notices.available,
        "problem": refusal(request, error) if error else None,
    }
    status = status_of(error) if error else 200
    return templates.TemplateResponse(request, "own_data.html", context, status_code=status)


@router.post("/emails", dependencies=[Checked])
def ask_email(request: Request, doors: ServicesDep, who: HimselfDep, address: TextField) -> Response:
    """For all cases that the visitor sees; one link confirms it for all."""
    try:
        cases = [decision.id for decision in cases_of(doors, who)]
        doors.fines.notices.ask(who.actor, cases, address, language_of(request))
    except DomainError as error:
        return _data(request, doors, who, error)
    return RedirectResponse("/data", 303)


@router.post("/emails/{case_id}/{email_id}/ends", dependencies=[Checked])
def end_email(doors: ServicesDep, decision: Opened, who: HimselfDep, email_id: str) -> Response:
    doors.fines.notices.end(who.actor, decision.id, email_id)
    return RedirectResponse("/data", 303)


@router.post("/copy", dependencies=[Checked])
def copy(doors: ServicesDep, who: HimselfDep) -> Response:
    """A form's answer and no link: the copy is not made by a page that only looks ahead."""
    headers = {"Content-Disposition": 'attachment; filename="my-data.zip"'}
    return Response(own_data(doors, who, cases_of(doors, who)), media_type="application/zip", headers=headers)
