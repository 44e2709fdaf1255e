"""The cameras that exist and the keys that they sign with: announced by a person, enrolled by the camera itself.

A key is known by the SHA-256 of its 32 bytes, so that nothing has to be handed back to a camera.
"""

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Select, delete, exists, func, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.clock import Clock
from core.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from core.settings import Settings
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from ingest.models import (
    Camera,
    CameraKey,
    Capture,
    EnrolmentCode,
    Heartbeat,
    QuarantinedPackage,
    RegistryVersion,
    SeenNonce,
)
from ingest.signature import key_id_of, possession_input
from ingest.states import CAMERA, CAMERA_KEY

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LONGEST_MODEL = 120
_HEALTH_DAYS = 14
_MOST_DRIFT_MS = 2**31 - 1


@dataclass(frozen=True)
class KnownKey:
    """A camera's key, whether it still signs or not."""

    id: str
    camera_id: str
    public_key: str


@dataclass(frozen=True)
class KeyView:
    """A key's days: it signs from the first moment up to, not including, the second."""

    id: str
    state: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True)
class Beat:
    """What a camera says of itself: `waiting` captures to be sent, the oldest of them made at `oldest_at`."""

    sent_at: datetime
    waiting: int
    oldest_at: datetime | None
    software: str


@dataclass(frozen=True)
class SilentCamera:
    """In use, and not heard of for long; `heard_at` is its last heartbeat."""

    id: str
    heard_at: datetime | None


@dataclass(frozen=True)
class Health:
    """How a camera does. `accepted` and `refused` are by day, the oldest first; `drift_ms` as in the heartbeat."""

    id: str
    model: str
    state: str
    last_capture_at: datetime | None
    heartbeat: Beat | None
    heard_at: datetime | None
    drift_ms: int | None
    accepted: Sequence[int]
    refused: Sequence[int]

    @property
    def rejection_permille(self) -> int | None:
        """Of what came in these days; None where nothing came."""
        came = sum(self.accepted) + sum(self.refused)
        return sum(self.refused) * 1000 // came if came else None


def moved_on(uow: UnitOfWork) -> None:
    """A camera, key or fact changed, in this transaction."""
    uow.session.execute(update(RegistryVersion).values(number=RegistryVersion.number + 1))


def camera_actor(camera_id: str) -> Actor:
    """A camera, acting for itself."""
    return Actor("camera", camera_id, frozenset({"camera"}))


