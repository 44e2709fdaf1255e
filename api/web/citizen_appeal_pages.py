"""The citizen's appeal: a form with what the law asks for, files along with it, and a receipt with the dates."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import Response
from pydantic import ValidationError

from api import presenters
from api.citizens import appeal_of
from api.dependencies import CITIZEN, ServicesDep
from api.problems import status_of
from api.schemas.citizens import AppealIn
from api.services import Services
from api.uploads import checked
from api.web.citizen_pages import LookedUp, case_page, start_again
from api.web.forms import appeal_from
from api.web.handler_pages import form_fields
from api.web.languages import refusal_in_dutch
from api.web.rendering import templates
from appeals.service import grounds
from core.errors import DomainError, InvalidInput
from fines.service import DecisionView, sentences_of

router = APIRouter()

_MOST_WORDS = 10_000
"""Characters of what is said to the court."""

_ASKED = {
    "name": "Vul uw naam in.",
    "birth_date": "Vul uw geboortedatum in.",
    "birth_place": "Vul uw geboorteplaats in.",
    "address": "Vul uw adres in.",
    "iban": "Vul het nummer van uw bankrekening in (IBAN), zoals NL00 BANK 0123 4567 89.",
    "grounds": "Schrijf op waarom u het niet eens bent met de boete.",
}
"""What has to be in an appeal (Wahv art. 6 par. 2, Awb art. 6:5), by field, with what is said when it is not."""


@router.post("/case/appeal")
def appeal_form(request: Request, doors: ServicesDep, found: LookedUp) -> Response:
    if isinstance(found, DomainError):
        return start_again(request, found)
    return _form(request, doors, found, {})


def _form(
    request: Request,
    doors: Services,
    decision: DecisionView,
    typed: dict[str, str],
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """`problems` by field; `files` and nothing at all are of the whole."""
    context = {
        "decision": decision,
        "typed": typed,
        "problems": problems or {},
        "grounds": grounds(),
        "late": doors.fines.today() > decision.appeal_until,
        "most_megabytes": doors.settings.max_upload_bytes // 2**20,
    }
    return templates.TemplateResponse(request, "citizen_appeal.html", context, status_code=status)


@router.post("/case/appeal/sent")
def send_appeal(
    request: Request,
    doors: ServicesDep,
    found: LookedUp,
    typed: Annotated[dict[str, str], Depends(form_fields)],
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    if isinstance(found, DomainError):
        return start_again(request, found)
    try:
        body = AppealIn.model_validate({**appeal_from(typed), "case_number": found.case_number, "plate": found.plate})
    except ValidationError as error:
        return _form(request, doors, found, typed, _missing(error), 400)
    try:
        sent = [checked(doors, file) for file in files or [] if file.size]
    except DomainError as error:
        return _form(request, doors, found, typed, {"files": refusal_in_dutch(error)}, status_of(error))
    try:
        doors.appeals.intake.file(CITIZEN, found, presenters.filing(body), sent)
    except DomainError as error:
        field = "late_reason" if error.code == "appeal-late" else ""
        return _form(request, doors, found, typed, {field: refusal_in_dutch(error)}, status_of(error))
    filed = appeal_of(doors, found)
    context = {"decision": found, "appeal": filed, "why": sentences_of(filed.explanation, "nl")}
    return templates.TemplateResponse(request, "citizen_appealed.html", context)


@router.post("/case/court")
def to_court(request: Request, doors: ServicesDep, found: LookedUp, grounds: Annotated[str, Form()] = "") -> Response:
    """Appeal to the district court (Wahv art. 9)."""

    def go(decision: DecisionView) -> None:
        if not grounds.strip():
            raise InvalidInput("grounds-missing", "say why you do not agree with the decision")
        doors.appeals.court.go(CITIZEN, decision, grounds.strip()[:_MOST_WORDS])

    return _done(request, doors, found, go)


@router.post("/case/withdraw")
def withdraw(request: Request, doors: ServicesDep, found: LookedUp) -> Response:
    """Give the appeal up."""
    return _done(
        request,
        doors,
        found,
        lambda decision: doors.appeals.handling.withdraw(
            CITIZEN, appeal_of(doors, decision).id, "withdrawn by the appellant"
        ),
    )


def _done(
    request: Request, doors: Services, found: DecisionView | DomainError, act: Callable[[DecisionView], None]
) -> Response:
    """The case as it is then, or with the reason why it was refused."""
    if isinstance(found, DomainError):
        return start_again(request, found)
    try:
        act(found)
    except DomainError as error:
        return case_page(request, doors, found, error)
    return case_page(request, doors, doors.fines.decision(found.id))


def _missing(error: ValidationError) -> dict[str, str]:
    fields = {str(item["loc"][-1]) for item in error.errors()}
    return {field: _ASKED.get(field, "Dit kan niet kloppen.") for field in fields}
