"""Durable acceptances a second of signed captures over loopback HTTP, beside the floor: the same bytes hashed, the
signature verified, written and flushed to disk and one row committed, in a plain loop without any server.

With `--filled`, once more with so many captures in the database.
"""

import argparse
import hashlib
import os
import queue
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from bench.captures import fill
from bench.postgres import own_postgres
from bench.redis_server import own_redis, wait_for
from core.database import Database
from core.logging import configure_logging
from core.settings import QueueBackend, Settings
from core.unit_of_work import Actor
from ingest.signature import is_valid
from ingest.simulator.network import CameraProfile, SignedCapture, SimulatedCamera, sign_capture
from workers.bootstrap import build
from workers.enrolment import enrol
from workers.migrate import migrate
from workers.server import usable_port

_CONNECTIONS = 8
_PROCESSES = 2
_PHOTO_BYTES = 500_000
_ROUNDS = 3
_OPERATOR = Actor("handler", "bench", frozenset({"operator"}))
_PROFILE = CameraProfile("bench", "Bench Radar", "Teststraat", "Utrecht", 52.1, 5.1, "built-up", 50)


@dataclass(frozen=True)
class Measured:
    """A round: acceptances a second, and the slowest hundredth of the answers in ms."""

    rate: float
    p99_ms: float


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--captures", type=int, default=400, help="a round")
    arguments.add_argument("--filled", type=int, default=0, help="captures to be there before the second measurement")
    arguments.add_argument("--only", choices=["sqlite", "postgresql"], help="one of the two databases")
    chosen = arguments.parse_args()
    configure_logging("ERROR")
    print(f"two photos of {_PHOTO_BYTES // 1000} kB a capture, {chosen.captures} captures a round, median of {_ROUNDS}")
    print(f"{'':28}{'ours/s':>9}{'floor/s':>9}{'ratio':>8}{'p99 ms':>9}{'peak MB':>9}")
    if chosen.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data_dir=Path(folder))
            migrate(settings)
            compare("SQLite", settings, chosen.captures, chosen.filled)
    if chosen.only != "sqlite":
        with own_postgres() as settings:
            compare("PostgreSQL", settings, chosen.captures, chosen.filled)


def compare(name: str, settings: Settings, count: int, filled: int) -> None:
    """Print a line for an empty database and, where asked for, one for a full one."""
    with own_redis(settings.data_dir) as redis_url:
        settings = settings.model_copy(
            update={
                "queue": QueueBackend.RQ, "redis_url": redis_url, "captures_per_minute": 10**9,
                "max_waiting_jobs": 10**12,
            }
        )  # fmt: skip
        system = build(settings)
        camera = SimulatedCamera(_PROFILE, Ed25519PrivateKey.generate())
        enrol(system, _OPERATOR, camera)
        photos = [photo(seed) for seed in (1, 2)]
        before = line(name, settings, camera, photos, count)
        if filled:
            started = time.monotonic()
            fill(system.database, camera.profile.id, filled)
            print(f"  {filled} captures filled in within {time.monotonic() - started:.0f} s")
            after = line(f"{name}, {filled:.0e}", settings, camera, photos, count)
            print(f"  rate with {filled} captures there: {100 * after / before:.0f} % of that of an empty database")


