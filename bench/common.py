"""What the benches share: the real photographs' truth, intervals, and times of this machine."""

import csv
import os
import statistics
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

REAL = Path(__file__).parents[2] / "shared" / "data" / "plates-eu"
_TRUTH = Path(__file__).parent / "plates_eu.csv"
_CELL, _CAPTION = (320, 120), 50
"""Width and height of a picture on a contact sheet, and of its caption."""


@dataclass(frozen=True)
class RealPhoto:
    """A photograph with its true plate (capitals and digits) and country; `note` says what was mended, and why."""

    path: Path
    plate: str
    country: str
    note: str


def real_photos(folder: Path = REAL) -> list[RealPhoto]:
    """The real photographs; an empty list, said aloud, where their folder is missing."""
    if not folder.is_dir():
        print(f"SKIPPED: {folder} is not on this machine; the real photographs are not measured.")
        return []
    with _TRUTH.open() as file:
        return [RealPhoto(folder / r["file"], r["plate"], r["country"], r["note"]) for r in csv.DictReader(file)]


def share(hits: int, total: int) -> str:
    """Hits of total, in percent, with the exact 95 % interval that so few photos allow."""
    if not total:
        return "-"
    low, high = binomtest(hits, total).proportion_ci()
    return f"{hits}/{total} = {100 * hits / total:.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def contact_sheet(pictures: list[tuple[NDArray[np.uint8], str]], columns: int = 4) -> NDArray[np.uint8]:
    """Pictures (H, W, 3) BGR side by side, each with its caption, for what a table cannot show."""
    cells = []
    for picture, caption in pictures:
        cell = np.full((_CELL[1] + _CAPTION, _CELL[0], 3), 255, np.uint8)
        factor = min(_CELL[0] / picture.shape[1], _CELL[1] / picture.shape[0])
        shown = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        cell[: shown.shape[0], : shown.shape[1]] = shown
        for row, line in enumerate(textwrap.wrap(caption, 44)[:3]):
            at = (2, _CELL[1] + 14 + 15 * row)
            cv2.putText(cell, line, at, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (30, 30, 30), 1, cv2.LINE_AA)
        cells.append(np.pad(cell, ((4, 4), (4, 4), (0, 0)), constant_values=255))
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    rows = [np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    return np.asarray(np.vstack(rows), np.uint8)


def stay_on_one_core() -> None:
    """Everybody's threads share the first core from here on, so that processor times can be compared."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def milliseconds(work: Callable[[], object], rounds: int = 5) -> float:
    """Median processor time of `work` in ms, after one round to warm up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)
