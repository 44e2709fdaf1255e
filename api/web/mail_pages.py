"""The page of letters on their way: print runs, and letters that came back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.dependencies import ServicesDep
from api.services import Services
from api.web.forms import Checked, form_fields
from api.web.handler_pages import done_or_told, only
from api.web.languages import refusal
from api.web.rendering import templates
from core.errors import DomainError, InvalidInput
from core.ids import short
from core.unit_of_work import Actor
from fines.service import Keeper

router = APIRouter(prefix="/handlers/mail")

MailRoom = Annotated[Actor, Depends(only("operator", "handler"))]


@router.get("")
def desk(request: Request, doors: ServicesDep, person: MailRoom) -> Response:
    return _desk(request, doors, person)


def _desk(request: Request, doors: Services, person: Actor, problem: str | None = None) -> Response:
    return templates.TemplateResponse(
        request,
        "mail.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "waiting": doors.fines.print_runs.waiting(),
            "runs": doors.fines.print_runs.runs(),
            "returned": doors.fines.deliveries.returned(),
            "problem": problem,
        },
        status_code=409 if problem else 200,
    )


@router.post("/runs/{run_id}/{sort}", dependencies=[Checked])
def fetch(request: Request, doors: ServicesDep, person: MailRoom, run_id: str, sort: str) -> Response:
    try:
        pdf = doors.fines.print_runs.file(person, run_id, sort)
    except DomainError as error:
        return _desk(request, doors, person, refusal(request, error))
    headers = {"Content-Disposition": f'attachment; filename="letters-{short(run_id)}-{sort}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.post("/{action}", dependencies=[Checked])
def act(
    request: Request,
    doors: ServicesDep,
    person: MailRoom,
    action: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    return done_or_told(
        request,
        lambda: _perform(doors, person, action, form),
        "/handlers/mail",
        lambda problem: _desk(request, doors, person, problem),
    )


def _perform(doors: Services, person: Actor, action: str, form: dict[str, str]) -> None:
    runs, deliveries = doors.fines.print_runs, doors.fines.deliveries
    subject, reason = form.get("subject", ""), form.get("reason", "").strip() or "as the post told"
    if action == "print":
        runs.make(person)
    elif action == "posted":
        runs.posted(person, subject)
    elif action == "came-back":
        deliveries.came_back(person, form.get("case", "").replace(" ", ""), form.get("kind", ""), reason)
    elif action == "send-again":
        fields = {name: form.get(name, "").strip() for name in ("name", "street", "postcode", "city", "country")}
        if not all(fields.values()):
            raise InvalidInput("address-incomplete", "write the whole address")
        deliveries.send_again(person, subject, Keeper(**fields), reason)
    elif action == "known":
        deliveries.count_as_known(person, subject, same_address="same" in form, reason=reason)
    else:
        raise InvalidInput("action-unknown", "there is no such action")
