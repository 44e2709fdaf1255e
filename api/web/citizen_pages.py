"""The citizen's pages: look up a case by what stands on the letter, see the photo and the sum, pay."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import ValidationError

from api.citizens import find_case
from api.dependencies import CITIZEN, AddressDep, LimitDep, ServicesDep
from api.problems import status_of
from api.schemas.citizens import CaseLookup
from api.services import Services
from api.web.languages import refusal_in_dutch
from api.web.photos import photos_of
from api.web.rendering import templates
from core.errors import DomainError, InvalidInput, NotFound
from fines.service import DecisionView

router = APIRouter()


@router.get("/")
def start(request: Request) -> Response:
    return templates.TemplateResponse(request, "citizen_start.html", {"problem": None})


def looked_up(
    doors: ServicesDep,
    limit: LimitDep,
    address: AddressDep,
    case_number: Annotated[str, Form()] = "",
    plate: Annotated[str, Form()] = "",
) -> DecisionView | DomainError:
    """The case that a form names, or why there is none."""
    try:
        return find_case(doors, limit, address, CaseLookup(case_number=case_number.strip(), plate=plate.strip()))
    except ValidationError:
        return InvalidInput("lookup-invalid", "case number or plate cannot be right")
    except DomainError as refusal:
        return refusal


LookedUp = Annotated[DecisionView | DomainError, Depends(looked_up)]


@router.post("/case")
def case(request: Request, doors: ServicesDep, found: LookedUp) -> Response:
    return start_again(request, found) if isinstance(found, DomainError) else case_page(request, doors, found)


def start_again(request: Request, refusal: DomainError) -> Response:
    """The first page once more, with what was wrong."""
    problems = {
        400: "Vul het zaaknummer (16 cijfers) en het kenteken in zoals ze op de brief staan.",
        429: "Te veel pogingen. Wacht een minuut en probeer het opnieuw.",
    }
    status = status_of(refusal)
    unknown = "Deze zaak is niet gevonden. Controleer het zaaknummer en het kenteken op de brief."
    context = {"problem": problems.get(status, unknown)}
    return templates.TemplateResponse(request, "citizen_start.html", context, status_code=status)


def case_page(
    request: Request, doors: Services, decision: DecisionView, refusal: DomainError | None = None
) -> Response:
    """The case, with what was refused where something was."""
    context = {
        "decision": decision,
        "photos": photos_of(doors, decision.capture_id),
        "appeal": doors.appeals.appeal_for_decision(decision.id),
        "today": doors.fines.today(),
        "payable": doors.fines.checkouts.available,
        "refusal": refusal_in_dutch(refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return templates.TemplateResponse(request, "citizen_case.html", context, status_code=status)


@router.post("/case/pay")
def pay(request: Request, doors: ServicesDep, found: LookedUp) -> Response:
    """A page that goes on to the provider's: a form may not lead to another site by itself (content security)."""
    if isinstance(found, DomainError):
        return start_again(request, found)
    try:
        checkout = doors.fines.checkouts.start(CITIZEN, found.id)
    except DomainError as refusal:
        return case_page(request, doors, found, refusal)
    return templates.TemplateResponse(request, "citizen_pay.html", {"checkout": checkout})


@router.get("/betaling/{checkout_id}")
def paid(request: Request, doors: ServicesDep, checkout_id: str) -> Response:
    """Where the provider sends the payer back to."""
    try:
        checkout = doors.fines.checkouts.show(checkout_id)
    except NotFound as refusal:
        return start_again(request, refusal)
    return templates.TemplateResponse(request, "citizen_paid.html", {"checkout": checkout})
