"""What a newcomer types: the demo on drawn and on real photographs, a simulated network, the audit check."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import eventually, healthy
from tests.world import REAL
from workers.server import usable_port

CHANGE = "UPDATE audit_record SET actor = replace(actor, 's', 't') WHERE partition = 'fines' AND seq = 7"
COMMAND = str(Path(sys.executable).with_name("flitsketen"))


def flitsketen(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *words], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def rows(table: str, count: str = "201") -> list[str]:
    return [line for line in table.splitlines() if f"│ {count} " in line]


@pytest.fixture
def drawn_demo(tmp_path: Path) -> tuple[Path, str]:
    ended = flitsketen("demo", "--folder", "demo", "--port", "0", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return tmp_path / "demo", ended.stdout


def test_the_demo_tells_the_fate_of_every_capture_and_leaves_the_papers(drawn_demo: tuple[Path, str]) -> None:
    folder, said = drawn_demo
    assert len(rows(said)) == 14
    for fate in ("paid", "annulled", "under_appeal", "increased_once", "in_review", "prosecutor", "keeper_unknown"):
        assert re.search(rf"│ {fate}\s+│", said), fate
    assert list((folder / "out" / "letters").glob("*_first_reminder_1.pdf"))
    assert list((folder / "out" / "redacted_photos").glob("*.jpg"))
    assert list((folder / "out" / "dossier").glob("*/manifest-sha256.txt"))
    verify_names_a_changed_byte(folder / "data")


def verify_names_a_changed_byte(data: Path) -> None:
    sound = flitsketen("audit", "verify", "--data-dir", str(data), cwd=data)
    assert sound.returncode == 0, sound.stdout
    with sqlite3.connect(data / "flitsketen.db") as database:
        database.execute(CHANGE)
    altered = flitsketen("audit", "verify", "--data-dir", str(data), cwd=data)
    assert altered.returncode == 1
    assert "partition fines, record 7" in altered.stdout


@pytest.mark.skipif(not REAL.is_dir(), reason="the real photographs are not on this machine")
def test_the_demo_runs_on_real_photographs_without_a_wrong_plate(tmp_path: Path) -> None:
    ended = flitsketen("demo", "--folder", "demo", "--port", "0", "--photos", str(REAL), cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(rows(ended.stdout)) == 54
    assert "Wrong plates that led to a decision: 0. Lost captures: 0. Dead letters: 0." in ended.stdout


def test_a_simulated_network_pushes_to_a_running_service(tmp_path: Path) -> None:
    port = usable_port()
    data = {"FLITSKETEN_DATA_DIR": str(tmp_path / "data")}
    url = f"http://127.0.0.1:{port}"
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port)], env={**os.environ, **data}, stdout=log, stderr=log
        )
    try:
        eventually(lambda: healthy(url), 60, "the server answers")
        registered = flitsketen("camera", "register", "cam-a", "Dorpsstraat", "Utrecht", cwd=tmp_path, **data)
        assert registered.returncode == 0, registered.stderr
        pushed = flitsketen("camera", "simulate", "--url", url, "--count", "2", cwd=tmp_path, **data)
        assert pushed.returncode == 0, pushed.stdout + pushed.stderr
        assert "Answers: 201: 2" in pushed.stdout
    finally:
        server.terminate()
        server.wait()
