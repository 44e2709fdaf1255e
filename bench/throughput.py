"""The whole chain on the stack of one machine: signed captures from push to printed decision, beside what the imaging
alone can do with the same photos on the same machine in the same run; and what each stage costs in processor time.
"""

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.blobs import ORIGINALS, BlobStore
from core.database import Database
from core.logging import configure_logging
from core.settings import Settings
from core.unit_of_work import Actor
from core.wrapping import key_ring
from imaging.frame import Frame
from imaging.pipeline import Pipeline
from imaging.stages.decode import Decode
from imaging.stages.encode import encode
from ingest.simulator.network import CameraProfile, Photo, SimulatedCamera, push, sign_capture
from ingest.simulator.scenes import render, sample_scenes
from scripts.stack import Stack, stack
from workers.bootstrap import System, build
from workers.demo_world import write_register
from workers.enrolment import enrol
from workers.migrate import migrate

OPERATOR = Actor("handler", "bench", frozenset({"operator"}))
PROFILE = CameraProfile("bench", "Bench Radar", "Teststraat", "Utrecht", 52.1, 5.1, "built-up", 50)
_SCENES = 10
_PUSHERS = 4


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--captures", type=int, default=2000)
    arguments.add_argument("--imaging", type=int, nargs="+", default=[1, 2], help="workers for photos, a run each")
    chosen = arguments.parse_args()
    configure_logging("ERROR")
    photos = readable_photos()
    rates = {}
    for workers in chosen.imaging:
        alone = imaging_alone(list(photos), workers, chosen.captures)
        rates[workers] = whole_chain(photos, workers, chosen.captures, alone)
    if len(rates) > 1:
        first, *others = rates
        for workers in others:
            print(f"{workers} workers for photos: {rates[workers] / rates[first]:.2f} times the rate of {first}")
    print_floors(next(iter(photos)))


def readable_photos() -> dict[bytes, str]:
    """Photos whose plate the machine accepts by itself, with the plate: the others would wait for a person."""
    pipeline = Pipeline(Settings())
    found = {}
    for scene in sample_scenes(4 * _SCENES):
        data = encode(render(scene).photo)
        verdict, _ = pipeline.read([data])
        if verdict.accepted and verdict.plate and verdict.country == "NL":
            found[data] = verdict.plate
        if len(found) == _SCENES:
            break
    return found


def imaging_alone(photos: list[bytes], workers: int, count: int) -> float:
    """Captures a second when the photos are read and redacted and nothing else is done, by so many processes."""
    each = min(max(count // workers // 4, 20), 200)
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(work_off, [photos[:2]] * workers, [2] * workers))  # load the networks
        began = time.perf_counter()
        list(pool.map(work_off, [photos] * workers, [each] * workers))
        return workers * each / (time.perf_counter() - began)


_pipelines: list[Pipeline] = []


def work_off(photos: list[bytes], count: int) -> None:
    """Read and redact so many, one after the other."""
    if not _pipelines:
        _pipelines.append(Pipeline(Settings()))
        _pipelines[0].warm_up()
    for number in range(count):
        data = photos[number % len(photos)]
        verdict, _ = _pipelines[0].read([data])
        _pipelines[0].redact(data, verdict.plate)


def whole_chain(photos: dict[bytes, str], workers: int, count: int, alone: float) -> float:
    """Captures a second from the first push to the last printed decision; prints what it cost."""
    with tempfile.TemporaryDirectory() as folder:
        register = Path(folder) / "register.json"
        write_register(register, [Photo(register, plate, "NL") for plate in photos.values()])
        with stack(workers, apart=True, vehicle_register_file=register, captures_per_minute=10**9) as running:
            system = build(running.settings)
            camera = SimulatedCamera(PROFILE, Ed25519PrivateKey.generate())
            enrol(system, OPERATOR, camera)
            token = system.services.principals.register(OPERATOR, "Bench", {"operator"})
            running.start_all()
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=running.url, headers=headers, timeout=60, trust_env=False) as http:
                # One goes through before the clock runs: every process has its networks and connections by then.
                run(running, system, camera, http, list(photos)[:1], 2 * workers)
                before = running.cpu_seconds()
                began = time.perf_counter()
                pushed, decided = run(running, system, camera, http, list(photos), count)
                pages = print_all(http, system)
                took = time.perf_counter() - began
                after = running.cpu_seconds()
            system.database.engine.dispose()
    rate = count / took
    print(f"\n{workers} worker(s) for photos, {count} captures, {pages} decisions printed")
    print(f"  pushed in {pushed:.0f} s, the last letter made after {decided:.0f} s, printed after {took:.0f} s")
    print(f"  {rate:.2f} captures a second; imaging alone {alone:.2f}: {100 * rate / alone:.0f} %")
    costs = {name: 1000 * (after[name] - before[name]) / count for name in after}
    total = sum(costs.values())
    for name, cost in sorted(costs.items(), key=lambda one: -one[1]):
        print(f"  {name:24}{cost:8.1f} ms of processor a capture {100 * cost / total:5.1f} %")
    return rate


def run(
    running: Stack, system: System, camera: SimulatedCamera, http: httpx.Client, photos: list[bytes], count: int
) -> tuple[float, float]:
    """Push them all; seconds until the last was acknowledged, and until nothing was left to do."""
    name, now = f"{time.time_ns()}", datetime.now(UTC)
    captures = [sign_capture(camera, f"{name}-{at}", now, "72.4", [photos[at % len(photos)]]) for at in range(count)]
    began = time.perf_counter()
    with ThreadPoolExecutor(_PUSHERS) as pool:
        statuses = {answer.status_code for answer in pool.map(lambda capture: push(http, capture), captures)}
    pushed = time.perf_counter() - began
    if statuses != {201}:
        raise ValueError(f"answers were {statuses}")
    settle(running, system)
    return pushed, time.perf_counter() - began


def settle(running: Stack, system: System) -> None:
    """Raises ValueError when a job failed for good."""
    while counts := system.relay.counts():
        if "dead" in counts:
            raise ValueError("a job failed for good")
        running.look_after()
        time.sleep(0.5)


def print_all(http: httpx.Client, system: System) -> int:
    """Print runs until nothing waits for the post, fetched as the printer does; how many letters they have."""
    letters = 0
    while (asked := http.post("/v1/handlers/print-runs")).status_code != 409:
        made = asked.raise_for_status().json()["id"]
        while system.relay.counts():
            time.sleep(0.2)
        [found] = [one for one in http.get("/v1/handlers/print-runs").raise_for_status().json() if one["id"] == made]
        for entry in found["manifest"]:
            http.post(f"/v1/handlers/print-runs/{made}/files/{entry['sort']}/fetches").raise_for_status()
        letters += found["letters"]
    return letters


def print_floors(photo: bytes) -> None:
    """What of it no program can leave out, in ms a capture."""
    decode, pipeline = Decode(50_000_000), Pipeline(Settings())
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        migrate(settings)
        blobs = BlobStore(settings, Database(settings.database_url), key_ring(settings, bytes(32)))
        parts = {
            "decode the photo": lambda: decode(Frame(photo)),
            "read the plate": lambda: pipeline.read([photo]),
            "read and redact": lambda: (pipeline.read([photo]), pipeline.redact(photo, None)),
            "store the photo": lambda: blobs.put(ORIGINALS, "bench", photo),
        }
        for name, part in parts.items():
            part()
            times = []
            for _ in range(9):
                began = time.perf_counter()
                part()
                times.append(1000 * (time.perf_counter() - began))
            print(f"  floor: {name:24}{statistics.median(times):8.1f} ms")


if __name__ == "__main__":
    main()
