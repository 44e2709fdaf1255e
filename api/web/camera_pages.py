"""The camera desk: how the cameras do, what entitles each, and the quarantine of what they sent."""

import json
from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api import presenters
from api.dependencies import ServicesDep
from api.services import Services
from api.web.forms import Checked, TextField, form_fields
from api.web.handler_pages import done_or_told, only
from api.web.languages import refusal
from api.web.rendering import templates
from core.errors import DomainError, InvalidInput, NotFound
from core.unit_of_work import Actor
from ingest.service import KINDS_OF_FACT

router = APIRouter(prefix="/handlers")

Desk = Annotated[Actor, Depends(only("operator", "auditor"))]
Operator = Annotated[Actor, Depends(only("operator"))]

_LOOKED_AT = "judging a package in quarantine"


@router.get("/cameras")
def cameras(request: Request, doors: ServicesDep, person: Desk, after: str = "") -> Response:
    return _cameras(request, doors, person, after=after)


def _cameras(
    request: Request, doors: Services, person: Actor, problem: str | None = None, code: str = "", after: str = ""
) -> Response:
    context = {
        "person": person,
        "csrf": request.session["csrf"],
        "cameras": doors.ingest.registry.health(after),
        "held": sum(one.count for one in doors.ingest.quarantine.counts()),
        "shortage": doors.ingest.capacity.shortage(),
        "code": code,
        "problem": problem,
    }
    return templates.TemplateResponse(request, "cameras.html", context, status_code=409 if problem else 200)


@router.post("/cameras", dependencies=[Checked])
def announce(
    request: Request, doors: ServicesDep, person: Operator, camera_id: TextField, model: TextField
) -> Response:
    """The code is shown on this very page, once."""
    try:
        code = doors.ingest.registry.announce(person, camera_id.strip(), model.strip())
    except DomainError as error:
        return _cameras(request, doors, person, refusal(request, error))
    return _cameras(request, doors, person, code=code)


@router.get("/cameras/{camera_id}")
def camera(request: Request, doors: ServicesDep, person: Desk, camera_id: str) -> Response:
    return _camera(request, doors, person, camera_id)


def _camera(
    request: Request, doors: Services, person: Actor, camera_id: str, problem: str | None = None, code: str = ""
) -> Response:
    found = doors.ingest.registry.camera(camera_id)
    context = {
        "person": person,
        "csrf": request.session["csrf"],
        "camera": found,
        "keys": doors.ingest.registry.keys(camera_id),
        "facts": doors.ingest.metrology.facts_about(camera_id, found.model),
        "code": code,
        "problem": problem,
    }
    return templates.TemplateResponse(request, "camera.html", context, status_code=409 if problem else 200)


@router.post("/cameras/{camera_id}/code", dependencies=[Checked])
def renew_code(request: Request, doors: ServicesDep, person: Operator, camera_id: str) -> Response:
    try:
        code = doors.ingest.registry.renew_code(person, camera_id)
    except DomainError as error:
        return _camera(request, doors, person, camera_id, refusal(request, error))
    return _camera(request, doors, person, camera_id, code=code)


