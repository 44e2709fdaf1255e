"""Slows down whoever guesses at case numbers and plates."""

import hashlib

from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from core.errors import TooMany
from core.settings import QueueBackend, Settings


class LookupLimit:
    """Counts tries by caller and by case number; shared over all processes at scale (Redis)."""

    def __init__(self, settings: Settings) -> None:
        shared = settings.queue is QueueBackend.RQ
        self._limiter = FixedWindowRateLimiter(storage_from_string(settings.redis_url if shared else "memory://"))
        self._rate = parse(f"{settings.lookups_per_minute}/minute")

    def check(self, caller: str, case_number: str) -> None:
        """Raises TooMany."""
        # A digest: the store of counters holds no case numbers.
        case = hashlib.sha256(case_number.encode()).hexdigest()
        allowed = [self._limiter.hit(self._rate, kind, key) for kind, key in (("caller", caller), ("case", case))]
        if not all(allowed):
            raise _too_many()

    def missed(self, caller: str) -> None:
        """A known caller named a case that is none: who has a list of cases is counted by his misses only."""
        self._limiter.hit(self._rate, "missed", caller)

    def check_misses(self, caller: str) -> None:
        """Raises TooMany."""
        if not self._limiter.test(self._rate, "missed", caller):
            raise _too_many()


def _too_many() -> TooMany:
    return TooMany("too-many-lookups", "wait a minute and try again")
