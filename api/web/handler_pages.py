"""The handlers' pages: log in, work list, case page with photo, timeline and actions."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api import presenters
from api.dependencies import After, ServicesDep
from api.paging import page_of
from api.schemas.handlers import FateOut
from api.services import Services
from api.uploads import shown
from api.web.forms import Checked, TextField, box_from, day_from, form_fields, number_from
from api.web.idling import looked_lately, looks_now
from api.web.languages import LANGUAGES, N_, refusal
from api.web.photos import photos_of
from api.web.rendering import templates
from api.web.timeline import timeline_of
from api.web.waiting import queue, queues
from appeals.service import Choice
from core.errors import DomainError, InvalidInput, NotAuthenticated, NotFound
from core.roles import APPEAL_READERS, CASE_READERS
from core.unit_of_work import Actor
from fines.service import MeasureKind, WriteOff

router = APIRouter(prefix="/handlers")

_Row = TypeVar("_Row")
_FEW = 20
"""Of what waits, on the work list: the others stand on a page of their own."""
_MANY = 50
"""On such a page."""


class LoginNeeded(Exception):
    """Nobody is behind this session; the app answers with the way to the login page."""


def current(request: Request, doors: ServicesDep) -> Actor:
    """The person behind the session, who looked at a page not long ago. Raises LoginNeeded."""
    if not looked_lately(request, doors, doors.settings.login_idle_minutes):
        raise LoginNeeded
    try:
        found = doors.principals.logged_in(request.session.get("login", ""))
    except NotAuthenticated as error:
        raise LoginNeeded from error
    looks_now(request, doors)
    return found


def to_login(_: Request, __: Exception) -> Response:
    return RedirectResponse("/handlers/login", 303)


Person = Annotated[Actor, Depends(current)]


def only(*roles: str) -> Callable[[Actor], Actor]:
    """A dependency: the person behind the session, who must have one of these roles. Raises NotAllowed."""

    def dependency(person: Person) -> Actor:
        person.require(*roles, told=f"this page is for: {', '.join(roles)}")
        return person

    return dependency


CaseReader = Annotated[Actor, Depends(only(*CASE_READERS))]


def done_or_told(request: Request, act: Callable[[], object], path: str, page: Callable[[str], Response]) -> Response:
    """One form, one service call: on to `path`, or the page once more with the reason why it was refused."""
    try:
        act()
    except DomainError as error:
        return page(refusal(request, error))
    return RedirectResponse(path, 303)


@router.post("/language", dependencies=[Checked])
def choose_language(request: Request, _: Person, language: TextField, back: TextField) -> Response:
    """Back to the page on which it was chosen."""
    if language not in LANGUAGES:
        raise InvalidInput("language-unknown", f"the languages are: {', '.join(LANGUAGES)}")
    request.session["language"] = language
    return RedirectResponse(back if back.startswith("/handlers") else "/handlers", 303)


@router.get("")
def work_list(request: Request, doors: ServicesDep, person: Person) -> Response:
    """What waits, for each role what is its own."""

    def shown(roles: Sequence[str], rows: Callable[[], list[_Row]]) -> list[_Row]:
        return rows() if person.roles.intersection(roles) else []

    newest = shown(CASE_READERS, lambda: presenters.fates(doors, doors.ingest.newest))
    ended, further = page_of(
        lambda size: shown(CASE_READERS, lambda: doors.fines.ended_without_decision("", size)), _FEW
    )
    waits = shown(("handler",), lambda: queues(doors, _FEW))
    before_courts = shown(APPEAL_READERS, lambda: doors.appeals.at_court(limit=_FEW))
    names = doors.fines.case_names([one.decision_id for one in before_courts])
    return templates.TemplateResponse(
        request,
        "work_list.html",
        {
            "person": person,
            "reviews": shown(("reviewer",), lambda: doors.imaging.desk.queue(person, limit=_FEW)),
            "review_count": doors.imaging.desk.waiting(person) if "reviewer" in person.roles else 0,
            "queues": waits,
            "counts": Counter({one.kind: one.count for one in waits}),
            "appeals": shown(APPEAL_READERS, lambda: doors.appeals.work_list.page(Choice())[0]),
            "terms": doors.appeals.watch.counts(),
            "court_count": doors.appeals.count_at_court() if person.roles.intersection(APPEAL_READERS) else 0,
            "at_court": [(one, names[one.decision_id][0]) for one in before_courts],
            "quarantine": shown(("operator",), lambda: doors.ingest.quarantine.packages("held", limit=_FEW)),
            "held": sum(one.count for one in shown(("operator",), doors.ingest.quarantine.counts)),
            "failures": shown(("operator",), doors.dead_letters.failures),
            "fates": newest,
            "ended": presenters.fates(doors, lambda: doors.ingest.evidence_of(ended)) if ended else [],
            "ended_further": further,
            "csrf": request.session["csrf"],
        },
    )


@router.get("/captures")
def capture_list(request: Request, doors: ServicesDep, person: CaseReader, before: After = "") -> Response:
    """All captures, a page at a time, the newest first."""
    found, last = page_of(lambda size: presenters.fates(doors, lambda: doors.ingest.newest(before, size)), _MANY)
    further = f"/handlers/captures?before={last.id}" if last else ""
    return _captures(request, person, N_("All captures"), found, further)


@router.get("/captures/no-decision")
def no_decision_list(request: Request, doors: ServicesDep, person: CaseReader, before: After = "") -> Response:
    """All captures that no decision came of, a page at a time, the newest assessed first."""
    ids, last = page_of(lambda size: doors.fines.ended_without_decision(before, size), _MANY)
    found = presenters.fates(doors, lambda: doors.ingest.evidence_of(ids))
    further = f"/handlers/captures/no-decision?before={last}" if last else ""
    return _captures(
        request, person, N_("No decision: prosecutor, unknown keeper, no tariff, too late"), found, further
    )


def _captures(request: Request, person: Actor, title: str, found: Sequence[FateOut], further: str) -> Response:
    context = {"person": person, "csrf": request.session["csrf"], "title": title, "fates": found, "further": further}
    return templates.TemplateResponse(request, "captures.html", context)


@router.get("/waiting/{kind}")
def waiting_list(
    request: Request,
    doors: ServicesDep,
    person: Annotated[Actor, Depends(only("handler"))],
    kind: str,
    after: After = "",
) -> Response:
    """All that waits of one kind, a page at a time, the oldest first."""
    found = queue(doors, kind, after, _MANY)
    context = {"person": person, "csrf": request.session["csrf"], "queue": found}
    return templates.TemplateResponse(request, "waiting.html", context)


@router.get("/cases/{capture_id}")
def case_page(request: Request, doors: ServicesDep, person: CaseReader, capture_id: str) -> Response:
    return _case(request, doors, person, capture_id)


def _case(request: Request, doors: Services, person: Actor, capture_id: str, problem: str | None = None) -> Response:
    evidence = doors.ingest.evidence(capture_id)
    try:
        reading = doors.imaging.reading(capture_id)
    except NotFound:
        reading = None
    decision = doors.fines.decision_for_capture(capture_id)
    appeal = doors.appeals.appeal_for_decision(decision.id) if decision else None
    subjects = {capture_id} | ({decision.id} if decision else set()) | ({appeal.id} if appeal else set())
    if appeal and appeal.court:
        subjects.add(appeal.court.id)
    mandates = doors.fines.mandates.of_capture(capture_id)
    subjects |= {mandate.id for mandate in mandates}
    movements, increases = doors.fines.money_of(decision.id) if decision else ([], [])
    return templates.TemplateResponse(
        request,
        "case.html",
        {
            "movements": movements,
            "plans": doors.fines.plans.of_case(decision.id) if decision else [],
            "measures": doors.fines.recovery.of_case(decision.id) if decision else [],
            "measure_kinds": list(MeasureKind),
            "grounds": list(WriteOff),
            "increases": increases,
            "statements": doors.fines.liability.of_capture(capture_id),
            "corrections": doors.fines.corrections.of_decision(decision.id) if decision else [],
            "mandates": mandates,
            "deliveries": doors.fines.deliveries.of_decision(decision.id) if decision else [],
            "checkouts": doors.fines.checkouts.of_decision(decision.id) if decision else [],
            "person": person,
            "evidence": evidence,
            "reading": reading,
            "decision": decision,
            "assessment": doors.fines.assessment(capture_id),
            "appeal": appeal,
            "photos": photos_of(doors, person, capture_id, "page of a case"),
            "redactions": doors.imaging.redaction_records(capture_id),
            "timeline": timeline_of(doors, subjects),
            "problem": problem,
            "csrf": request.session["csrf"],
        },
        status_code=409 if problem else 200,
    )


@router.post("/cases/{capture_id}/original", dependencies=[Checked])
def original(
    doors: ServicesDep,
    person: Annotated[Actor, Depends(only("reviewer", "handler"))],
    capture_id: str,
    purpose: TextField,
) -> Response:
    return Response(doors.ingest.read_original(person, capture_id, 0, purpose), media_type="image/jpeg")


@router.get("/cases/{capture_id}/evidence/{evidence_id}")
def evidence_file(
    doors: ServicesDep,
    person: Annotated[Actor, Depends(only("handler"))],
    capture_id: str,  # noqa: ARG001 - the page from which it is opened
    evidence_id: str,
) -> Response:
    return shown(doors.fines.liability.open_evidence(person, evidence_id, "decision on the statement"))


@router.get("/cases/{capture_id}/proofs/{proof_id}")
def proof_file(
    doors: ServicesDep,
    person: Annotated[Actor, Depends(only("handler"))],
    capture_id: str,  # noqa: ARG001 - the page from which it is opened
    proof_id: str,
) -> Response:
    return shown(doors.fines.mandates.open_proof(person, proof_id, "decision on the mandate"))


@router.post("/cases/{capture_id}/{action}", dependencies=[Checked])
def act(
    request: Request,
    doors: ServicesDep,
    person: CaseReader,
    capture_id: str,
    action: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    return done_or_told(
        request,
        lambda: _perform(doors, person, capture_id, action, form),
        f"/handlers/cases/{capture_id}",
        lambda problem: _case(request, doors, person, capture_id, problem),
    )


def _perform(doors: Services, person: Actor, capture_id: str, action: str, form: dict[str, str]) -> None:
    if action == "confirm":
        doors.imaging.desk.confirm(person, capture_id, form.get("plate", ""), form.get("country", "").upper())
        return
    if action == "reject":
        doors.imaging.desk.reject(person, capture_id, form.get("reason", "") or "not readable")
        return
    if action == "lift":
        box = box_from(form.get("box", "").split(","))
        position = number_from(form.get("position"))
        doors.imaging.change_region(person, capture_id, position, "lift", box, form.get("reason", ""))
        return
    decision = doors.fines.decision_for_capture(capture_id)
    if decision is not None and action in _COLLECTION:
        _COLLECTION[action](doors, person, decision.case_number, form)
        return
    decided: dict[str, Callable[[Actor, str, str], object]] = {
        "accept-statement": doors.fines.liability.accept,
        "refuse-statement": doors.fines.liability.refuse,
        "honour-correction": doors.fines.corrections.honour,
        "refuse-correction": doors.fines.corrections.refuse,
        "grant-mandate": doors.fines.mandates.grant,
        "refuse-mandate": doors.fines.mandates.refuse,
    }
    if decision is not None and action == "end-mandate":
        doors.fines.mandates.end(person, decision.id, form.get("reason", ""))
        return
    if decision is not None and action in decided:
        decided[action](person, form.get("subject", ""), form.get("reason", ""))
        return
    raise NotFound("action-unknown", "there is no such action for this case")


def _ask_plan(doors: Services, person: Actor, case_number: str, form: dict[str, str]) -> None:
    doors.fines.plans.ask(person, case_number, number_from(form.get("parts")))


def _propose(doors: Services, person: Actor, case_number: str, form: dict[str, str]) -> None:
    kind = MeasureKind(_one_of(form.get("kind", ""), list(MeasureKind)))
    doors.fines.recovery.propose(person, case_number, kind, debt_restructuring="restructuring" in form)


def _stop(doors: Services, person: Actor, case_number: str, form: dict[str, str]) -> None:
    doors.fines.recovery.stop(person, case_number, day_from(form.get("until")), form.get("reason", ""))


def _write_off(doors: Services, person: Actor, case_number: str, form: dict[str, str]) -> None:
    ground = WriteOff(_one_of(form.get("ground", ""), list(WriteOff)))
    doors.fines.recovery.write_off(person, case_number, ground, form.get("reason", ""))


def _one_of(text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise InvalidInput("choice-unknown", f"choose one of: {', '.join(known)}")
    return text


def _step(doors: Services, person: Actor, _: str, form: dict[str, str]) -> None:
    """A decision on a plan or a step that is under way."""
    plans, recovery = doors.fines.plans, doors.fines.recovery
    steps: dict[str, Callable[[Actor, str, str], None]] = {
        "grant plan": plans.grant,
        "refuse plan": plans.refuse,
        "agree": recovery.decide,
        "refuse": recovery.refuse,
        "leave given": lambda actor, subject, why: recovery.court_answered(actor, subject, leave=True, reason=why),
        "leave refused": lambda actor, subject, why: recovery.court_answered(actor, subject, leave=False, reason=why),
        "done": recovery.execute,
        "over": recovery.end,
        "lift": recovery.lift,
    }
    steps[_one_of(form.get("step", ""), list(steps))](person, form.get("subject", ""), form.get("reason", ""))


_COLLECTION: dict[str, Callable[[Services, Actor, str, dict[str, str]], None]] = {
    "ask-plan": _ask_plan,
    "propose": _propose,
    "stop": _stop,
    "write-off": _write_off,
    "step": _step,
}
