"""A firm that logged in tells by a list who had hired its vehicles, and sees what became of each row."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from api.dependencies import ServicesDep
from api.hirers import list_sent, refused_file
from api.problems import status_of
from api.services import Services
from api.web.forms import Checked
from api.web.languages import refusal
from api.web.rendering import templates
from api.web.visiting import VisitorDep
from core.errors import DomainError, NotAllowed
from fines.service import HIRER_COLUMNS, Sender

router = APIRouter(prefix="/hirers")


def sender(who: VisitorDep) -> Sender:
    """Raises NotAllowed for who came by a letter."""
    if who.person is None:
        raise NotAllowed("login-needed", "lists are for firms that logged in")
    return Sender(who.person, who.person)


SenderDep = Annotated[Sender, Depends(sender)]


@router.get("")
def lists(request: Request, doors: ServicesDep, firm: SenderDep) -> Response:
    return _lists(request, doors, firm)


def _lists(request: Request, doors: Services, firm: Sender, error: DomainError | None = None) -> Response:
    context = {
        "lists": doors.fines.hirer_lists.lists_of(firm),
        "columns": HIRER_COLUMNS,
        "problem": refusal(request, error) if error else None,
    }
    return templates.TemplateResponse(request, "hirers.html", context, status_code=status_of(error) if error else 200)


@router.post("", dependencies=[Checked])
def send(
    request: Request, doors: ServicesDep, who: VisitorDep, firm: SenderDep, file: Annotated[UploadFile, File()]
) -> Response:
    try:
        list_id = list_sent(doors, who.actor, firm, file)
    except DomainError as error:
        return _lists(request, doors, firm, error)
    return RedirectResponse(f"/hirers/{list_id}", 303)


@router.get("/{list_id}")
def one(request: Request, doors: ServicesDep, firm: SenderDep, list_id: str, after: int = 0) -> Response:
    """How far it is, and the refused rows by the page."""
    context = {
        "list": doors.fines.hirer_lists.list_of(firm, list_id),
        "refused": doors.fines.hirer_lists.rows(firm, list_id, "refused", max(0, after)),
    }
    return templates.TemplateResponse(request, "hirer_list.html", context)


@router.get("/{list_id}/refusals.csv")
def refusals(doors: ServicesDep, firm: SenderDep, list_id: str) -> Response:
    return refused_file(doors.fines.hirer_lists.refused_rows(firm, list_id))
