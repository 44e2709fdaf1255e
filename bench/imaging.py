"""Photos per second and core for the whole of imaging, each stage's share, the floor and the peers; and memory."""

import argparse
import os
import sys
from collections import defaultdict
from statistics import median

import cv2
import numpy as np
import psutil
from rapidocr_onnxruntime import RapidOCR
from rich.console import Console
from rich.table import Table

from bench.common import milliseconds, stay_on_one_core
from bench.redaction import deface, mtcnn
from core.settings import Settings
from imaging.pipeline import Pipeline
from imaging.stages.encode import encode
from ingest.simulator.scenes import render, sample_scenes

_SIZES = {"2 megapixels": (1920, 1080), "12 megapixels": (4000, 3000)}
_ROUNDS = 5


def speed() -> Table:
    table = Table("", *_SIZES, title="Milliseconds of one core, median")
    pipeline = Pipeline(Settings())
    pipeline.warm_up()
    columns = [_column(pipeline, size) for size in _SIZES.values()]
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    return table


def _column(pipeline: Pipeline, size: tuple[int, int]) -> dict[str, str]:
    photo = cv2.resize(render(sample_scenes(1)[0]).photo, size, interpolation=cv2.INTER_CUBIC)
    data = encode(photo)
    stages: dict[str, list[float]] = defaultdict(list)
    for _ in range(_ROUNDS):
        _, [frame] = pipeline.read([data])
        copy = pipeline.redact(data, frame.readings[0].plate)
        for name, spent in frame.ms.items():
            stages[f"reading: {name}"].append(spent)
        for name in ("redact", "encode"):
            stages[f"copy: {name}"].append(copy.ms[name])
    reading = milliseconds(lambda: pipeline.read([data]))
    redaction = milliseconds(lambda: pipeline.redact(data, None))
    floor = milliseconds(lambda: encode(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)))
    rapid = RapidOCR(intra_op_num_threads=1)
    peers = {
        "RapidOCR on the whole photo": milliseconds(lambda: rapid(photo, use_cls=False)),
        "deface (CenterFace)": milliseconds(lambda find=deface(): find(photo)),
        "MTCNN, its defaults": milliseconds(lambda find=mtcnn(): find(photo)),
    }
    return {
        **{name: f"{median(times):.1f}" for name, times in stages.items()},
        "whole reading": f"{reading:.0f}  ({1000 / reading:.1f} photos a second)",
        "whole citizen's copy": f"{redaction:.0f}  ({1000 / redaction:.1f} photos a second)",
        "floor: decode and encode": f"{floor:.0f}  (reading {reading / floor:.1f} x, copy {redaction / floor:.1f} x)",
        **{
            name: f"{ms:.0f}  ({ms / (reading if 'OCR' in name else redaction):.1f} x ours)"
            for name, ms in peers.items()
        },
    }


def memory(photos: int) -> Table:
    """Resident memory of one worker while it reads and redacts photos of many sizes."""
    table = Table("photos done", "resident MiB", title="Memory of one worker")
    pipeline = Pipeline(Settings())
    scenes = [encode(render(scene).photo) for scene in sample_scenes(6)]
    sizes = [(640, 480), (1280, 960), (1920, 1080)]
    files = [
        encode(cv2.resize(cv2.imdecode(np.frombuffer(data, np.uint8), 1), size)) for data in scenes for size in sizes
    ]
    process = psutil.Process(os.getpid())
    for done in range(photos + 1):
        if done % max(photos // 10, 1) == 0:
            table.add_row(str(done), f"{process.memory_info().rss / 2**20:.0f}")
            print(f"{done} photos", file=sys.stderr)
        data = files[done % len(files)]
        pipeline.read([data])
        pipeline.redact(data, None)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", type=int, default=300, help="photos for the memory table; 10000 for the long run")
    args = parser.parse_args()
    stay_on_one_core()
    console = Console(width=130)
    console.print(speed())
    console.print(memory(args.memory))


if __name__ == "__main__":
    main()