@router.post("/cameras/{camera_id}/revocation", dependencies=[Checked])
def revoke(
    request: Request,
    doors: ServicesDep,
    person: Operator,
    camera_id: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    return done_or_told(
        request,
        lambda: doors.ingest.registry.revoke(
            person, camera_id, _reason(form), compromised=form.get("compromised") == "yes"
        ),
        f"/handlers/cameras/{camera_id}",
        lambda problem: _camera(request, doors, person, camera_id, problem),
    )


@router.post("/cameras/{camera_id}/facts/{kind}/{fact_id}", dependencies=[Checked])
def withdraw(
    request: Request,
    doors: ServicesDep,
    person: Operator,
    camera_id: str,
    kind: str,
    fact_id: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    """From now on, a fact does not hold."""
    if kind not in KINDS_OF_FACT:
        raise NotFound("fact-unknown", "there is none with this id")
    return done_or_told(
        request,
        lambda: doors.ingest.metrology.withdraw(person, kind, fact_id, doors.clock.now(), _reason(form)),
        f"/handlers/cameras/{camera_id}",
        lambda problem: _camera(request, doors, person, camera_id, problem),
    )


@router.get("/cameras/{camera_id}/facts/{kind}/{fact_id}")
def rested_on(request: Request, doors: ServicesDep, person: Desk, camera_id: str, kind: str, fact_id: str) -> Response:
    """What became of the captures that rested on a fact, since it does not hold any more."""
    if kind not in KINDS_OF_FACT:
        raise NotFound("fact-unknown", "there is none with this id")
    context = {
        "person": person,
        "csrf": request.session["csrf"],
        "camera_id": camera_id,
        "kind": kind,
        "known": doors.ingest.metrology.fact(kind, fact_id),
        "fates": presenters.fates(
            doors,
            lambda: doors.ingest.evidence_of(doors.ingest.metrology.resting_on(kind, fact_id)),
        ),
    }
    return templates.TemplateResponse(request, "rested_on.html", context)


@router.get("/quarantine")
def quarantine(
    request: Request, doors: ServicesDep, person: Desk, state: str = "held", camera: str = "", reason: str = ""
) -> Response:
    folder = doors.ingest.drop_folder
    context = {
        "person": person,
        "csrf": request.session["csrf"],
        "counts": doors.ingest.quarantine.counts(),
        "packages": doors.ingest.quarantine.packages(state, camera, reason),
        "deliveries": folder.refused() if folder else [],
        "chosen": {"state": state, "camera": camera, "reason": reason},
    }
    return templates.TemplateResponse(request, "quarantine.html", context)


@router.get("/quarantine/{package_id}")
def package(request: Request, doors: ServicesDep, person: Desk, package_id: str) -> Response:
    return _package(request, doors, person, package_id)


def _package(
    request: Request, doors: Services, person: Actor, package_id: str, problem: str | None = None, picture: str = ""
) -> Response:
    context = {
        "person": person,
        "csrf": request.session["csrf"],
        "package": doors.ingest.quarantine.package(package_id),
        "picture": picture,
        "metadata": _readable(doors.ingest.quarantine.metadata(package_id)),
        "problem": problem,
    }
    return templates.TemplateResponse(request, "quarantined.html", context, status_code=409 if problem else 200)


@router.post("/quarantine/{package_id}/photos/{position}", dependencies=[Checked])
def photo(request: Request, doors: ServicesDep, person: Operator, package_id: str, position: int) -> Response:
    """What came as a photo, on the page if it may be one and as a file if not; the look is recorded."""
    part = doors.ingest.quarantine.read_image(person, package_id, position, _LOOKED_AT)
    if not part.startswith(b"\xff\xd8\xff"):
        headers = {"Content-Disposition": f'attachment; filename="part-{position}.bin"'}
        return Response(part, media_type="application/octet-stream", headers=headers)
    return _package(request, doors, person, package_id, picture=b64encode(part).decode())


@router.post("/quarantine/{package_id}/{action}", dependencies=[Checked])
def act(
    request: Request,
    doors: ServicesDep,
    person: Operator,
    package_id: str,
    action: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    """Release or discard."""
    acts = {"release": doors.ingest.release, "discard": doors.ingest.quarantine.discard}
    if action not in acts:
        raise NotFound("action-unknown", "there is no such act")
    return done_or_told(
        request,
        lambda: acts[action](person, package_id, _reason(form)),
        f"/handlers/quarantine/{package_id}",
        lambda problem: _package(request, doors, person, package_id, problem),
    )


def _reason(form: dict[str, str]) -> str:
    reason = form.get("reason", "").strip()
    if not reason:
        raise InvalidInput("reason-missing", "say why")
    return reason


def _readable(metadata: bytes) -> str:
    """Indented where it is JSON, as it came where it is not."""
    text = metadata.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
