"""Can all originals be read, and are they what was taken in? For whoever restored an installation."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from core.blobs import ORIGINALS, BlobStore
from core.errors import NotFound
from core.unit_of_work import SYSTEM, UnitsOfWork
from ingest.models import Capture

_PAGE = 500
_DESTROYED = "case-destroyed"


class OriginalsCheck:
    """See module."""

    def __init__(self, units: UnitsOfWork, blobs: BlobStore) -> None:
        self._units = units
        self._blobs = blobs

    def unreadable(self, sample: int = 0) -> list[str]:
        """What is wrong with metadata and photos, a line each; of all captures, or of so many drawn by chance.

        That it was done is in the audit log. What was destroyed on purpose is no fault; nobody gets to see anything.
        """
        faults = []
        count = 0
        for capture in self._drawn(sample) if sample else self._all():
            count += 1
            wanted = {"metadata": capture.metadata_sha256}
            wanted |= {f"photo {image.position}": image.sha256 for image in capture.images}
            for name, digest in wanted.items():
                if fault := self._fault(capture.id, digest):
                    faults.append(f"{name} of capture {capture.id}: {fault}")
        with self._units.begin(SYSTEM) as uow:
            detail = {"captures": count, "faults": len(faults)}
            uow.record("ingest", "originals.checked", "installation", "originals", "is all there?", detail)
            uow.commit()
        return faults

    def _fault(self, capture_id: str, digest: str) -> str:
        try:
            content = self._blobs.get(ORIGINALS, capture_id, digest)
        except NotFound as error:
            return "" if error.code == _DESTROYED else error.code
        return "" if hashlib.sha256(content).hexdigest() == digest else "not-what-was-taken-in"

    def _drawn(self, sample: int) -> Iterator[Capture]:
        wanted = select(Capture).order_by(func.random()).limit(sample).options(selectinload(Capture.images))
        with self._units.read() as session:
            yield from session.scalars(wanted)

    def _all(self) -> Iterator[Capture]:
        after = ""
        wanted = select(Capture).order_by(Capture.id).limit(_PAGE).options(selectinload(Capture.images))
        while True:
            with self._units.read() as session:
                page = session.scalars(wanted.where(Capture.id > after)).all()
            if not page:
                return
            yield from page
            after = page[-1].id
