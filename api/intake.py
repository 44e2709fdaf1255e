"""For operators: the cameras, what entitles them to measure, and what of theirs is held in quarantine."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api import presenters
from api.dependencies import ServicesDep, require
from api.problems import PROBLEM_RESPONSES
from api.schemas.cameras import (
    CameraIn,
    CameraOut,
    CaptureReceipt,
    CodeOut,
    FactIn,
    FactKind,
    FactWithdrawalIn,
    HeldPackagesOut,
    MeasurementFactOut,
    MetadataOut,
    QuarantineOut,
    RevocationIn,
)
from api.schemas.common import CreatedOut, ReasonIn
from api.schemas.handlers import FateOut, OriginalViewIn
from core.unit_of_work import Actor
from ingest.service import KINDS_OF_FACT

router = APIRouter(
    prefix="/v1/handlers",
    tags=["handlers"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)

Operator = Annotated[Actor, Depends(require("operator"))]
Watcher = Annotated[Actor, Depends(require("operator", "auditor"))]
_Filter = Annotated[str, Query(max_length=64)]


@router.get("/cameras")
def cameras(_: Watcher, doors: ServicesDep, after: _Filter = "") -> list[CameraOut]:
    """How a hundred cameras do, those after an id."""
    return [presenters.camera(one) for one in doors.ingest.registry.health(after)]


@router.post("/cameras", status_code=201)
def announce_camera(body: CameraIn, actor: Operator, doors: ServicesDep) -> CodeOut:
    """A camera is to come: the code, shown this once, with which it brings its key."""
    return CodeOut(camera_id=body.id, code=doors.ingest.registry.announce(actor, body.id, body.model))


@router.post("/cameras/{camera_id}/enrolment-codes", status_code=201)
def renew_code(camera_id: str, actor: Operator, doors: ServicesDep) -> CodeOut:
    """Another code, where the first was lost or the camera lost its key; earlier ones are void."""
    return CodeOut(camera_id=camera_id, code=doors.ingest.registry.renew_code(actor, camera_id))


@router.post("/cameras/{camera_id}/revocations", status_code=204)
def revoke_camera(camera_id: str, body: RevocationIn, actor: Operator, doors: ServicesDep) -> None:
    """What it measured from then on is not taken in; what it measured before stays valid."""
    doors.ingest.registry.revoke(actor, camera_id, body.reason, body.since, compromised=body.compromised)


@router.get("/measurement-facts/{kind}")
def facts(kind: FactKind, _: Watcher, doors: ServicesDep) -> list[MeasurementFactOut]:
    """What entitles cameras to measure, of a kind, the newest first."""
    return [
        MeasurementFactOut(id=known.id, kind=kind, fields=asdict(known.fact), withdrawn_from=known.withdrawn_from)
        for known in doors.ingest.metrology.facts(kind)
    ]


@router.post("/measurement-facts", status_code=201)
def enter_fact(body: FactIn, actor: Operator, doors: ServicesDep) -> CreatedOut:
    """An approval, certificate, deployment or speed limit."""
    fact = KINDS_OF_FACT[body.kind](**body.model_dump(exclude={"kind"}))
    return CreatedOut(id=doors.ingest.metrology.add(actor, fact))


@router.post("/measurement-facts/{kind}/{fact_id}/withdrawals", status_code=204)
def withdraw_fact(kind: FactKind, fact_id: str, body: FactWithdrawalIn, actor: Operator, doors: ServicesDep) -> None:
    """It does not hold from then on: what rested on it becomes no fine."""
    doors.ingest.metrology.withdraw(actor, kind, fact_id, body.since, body.reason)


@router.get("/measurement-facts/{kind}/{fact_id}/captures")
def captures_on_fact(kind: FactKind, fact_id: str, _: Watcher, doors: ServicesDep) -> list[FateOut]:
    """What became of the captures that rested on a fact, since it does not hold any more: the first thousand."""
    return presenters.fates(doors, lambda: doors.ingest.evidence_of(doors.ingest.metrology.resting_on(kind, fact_id)))


@router.get("/quarantined-packages")
def quarantine(
    _: Watcher, doors: ServicesDep, state: _Filter = "", camera_id: Annotated[str, Query(alias="cameraId")] = "",
    reason: _Filter = "",
) -> list[QuarantineOut]:  # fmt: skip
    """Packages that a known camera signed but that were refused, the newest two hundred."""
    return [presenters.quarantined(item) for item in doors.ingest.quarantine.packages(state, camera_id, reason)]


@router.get("/quarantine-counts")
def quarantine_counts(_: Watcher, doors: ServicesDep) -> list[HeldPackagesOut]:
    """How many are held, by reason and camera."""
    return [HeldPackagesOut(**vars(item)) for item in doors.ingest.quarantine.counts()]


@router.get("/quarantined-packages/{package_id}/metadata")
def package_metadata(package_id: str, _: Watcher, doors: ServicesDep) -> MetadataOut:
    """What its camera said."""
    return MetadataOut(text=doors.ingest.quarantine.metadata(package_id).decode("utf-8", "replace"))


@router.post(
    "/quarantined-packages/{package_id}/photo-views",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "A part of it, as it came"}},
)
def view_part(package_id: str, body: OriginalViewIn, actor: Operator, doors: ServicesDep) -> Response:
    """What should be a photo, as it came; the view is recorded with its purpose."""
    part = doors.ingest.quarantine.read_image(actor, package_id, body.position, body.purpose)
    return Response(part, media_type="application/octet-stream")


@router.post("/quarantined-packages/{package_id}/releases", status_code=201)
def release_package(package_id: str, body: ReasonIn, actor: Operator, doors: ServicesDep) -> CaptureReceipt:
    """Take it in, now that what was missing is there; or because a person lets it pass, where the rule allows that."""
    return presenters.receipt(doors.ingest.release(actor, package_id, body.reason))


@router.post("/quarantined-packages/{package_id}/discards", status_code=204)
def discard_package(package_id: str, body: ReasonIn, actor: Operator, doors: ServicesDep) -> None:
    """An operator has looked at it: it is no evidence."""
    doors.ingest.quarantine.discard(actor, package_id, body.reason)
