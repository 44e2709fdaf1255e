"""For handlers: what is kept and by which rule, legal holds, and proofs of what was destroyed."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api import presenters
from api.dependencies import ServicesDep, require
from api.problems import PROBLEM_RESPONSES
from api.schemas.common import ReasonIn
from api.schemas.retention import DestructionOut, HoldPlacedOut, RetentionOut
from core.retention import HOLDERS
from core.unit_of_work import Actor

router = APIRouter(
    prefix="/v1/handlers",
    tags=["handlers"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)

READERS = (*HOLDERS, "auditor", "operator")

Reader = Annotated[Actor, Depends(require(*READERS))]
Holder = Annotated[Actor, Depends(require(*HOLDERS))]


@router.get("/retention")
def what_is_kept(_: Reader, doors: ServicesDep) -> RetentionOut:
    """How many cases are kept and by what, as counted last, and the legal holds that stand."""
    return presenters.retention(doors.retention.held(), doors.retention.holds())


@router.get("/destructions")
def destructions(_: Reader, doors: ServicesDep, before: str = "") -> list[DestructionOut]:
    """Proofs of what was destroyed, the newest hundred; with `before`, an id, the hundred before that one."""
    return [presenters.destruction(proof) for proof in doors.retention.proofs(before)]


@router.post("/captures/{capture_id}/legal-holds", status_code=201)
def place_hold(capture_id: str, body: ReasonIn, actor: Holder, doors: ServicesDep) -> HoldPlacedOut:
    """Keep a case until the hold is lifted, whatever the rules say."""
    return HoldPlacedOut(id=doors.retention.hold(actor, capture_id, body.reason))


@router.post("/legal-holds/{hold_id}/lifts", status_code=204)
def lift_hold(hold_id: str, body: ReasonIn, actor: Holder, doors: ServicesDep) -> None:
    """Let the rules count again."""
    doors.retention.lift(actor, hold_id, body.reason)
