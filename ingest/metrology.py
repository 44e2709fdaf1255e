"""What entitles a camera to measure at a moment: approval of its type, calibration, where and how it was put up, the
speed limit there, and certificates of what else a measurement rests on. All of it is dated and has a source.

What lies outside any of these is no evidence, and the refusal says which. Facts never change; one that turns out to be
wrong is withdrawn from a moment on, with a reason.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, String, cast, func, select, true
from sqlalchemy.orm import Session

from core.clock import AMSTERDAM, Clock
from core.database import Base
from core.errors import Conflict, NotAllowed, NotFound
from core.unit_of_work import Actor, UnitsOfWork
from ingest.facts import KINDS_OF_FACT, Approval, Certificate, Limit, MeasurementFact, PutUp, Reference, check
from ingest.metadata import CaptureMetadata, Certified, MeasuredSpeed
from ingest.models import (
    CalibrationCertificate,
    Camera,
    Capture,
    Deployment,
    ReferenceCertificate,
    SpeedLimit,
    TypeApproval,
)
from ingest.registry import moved_on

_EARTH_M = 6_371_000


_MODELS: dict[type[Any], type[Base]] = {
    Approval: TypeApproval,
    Certificate: CalibrationCertificate,
    Reference: ReferenceCertificate,
    PutUp: Deployment,
    Limit: SpeedLimit,
}


@dataclass(frozen=True)
class KnownFact:
    """A fact that was entered; withdrawn from a moment on, where it was."""

    id: str
    fact: MeasurementFact
    withdrawn_from: datetime | None


@dataclass(frozen=True)
class EndingCalibration:
    """A camera in use whose last certificate ends, or ended; from then on nothing it measures can be evidence."""

    camera_id: str
    ends_at: datetime


@dataclass(frozen=True)
class Basis:
    """What entitled a camera to a measurement, by the ids of the facts."""

    certificate_id: str
    approval_id: str
    deployment_id: str
    limit_id: str | None
    reference_ids: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a capture, beside the certificate."""
        return {
            "approval": self.approval_id,
            "deployment": self.deployment_id,
            "speedLimit": self.limit_id,
            "references": list(self.reference_ids),
        }


@dataclass(frozen=True)
class Entitling:
    """All that may entitle a camera, whenever it held."""

    certificates: Sequence[CalibrationCertificate]
    approvals: Sequence[TypeApproval]
    deployments: Sequence[Deployment]
    limits: Sequence[SpeedLimit]


