"""Spoilt photos through a whole installation: each ends in a clear reason, the worker lives, the queue is empty.

Every photo is pushed over HTTP by a registered camera with a sound signature, as a broken camera would, and whatever
ingest lets in is read by the worker. Exits 1 when anything else happens.
"""

import argparse
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import cv2
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.progress import track
from rich.table import Table

from core.clock import SettableClock, SystemClock
from core.errors import NotFound
from core.logging import configure_logging
from core.settings import Settings
from core.unit_of_work import Actor
from imaging.plates import normalise
from imaging.stages.encode import encode
from ingest.simulator.network import CameraProfile, SimulatedCamera, push, sign_capture
from ingest.simulator.scenes import render, sample_scenes
from ingest.simulator.spoiling import spoil
from workers import enrolment
from workers.bootstrap import System, build
from workers.loops import EmbeddedWorker
from workers.migrate import migrate
from workers.server import running

_OPERATOR = Actor("system", "fuzz", frozenset({"operator", "system"}))
_PROFILE = CameraProfile("cam-fuzz", "Test Radar", "Teststraat", "Utrecht", 52.1, 5.1, "built-up", 50)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=1, help="first seed")
    args = parser.parse_args()
    configure_logging("CRITICAL")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        migrate(settings)
        clock = SettableClock(SystemClock().now() - timedelta(days=2), running=True)
        system = build(settings, clock)
        worker = EmbeddedWorker(system, scheduled=False)
        camera = SimulatedCamera(_PROFILE, Ed25519PrivateKey.generate())
        enrolment.enrol(system, _OPERATOR, camera)
        clock.advance(timedelta(days=2))
        with running(system) as url, httpx.Client(base_url=url, timeout=120, trust_env=False) as http:
            worker.start()
            answers, plates = _push_all(http, camera, range(args.first, args.first + args.photos))
            while worker.alive and set(system.services.outbox.counts()) - {"dead"}:
                time.sleep(1)
            alive = worker.alive and http.get("/v1/readiness").status_code == 200
            worker.stop()
        well = _report(system, answers, plates, alive)
    if not well:
        raise SystemExit(1)


def _push_all(http: httpx.Client, camera: SimulatedCamera, seeds: range) -> tuple[Counter[str], dict[str, str]]:
    scenes = sample_scenes(6)
    seeds_of = [encode(cv2.resize(render(scene).photo, (400, 300), interpolation=cv2.INTER_AREA)) for scene in scenes]
    answers: Counter[str] = Counter()
    plates: dict[str, str] = {}
    moment = SystemClock().now() - timedelta(minutes=1)
    for seed in track(seeds, "Push spoilt photos"):
        which = seed % len(scenes)
        answer = push(http, sign_capture(camera, f"fuzz-{seed}", moment, "64.0", [spoil(seeds_of[which], seed)]))
        body = answer.json()
        answers[f"{answer.status_code} {body.get('type', '').rsplit(':', 1)[-1]}".strip()] += 1
        if "id" in body:
            plates[body["id"]] = normalise(scenes[which].plate.text)
    return answers, plates


def _report(system: System, answers: Counter[str], plates: dict[str, str], alive: bool) -> bool:
    reasons: Counter[str] = Counter()
    wrong = 0
    for capture_id, plate in plates.items():
        try:
            reading = system.services.imaging.reading(capture_id)
        except NotFound:
            reasons["not read at all"] += 1
            continue
        reasons.update(reading.reasons or ["accepted: the damage did not touch the picture"])
        wrong += reading.state == "auto_accepted" and reading.plate != plate
    counts = system.services.outbox.counts()
    table = Table("what", "how often", title="What became of spoilt photos")
    for name, count in answers.most_common():
        table.add_row(f"HTTP {name}", str(count))
    for name, count in reasons.most_common():
        table.add_row(f"reading: {name}", str(count))
    table.add_row("jobs by state", str(counts))
    for letter in system.services.dead_letters.letters():
        table.add_row(f"dead: {letter.job}", str(letter.last_error))
    table.add_row("worker alive, service answers", str(alive))
    table.add_row("wrong plates accepted", str(wrong))
    Console(width=110).print(table)
    failed = [name for name in answers if name.startswith("5")]
    return alive and not wrong and not failed and not counts


if __name__ == "__main__":
    main()
