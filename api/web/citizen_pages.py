"""The citizen's page: look up a case by what stands on the letter, see the photo and the sum."""

import base64
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import ValidationError

from api.citizens import find_case
from api.dependencies import AddressDep, LimitDep, ServicesDep
from api.problems import status_of
from api.schemas import CaseLookup
from api.web.rendering import templates
from core.errors import DomainError, NotFound

router = APIRouter()


@router.get("/")
def start(request: Request) -> Response:
    return templates.TemplateResponse(request, "citizen_start.html", {"problem": None})


@router.post("/case")
def case(
    request: Request,
    doors: ServicesDep,
    limit: LimitDep,
    address: AddressDep,
    case_number: Annotated[str, Form()] = "",
    plate: Annotated[str, Form()] = "",
) -> Response:
    try:
        lookup = CaseLookup(case_number=case_number.strip(), plate=plate.strip())
        decision = find_case(doors, limit, address, lookup)
    except ValidationError:
        problem, status = (
            "Vul het zaaknummer (16 cijfers) en het kenteken in zoals ze op de brief staan.",
            400,
        )
    except DomainError as refusal:
        status = status_of(refusal)
        problem = (
            "Te veel pogingen. Wacht een minuut en probeer het opnieuw."
            if status == 429
            else "Deze zaak is niet gevonden. Controleer het zaaknummer en het kenteken op de brief."
        )
    else:
        try:
            photo = base64.b64encode(doors.imaging.redacted_photo(decision.capture_id, 0)).decode()
        except NotFound:
            photo = None
        appeal = doors.appeals.appeal_for_decision(decision.id)
        context = {"decision": decision, "photo": photo, "appeal": appeal}
        return templates.TemplateResponse(request, "citizen_case.html", context)
    return templates.TemplateResponse(request, "citizen_start.html", {"problem": problem}, status_code=status)
