"""Packages that a known camera signed but that cannot be evidence: kept with the reason until a person has looked."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.blobs import ORIGINALS, BlobStore
from core.clock import Clock
from core.errors import Conflict, DomainError, NotFound
from core.ids import new_id
from core.unit_of_work import Actor, UnitsOfWork
from ingest.capacity import Capacity
from ingest.models import QuarantinedPackage
from ingest.package import Package
from ingest.registry import camera_actor
from ingest.states import QUARANTINE

WAIVABLE = frozenset({"captured-too-long-ago", "camera-compromised"})
"""Rules that a person may let a package pass, with a reason; every other asks for what was missing to be put right."""


@dataclass(frozen=True)
class Quarantined:
    """A refused package, for the operator's list."""

    id: str
    camera_id: str
    code: str
    detail: str
    received_at: datetime
    state: str
    released_as: str | None
    """The capture that it became."""
    image_count: int

    @property
    def waivable(self) -> bool:
        """May a person let it pass although the rule holds?"""
        return self.code in WAIVABLE


@dataclass(frozen=True)
class Held:
    """How many of a camera's packages are held for a reason."""

    camera_id: str
    code: str
    count: int


class Quarantine:
    """See module."""

    def __init__(self, units: UnitsOfWork, blobs: BlobStore, clock: Clock, capacity: Capacity) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._capacity = capacity

    def hold(self, camera_id: str, package: Package, refusal: DomainError) -> None:
        """Keep a package and why it was refused, once. Raises TooMany where too much of this camera waits already."""
        digests = [hashlib.sha256(read()) for read in package.images]
        package_sha256 = hashlib.sha256(package.metadata + b"".join(digest.digest() for digest in digests)).hexdigest()
        with self._units.read() as session:
            known = session.scalars(
                select(QuarantinedPackage.id).where(
                    QuarantinedPackage.camera_id == camera_id,
                    QuarantinedPackage.package_sha256 == package_sha256,
                    QuarantinedPackage.code == refusal.code,
                )
            ).first()
        if known is not None:
            return
        self._capacity.check_quarantine(camera_id)
        quarantine_id = new_id()
        key = self._blobs.fresh_key(quarantine_id)
        readers = [lambda: package.metadata, *package.images]
        blobs = [hashlib.sha256(package.metadata).hexdigest(), *(digest.hexdigest() for digest in digests)]
        self._blobs.put_all(ORIGINALS, key, ((address, read()) for address, read in zip(blobs, readers, strict=True)))
        with self._units.begin(camera_actor(camera_id)) as uow:
            row = QuarantinedPackage(
                id=quarantine_id,
                camera_id=camera_id,
                package_sha256=package_sha256,
                code=refusal.code,
                detail=refusal.detail,
                received_at=self._clock.now(),
                blobs=blobs,
                signature=package.signature,
                state="held",
            )
            uow.session.add(key.fresh_row())
            try:
                uow.add(row)
                QUARANTINE.create(uow, row, refusal.code)
                uow.commit()
            except IntegrityError:
                # The same came at the same moment.
                return

    def packages(self, state: str = "", camera_id: str = "", code: str = "", limit: int = 200) -> list[Quarantined]:
        """The newest first: all, or those in a state, of a camera, for a reason."""
        wanted = select(QuarantinedPackage).order_by(QuarantinedPackage.received_at.desc()).limit(limit)
        for column, value in (
            (QuarantinedPackage.state, state),
            (QuarantinedPackage.camera_id, camera_id),
            (QuarantinedPackage.code, code),
        ):
            if value:
                wanted = wanted.where(column == value)
        with self._units.read() as session:
            return [_view(row) for row in session.scalars(wanted)]

    def package(self, quarantine_id: str) -> Quarantined:
        """Raises NotFound."""
        return _view(self._row(quarantine_id))

    def counts(self) -> list[Held]:
        """What is held, by reason and camera, the most first."""
        with self._units.read() as session:
            rows = session.execute(
                select(QuarantinedPackage.camera_id, QuarantinedPackage.code, func.count())
                .where(QuarantinedPackage.state == "held")
                .group_by(QuarantinedPackage.camera_id, QuarantinedPackage.code)
                .order_by(func.count().desc(), QuarantinedPackage.camera_id, QuarantinedPackage.code)
            )
            return [Held(*row) for row in rows]

    def metadata(self, quarantine_id: str) -> bytes:
        """As it came, which may be anything. Raises NotFound."""
        row = self._row(quarantine_id)
        return self._blobs.get(ORIGINALS, row.id, row.blobs[0])

    def read_image(self, actor: Actor, quarantine_id: str, position: int, purpose: str) -> bytes:
        """A part that should be a photo, as it came. Each view is in the audit log with its purpose before it happens.

        Raises NotFound.
        """
        row = self._row(quarantine_id)
        if position not in range(len(row.blobs) - 1):
            raise NotFound("image-unknown", "the package has no photo at this position")
        with self._units.begin(actor) as uow:
            uow.record("access", "original.viewed", "quarantined_package", row.id, purpose, {"position": position})
            uow.commit()
        return self._blobs.get(ORIGINALS, row.id, row.blobs[position + 1])

    def as_sent(self, quarantine_id: str) -> Package:
        """To be taken in again. Raises NotFound, or Conflict where it was discarded, or came without what is needed."""
        row = self._row(quarantine_id)
        if row.state == "discarded":
            raise Conflict("transition-refused", "it was discarded: it is not taken in again")
        if row.signature is None:
            raise Conflict("package-without-signature", "its signature was not kept: the camera has to send it again")
        return Package(
            self._blobs.get(ORIGINALS, row.id, row.blobs[0]),
            row.signature,
            [self._reader(row.id, address) for address in row.blobs[1:]],
        )

    def released(self, actor: Actor, quarantine_id: str, capture_id: str, reason: str) -> None:
        """It became a capture. Raises Conflict where it was seen to before."""
        with self._units.begin(actor) as uow:
            row = uow.session.get_one(QuarantinedPackage, quarantine_id, with_for_update=True)
            row.released_as = capture_id
            QUARANTINE.fire(uow, row, "release", reason, capture=capture_id)
            uow.commit()

    def discard(self, actor: Actor, quarantine_id: str, reason: str) -> None:
        """An operator has looked, and it is no evidence; raises NotFound, Conflict when it was seen to before."""
        with self._units.begin(actor) as uow:
            row = uow.session.get(QuarantinedPackage, quarantine_id, with_for_update=True)
            if row is None:
                raise NotFound("package-unknown", "no package with this id is in quarantine")
            QUARANTINE.fire(uow, row, "discard", reason)
            uow.commit()

    def _reader(self, case_id: str, address: str) -> Callable[[], bytes]:
        return lambda: self._blobs.get(ORIGINALS, case_id, address)

    def _row(self, quarantine_id: str) -> QuarantinedPackage:
        with self._units.read() as session:
            row = session.get(QuarantinedPackage, quarantine_id)
        if row is None:
            raise NotFound("package-unknown", "no package with this id is in quarantine")
        return row


def _view(row: QuarantinedPackage) -> Quarantined:
    return Quarantined(
        row.id,
        row.camera_id,
        row.code,
        row.detail,
        row.received_at,
        row.state,
        row.released_as,
        len(row.blobs) - 1,
    )
