"""For the payment provider: it says that a payment changed, and nothing more; the chain asks it how."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from api.dependencies import ServicesDep
from api.problems import PROBLEM_RESPONSES
from fines.service import NOTIFICATIONS

router = APIRouter(prefix=NOTIFICATIONS, tags=["payments"], responses={400: PROBLEM_RESPONSES[400]})

Ref = Annotated[str, Form(alias="id", min_length=4, max_length=64, pattern=r"^[A-Za-z0-9_]+$")]


@router.post("/mollie", status_code=200, response_class=Response)
def told(ref: Ref, doors: ServicesDep) -> Response:
    """The same answer for an unknown payment, so that nobody learns which exist."""
    doors.fines.checkouts.told(ref)
    return Response()