class Metrology:
    """See module."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    def add(self, actor: Actor, fact: MeasurementFact) -> str:
        """Enter a fact; returns its id. Raises NotAllowed, NotFound for an unknown camera, InvalidInput for one that
        cannot be."""
        actor.require("operator", told="only an operator enters what entitles cameras")
        check(fact)
        with self._units.begin(actor) as uow:
            camera_id = getattr(fact, "camera_id", None)
            if camera_id is not None and uow.session.get(Camera, camera_id) is None:
                raise NotFound("camera-unknown", "register the camera first")
            row: Any = _MODELS[type(fact)](**vars(fact))
            uow.add(row)
            moved_on(uow)
            uow.commit()
        return str(row.id)

    def withdraw(self, actor: Actor, kind: str, fact_id: str, since: datetime, reason: str) -> None:
        """It does not hold, from a moment on. Raises NotAllowed, NotFound, Conflict where it was withdrawn before."""
        actor.require("operator", told="only an operator withdraws what entitles cameras")
        with self._units.begin(actor) as uow:
            row: Any = uow.session.get(_MODELS[KINDS_OF_FACT[kind]], fact_id, with_for_update=True)
            if row is None:
                raise NotFound("fact-unknown", "there is none with this id")
            if row.withdrawn_from is not None:
                raise Conflict("withdrawn-already", "it was withdrawn before")
            row.withdrawn_from = since
            uow.record("ingest", "fact.withdrawn", row.__tablename__, fact_id, reason, {"from": since.isoformat()})
            moved_on(uow)
            uow.commit()

    def facts(self, kind: str) -> list[KnownFact]:
        """All of a kind (a name of `KINDS_OF_FACT`), the newest first."""
        with self._units.read() as session:
            return _known(session, KINDS_OF_FACT[kind], true())

    def fact(self, kind: str, fact_id: str) -> KnownFact:
        """Raises NotFound."""
        model: Any = _MODELS[KINDS_OF_FACT[kind]]
        with self._units.read() as session:
            found = _known(session, KINDS_OF_FACT[kind], model.id == fact_id)
        if not found:
            raise NotFound("fact-unknown", "there is none with this id")
        return found[0]

    def resting_on(self, kind: str, fact_id: str, limit: int = 1000) -> list[str]:
        """Ids of the captures that rested on a fact, since it does not hold any more; the oldest first.

        All that did, where it was not withdrawn. Raises NotFound.
        """
        since = self.fact(kind, fact_id).withdrawn_from
        if KINDS_OF_FACT[kind] is Certificate:
            names_it: ColumnElement[bool] = Capture.certificate_id == fact_id
        else:
            names_it = cast(Capture.basis, String).contains(fact_id, autoescape=True)
        wanted = select(Capture.id).where(names_it).order_by(Capture.captured_at, Capture.id).limit(limit)
        if since is not None:
            wanted = wanted.where(Capture.captured_at >= since)
        with self._units.read() as session:
            return list(session.scalars(wanted))

    def facts_about(self, camera_id: str, model: str) -> list[tuple[str, KnownFact]]:
        """What entitles a camera, by kind: what is its own, its type's, and its stretches'."""
        with self._units.read() as session:
            approvals = _known(session, Approval, TypeApproval.model == model)
            certificates = _known(session, Certificate, CalibrationCertificate.camera_id == camera_id)
            deployments = _known(session, PutUp, Deployment.camera_id == camera_id)
            stretches = {one.fact.stretch for one in deployments if isinstance(one.fact, PutUp)}
            limits = _known(session, Limit, SpeedLimit.stretch.in_(stretches))
        return [
            *(("type-approvals", one) for one in approvals),
            *(("calibration-certificates", one) for one in certificates),
            *(("deployments", one) for one in deployments),
            *(("speed-limits", one) for one in limits),
        ]

    def ending(self, within: timedelta, limit: int = 100) -> list[EndingCalibration]:
        """Cameras in use that have no certificate beyond so long from now, the most urgent first."""
        ends = func.max(CalibrationCertificate.valid_to)
        asked = (
            select(CalibrationCertificate.camera_id, ends)
            .join(Camera, Camera.id == CalibrationCertificate.camera_id)
            .where(Camera.state == "active", CalibrationCertificate.withdrawn_from.is_(None))
            .group_by(CalibrationCertificate.camera_id)
            .having(ends < self._clock.now() + within)
            .order_by(ends)
            .limit(limit)
        )
        with self._units.read() as session:
            return [EndingCalibration(*row) for row in session.execute(asked).tuples()]

    @staticmethod
    def entitling(session: Session, camera: Camera) -> Entitling:
        """Of a camera."""
        deployments = _rows(session, Deployment, Deployment.camera_id == camera.id)
        stretches = {one.stretch for one in deployments}
        return Entitling(
            _rows(session, CalibrationCertificate, CalibrationCertificate.camera_id == camera.id),
            _rows(session, TypeApproval, TypeApproval.model == camera.model),
            deployments,
            _rows(session, SpeedLimit, SpeedLimit.stretch.in_(stretches)),
        )

    @staticmethod
    def basis(session: Session, known: Entitling, metadata: CaptureMetadata) -> Basis:
        """What entitles the camera to this measurement. Raises NotAllowed with the first that is missing."""
        at = metadata.captured_at
        speed = metadata.observed().speed
        certificates = _holding(known.certificates, at)
        if not certificates:
            raise NotAllowed("calibration-expired", "no calibration certificate holds at the moment of the conduct")
        kind = metadata.model_fields["kind"].default
        approvals = [one for one in _holding(known.approvals, at) if kind in one.kinds]
        if not approvals:
            raise NotAllowed(
                "type-not-approved", f"no approval of this type of camera for '{kind}' holds at that moment"
            )
        deployment = _deployment(_holding(known.deployments, at), metadata, speed)
        limit = _limit(known.limits, deployment, speed, at) if speed else None
        return Basis(
            certificates[0].id,
            approvals[0].id,
            deployment.id,
            limit.id if limit else None,
            [_reference(session, metadata, claim) for claim in metadata.references()],
        )

    @staticmethod
    def described(session: Session, bases: Sequence[dict[str, Any] | None]) -> list[dict[str, Any]]:
        """The facts that captures rested on, for people and courts; empty for one from before they were kept."""
        kept = [basis for basis in bases if basis is not None]
        approvals = _told(session, Approval, {basis["approval"] for basis in kept})
        deployments = _told(session, PutUp, {basis["deployment"] for basis in kept})
        limits = _told(session, Limit, {basis["speedLimit"] for basis in kept if basis["speedLimit"]})
        references = _told(session, Reference, {one for basis in kept for one in basis["references"]})

        def describe(basis: dict[str, Any]) -> dict[str, Any]:
            found: dict[str, Any] = {
                "type_approval": approvals[basis["approval"]],
                "deployment": deployments[basis["deployment"]],
            }
            if basis["speedLimit"]:
                found["speed_limit"] = limits[basis["speedLimit"]]
            if "waived" in basis:
                found["waived"] = basis["waived"]
            if basis["references"]:
                found["references"] = [references[one] for one in basis["references"]]
            return found

        return [{} if basis is None else describe(basis) for basis in bases]


def _told(session: Session, kind: type[Any], ids: set[str]) -> dict[str, dict[str, Any]]:
    """Facts by id, each by the names of its fields."""
    model: Any = _MODELS[kind]
    rows = session.scalars(select(model).where(model.id.in_(ids))) if ids else ()
    return {row.id: asdict(_fact(kind, row)) for row in rows}


def _known(session: Session, kind: type[Any], which: ColumnElement[bool]) -> list[KnownFact]:
    """The newest first."""
    model: Any = _MODELS[kind]
    rows = session.scalars(select(model).where(which).order_by(model.valid_from.desc(), model.id.desc()))
    return [KnownFact(row.id, _fact(kind, row), row.withdrawn_from) for row in rows]


def _fact(kind: type[Any], row: Any) -> Any:
    return kind(**{name: getattr(row, name) for name in kind.__dataclass_fields__})


_Row = TypeVar("_Row", CalibrationCertificate, TypeApproval, Deployment, SpeedLimit, ReferenceCertificate)


def _rows(session: Session, model: type[_Row], which: ColumnElement[bool]) -> Sequence[_Row]:
    """The newest first."""
    return session.scalars(select(model).where(which).order_by(model.valid_from.desc(), model.id)).all()


def _holding(rows: Sequence[_Row], at: datetime) -> list[_Row]:
    return [
        row
        for row in rows
        if row.valid_from <= at
        and (row.valid_to is None or at < row.valid_to)
        and (row.withdrawn_from is None or at < row.withdrawn_from)
    ]


def _deployment(there: Sequence[Deployment], metadata: CaptureMetadata, speed: MeasuredSpeed | None) -> Deployment:
    if not there:
        raise NotAllowed("not-deployed", "the camera was put up nowhere at the moment of the conduct")
    departures = [list(_departures(one, metadata, speed)) for one in there]
    for one, found in zip(there, departures, strict=True):
        if not found:
            return one
    raise NotAllowed("deployed-otherwise", f"the camera was put up otherwise: {'; '.join(departures[0])}")


def _departures(deployment: Deployment, metadata: CaptureMetadata, speed: MeasuredSpeed | None) -> Iterator[str]:
    """In what the capture is not of the camera as it was put up."""
    place = metadata.location
    if (place.road, place.municipality) != (deployment.road, deployment.municipality):
        yield "on another road"
    away = _metres((place.latitude, place.longitude), (deployment.latitude, deployment.longitude))
    if away > deployment.radius_m:
        yield f"{away:.0f} m away, {deployment.radius_m} m are allowed"
    if metadata.direction != deployment.direction:
        yield f"it was to look at traffic that is {deployment.direction}"
    if speed is not None and speed.limit_kmh != deployment.limit_kmh:
        yield f"it was set to {deployment.limit_kmh} km/h"


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance (haversine), of places in degrees."""
    (north, east), (far_north, far_east) = (map(math.radians, place) for place in (one, other))
    half = (
        math.sin((far_north - north) / 2) ** 2
        + math.cos(north) * math.cos(far_north) * math.sin((far_east - east) / 2) ** 2
    )
    return 2 * _EARTH_M * math.asin(math.sqrt(half))


