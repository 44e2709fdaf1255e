"""The way in for citizens, by what stands on the letter or as who acts for one, and out again; the language."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from api.citizens import find_case
from api.dependencies import AddressDep, LimitDep, ServicesDep
from api.problems import status_of
from api.schemas.citizens import CaseLookup
from api.schemas.mandates import MandateTakenIn
from api.services import Services
from api.web.device import known_device, remember_device
from api.web.forms import Checked, TextField, begin_form, form_fields
from api.web.identity_provider import CitizenLogin
from api.web.idling import LEFT_BEHIND
from api.web.languages import LANGUAGES, refusal
from api.web.rendering import templates
from api.web.visiting import EntryNeeded, VisitorDep, come_in, visitor
from core.errors import DomainError, InvalidInput, NotFound
from core.visits import BY_LETTER, BY_MANDATE, Visitor
from fines.service import MandateView

router = APIRouter()

_FIELDS = ("case_number", "plate", "access_code")


@router.get("/")
def start(request: Request) -> Response:
    return _start(request)


def _start(request: Request, problem: DomainError | None = None, said: dict[str, str] | None = None) -> Response:
    begin_form(request)
    context = {
        "problem": refusal(request, problem) if problem else None,
        "said": said or {},
        "ended": request.session.pop("ended", False),
    }
    status = status_of(problem) if problem else 200
    return templates.TemplateResponse(request, "start.html", context, status_code=status)


def to_start(request: Request, _: Exception) -> Response:
    """The visit is over: the first page, which says so."""
    request.session["ended"] = "visit" in request.session
    request.session.pop("visit", None)
    return RedirectResponse("/", 303)


@router.post("/enter", dependencies=[Checked])
def enter(
    request: Request,
    doors: ServicesDep,
    limit: LimitDep,
    address: AddressDep,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    """Who is there already with one letter may add another."""
    said = {name: form.get(name, "").strip() for name in _FIELDS}
    try:
        lookup = CaseLookup.model_validate(said)
    except ValidationError:
        told = InvalidInput("lookup-invalid", "case number, plate or access code cannot be right")
        return _start(request, told, said)
    try:
        decision = find_case(doors, limit, known_device(request, doors, lookup.case_number) or address, lookup)
    except DomainError as error:
        return _start(request, error, said)
    earlier = _there_already(request, doors)
    if earlier is None or earlier.level == BY_MANDATE:
        come_in(request, doors, doors.visits.begin(BY_LETTER, subject=decision.id))
    else:
        doors.visits.open(earlier, decision.id)
    answer = RedirectResponse(f"/cases/{decision.id}", 303)
    remember_device(request, doors, answer, decision.case_number)
    return answer


@router.get("/act-for")
def act_for(request: Request) -> Response:
    """The way in for who acts for somebody."""
    return _act_for(request)


def _act_for(request: Request, problem: DomainError | None = None, said: dict[str, str] | None = None) -> Response:
    begin_form(request)
    context = {"problem": refusal(request, problem) if problem else None, "said": said or {}}
    return templates.TemplateResponse(
        request, "act_for.html", context, status_code=status_of(problem) if problem else 200
    )


@router.post("/act-for", dependencies=[Checked])
def take_mandate(
    request: Request,
    doors: ServicesDep,
    limit: LimitDep,
    address: AddressDep,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    """Who logged in takes the mandate for good; who did not comes in with its code each time."""
    said = {name: form.get(name, "").strip() for name in ("case_number", "mandate_code")}
    try:
        given = MandateTakenIn.model_validate(said)
    except ValidationError:
        told = InvalidInput("lookup-invalid", "case number or code cannot be right")
        return _act_for(request, told, said)
    earlier = _there_already(request, doors)
    try:
        with limit.guarding(address, given.case_number):
            mandate = _mandate(doors, earlier, given)
    except DomainError as error:
        return _act_for(request, error, said)
    if earlier is None or earlier.person is None:
        come_in(request, doors, doors.visits.begin(BY_MANDATE, subject=mandate.id), for_another=True)
    return RedirectResponse(f"/cases/{mandate.decision_id}", 303)


def _mandate(doors: Services, earlier: Visitor | None, given: MandateTakenIn) -> MandateView:
    """Raises NotFound for a code that opens nothing."""
    if earlier is not None and earlier.person is not None:
        return doors.fines.mandates.take(earlier.actor, earlier.person, given.case_number, given.mandate_code)
    return doors.fines.mandates.open(given.case_number, given.mandate_code)


@router.get("/login")
async def to_broker(request: Request, doors: ServicesDep) -> Response:
    try:
        return await _broker(request).send_there(request, f"{doors.settings.site}/login/return")
    except DomainError as error:
        return _start(request, error)


@router.get("/login/return")
async def from_broker(request: Request, doors: ServicesDep) -> Response:
    """A new visit, whatever was there before: a login takes nothing over from one who was not known."""
    try:
        who = await _broker(request).who_came(request)
    except DomainError as error:
        return _start(request, error)
    come_in(request, doors, await run_in_threadpool(doors.visits.begin, who.level, person=who.person))
    return RedirectResponse("/cases", 303)


def _broker(request: Request) -> CitizenLogin:
    """Raises NotFound where the settings name none."""
    found: CitizenLogin | None = request.app.state.citizen_login
    if found is None:
        raise NotFound("page-unknown", "there is no such page")
    return found


def _there_already(request: Request, doors: ServicesDep) -> Visitor | None:
    try:
        return visitor(request, doors)
    except EntryNeeded:
        return None


@router.post("/leave", dependencies=[Checked])
def leave(request: Request, doors: ServicesDep, who: VisitorDep) -> Response:
    doors.visits.end(who)
    for name in ("visit", "seen", "csrf"):
        request.session.pop(name, None)
    return RedirectResponse("/", 303, {"Clear-Site-Data": LEFT_BEHIND})


@router.post("/stay", status_code=204, dependencies=[Checked])
def stay(_: VisitorDep) -> None:
    """The visitor is still reading: his visit does not end yet."""


@router.post("/language", dependencies=[Checked])
def choose_language(request: Request, language: TextField, back: TextField) -> Response:
    """Back to the page on which it was chosen."""
    if language not in LANGUAGES:
        raise InvalidInput("language-unknown", f"the languages are: {', '.join(LANGUAGES)}")
    request.session["language"] = language
    # One slash only: two would lead to another site.
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    return RedirectResponse(back if inside else "/", 303)
