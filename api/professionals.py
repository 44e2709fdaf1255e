"""For lawyers and appeal bureaus: file for others, many at once, with a login of their own; follow and withdraw."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api import presenters
from api.dependencies import After, LimitDep, ServicesDep, require
from api.problems import PROBLEM_RESPONSES
from api.rate_limit import LookupLimit
from api.schemas.appeals import RefusalOut
from api.schemas.common import CreatedOut, ReasonIn
from api.schemas.professionals import (
    BatchIn,
    BatchOut,
    FiledAppealIn,
    FiledOut,
    OwnAppealOut,
    OwnAppealsOut,
)
from api.services import Services
from api.uploads import REFUSED_FILES, FileDep
from appeals.service import AppealView
from core.errors import DomainError, NotFound
from core.unit_of_work import Actor

router = APIRouter(
    prefix="/v1/professionals",
    tags=["professionals"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)

Professional = Annotated[Actor, Depends(require("professional"))]


@router.post("/appeals")
def file_many(body: BatchIn, actor: Professional, doors: ServicesDep, limit: LimitDep) -> BatchOut:
    """File up to a hundred appeals; each is filed or refused by itself, and one that is sent again is known."""
    return BatchOut(appeals=[_filed(doors, limit, actor, one) for one in body.appeals])


@router.get("/appeals")
def own(
    actor: Professional,
    doors: ServicesDep,
    after: After = "",
) -> OwnAppealsOut:
    """The appeals that you filed, by the page."""
    found, following = doors.appeals.filed_by(actor.id, after)
    return OwnAppealsOut(
        appeals=[_out(doors, one) for one in found],
        next=f"/v1/professionals/appeals?after={following}" if following else None,
    )


@router.get("/appeals/{appeal_id}")
def one(appeal_id: str, actor: Professional, doors: ServicesDep) -> OwnAppealOut:
    """How far an appeal is that you filed."""
    return _out(doors, _own(doors, actor, appeal_id))


@router.post("/appeals/{appeal_id}/attachments", status_code=201, responses=REFUSED_FILES)
def attach(appeal_id: str, file: FileDep, actor: Professional, doors: ServicesDep) -> CreatedOut:
    """Send something along, the mandate first of all: PDF, JPEG, PNG or WebP."""
    return CreatedOut(id=doors.appeals.attachments.add(actor, _own(doors, actor, appeal_id).id, file))


@router.post("/appeals/{appeal_id}/withdrawals", status_code=204)
def withdraw(appeal_id: str, body: ReasonIn, actor: Professional, doors: ServicesDep) -> None:
    """Give the appeal up for the appellant."""
    doors.appeals.handling.withdraw(actor, _own(doors, actor, appeal_id).id, body.reason)


def _filed(doors: Services, limit: LookupLimit, actor: Actor, body: FiledAppealIn) -> FiledOut:
    try:
        appeal_id, new = _file(doors, limit, actor, body)
    except DomainError as error:
        refusal = RefusalOut(code=error.code, detail=error.detail)
        return FiledOut(
            reference=body.reference,
            result="refused",
            appeal_id=None,
            received_on=None,
            decide_by=None,
            refusal=refusal,
        )
    view = doors.appeals.appeal(appeal_id)
    return FiledOut(
        reference=body.reference,
        result="filed" if new else "known",
        appeal_id=view.id,
        received_on=view.received_on,
        decide_by=view.decide_until,
        refusal=None,
    )


def _file(doors: Services, limit: LookupLimit, actor: Actor, body: FiledAppealIn) -> tuple[str, bool]:
    """The appeal's id, and whether it is new."""
    with limit.guarding(actor.id):
        decision = doors.fines.find(body.case_number, body.plate)
    known = doors.appeals.appeal_for_decision(decision.id)
    if known is not None and known.filed_by == actor.id:
        return known.id, False
    mandate = doors.fines.mandates.acting(decision.id, frozenset(), actor.id)
    acts = presenters.acts_for(body.office, body.acts_as, body.reference, mandate)
    filing = presenters.filing(body, channel="professional", representative=acts)
    return doors.appeals.intake.file(actor, decision, filing), True


def _own(doors: Services, actor: Actor, appeal_id: str) -> AppealView:
    """Raises NotFound for another's as for none."""
    found = doors.appeals.appeal(appeal_id)
    if found.filed_by != actor.id:
        raise NotFound("appeal-unknown", "no appeal with this id")
    return found


def _out(doors: Services, appeal: AppealView) -> OwnAppealOut:
    decision = doors.fines.decision(appeal.decision_id)
    status = presenters.appeal_status(appeal, decision.specimen)
    return OwnAppealOut(**status.model_dump(), id=appeal.id, case_number=decision.case_number)
