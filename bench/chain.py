"""This project against its floor on the same input in the same run, as ratios. Medians of several rounds."""

import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from rapidocr_onnxruntime import RapidOCR
from rich.console import Console
from rich.table import Table

from core.blobs import ORIGINALS, BlobStore
from core.database import Database
from core.settings import Settings
from core.wrapping import key_ring
from imaging.frame import Frame, Photo
from imaging.pipeline import Pipeline
from imaging.stages.decode import Decode
from imaging.stages.encode import encode
from ingest.simulator.scenes import render, sample_scenes
from workers.migrate import migrate

ROUNDS = 7


def median(work: Callable[[], object]) -> float:
    """Milliseconds."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main() -> None:
    table = Table(title="Ours against the floor, median of rounds")
    for heading in ("what", "ours ms", "floor", "floor ms", "ratio"):
        table.add_column(heading)

    def row(what: str, ours: Callable[[], object], floor_name: str, floor: Callable[[], object]) -> None:
        mine, least = median(ours), median(floor)
        table.add_row(what, f"{mine:.1f}", floor_name, f"{least:.1f}", f"{mine / least:.1f}")

    scene = render(sample_scenes(1)[0])
    data = encode(scene.photo)
    pipeline, bare, decode = Pipeline(Settings()), RapidOCR(intra_op_num_threads=1), Decode(50_000_000)
    pipeline.warm_up()
    row("decode, strictly", lambda: decode(Frame(data)), "OpenCV decode", lambda: _imdecode(data))
    row("read", lambda: pipeline.read([data]), "RapidOCR", lambda: bare(scene.photo, use_cls=False))
    row("citizen's copy", lambda: pipeline.redact(data, None), "decode and encode", lambda: encode(_imdecode(data)))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        migrate(settings)
        blobs = BlobStore(settings, Database(settings.database_url), key_ring(settings, bytes(32)))
        plain = Path(folder) / "floor"
        row(
            "store one photo",
            lambda: blobs.put(ORIGINALS, "bench", data),
            "hash, write, fsync",
            lambda: _store(plain, data),
        )
    Console(width=110).print(table)


def _imdecode(data: bytes) -> Photo:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _store(path: Path, data: bytes) -> None:
    hashlib.sha256(data).hexdigest()
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    main()
