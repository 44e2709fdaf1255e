"""Pushes what is spooled until there is an answer to each: backs off where the server is away or has no room."""

import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import httpx
import structlog

from core.clock import SystemClock
from ingest.agent.identity import Identity
from ingest.agent.spool import Counts, Spool, Spooled

log = structlog.get_logger()

_REFUSED_FOR_GOOD = (400, 403, 413)
_REUSED = "urn:flitsketen:problem:capture-id-reused"
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 300.0
_ROUND = 64
_HEARTBEAT_SECONDS = 60.0
_SOFTWARE = "flitsketen agent 1"


class Agent:
    """Over one camera's spool. `told` is called with where the captures are, after each round."""

    def __init__(
        self, identity: Identity, spool: Spool, told: Callable[[Counts], None], at_once: int, look_seconds: float
    ) -> None:
        self._identity = identity
        self._spool = spool
        self._told = told
        self._at_once = at_once
        self._look_seconds = look_seconds
        self._failures = 0
        self._last_beat: datetime | None = None
        self._waiting: deque[Spooled] = deque()
        self._leave_alone = threading.Event()

    def run(self, stop: threading.Event, *, once: bool = False) -> None:
        """Until told to stop, or with `once` until nothing waits any more."""
        with self._identity.client() as client, ThreadPoolExecutor(self._at_once) as pool:
            while not stop.is_set():
                try:
                    self._spool.take_up(self._identity)
                    self._beat(client)
                    busy, wait = self._round(client, pool)
                    self._told(self._spool.counts())
                except OSError as error:
                    # A full disk, say: nothing was let go of, and there may be room later.
                    log.error("disk_failed", error_type=type(error).__name__)
                    self._waiting.clear()
                    stop.wait(_FIRST_WAIT_SECONDS)
                    continue
                if once and not busy:
                    return
                if wait or not busy:
                    stop.wait(wait or self._look_seconds)

    def _round(self, client: httpx.Client, pool: ThreadPoolExecutor) -> tuple[bool, float]:
        """Push some; whether there was anything, and how many seconds to leave the server alone."""
        if not self._waiting:
            # Listed once and worked off: a long backlog is not looked through for each round.
            self._waiting.extend(self._spool.waiting())
        some = [self._waiting.popleft() for _ in range(min(_ROUND, len(self._waiting)))]
        self._leave_alone.clear()
        waits = list(pool.map(lambda spooled: self._push_unless_told(client, spooled), some))
        left = [spooled for spooled, wait in zip(some, waits, strict=True) if wait is not None]
        self._waiting.extendleft(reversed(left))
        if not left:
            self._failures = 0
            return bool(some), 0.0
        self._failures = 1 if len(left) < len(some) else self._failures + 1
        longest = min(_FIRST_WAIT_SECONDS * 2 ** (self._failures - 1), _LONGEST_WAIT_SECONDS)
        # Many cameras that were cut off together should not come back together.
        asked = max(wait for wait in waits if wait is not None)
        return True, max(asked, longest * random.uniform(0.5, 1.0))  # noqa: S311 - no secret

    def _push_unless_told(self, client: httpx.Client, spooled: Spooled) -> float | None:
        """None where there was an answer; else for how many seconds at least the server is to be left alone."""
        if self._leave_alone.is_set():
            return 0.0
        wait = self._push(client, spooled)
        if wait is not None:
            self._leave_alone.set()
        return wait

    def _push(self, client: httpx.Client, spooled: Spooled) -> float | None:
        try:
            with ExitStack() as opened:
                answer = client.post("/v1/captures", files=_parts(spooled, opened))
        except httpx.TransportError as error:
            log.info("server_away", error_type=type(error).__name__)
            return 0.0
        if answer.status_code in (201, 202):
            self._spool.received(spooled, answer.json())
            return None
        if answer.status_code in _REFUSED_FOR_GOOD or _problem(answer).get("type") == _REUSED:
            self._spool.refused(spooled, _problem(answer))
            return None
        log.warning("not_taken_in", status=answer.status_code, code=_problem(answer).get("type"))
        told = answer.headers.get("retry-after", "")
        return float(told) if told.isdigit() else _FIRST_WAIT_SECONDS

    def _beat(self, client: httpx.Client) -> None:
        """Say how the camera does, once a minute; nothing depends on the answer."""
        now = SystemClock().now()
        if self._last_beat is not None and (now - self._last_beat).total_seconds() < _HEARTBEAT_SECONDS:
            return
        self._last_beat = now
        counts = self._spool.counts()
        body: dict[str, Any] = {"sentAt": now.isoformat(), "waiting": counts.waiting, "software": _SOFTWARE}
        if counts.oldest_at is not None:
            body["oldestAt"] = counts.oldest_at.isoformat()
        try:
            client.post("/v1/cameras/heartbeats", json=body)
        except httpx.TransportError as error:
            log.info("server_away", error_type=type(error).__name__)


def _parts(spooled: Spooled, opened: ExitStack) -> Sequence[tuple[str, Any]]:
    return [
        ("metadata", ("metadata.json", spooled.metadata, "application/json")),
        ("signature", ("signature.txt", spooled.signature, "text/plain")),
        *(("images", (path.name, opened.enter_context(path.open("rb")), "image/jpeg")) for path in spooled.images),
    ]


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"status": answer.status_code}
