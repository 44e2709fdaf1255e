"""What can go wrong with a stack, done to it on purpose."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psutil
import redis

from bench.links import Link
from core.clock import FileClock
from scripts.stack import Stack

_AWAY_SECONDS = 4.0
_SLOW_SECONDS = 8.0
_SLOW_MILLISECONDS = 150


class Faults:
    """One fault after the other, drawn by chance; `links` are the ways to database, Redis and store."""

    def __init__(self, running: Stack, clock: FileClock, links: dict[str, Link], chance: random.Random) -> None:
        self._running = running
        self._clock = clock
        self._links = links
        self._chance = chance
        self._kinds: list[Callable[[], str]] = [
            self._kill, self._kill, self._kill, self._flush, self._crash_database, self._cut, self._cut, self._hush,
            self._jump,
        ]  # fmt: skip
        if strace := shutil.which("strace"):
            self._kinds.append(lambda: self._slow_disk(strace))

    def go_on(self, seconds: float) -> Counter[str]:
        """For so long; how many of each."""
        faults = Counter[str]()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            faults[self._chance.choice(self._kinds)()] += 1
            until = time.monotonic() + self._chance.uniform(1, 6)
            while time.monotonic() < until:
                self._running.look_after()
                time.sleep(0.2)
        self._clock.set(datetime.now(UTC))
        return faults

    def _kill(self) -> str:
        """SIGKILL, children too; `look_after` starts it again."""
        name = self._chance.choice(list(self._running.commands))
        process = self._running.processes[name]
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        process.kill()
        return f"kill {name}"

    def _flush(self) -> str:
        with suppress(redis.RedisError):
            redis.Redis(port=urlsplit(self._running.settings.redis_url).port or 0).flushall()
        return "Redis emptied"

    def _crash_database(self) -> str:
        """A backend that dies by SIGKILL makes PostgreSQL drop all connections and recover, as after a crash."""
        if backends := self._backends():
            with suppress(ProcessLookupError):
                os.kill(self._chance.choice(backends), signal.SIGKILL)
        return "database crashed"

    def _cut(self) -> str:
        """Connections are refused, as of a server that is down."""
        name = self._chance.choice(list(self._links))
        self._links[name].cut()
        time.sleep(_AWAY_SECONDS * self._chance.random())
        self._links[name].mend()
        return f"{name} away"

    def _hush(self) -> str:
        """Nothing comes through and nobody is told, as of a network that was cut; what was on its way is lost."""
        name = self._chance.choice(list(self._links))
        self._links[name].hush()
        time.sleep(_AWAY_SECONDS * self._chance.random())
        self._links[name].mend()
        return f"network to {name} cut"

    def _jump(self) -> str:
        self._clock.set(datetime.now(UTC) + timedelta(seconds=self._chance.choice([-90, 0, 90])))
        return "clock jumped"

    def _slow_disk(self, strace: str) -> str:
        """The database waits at every write that has to be durable."""
        attached = [
            option for pid in [self._running.postmaster().pid, *self._backends()] for option in ("-p", str(pid))
        ]
        delay = f"inject=fsync,fdatasync:delay_exit={_SLOW_MILLISECONDS * 1000}"
        with subprocess.Popen(
            [strace, "-f", "-q", "-o", os.devnull, "-e", "trace=fsync,fdatasync", "-e", delay, *attached],
            stderr=subprocess.DEVNULL,
        ) as tracer:
            time.sleep(_SLOW_SECONDS * self._chance.random())
            # Not SIGKILL: it lets go of what it is attached to.
            tracer.terminate()
        return "slow disk"

    def _backends(self) -> list[int]:
        found = []
        for one in self._running.postmaster().children():
            with suppress(psutil.NoSuchProcess):  # it ends while it is looked at
                if "postgres: postgres" in " ".join(one.cmdline()):
                    found.append(one.pid)
        return found
