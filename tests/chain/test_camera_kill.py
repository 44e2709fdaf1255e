"""Server, worker and camera agent are killed again and again while thousands of captures come in.

By default a few; `make fuzz-kills` kills five hundred times during five thousand captures.
"""

import json
import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ingest.agent import identity
from ingest.models import Capture
from tests.chain import installation
from tests.chain.installation import PROFILE, Installation
from tests.chain.test_kill import road
from tests.conftest import eventually
from tests.ingest.camera_side import write_capture

CAPTURES = int(os.environ.get("FLITSKETEN_TEST_CAPTURES", "40"))
KILLS = int(os.environ.get("FLITSKETEN_TEST_KILLS", "4"))
SEED = int(os.environ.get("FLITSKETEN_TEST_SEED", "1"))
PATIENCE_SECONDS = 60 + CAPTURES + 4 * KILLS


class Camera:
    """An enrolled camera with its agent as a process."""

    def __init__(self, running: Installation, folder: Path) -> None:
        self.folder = folder
        self._log = (folder.parent / "agent.log").open("ab")
        code = running.post("/v1/handlers/cameras/cam-1/enrolment-codes")["code"]
        identity.enrol(folder, running.url, code)

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("flitsketen")), "camera", "agent", "--folder", str(self.folder)]
        self._process = subprocess.Popen([*command, "--look-every", "0.2"], stdout=self._log, stderr=self._log)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def receipts(self) -> set[str]:
        return {path.stem for path in (self.folder / "receipts").glob("*.json")}

    def left(self) -> list[Path]:
        return [path for name in ("incoming", "spool", "refused") for path in (self.folder / name).glob("*")]


@pytest.mark.parametrize("kind", ["embedded", "scale_out"])
def test_every_receipt_has_its_capture_once(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    # The agent runs by the machine's time, and so does the service here.
    more = {"captures_per_minute": "1000000"}
    running = getattr(installation, kind)(tmp_path, request.getfixturevalue, **more)
    running.register([])
    now(running)
    chance = random.Random(SEED)
    running.start_all()
    camera = Camera(running, tmp_path / "camera")
    camera.start()
    victims = [*running.names, "agent"]
    try:
        for number in range(CAPTURES):
            write_capture(camera.folder, PROFILE, f"k{number}", image=road(number), capturedAt=now(running))
            if chance.random() < KILLS / CAPTURES:
                _kill_one(running, camera, chance.choice(victims))
        eventually(lambda: bool(now(running)) and not camera.left(), PATIENCE_SECONDS, "the agent has nothing left")
        running.settle(PATIENCE_SECONDS)
    finally:
        camera.kill()
        running.stop_all()
    expected = {f"k{number}" for number in range(CAPTURES)}
    assert camera.receipts() == expected
    with running.system.database.read_session() as session:
        stored = dict(session.execute(select(Capture.external_id, Capture.id)).tuples().all())
        rows = session.scalar(select(func.count()).select_from(Capture))
    assert (set(stored), rows) == (expected, CAPTURES)
    receipts = {path.stem: json.loads(path.read_text())["id"] for path in (camera.folder / "receipts").glob("*.json")}
    assert receipts == stored


def _kill_one(running: Installation, camera: Camera, victim: str) -> None:
    """And wait for the next receipt: the next kill comes in the middle of work again, and not of starting."""
    before = len(camera.receipts())
    if victim == "agent":
        camera.kill()
        camera.start()
    else:
        running.kill(victim)
        running.start(victim)

    def goes_on() -> bool:
        now(running)
        return len(camera.receipts()) > before or not camera.left()

    eventually(goes_on, 90, "the next receipt")


def now(running: Installation) -> str:
    """The machine's time, which the service's clock is set to."""
    moment = datetime.now(UTC)
    running.clock.set(moment)
    return moment.isoformat()
