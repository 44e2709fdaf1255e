"""For court liaisons: from the competent court to the last ruling."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api import presenters
from api.appeals import costs_from
from api.dependencies import After, ServicesDep, require
from api.problems import PROBLEM_RESPONSES
from api.schemas.appeals import RulingIn
from api.schemas.common import ReasonIn, StateOut
from api.schemas.courts import (
    AcknowledgementIn,
    AssignmentIn,
    CourtCaseOut,
    HandOverIn,
    HigherAppealIn,
    JoinderIn,
    SittingIn,
)
from api.schemas.handlers import PurposeIn
from appeals.service import courts
from core.roles import APPEAL_READERS
from core.unit_of_work import Actor

router = APIRouter(
    prefix="/v1/handlers",
    tags=["courts"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)

Liaison = Annotated[Actor, Depends(require("court-liaison"))]
Reader = Annotated[Actor, Depends(require(*APPEAL_READERS))]


@router.get("/courts")
def district_courts(_: Reader) -> list[str]:
    """The district courts, by the name under which a case is sent to one."""
    return courts()


@router.get("/court-appeals")
def court_cases(_: Reader, doors: ServicesDep, after: After = "") -> list[CourtCaseOut]:
    """The first fifty cases on their way to a court or before it, as they came; those after an id."""
    return [presenters.court_case(doors, view) for view in doors.appeals.at_court(after)]


@router.get("/court-appeals/{court_appeal_id}")
def court_case(court_appeal_id: str, _: Reader, doors: ServicesDep) -> CourtCaseOut:
    """One case with its court, dossier, sittings and rulings."""
    return presenters.court_case(doors, doors.appeals.court_case(court_appeal_id))


@router.post("/court-appeals/{court_appeal_id}/security-checks")
def check_security(court_appeal_id: str, actor: Liaison, doors: ServicesDep) -> StateOut:
    """Has the deposit come in, or its term passed?"""
    return StateOut(state=doors.appeals.court.check_security(actor, court_appeal_id))


@router.post("/court-appeals/{court_appeal_id}/assignments", status_code=204)
def assign(court_appeal_id: str, body: AssignmentIn, actor: Liaison, doors: ServicesDep) -> None:
    """Name the court: the table knew none, the residence is better, or the court sent the case on (Wahv art. 10)."""
    doors.appeals.court.assign(actor, court_appeal_id, body.court, body.reason)


@router.post("/court-appeals/{court_appeal_id}/joinders", status_code=204)
def join(court_appeal_id: str, body: JoinderIn, actor: Liaison, doors: ServicesDep) -> None:
    """Have it heard together with another case of the same person."""
    doors.appeals.court.join(actor, court_appeal_id, body.with_court_appeal_id, body.reason)


@router.post(
    "/court-appeals/{court_appeal_id}/dossier-views",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "BagIt bag"}},
)
def view_dossier(court_appeal_id: str, body: PurposeIn, actor: Liaison, doors: ServicesDep) -> Response:
    """The court dossier; the view is recorded with its purpose."""
    dossier = doors.appeals.dossiers.view(actor, court_appeal_id, body.purpose)
    headers = presenters.specimen_header(dossier.specimen)
    return Response(dossier.bag, media_type="application/zip", headers=headers)


@router.post(
    "/court-appeals/{court_appeal_id}/binder-views",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The dossier to read and print"}},
)
def view_binder(court_appeal_id: str, body: PurposeIn, actor: Liaison, doors: ServicesDep) -> Response:
    """The dossier as one PDF with contents and checksums; the view is recorded with its purpose."""
    dossier = doors.appeals.dossiers.view(actor, court_appeal_id, body.purpose)
    headers = presenters.specimen_header(dossier.specimen)
    return Response(dossier.binder, media_type="application/pdf", headers=headers)


@router.post("/court-appeals/{court_appeal_id}/hand-overs", status_code=204)
def hand_over(court_appeal_id: str, body: HandOverIn, actor: Liaison, doors: ServicesDep) -> None:
    """The dossier was brought to a court that has no registry here."""
    doors.appeals.dossiers.hand_over(actor, court_appeal_id, body.how)


@router.post("/court-appeals/{court_appeal_id}/acknowledgements", status_code=204)
def acknowledge(court_appeal_id: str, body: AcknowledgementIn, actor: Liaison, doors: ServicesDep) -> None:
    """The court has it, and told its own number."""
    doors.appeals.dossiers.acknowledge(actor, court_appeal_id, body.court_number)


@router.post("/court-appeals/{court_appeal_id}/sittings", status_code=204)
def plan_sitting(court_appeal_id: str, body: SittingIn, actor: Liaison, doors: ServicesDep) -> None:
    """The court named the day and hour on which it hears the case, and those that go with it."""
    doors.appeals.sittings.plan(actor, court_appeal_id, body.at, body.place)


@router.get(
    "/sittings/{sitting_id}/calendar",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {}}, "description": "iCalendar (RFC 5545)"}},
)
def calendar(sitting_id: str, _: Reader, doors: ServicesDep) -> Response:
    """The sitting as a calendar file."""
    return Response(doors.appeals.sittings.calendar(sitting_id), media_type="text/calendar")


@router.post("/court-appeals/{court_appeal_id}/rulings", status_code=204)
def record_ruling(court_appeal_id: str, body: RulingIn, actor: Liaison, doors: ServicesDep) -> None:
    """A ruling came in, of the court that has the case."""
    costs = costs_from(body.costs)
    doors.appeals.rulings.record(actor, court_appeal_id, body.outcome, body.motivation, body.sanction_cents, costs)


@router.post("/court-appeals/{court_appeal_id}/higher-appeals", status_code=204)
def go_higher(court_appeal_id: str, body: HigherAppealIn, actor: Liaison, doors: ServicesDep) -> None:
    """The district court received an appeal against its ruling (Wahv art. 14, 15)."""
    doors.appeals.rulings.go_higher(actor, court_appeal_id, body.filed_by, body.filed_on, body.grounds)


@router.post("/court-appeals/{court_appeal_id}/referrals-back", status_code=204)
def refer_back(court_appeal_id: str, body: ReasonIn, actor: Liaison, doors: ServicesDep) -> None:
    """The Court of Appeal has the district court judge anew (Wahv art. 20d par. 2)."""
    doors.appeals.rulings.refer_back(actor, court_appeal_id, body.reason)
