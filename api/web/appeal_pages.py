"""The pages of appeals: the list to work off, and one appeal with its photo, its terms and all that can be done."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.dependencies import ServicesDep
from api.months import checked_month, month_of, month_or_now
from api.services import Services
from api.web.forms import number_from
from api.web.handler_pages import Checked, done_or_told, form_fields, only
from api.web.photos import photos_of
from api.web.rendering import templates
from appeals.service import ASKED_OF, UNHEARD, Choice, Costs, Verdict, grounds, omissions
from core import audit
from core.clock import AMSTERDAM
from core.errors import InvalidInput, NotFound
from core.ids import short
from core.roles import APPEAL_READERS, INSIGHT_READERS
from core.unit_of_work import Actor
from fines.service import sentences_of

router = APIRouter(prefix="/handlers/appeals")

Insider = Annotated[Actor, Depends(only(*INSIGHT_READERS))]
Reader = Annotated[Actor, Depends(only(*APPEAL_READERS))]

_VIEWS = {
    "all": ("All that is open", Choice()),
    "mine": ("Mine", Choice(handler="me")),
    "free": ("Nobody's", Choice(handler="nobody")),
    "risk": ("Term at risk", Choice(at_risk=True)),
    "late": ("Term passed", Choice(due_in=-1)),
    "filed-late": ("Filed late", Choice(late_filed=True)),
    "proposed": ("For a second handler", Choice(state="proposed")),
}
"""The lists that every handler has, by their name in the address."""


def _choice(name: str, person: Actor, ground: str) -> Choice:
    if name not in _VIEWS or (ground and ground not in grounds()):
        raise NotFound("list-unknown", f"the lists are: {', '.join(_VIEWS)}")
    found = _VIEWS[name][1]
    return replace(found, ground=ground or None, handler=person.id if found.handler == "me" else found.handler)


@router.get("")
def work_list(
    request: Request, doors: ServicesDep, person: Reader, view: str = "all", ground: str = "", after: str = ""
) -> Response:
    choice = _choice(view, person, ground)
    rows, following = doors.appeals.work_list.page(choice, after)
    query = urlencode({"view": view, "ground": ground, "after": following or ""})
    return templates.TemplateResponse(
        request,
        "appeals.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "terms": doors.appeals.watch.counts(),
            "views": {name: title for name, (title, _) in _VIEWS.items()},
            "view": view,
            "ground": ground,
            "grounds": grounds(),
            "rows": rows,
            "total": doors.appeals.work_list.count(choice),
            "following": f"/handlers/appeals?{query}" if following else None,
        },
    )


@router.get("/insight")
def insight(request: Request, doors: ServicesDep, person: Insider, month: str = "") -> Response:
    month = month_or_now(month, doors.fines.today())
    return templates.TemplateResponse(
        request,
        "insight.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "month": month,
            "report": doors.appeals.insight.month(month_of(month)),
            "grounds": grounds(),
        },
    )


@router.get("/insight.csv")
def insight_csv(doors: ServicesDep, _: Insider, month: str) -> Response:
    report = doors.appeals.insight.month(month_of(checked_month(month))).as_csv()
    headers = {"Content-Disposition": f'attachment; filename="appeals-{month}.csv"'}
    return Response(report, media_type="text/csv", headers=headers)


@router.get("/{appeal_id}")
def appeal_page(request: Request, doors: ServicesDep, person: Reader, appeal_id: str) -> Response:
    return _page(request, doors, person, appeal_id)


def _page(request: Request, doors: Services, person: Actor, appeal_id: str, problem: str | None = None) -> Response:
    appeal = doors.appeals.appeal(appeal_id)
    decision = doors.fines.decision(appeal.decision_id)
    subjects = {appeal.id, decision.id, *(one.id for one in appeal.hearings), *(one.id for one in appeal.inquiries)}
    with doors.database.read_session() as session:
        timeline = [r for r in audit.excerpt(session, subjects) if r["action"] != "row.sealed"]
    return templates.TemplateResponse(
        request,
        "appeal.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "appeal": appeal,
            "decision": decision,
            "evidence": doors.ingest.evidence(decision.capture_id),
            "photos": photos_of(doors, decision.capture_id),
            "sentences": sentences_of(appeal.explanation, "en"),
            "named": grounds().get(appeal.ground or ""),
            "grounds": grounds(),
            "omissions": omissions(),
            "unheard": UNHEARD,
            "asked_of": ASKED_OF,
            "days_left": (appeal.decide_until - doors.fines.today()).days,
            "timeline": timeline,
            "problem": problem,
        },
        status_code=409 if problem else 200,
    )


@router.get("/{appeal_id}/hearings/{hearing_id}.ics")
def calendar(doors: ServicesDep, _: Reader, appeal_id: str, hearing_id: str) -> Response:  # noqa: ARG001
    headers = {"Content-Disposition": f'attachment; filename="hearing-{short(hearing_id)}.ics"'}
    return Response(doors.appeals.hearings.calendar(hearing_id), media_type="text/calendar", headers=headers)


@router.post("/{appeal_id}/{action}", dependencies=[Checked])
def act(
    request: Request,
    doors: ServicesDep,
    person: Annotated[Actor, Depends(only("handler", "intake", "senior"))],
    appeal_id: str,
    action: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    path = "/handlers/appeals" if action == "take" and "next" in form else f"/handlers/appeals/{appeal_id}"
    return done_or_told(
        lambda: _perform(doors, person, appeal_id, action, form),
        path,
        lambda problem: _page(request, doors, person, appeal_id, problem),
    )


def _perform(doors: Services, person: Actor, appeal_id: str, action: str, form: dict[str, str]) -> None:
    if action not in _ACTIONS:
        raise NotFound("action-unknown", "there is no such action for an appeal")
    _ACTIONS[action](doors, person, appeal_id, form)


def _ask_repair(doors: Services, person: Actor, appeal_id: str, form: dict[str, str]) -> None:
    doors.appeals.repairs.ask(person, appeal_id, [code for code in omissions() if f"missing-{code}" in form])


def _invite(doors: Services, person: Actor, appeal_id: str, form: dict[str, str]) -> None:
    try:
        at = datetime.fromisoformat(form.get("at", "")).replace(tzinfo=AMSTERDAM)
    except ValueError as error:
        raise InvalidInput("moment-invalid", "write day and time as 2026-12-31T10:30") from error
    doors.appeals.hearings.invite(person, appeal_id, at, form.get("place", ""))


def _report(doors: Services, person: Actor, _: str, form: dict[str, str]) -> None:
    appeared = form.get("appeared") == "yes"
    doors.appeals.hearings.report(person, form.get("subject", ""), appeared=appeared, report=form.get("report", ""))


def _give_notice(doors: Services, person: Actor, appeal_id: str, form: dict[str, str]) -> None:
    try:
        received_on = date.fromisoformat(form.get("received_on", ""))
    except ValueError as error:
        raise InvalidInput("day-invalid", "write the day as 2026-12-31") from error
    doors.appeals.watch.give_notice(person, appeal_id, received_on)


def _decide(doors: Services, person: Actor, appeal_id: str, form: dict[str, str]) -> None:
    outcome = form.get("outcome", "")
    cents = number_from(form.get("sanction")) * 100 if outcome == "amended" else None
    help_asked = form.get("assistance", "").strip()
    verdict = Verdict(
        outcome,
        form.get("motivation", "").strip(),
        cents,
        form.get("unheard") or None,
        "against_reading" in form,
        Costs(assistance_cents=number_from(help_asked) * 100) if help_asked else None,
    )
    if not verdict.motivation:
        raise InvalidInput("motivation-missing", "a decision rests on a motivation (Awb art. 7:26)")
    doors.appeals.handling.decide(person, appeal_id, verdict)


_ACTIONS: dict[str, Callable[[Services, Actor, str, dict[str, str]], object]] = {
    "take": lambda doors, person, appeal_id, _: doors.appeals.handling.take(person, appeal_id),
    "release": lambda doors, person, appeal_id, form: doors.appeals.handling.release(
        person, appeal_id, form.get("reason", "")
    ),
    "adjourn": lambda doors, person, appeal_id, form: doors.appeals.handling.adjourn(
        person, appeal_id, form.get("reason", "")
    ),
    "lateness": lambda doors, person, appeal_id, form: doors.appeals.handling.judge_lateness(
        person, appeal_id, excused=form.get("excused") == "yes", reason=form.get("reason", "")
    ),
    "withdraw": lambda doors, person, appeal_id, form: doors.appeals.handling.withdraw(
        person, appeal_id, form.get("reason", "")
    ),
    "ask-repair": _ask_repair,
    "repaired": lambda doors, person, appeal_id, form: doors.appeals.repairs.repaired(
        person, appeal_id, form.get("reason", "")
    ),
    "invite": _invite,
    "report": _report,
    "cancel-hearing": lambda doors, person, _, form: doors.appeals.hearings.cancel(
        person, form.get("subject", ""), form.get("reason", "")
    ),
    "ask": lambda doors, person, appeal_id, form: doors.appeals.inquiries.ask(
        person, appeal_id, form.get("asked_of", ""), form.get("question", "")
    ),
    "answer": lambda doors, person, _, form: doors.appeals.inquiries.answer(
        person, form.get("subject", ""), form.get("answer", "")
    ),
    "notice": _give_notice,
    "decide": _decide,
    "approve": lambda doors, person, appeal_id, _: doors.appeals.handling.approve(person, appeal_id),
    "send-back": lambda doors, person, appeal_id, form: doors.appeals.handling.send_back(
        person, appeal_id, form.get("reason", "")
    ),
}
