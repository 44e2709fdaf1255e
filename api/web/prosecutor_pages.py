"""The page of criminal cases: hand them over to the prosecutor, write down his receipt."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.dependencies import ServicesDep
from api.services import Services
from api.web.forms import Checked, form_fields
from api.web.handler_pages import done_or_told, only
from api.web.languages import refusal
from api.web.rendering import templates
from core.errors import DomainError
from core.unit_of_work import Actor

router = APIRouter(prefix="/handlers/prosecutor")


Handler = Annotated[Actor, Depends(only("handler"))]


@router.get("")
def desk(request: Request, doors: ServicesDep, person: Handler) -> Response:
    return _desk(request, doors, person)


def _desk(request: Request, doors: Services, person: Actor, problem: str | None = None) -> Response:
    return templates.TemplateResponse(
        request,
        "prosecutor.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "referrals": doors.fines.prosecution.referrals(),
            "handovers": doors.fines.prosecution.handovers(),
            "problem": problem,
        },
        status_code=409 if problem else 200,
    )


@router.post("/exports", dependencies=[Checked])
def hand_over(request: Request, doors: ServicesDep, person: Handler) -> Response:
    return done_or_told(
        request,
        lambda: doors.fines.prosecution.hand_over(person),
        "/handlers/prosecutor",
        lambda problem: _desk(request, doors, person, problem),
    )


@router.post("/exports/{handover_id}/fetch", dependencies=[Checked])
def fetch(request: Request, doors: ServicesDep, person: Handler, handover_id: str) -> Response:
    try:
        export = doors.fines.prosecution.export(person, handover_id)
    except DomainError as error:
        return _desk(request, doors, person, refusal(request, error))
    headers = {"Content-Disposition": f'attachment; filename="prosecutor-{handover_id}.zip"'}
    return Response(export, media_type="application/zip", headers=headers)


@router.post("/exports/{handover_id}/receipt", dependencies=[Checked])
def receive(
    request: Request,
    doors: ServicesDep,
    person: Handler,
    handover_id: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    """The fields of the cases are called number-<capture>."""
    numbers = {name[7:]: number.strip() for name, number in form.items() if name.startswith("number-")}
    return done_or_told(
        request,
        lambda: doors.fines.prosecution.receive(person, handover_id, form.get("manifest", "").strip(), numbers),
        "/handlers/prosecutor",
        lambda problem: _desk(request, doors, person, problem),
    )
