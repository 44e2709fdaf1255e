"""The pages of the courts: what is on its way or before one, and one case from the security to the last ruling."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.dependencies import After, ServicesDep
from api.paging import page_of
from api.services import Services
from api.web.forms import Checked, TextField, day_from, form_fields, moment_from, number_from
from api.web.handler_pages import done_or_told, only
from api.web.rendering import templates
from api.web.timeline import timeline_of
from appeals.service import FILED_BY, Costs, courts
from core.errors import InvalidInput, NotFound
from core.ids import short
from core.roles import APPEAL_READERS
from core.unit_of_work import Actor

router = APIRouter(prefix="/handlers/courts")

_MANY = 50
"""On a page."""

Reader = Annotated[Actor, Depends(only(*APPEAL_READERS))]
Liaison = Annotated[Actor, Depends(only("court-liaison"))]


@router.get("")
def cases(request: Request, doors: ServicesDep, person: Reader, after: After = "") -> Response:
    found, last = page_of(lambda size: doors.appeals.at_court(after, size), _MANY)
    return templates.TemplateResponse(
        request,
        "courts.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "count": doors.appeals.count_at_court(),
            "cases": [(appeal, doors.fines.decision(appeal.decision_id)) for appeal in found],
            "further": last.court.id if last and last.court else "",
            "today": doors.fines.today(),
        },
    )


@router.get("/{court_appeal_id}")
def case_page(request: Request, doors: ServicesDep, person: Reader, court_appeal_id: str) -> Response:
    return _page(request, doors, person, court_appeal_id)


def _page(request: Request, doors: Services, person: Actor, case_id: str, problem: str | None = None) -> Response:
    appeal = doors.appeals.court_case(case_id)
    case = appeal.court_stage
    decision = doors.fines.decision(appeal.decision_id)
    return templates.TemplateResponse(
        request,
        "court.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "appeal": appeal,
            "case": case,
            "decision": decision,
            "courts": courts(),
            "filed_by": FILED_BY,
            "joinable": doors.appeals.court.joinable(case.id),
            "timeline": timeline_of(doors, {case.id}),
            "today": doors.fines.today(),
            "problem": problem,
        },
        status_code=409 if problem else 200,
    )


@router.get("/{court_appeal_id}/sittings/{sitting_id}.ics")
def calendar(doors: ServicesDep, _: Reader, court_appeal_id: str, sitting_id: str) -> Response:  # noqa: ARG001
    headers = {"Content-Disposition": f'attachment; filename="sitting-{short(sitting_id)}.ics"'}
    return Response(doors.appeals.sittings.calendar(sitting_id), media_type="text/calendar", headers=headers)


@router.post("/{court_appeal_id}/binder", dependencies=[Checked])
def binder(doors: ServicesDep, person: Liaison, court_appeal_id: str, purpose: TextField) -> Response:
    found = doors.appeals.dossiers.view(person, court_appeal_id, purpose)
    return Response(found.binder, media_type="application/pdf")


@router.post("/{court_appeal_id}/dossier", dependencies=[Checked])
def dossier(doors: ServicesDep, person: Liaison, court_appeal_id: str, purpose: TextField) -> Response:
    found = doors.appeals.dossiers.view(person, court_appeal_id, purpose)
    headers = {"Content-Disposition": 'attachment; filename="dossier.zip"'}
    return Response(found.bag, media_type="application/zip", headers=headers)


@router.post("/{court_appeal_id}/{action}", dependencies=[Checked])
def act(
    request: Request,
    doors: ServicesDep,
    person: Liaison,
    court_appeal_id: str,
    action: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    if action not in _ACTIONS:
        raise NotFound("action-unknown", "there is no such action for a case at court")
    return done_or_told(
        request,
        lambda: _ACTIONS[action](doors, person, court_appeal_id, form),
        f"/handlers/courts/{court_appeal_id}",
        lambda problem: _page(request, doors, person, court_appeal_id, problem),
    )


def _plan_sitting(doors: Services, person: Actor, case_id: str, form: dict[str, str]) -> None:
    doors.appeals.sittings.plan(person, case_id, moment_from(form.get("at")), form.get("place", ""))


def _go_higher(doors: Services, person: Actor, case_id: str, form: dict[str, str]) -> None:
    day = day_from(form.get("filed_on"))
    doors.appeals.rulings.go_higher(person, case_id, form.get("filed_by", ""), day, form.get("grounds", ""))


def _rule(doors: Services, person: Actor, case_id: str, form: dict[str, str]) -> None:
    outcome, motivation = form.get("outcome", ""), form.get("motivation", "").strip()
    if not motivation:
        raise InvalidInput("motivation-missing", "write down what the court considered: the letter repeats it")
    cents = number_from(form.get("sanction")) * 100 if outcome == "amended" else None
    costs = form.get("assistance", "").strip()
    given = Costs(assistance_cents=number_from(costs) * 100) if costs else None
    doors.appeals.rulings.record(person, case_id, outcome, motivation, cents, given)


_ACTIONS: dict[str, Callable[[Services, Actor, str, dict[str, str]], object]] = {
    "security": lambda doors, person, case_id, _: doors.appeals.court.check_security(person, case_id),
    "assign": lambda doors, person, case_id, form: doors.appeals.court.assign(
        person, case_id, form.get("court", ""), form.get("reason", "")
    ),
    "join": lambda doors, person, case_id, form: doors.appeals.court.join(
        person, case_id, form.get("with", ""), form.get("reason", "")
    ),
    "hand-over": lambda doors, person, case_id, form: doors.appeals.dossiers.hand_over(
        person, case_id, form.get("how", "")
    ),
    "acknowledge": lambda doors, person, case_id, form: doors.appeals.dossiers.acknowledge(
        person, case_id, form.get("court_number", "")
    ),
    "sitting": _plan_sitting,
    "rule": _rule,
    "go-higher": _go_higher,
    "refer-back": lambda doors, person, case_id, form: doors.appeals.rulings.refer_back(
        person, case_id, form.get("reason", "")
    ),
}
