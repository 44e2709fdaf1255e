"""Is there room for what comes in? Asked before anything is written, so that a full disk is met with an answer.

Counted are the free bytes where photos and database are, the jobs that wait, how much one camera sends, and how much of
one camera's waits in quarantine.
"""

import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import func, select

from core.errors import TooMany, Unavailable
from core.outbox import Relay
from core.settings import QueueBackend, Settings
from core.unit_of_work import UnitsOfWork
from ingest.models import QuarantinedPackage

_LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Storage:
    """Bytes free and in all at a place: `data` (database, keys) or `photos`."""

    place: str
    free: int
    total: int


class Capacity:
    """See module. What is measured is looked at once a second, not for each push."""

    def __init__(self, settings: Settings, units: UnitsOfWork, outbox: Relay) -> None:
        self._settings = settings
        self._units = units
        self._outbox = outbox
        self._looked_at = -_LOOK_AGAIN_SECONDS
        self._shortage = ""
        self._own_counts = FixedWindowRateLimiter(storage_from_string("memory://"))
        self._counts = self._own_counts
        if settings.queue is QueueBackend.RQ:
            self._counts = FixedWindowRateLimiter(storage_from_string(settings.redis_url, wrap_exceptions=True))

    def check(self, camera_id: str) -> None:
        """Raises Unavailable where there is no room for anybody, TooMany where this camera is over its quota."""
        self.check_room()
        if not self._within_quota(camera_id):
            raise TooMany(
                "camera-quota", f"a camera sends at most {self._settings.captures_per_minute} packages a minute"
            )

    def check_room(self) -> None:
        """Raises Unavailable where there is no room for anybody."""
        shortage = self.shortage()
        if shortage:
            raise Unavailable("intake-paused", f"nothing is taken in now, {shortage}: keep it and send it later")

    def _within_quota(self, camera_id: str) -> bool:
        quota = RateLimitItemPerMinute(self._settings.captures_per_minute)
        try:
            return self._counts.hit(quota, "camera", camera_id)
        except StorageError:
            # Without Redis each process counts for itself: evidence is not turned away for want of a counter.
            return self._own_counts.hit(quota, "camera", camera_id)

    def check_quarantine(self, camera_id: str) -> None:
        """Raises TooMany where too much of this camera is held already: somebody has to look first."""
        with self._units.read() as session:
            held = session.scalar(
                select(func.count())
                .select_from(QuarantinedPackage)
                .where(QuarantinedPackage.camera_id == camera_id, QuarantinedPackage.state == "held")
            )
        if (held or 0) >= self._settings.max_held_packages:
            raise TooMany(
                "quarantine-full",
                f"{held} packages of this camera wait for a person: keep this one, and have it seen to",
            )

    def shortage(self) -> str:
        """What there is too little of, as it was within the last second; empty where all is well."""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_AGAIN_SECONDS:
            self._shortage = self._look()
            self._looked_at = now
        return self._shortage

    def storage(self) -> list[Storage]:
        """Of each place on disks of this machine, as it is now."""
        return [Storage(name, *_room(place)) for name, place in self._places()]

    def _look(self) -> str:
        if min(one.free for one in self.storage()) < self._settings.min_free_bytes:
            return "too little room on disk"
        if self._outbox.more_wait_than(self._settings.max_waiting_jobs):
            return "too many captures wait to be worked on"
        return ""

    def _places(self) -> Iterable[tuple[str, Path]]:
        yield "data", self._settings.data_dir
        if self._settings.blob_url.startswith("file://"):
            yield "photos", Path(self._settings.blob_url.removeprefix("file://"))


def _room(place: Path) -> tuple[int, int]:
    usage = shutil.disk_usage(place)
    return usage.free, usage.total
