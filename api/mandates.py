"""For who acts for others: take a mandate with its code, see its case, photo and letters, lay it down."""

from fastapi import APIRouter, Request, Response

from api import presenters
from api.byte_ranges import PHOTO_RESPONSES, answered
from api.dependencies import After, LimitDep, ServicesDep
from api.problems import PROBLEM_RESPONSES
from api.professionals import Professional
from api.schemas.common import CaseOut, LetterKind
from api.schemas.mandates import MandateOut, MandatesOut, MandateTakenIn
from api.services import Services
from core.unit_of_work import Actor
from fines.service import DecisionView, MandateView

router = APIRouter(
    prefix="/v1/professionals/mandates",
    tags=["professionals"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404)},
)

_PURPOSE = "acts for the person addressed, with a mandate"


@router.post(
    "",
    status_code=201,
    responses={status: PROBLEM_RESPONSES[status] for status in (409, 429)},
)
def take_mandate(body: MandateTakenIn, actor: Professional, doors: ServicesDep, limit: LimitDep) -> MandateOut:
    """Take a mandate with the code that your client gave you. From then on the code opens nothing any more."""
    with limit.guarding(actor.id, body.case_number):
        return _out(doors.fines.mandates.take(actor, actor.id, body.case_number, body.mandate_code))


@router.get("")
def own_mandates(actor: Professional, doors: ServicesDep, after: After = "") -> MandatesOut:
    """The mandates that you hold, by the page."""
    found, following = doors.fines.mandates.held_by(actor.id, after)
    return MandatesOut(
        mandates=[_out(one) for one in found],
        next=f"{router.prefix}?after={following}" if following else None,
    )


@router.get("/{mandate_id}/case")
def mandated_case(mandate_id: str, actor: Professional, doors: ServicesDep) -> CaseOut:
    """The case of a mandate, as its citizen sees it."""
    decision = _decision(doors, actor, mandate_id)
    return presenters.case(decision, doors.appeals.appeal_for_decision(decision.id))


@router.get(
    "/{mandate_id}/photos/{position}",
    response_class=Response,
    responses=PHOTO_RESPONSES,
)
def mandated_photo(
    request: Request, mandate_id: str, position: int, actor: Professional, doors: ServicesDep
) -> Response:
    """The photo of a case; the person whose case it is can see that you looked."""
    decision = _decision(doors, actor, mandate_id)
    line = presenters.photo_line(decision)
    shown = doors.imaging.shown_photo(actor, decision.capture_id, position, line, _PURPOSE)
    headers = presenters.specimen_header(decision.specimen)
    return answered(request, shown.content, "image/jpeg", shown.sha256, headers)


@router.get(
    "/{mandate_id}/letters/{kind}/{number}",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The letter"}},
)
def mandated_letter(
    mandate_id: str, kind: LetterKind, number: int, actor: Professional, doors: ServicesDep
) -> Response:
    """A letter of a case as PDF."""
    decision = _decision(doors, actor, mandate_id)
    pdf = doors.fines.read_letter(actor, decision.id, kind, number, _PURPOSE)
    return Response(pdf, media_type="application/pdf", headers=presenters.specimen_header(decision.specimen))


@router.delete("/{mandate_id}", status_code=204)
def lay_mandate_down(mandate_id: str, actor: Professional, doors: ServicesDep) -> None:
    """Act no longer in a case."""
    doors.fines.mandates.lay_down(actor, actor.id, mandate_id)


def _decision(doors: Services, actor: Actor, mandate_id: str) -> DecisionView:
    """Of a mandate that the caller holds. Raises NotFound, for another's as for none."""
    return doors.fines.decision(doors.fines.mandates.held(actor.id, mandate_id).decision_id)


def _out(view: MandateView) -> MandateOut:
    return MandateOut(**presenters.kept(vars(view), MandateOut))