def _limit(known: Sequence[SpeedLimit], deployment: Deployment, speed: MeasuredSpeed, at: datetime) -> SpeedLimit:
    hour = at.astimezone(AMSTERDAM).hour
    there = [
        one
        for one in _holding(known, at)
        if one.stretch == deployment.stretch
        and (one.from_hour is None or one.to_hour is None or _within(hour, one.from_hour, one.to_hour))
    ]
    for limit in there:
        if (limit.limit_kmh, limit.road_type) == (speed.limit_kmh, speed.road_type):
            return limit
    others = ", ".join(f"{one.limit_kmh} km/h ({one.road_type})" for one in there) or "none"
    raise NotAllowed(
        "speed-limit-not-in-force",
        f"the register has no limit of {speed.limit_kmh} km/h ({speed.road_type}) there at that moment, but: {others}",
    )


def _within(hour: int, first: int, last: int) -> bool:
    """Hours that pass midnight come back in the morning."""
    return first <= hour < last if first < last else hour >= first or hour < last


def _reference(session: Session, metadata: CaptureMetadata, claim: Certified) -> str:
    certificates = _rows(session, ReferenceCertificate, ReferenceCertificate.subject == claim.subject)
    for one in _holding(certificates, metadata.captured_at):
        if (one.number, one.value_mm, one.uncertainty_mm) == (claim.number, claim.value_mm, claim.uncertainty_mm):
            return one.id
    raise NotAllowed(
        "reference-not-certified",
        f"no certificate {claim.number} of {claim.subject} holds at that moment with the value that was measured with",
    )