class Registry:
    """See module."""

    def __init__(self, units: UnitsOfWork, clock: Clock, settings: Settings) -> None:
        self._units = units
        self._clock = clock
        self._settings = settings

    def announce(self, actor: Actor, camera_id: str, model: str) -> str:
        """A camera is to come: returns the code, shown this once, with which it brings its key.

        Raises NotAllowed, InvalidInput, Conflict.
        """
        actor.require("operator", told="only an operator announces cameras")
        if not _ID.fullmatch(camera_id) or not 0 < len(model) <= _LONGEST_MODEL:
            raise InvalidInput(
                "camera-id-invalid", "an id is 1 to 64 letters, digits, points, dashes; name the model too"
            )
        with self._units.begin(actor) as uow:
            if uow.session.get(Camera, camera_id) is not None:
                raise Conflict("camera-exists", "a camera with this id is registered")
            camera = Camera(
                id=camera_id, public_key=None, model=model, registered_at=self._clock.now(), state="announced"
            )
            uow.add(camera)
            CAMERA.create(uow, camera, "announced")
            code = self._new_code(uow, camera_id)
            moved_on(uow)
            uow.commit()
        return code

    def renew_code(self, actor: Actor, camera_id: str) -> str:
        """Another code where the first was lost or the camera lost its key; earlier ones are void.

        Raises NotFound, or Conflict for a camera that was revoked.
        """
        actor.require("operator", told="only an operator hands out codes")
        with self._units.begin(actor) as uow:
            camera = _camera(uow, camera_id)
            if camera.state == "revoked":
                raise Conflict("camera-revoked", "a camera that was revoked does not come back: announce a new one")
            uow.session.execute(
                delete(EnrolmentCode).where(EnrolmentCode.camera_id == camera_id, EnrolmentCode.used_at.is_(None))
            )
            code = self._new_code(uow, camera_id)
            uow.record("ingest", "camera.code_renewed", "camera", camera_id, "a new enrolment code", {})
            uow.commit()
        return code

    def enrol(self, code: str, public_key: str, proof: str) -> KnownKey:
        """The camera brings its key (Ed25519, base64), and with `proof` shows that it has the private one.

        Raises NotAuthenticated for a code that is not known, spent or too old, InvalidInput for a key or proof that is
        not right, Conflict for a key that is known already.
        """
        raw = _proven(public_key, proof, possession_input(code))
        code_sha256 = hashlib.sha256(code.encode()).hexdigest()
        with self._units.read() as session:
            known = session.get(EnrolmentCode, code_sha256)
        unknown = NotAuthenticated(
            "code-unknown", "this enrolment code is not known, spent or too old: ask for a new one"
        )
        if known is None:
            raise unknown
        with self._units.begin(camera_actor(known.camera_id)) as uow:
            row = uow.session.get(EnrolmentCode, code_sha256, with_for_update=True)
            now = self._clock.now()
            brought = uow.session.get(CameraKey, key_id_of(raw))
            if row is not None and row.used_at is not None and brought and brought.camera_id == row.camera_id:
                # The answer was lost, and the camera asks again with the key that it brought.
                return KnownKey(brought.id, brought.camera_id, brought.public_key)
            if row is None or row.used_at is not None or row.expires_at <= now:
                raise unknown
            row.used_at = now
            camera = _camera(uow, row.camera_id)
            if camera.state == "announced":
                CAMERA.fire(uow, camera, "enrol", "the camera brought its key")
            elif camera.state == "revoked":
                raise Conflict("camera-revoked", "this camera was revoked")
            # A camera that comes with a code again has lost what it had.
            for lost in uow.session.scalars(
                select(CameraKey).where(CameraKey.camera_id == camera.id, CameraKey.state == "active")
            ):
                lost.valid_to = now
                CAMERA_KEY.fire(uow, lost, "supersede", "the camera was enrolled anew")
            key = self._add_key(uow, camera.id, raw, public_key)
            moved_on(uow)
            uow.commit()
        return key

    def rotate(self, signed_with: KnownKey, public_key: str, proof: str) -> KnownKey:
        """A camera brings its next key, in a request that it signed with the present one, which goes on for a while
        (setting `key_overlap_days`). Raises InvalidInput, Conflict, NotAuthenticated."""
        raw = _proven(public_key, proof, possession_input(signed_with.camera_id))
        with self._units.begin(camera_actor(signed_with.camera_id)) as uow:
            present = uow.session.get_one(CameraKey, signed_with.id, with_for_update=True)
            key = self._add_key(uow, signed_with.camera_id, raw, public_key)
            if present.state != "active":
                # One that goes on for a while still signs captures, and brings in no other.
                raise NotAuthenticated("key-ended", "only the camera's present key brings in the next one")
            present.valid_to = self._clock.now() + timedelta(days=self._settings.key_overlap_days)
            CAMERA_KEY.fire(uow, present, "supersede", "the camera took another key")
            moved_on(uow)
            uow.commit()
        return key

    def revoke(
        self,
        actor: Actor,
        camera_id: str,
        reason: str,
        from_moment: datetime | None = None,
        *,
        compromised: bool = False,
    ) -> None:
        """From a moment on nothing that this camera measured is taken in; what it measured before stays valid.

        `compromised`: its keys may be in other hands, so what comes in from now on is held for a person, whenever it
        says it was made. Raises NotFound, Conflict, and InvalidInput for a moment that is still to come.
        """
        with self._units.begin(actor) as uow:
            camera = _camera(uow, camera_id)
            now = self._clock.now()
            if from_moment is not None and from_moment > now:
                raise InvalidInput("revocation-to-come", "a camera is revoked from now on, or from a moment that was")
            camera.revoked_from = from_moment or now
            camera.compromised = compromised
            CAMERA.fire(uow, camera, "revoke", reason, since=camera.revoked_from.isoformat(), compromised=compromised)
            for key in uow.session.scalars(select(CameraKey).where(CameraKey.camera_id == camera_id)):
                if key.valid_to is None or key.valid_to > camera.revoked_from:
                    key.valid_to = max(camera.revoked_from, key.valid_from)
                if key.state != "ended":
                    CAMERA_KEY.fire(uow, key, "end", reason)
            moved_on(uow)
            uow.commit()

    def keys_of(self, camera_id: str) -> list[KnownKey]:
        """Those that sign now; none of a camera that nobody knows."""
        with self._units.read() as session:
            camera = session.get(Camera, camera_id)
            if camera is None or camera.compromised:
                return []
            rows = session.scalars(select(CameraKey).where(CameraKey.camera_id == camera_id)).all()
        return [KnownKey(row.id, row.camera_id, row.public_key) for row in rows if self._signs(row)]

    def key(self, key_id: str) -> KnownKey:
        """A key that signs requests now. Raises NotAuthenticated, the same for all that do not."""
        with self._units.read() as session:
            found = session.get(CameraKey, key_id)
            camera = session.get(Camera, found.camera_id) if found else None
        if found is None or camera is None or camera.compromised or not self._signs(found):
            raise NotAuthenticated(
                "key-unknown", "no camera signs with this key now: enrol it, or take its present key"
            )
        return KnownKey(found.id, found.camera_id, found.public_key)

    def _signs(self, key: CameraKey) -> bool:
        """A camera that was revoked may still deliver what it measured before."""
        delivers = timedelta(days=self._settings.max_capture_age_days)
        return key.valid_to is None or self._clock.now() < key.valid_to + delivers

    def spend_nonce(self, key_id: str, nonce: str, holds_for: timedelta) -> None:
        """A signed request is acted upon once. Raises NotAuthenticated for one that was seen before."""
        with self._units.begin(camera_actor(key_id)) as uow:
            uow.session.add(SeenNonce(key_id=key_id, nonce=nonce, forget_at=self._clock.now() + holds_for))
            try:
                uow.commit()
            except IntegrityError as error:
                raise NotAuthenticated("request-replayed", "this very request came before: sign a new one") from error

    def forget_nonces(self) -> None:
        """What is too old to come again need not be remembered."""
        with self._units.begin(camera_actor("registry")) as uow:
            uow.session.execute(delete(SeenNonce).where(SeenNonce.forget_at <= self._clock.now()))
            uow.commit()

    def heard(self, camera_id: str, beat: Beat) -> None:
        """A camera said how it does; what came last counts, for a clock that was ahead may be set back."""
        now = self._clock.now()
        with self._units.begin(camera_actor(camera_id)) as uow:
            row = uow.session.get(Heartbeat, camera_id, with_for_update=True)
            if row is None:
                row = Heartbeat(camera_id=camera_id)
                uow.session.add(row)
            row.sent_at, row.received_at = beat.sent_at, now
            drift = round((beat.sent_at - now) / timedelta(milliseconds=1))
            row.drift_ms = max(-_MOST_DRIFT_MS, min(_MOST_DRIFT_MS, drift))
            row.waiting, row.oldest_at, row.software = beat.waiting, beat.oldest_at, beat.software
            uow.commit()

    def health(self, after: str = "", limit: int = 100) -> list[Health]:
        """How the cameras do, by id, those after a given one."""
        return self._health(select(Camera).where(Camera.id > after).order_by(Camera.id).limit(limit))

    def camera(self, camera_id: str) -> Health:
        """How one camera does. Raises NotFound."""
        found = self._health(select(Camera).where(Camera.id == camera_id))
        if not found:
            raise NotFound("camera-unknown", "no camera with this id")
        return found[0]

    def silent(self, limit: int = 100) -> list[SilentCamera]:
        """Cameras in use that were not heard of for as long as the setting says, by id."""
        since = self._clock.now() - timedelta(hours=self._settings.silent_hours)
        sent = exists().where(Capture.camera_id == Camera.id, Capture.received_at >= since)
        asked = (
            select(Camera.id, Heartbeat.received_at)
            .outerjoin(Heartbeat, Heartbeat.camera_id == Camera.id)
            .where(Camera.state == "active", ~sent, func.coalesce(Heartbeat.received_at < since, true()))
            .order_by(Camera.id)
            .limit(limit)
        )
        with self._units.read() as session:
            return [SilentCamera(*row) for row in session.execute(asked).tuples()]

    def keys(self, camera_id: str) -> list[KeyView]:
        """All that it ever had, the newest first."""
        with self._units.read() as session:
            rows = session.scalars(
                select(CameraKey).where(CameraKey.camera_id == camera_id).order_by(CameraKey.valid_from.desc())
            )
            return [KeyView(row.id, row.state, row.valid_from, row.valid_to) for row in rows]

    def _health(self, wanted: Select[Camera]) -> list[Health]:
        since = self._clock.now() - timedelta(days=_HEALTH_DAYS)
        with self._units.read() as session:
            cameras = session.scalars(wanted).all()
            ids = [camera.id for camera in cameras]
            beats = {
                beat.camera_id: beat for beat in session.scalars(select(Heartbeat).where(Heartbeat.camera_id.in_(ids)))
            }
            accepted = _by_day(session, Capture, ids, since)
            refused = _by_day(session, QuarantinedPackage, ids, since)
            last = dict(
                session.execute(
                    select(Capture.camera_id, func.max(Capture.received_at))
                    .where(Capture.camera_id.in_(ids))
                    .group_by(Capture.camera_id)
                )
                .tuples()
                .all()
            )
        return [
            Health(
                id=camera.id,
                model=camera.model,
                state=camera.state,
                last_capture_at=last.get(camera.id),
                heartbeat=_beat(beats.get(camera.id)),
                heard_at=beats[camera.id].received_at if camera.id in beats else None,
                drift_ms=beats[camera.id].drift_ms if camera.id in beats else None,
                accepted=accepted[camera.id],
                refused=refused[camera.id],
            )
            for camera in cameras
        ]

    def _new_code(self, uow: UnitOfWork, camera_id: str) -> str:
        code = secrets.token_urlsafe(24)
        uow.session.add(
            EnrolmentCode(
                code_sha256=hashlib.sha256(code.encode()).hexdigest(),
                camera_id=camera_id,
                expires_at=self._clock.now() + timedelta(days=self._settings.enrolment_days),
            )
        )
        return code

    def _add_key(self, uow: UnitOfWork, camera_id: str, raw: bytes, public_key: str) -> KnownKey:
        key_id = key_id_of(raw)
        if uow.session.get(CameraKey, key_id) is not None:
            raise Conflict("key-exists", "this key is known already: make a new one")
        row = CameraKey(
            id=key_id, camera_id=camera_id, public_key=public_key, valid_from=self._clock.now(), state="active"
        )
        uow.add(row)
        CAMERA_KEY.create(uow, row, "brought by the camera")
        return KnownKey(key_id, camera_id, public_key)


