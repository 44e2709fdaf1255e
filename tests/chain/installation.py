"""A running installation, embedded or scale-out: real processes, reached over HTTP."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.clock import FileClock
from core.settings import Settings
from ingest.simulator.network import CameraProfile, SimulatedCamera
from tests.conftest import NOON, eventually, healthy
from tests.world import EVERYTHING, OPERATOR
from workers.bootstrap import System, build
from workers.enrolment import enrol
from workers.migrate import migrate
from workers.server import usable_port

PROFILE = CameraProfile("cam-1", "Test Radar", "Teststraat", "Utrecht", 52.1, 5.1, "built-up", 50)


class Installation:
    """Starts and kills the processes; `commands` are those of the `flitsketen` command line."""

    def __init__(self, folder: Path, settings: dict[str, str], commands: dict[str, list[str]]) -> None:
        self.port = usable_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            **{f"FLITSKETEN_{name.upper()}": value for name, value in settings.items()},
            "OMP_NUM_THREADS": "2",
        }
        self._log = folder / "processes.log"
        self.commands = commands
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.clock = FileClock(folder / "clock")
        self.clock.set(NOON - timedelta(days=10))
        self.settings = Settings(**settings)
        migrate(self.settings)
        self.system: System = build(self.settings)
        self.camera = SimulatedCamera(PROFILE, Ed25519PrivateKey.generate())
        enrol(self.system, OPERATOR, self.camera)
        self.clock.set(NOON)
        token = self.system.services.principals.register(OPERATOR, "Test", EVERYTHING)
        self.http = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
        )

    def register(self, vehicles: list[dict[str, Any]]) -> None:
        path = self.settings.vehicle_register_file
        assert path is not None
        path.write_text(json.dumps(vehicles))

    def start(self, name: str, **more: str) -> None:
        """`more` are settings of this process alone."""
        command = [part.replace("PORT", str(self.port)) for part in self.commands[name]]
        with self._log.open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [str(Path(sys.executable).with_name("flitsketen")), *command],
                env=self._environment | {f"FLITSKETEN_{name.upper()}": value for name, value in more.items()},
                stdout=log,
                stderr=log,
            )

    @property
    def names(self) -> list[str]:
        """Of its processes."""
        return list(self.commands)

    def start_all(self) -> None:
        for name in self.commands:
            self.start(name)
        self.wait_for_server()

    def wait_for_server(self) -> None:
        eventually(lambda: healthy(self.url), 150, "the server answers")

    def kill(self, name: str) -> None:
        """SIGKILL, children too: nobody gets to say goodbye."""
        process = self._processes.pop(name)
        for child in psutil.Process(process.pid).children(recursive=True):
            child.send_signal(signal.SIGKILL)
        process.kill()
        process.wait()

    def stop(self, name: str) -> int:
        """SIGTERM, as an operator stops a process; returns its exit status."""
        process = self._processes.pop(name)
        process.terminate()
        return process.wait(60)

    def stop_all(self) -> None:
        for name in list(self._processes):
            self.kill(name)

    def settle(self, seconds: float = 120) -> None:
        def done() -> bool:
            return set(self.get("/v1/readiness")["jobs"]) <= {"dead"}

        eventually(done, seconds, "all jobs are done")

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.status_code < 300, answer.text
        is_json = "json" in answer.headers.get("content-type", "")
        return answer.json() if is_json and answer.content else answer.content

    def log(self) -> str:
        return self._log.read_text(errors="replace")


def embedded(folder: Path, _: Callable[[str], Any], **more: str) -> Installation:
    settings = {
        "data_dir": str(folder),
        "vehicle_register_file": str(folder / "register.json"),
        "clock_file": str(folder / "clock"),
        **more,
    }
    return Installation(folder, settings, {"server": ["serve", "--port", "PORT"]})


def scale_out(folder: Path, fixture: Callable[[str], Any], **more: str) -> Installation:
    settings = {**fixture("scale_out_settings"), "lease_seconds": "8", "retry_base_seconds": "0.2", **more}
    commands = {"server": ["serve", "--port", "PORT"], "relay": ["relay"], "worker": ["worker"]}
    return Installation(folder, settings, commands)
