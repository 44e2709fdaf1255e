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
from imaging.service import Box

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
    return _desk(request, doors, person, reason, order)


@router.get("/item")
def item(
    request: Request, doors: ServicesDep, person: Reviewer, after: str, reason: str = "", order: str = "oldest"
) -> Response:
    """The reading that comes after `after` in the queue, for loading ahead; 204 at the end."""
    found = _item(request, doors, person, reason, order, after)
    return templates.TemplateResponse(request, "review_item.html", found) if found else Response(status_code=204)


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
        return _desk(request, doors, person, reason, order, refusal(request, error))
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


def _desk(
    request: Request, doors: Services, person: Actor, reason: str, order: str, problem: str | None = None
) -> Response:
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
            **_item(request, doors, person, reason, order),
        },
        status_code=409 if problem else 200,
    )


def _item(
    request: Request, doors: Services, person: Actor, reason: str, order: str, after: str = ""
) -> dict[str, object]:
    """The next reading of the queue; empty at its end."""
    desk, newest = doors.imaging.desk, order == "newest"
    found = desk.queue(person, reason, after, newest=newest, limit=1)
    if not found:
        return {}
    [view] = found
    evidence = doors.ingest.evidence(view.capture_id)
    return {
        "csrf": request.session["csrf"],
        "view": view,
        "evidence": evidence,
        "positions": list(range(len(evidence.images))),
        "options": desk.ways_to_read(view),
        "waiting": desk.waiting(person, reason, after, newest=newest),
        "reason": reason,
        "order": order,
    }
