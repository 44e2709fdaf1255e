"""The review desk: one photo after the other, by keyboard; the next one is loaded while this one is looked at."""

import json
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.dependencies import ServicesDep
from api.services import Services
from api.web.forms import Checked, TextField, box_from, number_from
from api.web.handler_pages import Person
from api.web.languages import refusal
from api.web.rendering import templates
from core.errors import DomainError, InvalidInput
from core.unit_of_work import Actor
from imaging.service import Box, ReadingView

router = APIRouter(prefix="/handlers/review")

_PURPOSE = "plate review"
_REJECTIONS = {
    "unreadable": "the plate cannot be read",
    "vehicles": "the photos do not show the same vehicle",
    "conduct": "the photos do not show what was recorded",
}
_REVIEWER = "the review desk is for reviewers"


def reviewer(person: Person) -> Actor:
    """Raises NotAllowed."""
    person.require("reviewer", told=_REVIEWER)
    return person


Reviewer = Annotated[Actor, Depends(reviewer)]


@router.get("")
def desk(request: Request, doors: ServicesDep, person: Reviewer, reason: str = "", order: str = "oldest") -> Response:
    return _desk(request, doors, person, _queue(doors, person, reason, order), reason, order)


@router.get("/item")
def item(
    request: Request, doors: ServicesDep, person: Reviewer, after: str, reason: str = "", order: str = "oldest"
) -> Response:
    """The reading that comes after `after` in the queue, for loading ahead; 204 at the end."""
    queue = _queue(doors, person, reason, order)
    places = {view.capture_id: place for place, view in enumerate(queue)}
    following = queue[places.get(after, -1) + 1 :]
    if not following:
        return Response(status_code=204)
    return templates.TemplateResponse(
        request, "review_item.html", _item(request, doors, following[0], len(following), reason, order)
    )


@router.get("/{capture_id}/photos/{position}")
def photo(doors: ServicesDep, person: Reviewer, capture_id: str, position: int) -> Response:
    """The original, which only a reviewer sees; the view is recorded."""
    return Response(doors.ingest.read_original(person, capture_id, position, _PURPOSE), media_type="image/jpeg")


@router.post("/{capture_id}", dependencies=[Checked])
def settle(
    request: Request,
    doors: ServicesDep,
    person: Reviewer,
    capture_id: str,
    verdict: TextField,
    plate: Annotated[str, Form()] = "",
    country: Annotated[str, Form()] = "",
    regions: Annotated[str, Form()] = "[]",
    reason: Annotated[str, Form()] = "",
    order: Annotated[str, Form()] = "oldest",
) -> Response:
    """What the reviewer saw. The desk's script asks for JSON and shows problems in place; a plain form gets a page."""
    by_script = "application/json" in request.headers.get("accept", "")
    try:
        _settle(doors, person, capture_id, verdict, (plate, country), regions)
    except DomainError as error:
        if by_script:
            raise
        return _desk(
            request, doors, person, _queue(doors, person, reason, order), reason, order, refusal(request, error)
        )
    if by_script:
        return Response(status_code=204)
    return RedirectResponse(f"/handlers/review?{urlencode({'reason': reason, 'order': order})}", 303)


def _settle(doors: Services, person: Actor, capture_id: str, verdict: str, read: tuple[str, str], regions: str) -> None:
    for position, box in _regions(regions):
        doors.imaging.change_region(person, capture_id, position, "add", box, "hidden at the review desk")
    if verdict in _REJECTIONS:
        doors.imaging.desk.reject(person, capture_id, _REJECTIONS[verdict])
    elif verdict == "read":
        doors.imaging.desk.confirm(person, capture_id, read[0], read[1].strip().upper())
    else:
        raise InvalidInput("verdict-unknown", f"a verdict is read, {' or '.join(_REJECTIONS)}")


def _regions(text: str) -> list[tuple[int, Box]]:
    try:
        return [(number_from(entry["position"]), box_from(entry["box"])) for entry in json.loads(text)]
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput("region-invalid", "regions is a JSON list of position and box") from error


def _queue(doors: Services, person: Actor, reason: str, order: str) -> list[ReadingView]:
    queue = [view for view in doors.imaging.desk.queue(person) if not reason or reason in view.reasons]
    return queue[::-1] if order == "newest" else queue


def _desk(
    request: Request,
    doors: Services,
    person: Actor,
    queue: list[ReadingView],
    reason: str,
    order: str,
    problem: str | None = None,
) -> Response:
    first = _item(request, doors, queue[0], len(queue), reason, order) if queue else {}
    return templates.TemplateResponse(
        request,
        "review.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "statistics": doors.imaging.desk.statistics(),
            "problem": problem,
            "reason": reason,
            "order": order,
            **first,
        },
        status_code=409 if problem else 200,
    )


def _item(
    request: Request, doors: Services, view: ReadingView, waiting: int, reason: str, order: str
) -> dict[str, object]:
    evidence = doors.ingest.evidence(view.capture_id)
    return {
        "csrf": request.session["csrf"],
        "view": view,
        "evidence": evidence,
        "positions": list(range(len(evidence.images))),
        "options": doors.imaging.desk.ways_to_read(view),
        "waiting": waiting,
        "reason": reason,
        "order": order,
    }
