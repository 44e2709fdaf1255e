"""Where the links in e-mails lead: confirm an address, or stop the messages. The link is the proof."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.dependencies import CITIZEN, ServicesDep
from api.web.forms import Checked, begin_form
from api.web.rendering import templates

router = APIRouter(prefix="/email")

Act = Literal["confirm", "stop"]


@router.get("/{act}/{token}")
def ask(request: Request, act: Act, token: str) -> Response:
    """A button: programs that look at mail follow links, and press nothing."""
    begin_form(request)
    return templates.TemplateResponse(request, "email.html", {"act": act, "token": token, "done": False})


@router.post("/{act}/{token}", dependencies=[Checked])
def do(request: Request, doors: ServicesDep, act: Act, token: str) -> Response:
    act_on = doors.fines.notices.confirm if act == "confirm" else doors.fines.notices.stop
    act_on(CITIZEN, token)
    return templates.TemplateResponse(request, "email.html", {"act": act, "token": token, "done": True})