def line(name: str, settings: Settings, camera: SimulatedCamera, photos: list[bytes], count: int) -> float:
    """Rounds of ours and of the floor in turn, so that both meet the same disk; the rate of ours."""
    ours, floors = [], []
    with server(settings) as (port, process):
        measure(port, packages(camera, photos, count // 4, "warm"))
        for number in range(_ROUNDS):
            batch = packages(camera, photos, count, f"r{number}")
            ours.append(measure(port, batch))
            floors.append(floor(settings, camera, batch))
        peak = peak_memory(process)
    rate = statistics.median(one.rate for one in ours)
    least = statistics.median(floors)
    p99 = statistics.median(one.p99_ms for one in ours)
    print(f"{name:28}{rate:9.0f}{least:9.0f}{rate / least:8.2f}{p99:9.0f}{peak:9.0f}", flush=True)
    return rate


def photo(seed: int) -> bytes:
    """A JPEG of noise, of the size of a camera's photo."""
    noise = np.random.default_rng(seed).integers(0, 255, (1000, 1400, 3), dtype=np.uint8)
    for quality in range(95, 5, -5):
        data = bytes(cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])
        if len(data) <= _PHOTO_BYTES:
            # Padding after the end marker is allowed.
            return data + bytes(_PHOTO_BYTES - len(data))
    raise ValueError("no quality is small enough")


def packages(camera: SimulatedCamera, photos: list[bytes], count: int, name: str) -> list[SignedCapture]:
    """Signed just now, each with an id of its own."""
    run = time.time_ns()
    now = datetime.now(UTC)
    return [
        sign_capture(camera, f"{name}-{run}-{number}", now + timedelta(milliseconds=number), "64.0", photos)
        for number in range(count)
    ]


def measure(port: int, batch: list[SignedCapture]) -> Measured:
    """Push all over some connections that stay open, as cameras do. Raises ValueError for any answer but 201."""
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for capture in batch:
        requests.put(request_of(capture))
    times: list[float] = []
    faults: list[bytes] = []

    def push_some() -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                try:
                    request = requests.get_nowait()
                except queue.Empty:
                    return
                started = time.perf_counter()
                connection.sendall(request)
                answer = answered(connection)
                times.append(time.perf_counter() - started)
                if not answer.startswith(b"HTTP/1.1 201"):
                    faults.append(answer)
                    return

    pushers = [threading.Thread(target=push_some) for _ in range(_CONNECTIONS)]
    started = time.perf_counter()
    for pusher in pushers:
        pusher.start()
    for pusher in pushers:
        pusher.join()
    took = time.perf_counter() - started
    if faults:
        raise ValueError(faults[0].decode(errors="replace"))
    return Measured(len(batch) / took, statistics.quantiles(times, n=100)[-1] * 1000)


def request_of(capture: SignedCapture) -> bytes:
    """The whole request, made before the clock runs: what is measured is the service."""
    boundary = b"7d3f0c2a91"
    parts = [
        (b'name="metadata"; filename="m.json"', b"application/json", capture.metadata),
        (b'name="signature"; filename="s.txt"', b"text/plain", capture.signature.encode()),
        *((b'name="images"; filename="%d.jpg"' % at, b"image/jpeg", one) for at, one in enumerate(capture.images)),
    ]
    body = b"".join(
        b"--" + boundary + b"\r\nContent-Disposition: form-data; " + name + b"\r\nContent-Type: " + kind + b"\r\n\r\n"
        + content + b"\r\n"
        for name, kind, content in parts
    ) + b"--" + boundary + b"--\r\n"  # fmt: skip
    head = (
        b"POST /v1/captures HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary="
        + boundary
        + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    return head + body


def answered(connection: socket.socket) -> bytes:
    """Head and body of one answer."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += connection.recv(65536)
    head, _, body = found.partition(b"\r\n\r\n")
    length = next(int(one.split(b":")[1]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length"))
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def floor(settings: Settings, camera: SimulatedCamera, batch: list[SignedCapture]) -> float:
    """The same bytes, without a server: a second."""
    database = Database(settings.database_url)
    folder = settings.data_dir / f"floor-{time.time_ns()}"
    folder.mkdir()
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS floor (id TEXT PRIMARY KEY, metadata TEXT, digest TEXT)"))
    started = time.perf_counter()
    for capture in batch:
        digests = [hashlib.sha256(image).hexdigest() for image in capture.images]
        if not is_valid(camera.public_key, capture.signature, capture.metadata, digests):
            raise ValueError("the bench signs wrongly")
        for position, image in enumerate(capture.images):
            path = folder / f"{capture.capture_id}-{position}"
            with path.open("wb") as file:
                file.write(image)
                file.flush()
                os.fsync(file.fileno())
        with database.write_session() as session:
            session.execute(
                text("INSERT INTO floor VALUES (:id, :metadata, :digest)"),
                {"id": capture.capture_id, "metadata": capture.metadata.decode(), "digest": digests[0]},
            )
            session.commit()
    took = time.perf_counter() - started
    database.engine.dispose()
    return len(batch) / took


@contextmanager
def server(settings: Settings) -> Iterator[tuple[int, psutil.Process]]:
    """The service as it is started, without relay and workers: what is accepted waits."""
    port = usable_port()
    names = ("data_dir", "database_url", "queue", "redis_url", "captures_per_minute", "max_waiting_jobs")
    environment = {f"FLITSKETEN_{name.upper()}": str(getattr(settings, name)) for name in names}
    command = [
        str(Path(sys.executable).with_name("flitsketen")), "serve", "--port", str(port), "--processes", str(_PROCESSES),
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: socket.create_connection(("127.0.0.1", port)).close())
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def peak_memory(process: psutil.Process) -> float:
    """The most that the service and its children held, in MB."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        status = Path(f"/proc/{one.pid}/status").read_text()
        total += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return total / 1024


if __name__ == "__main__":
    main()
