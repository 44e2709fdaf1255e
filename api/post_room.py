"""For the post room: scanned letters, what a machine read on them, and what a person makes of them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from api import presenters
from api.dependencies import ServicesDep, require
from api.problems import PROBLEM_RESPONSES
from api.schemas.appeals import AdditionIn, LetterEntryIn, ScannedLetterOut
from api.schemas.common import CreatedOut, ReasonIn
from api.schemas.handlers import PurposeIn
from api.services import Services
from api.uploads import FILE_RESPONSES, REFUSED_FILES, FileDep, shown
from appeals.service import LetterView
from core.unit_of_work import Actor

router = APIRouter(
    prefix="/v1/handlers/scanned-letters",
    tags=["appeals"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)

PostRoom = Annotated[Actor, Depends(require("handler", "intake"))]


@router.get("")
def waiting(_: PostRoom, doors: ServicesDep) -> list[ScannedLetterOut]:
    """Letters to be entered, the oldest first."""
    return [_out(doors, letter) for letter in doors.appeals.post_room.waiting()]


@router.post("", status_code=201, responses=REFUSED_FILES)
def scan(
    file: FileDep, received_on: Annotated[date, Form(alias="receivedOn")], actor: PostRoom, doors: ServicesDep
) -> CreatedOut:
    """Take in the scan (PDF or picture) of a letter that was received on a day."""
    return CreatedOut(id=doors.appeals.post_room.scan(actor, file, received_on))


@router.get("/{letter_id}")
def letter(letter_id: str, _: PostRoom, doors: ServicesDep) -> ScannedLetterOut:
    """One letter, with what a machine read on it."""
    return _out(doors, doors.appeals.post_room.letter(letter_id))


@router.post("/{letter_id}/fetches", response_class=Response, responses=FILE_RESPONSES)
def fetch(letter_id: str, body: PurposeIn, actor: PostRoom, doors: ServicesDep) -> Response:
    """The scan itself; that it was looked at is recorded with the purpose."""
    return shown(doors.appeals.post_room.open(actor, letter_id, body.purpose))


@router.post("/{letter_id}/appeals", status_code=201)
def enter(letter_id: str, body: LetterEntryIn, actor: PostRoom, doors: ServicesDep) -> CreatedOut:
    """Make an appeal of it, received on the day of the letter, with the scan as its attachment."""
    decision = doors.fines.find(body.case_number, body.plate)
    received_on = doors.appeals.post_room.letter(letter_id).received_on
    filing = presenters.filing(body, channel="letter", received_on=received_on)
    return CreatedOut(id=doors.appeals.post_room.enter(actor, letter_id, decision, filing))


@router.post("/{letter_id}/additions", status_code=204)
def add(letter_id: str, body: AdditionIn, actor: PostRoom, doors: ServicesDep) -> None:
    """It belongs to an appeal that is there."""
    doors.appeals.post_room.add_to(actor, letter_id, body.appeal_id)


@router.post("/{letter_id}/dismissals", status_code=204)
def dismiss(letter_id: str, body: ReasonIn, actor: PostRoom, doors: ServicesDep) -> None:
    """It is no appeal; the reason says to whom it was sent on (Awb art. 2:3)."""
    doors.appeals.post_room.dismiss(actor, letter_id, body.reason)


def _out(doors: Services, letter: LetterView) -> ScannedLetterOut:
    named = doors.appeals.post_room.case_on(letter)
    return ScannedLetterOut(
        **vars(letter), case_number=named.case_number if named else None, plate=named.plate if named else None
    )
