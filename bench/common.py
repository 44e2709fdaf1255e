"""What the benches share: the real photographs' truth, intervals, and times of this machine."""

import csv
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import binomtest

REAL = Path(__file__).parents[2] / "shared" / "data" / "plates-eu"
_TRUTH = Path(__file__).parent / "plates_eu.csv"


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


def milliseconds(work: Callable[[], object], rounds: int = 5) -> float:
    """Median processor time of `work` in ms, after one round to warm up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)
