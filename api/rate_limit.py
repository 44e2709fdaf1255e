"""Slows down whoever guesses at cases and codes, without keeping out the one whose case it is."""

import hashlib
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from core.errors import NotAuthenticated, NotFound, TooMany
from core.settings import QueueBackend, Settings

_MINUTES = 15


class LookupLimit:
    """Counts what was wrong, not who came; shared over all processes at scale (Redis).

    Wrong tries at a case count against the address (or the known device) that made them and nobody else: who guesses at
    a stranger's case shuts out himself.
    """

    def __init__(self, settings: Settings) -> None:
        shared = settings.queue is QueueBackend.RQ
        self._limiter = FixedWindowRateLimiter(storage_from_string(settings.redis_url if shared else "memory://"))
        self._by_caller = RateLimitItemPerMinute(settings.misses_by_caller, _MINUTES)
        self._at_case = RateLimitItemPerMinute(settings.misses_at_case, _MINUTES)

    def check(self, caller: str, case_number: str = "") -> None:
        """`caller` is an address, a known device or a known person. Raises TooMany."""
        who = _who(caller)
        free = self._limiter.test(self._by_caller, who)
        if case_number:
            free = free and self._limiter.test(self._at_case, who, _case(case_number))
        if not free:
            raise TooMany("too-many-lookups", f"too many tries were wrong: wait {_MINUTES} minutes and try again")

    @contextmanager
    def guarding(self, caller: str, case_number: str = "") -> Iterator[None]:
        """What is asked inside counts as a wrong try where nothing is found or proved. Raises TooMany."""
        self.check(caller, case_number)
        try:
            yield
        except (NotFound, NotAuthenticated):
            self.missed(caller, case_number)
            raise

    def missed(self, caller: str, case_number: str = "") -> None:
        """A caller named a case or a code that is none."""
        who = _who(caller)
        self._limiter.hit(self._by_caller, who)
        if case_number:
            self._limiter.hit(self._at_case, who, _case(case_number))


def _who(caller: str) -> str:
    """Whoever has one address of IPv6 has 2**64 of them: they count as one."""
    try:
        address = ipaddress.ip_address(caller)
    except ValueError:
        return caller
    return caller if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def _case(case_number: str) -> str:
    """A digest: the store of counters holds no case numbers."""
    return hashlib.sha256(case_number.encode()).hexdigest()
