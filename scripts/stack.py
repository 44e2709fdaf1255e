"""The processes of docker-compose.yml on one machine without containers: PostgreSQL and Redis from packages, the
server, the relay and workers by queue, photos in a folder. For a try-out at scale, and for what measures and breaks it.

    python -m scripts.stack --imaging 2
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from pydantic import SecretStr

from bench.postgres import own_postgres, postmaster
from bench.redis_server import own_redis, wait_for
from core.settings import QueueBackend, Settings
from workers.server import usable_port

_QUICK = ("evidence", "decisions", "letters", "export")


@dataclass
class Stack:
    """The running processes by name; whatever ends is started again by `look_after`, as a container would be."""

    settings: Settings
    port: int
    commands: dict[str, list[str]]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        environment = {
            f"FLITSKETEN_{key.upper()}": str(value.get_secret_value() if isinstance(value, SecretStr) else value)
            for key, value in self.settings.model_dump(exclude_defaults=True).items()
        }
        command = [str(Path(sys.executable).with_name("flitsketen")), *self.commands[name]]
        with (self.settings.data_dir / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env={**os.environ, **environment, "OMP_NUM_THREADS": "1"}, stdout=log, stderr=log
            )

    def start_all(self) -> None:
        for name in self.commands:
            self.start(name)
        wait_for(lambda: socket.create_connection(("127.0.0.1", self.port)).close())

    def stop_all(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait()

    def postmaster(self) -> psutil.Process:
        """PostgreSQL's first process."""
        return postmaster(self.settings.data_dir / "postgres")

    def look_after(self) -> None:
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.start(name)

    def cpu_seconds(self) -> dict[str, float]:
        """By name, with what each started; `postgres` and `redis` too."""
        found = {name: _cpu(psutil.Process(process.pid)) for name, process in self.processes.items()}
        for one in psutil.Process().children():
            if one.name().startswith("redis-server"):
                found["redis"] = _cpu(one)
        found["postgres"] = _cpu(self.postmaster())
        return found


def _worker(*queues: str) -> list[str]:
    """The command of one that works for these."""
    return ["worker", *(word for queue in queues for word in ("--queue", queue))]


def _cpu(process: psutil.Process) -> float:
    """Of a process, those below it, and those of these that have ended."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        times = one.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


@contextmanager
def stack(imaging: int = 1, *, apart: bool = False, **more: object) -> Iterator[Stack]:
    """A fresh installation; `more` are settings. Its processes are started by whoever has it. `apart`: a worker for
    each queue, so that it can be seen what each costs, where docker-compose.yml has one for all that is quick."""
    with own_postgres() as found, own_redis(found.data_dir) as redis_url:
        settings = Settings.model_validate(
            {**found.model_dump(), "queue": QueueBackend.RQ, "redis_url": redis_url, **more}
        )
        port = usable_port()
        commands = {
            "server": ["serve", "--port", str(port)],
            "relay": ["relay"],
            **({f"worker-{queue}": _worker(queue) for queue in _QUICK} if apart else {"worker-rest": _worker(*_QUICK)}),
            "worker-notifications": _worker("notifications"),
            **{f"worker-imaging-{number}": _worker("imaging") for number in range(imaging)},
        }
        running = Stack(settings, port, commands)
        try:
            yield running
        finally:
            running.stop_all()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--imaging", type=int, default=1, help="workers for photos")
    chosen = arguments.parse_args()
    with ExitStack() as held:
        running = held.enter_context(stack(chosen.imaging))
        running.start_all()
        print(f"{running.url}  data in {running.settings.data_dir}, in {tempfile.gettempdir()}; Ctrl-C ends it all")
        try:
            while True:
                time.sleep(1)
                running.look_after()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
