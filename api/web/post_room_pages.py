"""The post room's pages: scan a letter, read over what a machine read on it, make an appeal of it."""

from base64 import b64encode
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from api import presenters
from api.dependencies import ServicesDep
from api.schemas.appeals import LetterEntryIn
from api.services import Services
from api.uploads import checked, shown
from api.web.forms import Checked, appeal_from, day_from, form_fields
from api.web.handler_pages import done_or_told, only
from api.web.languages import refusal
from api.web.rendering import templates
from appeals.service import LANGUAGES, LetterView, grounds
from core.errors import DomainError, InvalidInput, NotFound
from core.unit_of_work import Actor

router = APIRouter(prefix="/handlers/letters")

PostRoom = Annotated[Actor, Depends(only("handler", "intake"))]


@router.get("")
def letters(request: Request, doors: ServicesDep, person: PostRoom) -> Response:
    return _list(request, doors, person)


def _list(request: Request, doors: Services, person: Actor, problem: str | None = None) -> Response:
    context = {
        "person": person,
        "csrf": request.session["csrf"],
        "letters": doors.appeals.post_room.waiting(),
        "today": doors.fines.today(),
        "problem": problem,
    }
    return templates.TemplateResponse(request, "letters.html", context, status_code=409 if problem else 200)


@router.post("", dependencies=[Checked])
def scan(
    request: Request,
    doors: ServicesDep,
    person: PostRoom,
    file: Annotated[UploadFile, File()],
    received_on: Annotated[str, Form()],
) -> Response:
    try:
        letter_id = doors.appeals.post_room.scan(person, checked(doors, file), day_from(received_on))
    except DomainError as error:
        return _list(request, doors, person, refusal(request, error))
    return RedirectResponse(f"/handlers/letters/{letter_id}", 303)


@router.get("/{letter_id}")
def letter_page(request: Request, doors: ServicesDep, person: PostRoom, letter_id: str) -> Response:
    return _page(request, doors, person, letter_id, {})


def _page(
    request: Request,
    doors: Services,
    person: Actor,
    letter_id: str,
    typed: dict[str, str],
    problem: str | None = None,
) -> Response:
    """With what was typed already or, at first, what a machine read."""
    letter = doors.appeals.post_room.letter(letter_id)
    context = {
        "person": person,
        "csrf": request.session["csrf"],
        "letter": letter,
        "pages": [b64encode(page).decode() for page in _pictures(doors, person, letter)],
        "typed": typed or _read_by_machine(doors, letter),
        "grounds": grounds(),
        "spoken": LANGUAGES,
        "problem": problem,
    }
    return templates.TemplateResponse(request, "letter.html", context, status_code=409 if problem else 200)


def _pictures(doors: Services, person: Actor, letter: LetterView) -> list[bytes]:
    return doors.appeals.post_room.pictures(person, letter.id, "entering the letter") if letter.waiting else []


def _read_by_machine(doors: Services, letter: LetterView) -> dict[str, str]:
    named = doors.appeals.post_room.case_on(letter)
    case = {"case_number": named.case_number, "plate": named.plate_display} if named else {}
    return {"grounds": letter.draft or "", **case}


@router.get("/{letter_id}/scan")
def show_scan(doors: ServicesDep, person: PostRoom, letter_id: str) -> Response:
    return shown(doors.appeals.post_room.open(person, letter_id, "entering the letter"))


@router.post("/{letter_id}/{action}", dependencies=[Checked])
def act(
    request: Request,
    doors: ServicesDep,
    person: PostRoom,
    letter_id: str,
    action: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    if action not in _ACTIONS:
        raise NotFound("action-unknown", "there is no such action for a letter")
    return done_or_told(
        request,
        lambda: _ACTIONS[action](doors, person, letter_id, form),
        "/handlers/letters",
        lambda problem: _page(request, doors, person, letter_id, form, problem),
    )


def _enter(doors: Services, person: Actor, letter_id: str, form: dict[str, str]) -> None:
    try:
        body = LetterEntryIn.model_validate(
            {
                **appeal_from(form),
                "case_number": form.get("case_number", ""),
                "plate": form.get("plate", ""),
                "language": form.get("language", "nl"),
                "posted_on": day_from(form["posted_on"]) if form.get("posted_on") else None,
            }
        )
    except ValidationError as error:
        fields = sorted({str(item["loc"][-1]).replace("_", " ") for item in error.errors()})
        raise InvalidInput("letter-incomplete", f"these cannot be right: {', '.join(fields)}") from error
    decision = doors.fines.find(body.case_number, body.plate)
    received_on = doors.appeals.post_room.letter(letter_id).received_on
    filing = presenters.filing(body, channel="letter", received_on=received_on)
    doors.appeals.post_room.enter(person, letter_id, decision, filing)


def _add(doors: Services, person: Actor, letter_id: str, form: dict[str, str]) -> None:
    decision = doors.fines.find(form.get("case_number", "").replace(" ", ""), form.get("plate", ""))
    appeal = doors.appeals.appeal_for_decision(decision.id)
    if appeal is None:
        raise NotFound("appeal-unknown", "nobody appealed in this case yet")
    doors.appeals.post_room.add_to(person, letter_id, appeal.id)


def _dismiss(doors: Services, person: Actor, letter_id: str, form: dict[str, str]) -> None:
    doors.appeals.post_room.dismiss(person, letter_id, form.get("reason", ""))


_ACTIONS: dict[str, Callable[[Services, Actor, str, dict[str, str]], None]] = {
    "enter": _enter,
    "add": _add,
    "dismiss": _dismiss,
}