def _camera(uow: UnitOfWork, camera_id: str) -> Camera:
    camera = uow.session.get(Camera, camera_id, with_for_update=True)
    if camera is None:
        raise NotFound("camera-unknown", "no camera with this id")
    return camera


def _proven(public_key: str, proof: str, said: bytes) -> bytes:
    try:
        raw = base64.b64decode(public_key, validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(proof, validate=True), said)
    except (binascii.Error, ValueError, InvalidSignature) as error:
        raise InvalidInput(
            "key-invalid", "publicKey is 32 bytes Ed25519 in base64, and proof what its private key signed"
        ) from error
    return raw


def _beat(row: Heartbeat | None) -> Beat | None:
    return Beat(row.sent_at, row.waiting, row.oldest_at, row.software) if row else None


def _by_day(
    session: Session, model: type[Capture] | type[QuarantinedPackage], ids: Sequence[str], since: datetime
) -> dict[str, list[int]]:
    """How many rows came each day since a moment, by camera."""
    counts = {camera_id: [0] * _HEALTH_DAYS for camera_id in ids}
    day = func.date(model.received_at)
    first = (since + timedelta(days=1)).date()
    rows = session.execute(
        select(model.camera_id, day, func.count())
        .where(model.camera_id.in_(ids), model.received_at >= since)
        .group_by(model.camera_id, day)
    )
    for camera_id, found, count in rows:
        at = (datetime.fromisoformat(str(found)).date() - first).days
        if 0 <= at < _HEALTH_DAYS:
            counts[camera_id][at] = count
    return counts
