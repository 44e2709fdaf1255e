"""The page of one appeal, with its photo, its terms and all that can be done."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import Response

from api.dependencies import ServicesDep
from api.services import Services
from api.uploads import checked, shown
from api.web.appeal_list_pages import Reader, take_next
from api.web.forms import Checked, day_from, form_fields, moment_from, number_from
from api.web.handler_pages import done_or_told, only
from api.web.languages import refusal
from api.web.photos import photos_of
from api.web.rendering import templates
from api.web.timeline import timeline_of
from appeals.service import (
    ASKED_OF,
    UNHEARD,
    Costs,
    Verdict,
    grounds,
    omissions,
)
from core.errors import DomainError, InvalidInput, NotFound
from core.ids import short
from core.unit_of_work import Actor

router = APIRouter(prefix="/handlers/appeals")

_MOST_WORDS = 1000
"""Characters of a search; longer ones are cut."""


@router.get("/{appeal_id}")
def appeal_page(request: Request, doors: ServicesDep, person: Reader, appeal_id: str) -> Response:
    return _page(request, doors, person, appeal_id)


def _page(
    request: Request,
    doors: Services,
    person: Actor,
    appeal_id: str,
    problem: str | None = None,
    words: str | None = None,
) -> Response:
    """With earlier decisions nearest to the `words` where some were asked for; the page's script asks by itself."""
    appeal = doors.appeals.appeal(appeal_id)
    decision = doors.fines.decision(appeal.decision_id)
    subjects = {appeal.id, decision.id, *(one.id for one in appeal.hearings), *(one.id for one in appeal.inquiries)}
    return templates.TemplateResponse(
        request,
        "appeal.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "appeal": appeal,
            "decision": decision,
            "evidence": doors.ingest.evidence(decision.capture_id),
            "photos": photos_of(doors, person, decision.capture_id, "page of an appeal"),
            "named": grounds().get(appeal.ground or ""),
            "grounds": grounds(),
            "omissions": omissions(),
            "unheard": UNHEARD,
            "asked_of": ASKED_OF,
            "days_left": (appeal.decide_until - doors.fines.today()).days,
            "timeline": timeline_of(doors, subjects),
            "words": words or "",
            "precedents": doors.appeals.precedents.like(appeal_id, words[:_MOST_WORDS]) if words is not None else None,
            "problem": problem,
        },
        status_code=409 if problem else 200,
    )


@router.get("/{appeal_id}/hearings/{hearing_id}.ics")
def calendar(doors: ServicesDep, _: Reader, appeal_id: str, hearing_id: str) -> Response:  # noqa: ARG001
    headers = {"Content-Disposition": f'attachment; filename="hearing-{short(hearing_id)}.ics"'}
    return Response(doors.appeals.hearings.calendar(hearing_id), media_type="text/calendar", headers=headers)


@router.get("/{appeal_id}/attachments/{attachment_id}")
def attachment(doors: ServicesDep, person: Reader, appeal_id: str, attachment_id: str) -> Response:  # noqa: ARG001
    return shown(doors.appeals.attachments.open(person, attachment_id, "handling of the appeal"))


@router.post("/{appeal_id}/attachments", dependencies=[Checked])
def attach(
    request: Request,
    doors: ServicesDep,
    person: Annotated[Actor, Depends(only("handler", "intake"))],
    appeal_id: str,
    file: Annotated[UploadFile, File()],
) -> Response:
    return done_or_told(
        request,
        lambda: doors.appeals.attachments.add(person, appeal_id, checked(doors, file)),
        f"/handlers/appeals/{appeal_id}",
        lambda problem: _page(request, doors, person, appeal_id, problem),
    )


@router.post("/{appeal_id}/precedents", dependencies=[Checked])
def precedents(
    request: Request, doors: ServicesDep, person: Reader, appeal_id: str, words: Annotated[str, Form()] = ""
) -> Response:
    """Earlier decisions: for the page's script the part of it that shows them, else the whole page."""
    if "hx-request" not in request.headers:
        return _page(request, doors, person, appeal_id, words=words)
    found = {"precedents": doors.appeals.precedents.like(appeal_id, words[:_MOST_WORDS]), "grounds": grounds()}
    return templates.TemplateResponse(request, "precedents.html", found)


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
    if action == "decide" and "next" in form:
        return _decide_and_go_on(request, doors, person, appeal_id, form)
    return done_or_told(
        request,
        lambda: _perform(doors, person, appeal_id, action, form),
        path,
        lambda problem: _page(request, doors, person, appeal_id, problem),
    )


def _decide_and_go_on(
    request: Request, doors: Services, person: Actor, appeal_id: str, form: dict[str, str]
) -> Response:
    """Decide, and open the next one that fits; back to this one where the decision was refused."""
    try:
        _decide(doors, person, appeal_id, form)
    except DomainError as error:
        return _page(request, doors, person, appeal_id, refusal(request, error))
    return take_next(request, doors, person)


def _perform(doors: Services, person: Actor, appeal_id: str, action: str, form: dict[str, str]) -> None:
    if action not in _ACTIONS:
        raise NotFound("action-unknown", "there is no such action for an appeal")
    _ACTIONS[action](doors, person, appeal_id, form)


def _ask_repair(doors: Services, person: Actor, appeal_id: str, form: dict[str, str]) -> None:
    doors.appeals.repairs.ask(person, appeal_id, [code for code in omissions() if f"missing-{code}" in form])


def _invite(doors: Services, person: Actor, appeal_id: str, form: dict[str, str]) -> None:
    doors.appeals.hearings.invite(person, appeal_id, moment_from(form.get("at")), form.get("place", ""))


def _report(doors: Services, person: Actor, _: str, form: dict[str, str]) -> None:
    appeared = form.get("appeared") == "yes"
    doors.appeals.hearings.report(person, form.get("subject", ""), appeared=appeared, report=form.get("report", ""))


def _give_notice(doors: Services, person: Actor, appeal_id: str, form: dict[str, str]) -> None:
    doors.appeals.watch.give_notice(person, appeal_id, day_from(form.get("received_on")))


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
