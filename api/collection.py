"""For handlers who collect: instalments, steps of recovery, protection, giving up. Token and role needed."""

from fastapi import APIRouter

from api.dependencies import ServicesDep
from api.handlers import Handler
from api.paging import PageDep
from api.problems import PROBLEM_RESPONSES
from api.schemas.collection import (
    CourtAnswerIn,
    MeasureIn,
    MeasureOut,
    PlanIn,
    PlanOut,
    PlanPartOut,
    StopIn,
    WriteOffIn,
)
from api.schemas.common import CreatedOut, ReasonIn
from fines.service import MeasureKind, PlanView, WriteOff

router = APIRouter(
    prefix="/v1/handlers",
    tags=["collection"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)


@router.get("/plans")
def plans_asked(_: Handler, doors: ServicesDep, page: PageDep) -> list[PlanOut]:
    """Plans that wait for a decision, oldest first, by the page: `Link` names the next one."""
    return [_plan(view) for view in page.of(doors.fines.plans.waiting)]


@router.get("/decisions/{decision_id}/plans")
def plans_of_case(decision_id: str, _: Handler, doors: ServicesDep) -> list[PlanOut]:
    """A case's plans, newest first."""
    return [_plan(view) for view in doors.fines.plans.of_case(decision_id)]


@router.post("/plans", status_code=201)
def ask_plan(body: PlanIn, actor: Handler, doors: ServicesDep) -> CreatedOut:
    """Ask to pay what is open in equal parts, for a citizen."""
    return CreatedOut(id=doors.fines.plans.ask(actor, body.case_number, body.parts, body.months_each))


@router.post("/plans/{plan_id}/grants", status_code=204)
def grant_plan(plan_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """Grant it: until a part is missed nothing is raised or collected."""
    doors.fines.plans.grant(actor, plan_id, body.reason)


@router.post("/plans/{plan_id}/refusals", status_code=204)
def refuse_plan(plan_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """Refuse it."""
    doors.fines.plans.refuse(actor, plan_id, body.reason)


@router.get("/decisions/{decision_id}/measures")
def measures_of_case(decision_id: str, _: Handler, doors: ServicesDep) -> list[MeasureOut]:
    """A case's steps of recovery and coercion, oldest first."""
    return [MeasureOut(**vars(view)) for view in doors.fines.recovery.of_case(decision_id)]


@router.get("/measures")
def measures_waiting(_: Handler, doors: ServicesDep, page: PageDep) -> list[MeasureOut]:
    """Steps about which a person has to do something next, oldest first, by the page: `Link` names the next one."""
    return [MeasureOut(**vars(view)) for view in page.of(doors.fines.recovery.waiting)]


@router.post("/measures", status_code=201)
def propose_measure(body: MeasureIn, actor: Handler, doors: ServicesDep) -> CreatedOut:
    """Propose a step; the law's checks are made now."""
    measure_id = doors.fines.recovery.propose(
        actor, body.case_number, MeasureKind(body.kind), debt_restructuring=body.debt_restructuring
    )
    return CreatedOut(id=measure_id)


@router.post("/measures/{measure_id}/decisions", status_code=204)
def decide_measure(measure_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """Agree, as another person than who proposed; detention then goes to the court."""
    doors.fines.recovery.decide(actor, measure_id, body.reason)


@router.post("/measures/{measure_id}/refusals", status_code=204)
def refuse_measure(measure_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """Do not agree."""
    doors.fines.recovery.refuse(actor, measure_id, body.reason)


@router.post("/measures/{measure_id}/court-answers", status_code=204)
def court_answered(measure_id: str, body: CourtAnswerIn, actor: Handler, doors: ServicesDep) -> None:
    """The district court gave or refused leave for detention."""
    doors.fines.recovery.court_answered(actor, measure_id, leave=body.leave, reason=body.reason)


@router.post("/measures/{measure_id}/executions", status_code=204)
def execute_measure(measure_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """It is done."""
    doors.fines.recovery.execute(actor, measure_id, body.reason)


@router.post("/measures/{measure_id}/ends", status_code=204)
def end_measure(measure_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """It brought what it could, or its time is over."""
    doors.fines.recovery.end(actor, measure_id, body.reason)


@router.post("/measures/{measure_id}/lifts", status_code=204)
def lift_measure(measure_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """Take it back."""
    doors.fines.recovery.lift(actor, measure_id, body.reason)


@router.post("/collection-stops", status_code=204)
def stop_collection(body: StopIn, actor: Handler, doors: ServicesDep) -> None:
    """Protect a person who cannot pay: nothing is raised or collected until a day."""
    doors.fines.recovery.stop(actor, body.case_number, body.until, body.reason)


@router.post("/write-offs", status_code=204)
def write_off(body: WriteOffIn, actor: Handler, doors: ServicesDep) -> None:
    """Give up what is still owed, on one of the law's grounds."""
    doors.fines.recovery.write_off(actor, body.case_number, WriteOff(body.ground), body.reason)


def _plan(view: PlanView) -> PlanOut:
    parts = [PlanPartOut(due_on=day, cents=cents) for day, cents in view.instalments]
    return PlanOut(**{**vars(view), "instalments": parts})
