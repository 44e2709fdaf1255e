"""How well plates are read, beside other readers, on the same photos in the same run."""

import argparse
import random
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr_onnxruntime import RapidOCR
from rich.console import Console
from rich.table import Table

from bench.common import REAL, contact_sheet, real_photos, share
from core.settings import Settings
from imaging.pipeline import Pipeline
from imaging.plates import countries_of, fold, normalise
from imaging.stages.encode import encode
from ingest.simulator.plate_art import invent
from ingest.simulator.scenes import Scene, render

_COUNTRIES = ("NL", "NL", "NL", "BE", "DE", "FR", "GB")
_CONDITIONS = ("day", "night", "blur", "small", "dazzled", "covered", "strapped", "end hidden")
_NEVER = ("covered", "strapped", "end hidden")
"""Something lies over the plate: it must not be accepted, even where what is left was read right."""

_TONES = (20, 60, 110, 240)
"""Of what lies over a plate."""

_SHOWN = 4
"""Failures of each set on the contact sheet."""

Reader = Callable[[bytes], tuple[str, float]]


@dataclass(frozen=True)
class Sample:
    """`readable` is False for a plate that must not be accepted, whatever is read; `box` is x, y, width, height."""

    name: str
    data: bytes
    plate: str
    country: str
    readable: bool = True
    box: tuple[int, int, int, int] | None = None


@dataclass
class Score:
    photos: int = 0
    exact: int = 0
    accepted: int = 0
    false: list[str] = field(default_factory=list)
    others: int = 0
    """Accepted as a plate that it is not."""


def drawn(condition: str, count: int) -> Iterator[Sample]:
    """Scenes that the simulator draws, spoilt as `condition` says."""
    for seed in range(1, count + 1):
        chance = random.Random(f"{condition} {seed}")
        plate = invent(chance.choice(_COUNTRIES), chance)
        size = (1280, 960) if condition != "small" else (520, 390)
        scene = render(Scene(plate, night=condition == "night", size=size, seed=seed, people=0))
        photo = scene.photo
        x, y, w, h = scene.plate_box
        if condition == "blur":
            photo = cv2.GaussianBlur(photo, (0, 0), 0.018 * w)
        if condition == "dazzled":
            glow = np.zeros(photo.shape, np.float32)
            cv2.ellipse(glow, (x + w // 2, y + h // 2), (w, w // 2), 0, 0, 360, (255, 255, 255), -1)
            photo = np.clip(photo + cv2.GaussianBlur(glow, (0, 0), w / 3) * 0.55, 0, 255).astype(np.uint8)
        if condition == "covered":
            # One character's width of the plate is behind something.
            _bar(photo, scene.plate_box, x + int(w * chance.uniform(0.25, 0.8)), int(w * 0.11), (60, 60, 70))
        if condition == "strapped":
            # Narrower than a character, in any tone but the ground's, from one end of the plate to the other.
            wide = int(w * chance.choice([0.06, 0.10]))
            left = x + int((w - wide) * (seed - 1) / max(count - 1, 1))
            _bar(photo, scene.plate_box, left, wide, (chance.choice(_TONES),) * 3)
        if condition == "end hidden":
            wide = int(w * chance.choice([0.10, 0.13, 0.17, 0.20, 0.25]))
            _bar(photo, scene.plate_box, x + (w - wide) * (seed % 2), wide, (chance.choice(_TONES),) * 3)
        readable = condition not in _NEVER
        box = scene.plate_box
        yield Sample(f"{condition} {seed}", encode(photo), normalise(plate.text), plate.country, readable, box)


def _bar(
    photo: NDArray[np.uint8], plate: tuple[int, int, int, int], left: int, wide: int, tone: tuple[int, int, int]
) -> None:
    """Paint over the plate's whole height, and a little more, from `left` on."""
    _, y, _, h = plate
    cv2.rectangle(photo, (left, y - 4), (left + wide, y + h + 4), tone, -1)


def rapidocr() -> Reader:
    """RapidOCR on the whole photo: the most plate-like text, the most confident of several."""
    reader = RapidOCR(intra_op_num_threads=1)

    def read(data: bytes) -> tuple[str, float]:
        found, _ = reader(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), use_cls=False)
        texts = [(normalise(text), float(score)) for _, text, score in found or []]
        plates = [pair for pair in texts if countries_of(pair[0])] or [pair for pair in texts if 4 <= len(pair[0]) <= 9]
        return max(plates, key=lambda pair: pair[1], default=("", 0.0))

    return read


def tesseract() -> Reader | None:
    """Tesseract on the whole photo, sparse text; None, said aloud, where Debian's package is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        print("SKIPPED: tesseract is not installed (Debian package tesseract-ocr).")
        return None

    def read(data: bytes) -> tuple[str, float]:
        command = [program, "stdin", "stdout", "--psm", "11", "tsv"]
        rows = subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode().splitlines()[1:]
        words = [(normalise(cells[11]), float(cells[10]) / 100) for cells in (row.split("\t") for row in rows)]
        plates = [pair for pair in words if countries_of(pair[0])] or [pair for pair in words if 4 <= len(pair[0]) <= 9]
        return max(plates, key=lambda pair: pair[1], default=("", 0.0))

    return read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, default=REAL)
    parser.add_argument("--drawn", type=int, default=40, help="photos per drawn set, three times as many covered ones")
    parser.add_argument("--failures", type=Path, help="where a picture of drawn plates that failed is written")
    args = parser.parse_args()
    real = [Sample(p.path.name, p.path.read_bytes(), p.plate, p.country) for p in real_photos(args.photos)]
    sets: dict[str, list[Sample]] = {"real photographs": real} if real else {}
    for condition in _CONDITIONS:
        sets[f"drawn, {condition}"] = list(drawn(condition, args.drawn * (3 if condition in _NEVER else 1)))
    pipeline = Pipeline(Settings())
    pipeline.warm_up()
    others = {name: reader for name, reader in (("RapidOCR", rapidocr()), ("tesseract", tesseract())) if reader}
    failures = _print(sets, pipeline, others)
    if args.failures and failures:
        cv2.imwrite(str(args.failures), contact_sheet(failures), [cv2.IMWRITE_JPEG_QUALITY, 85])


def _print(
    sets: dict[str, list[Sample]], pipeline: Pipeline, others: dict[str, Reader]
) -> list[tuple[NDArray[np.uint8], str]]:
    """Prints the tables; returns pictures of drawn plates that failed, with what was read and the reasons."""
    columns = ("set", "reader", "exact", "accepted (others: over 0.9)", "accepted, but must not be", "as another plate")
    table = Table(*columns, title="Reading plates")
    failures: list[tuple[NDArray[np.uint8], str]] = []
    by_country: dict[str, Score] = defaultdict(Score)
    for name, samples in sets.items():
        ours = Score()
        shown = 0
        for sample in samples:
            verdict, _ = pipeline.read([sample.data])
            right = verdict.plate == sample.plate
            if sample.box and shown < _SHOWN and verdict.accepted != sample.readable:
                shown += 1
                failures.append((_plate_of(sample), f"{sample.plate}: {verdict.plate}, {', '.join(verdict.reasons)}"))
            for score in (ours, by_country[f"{name.split(',')[0]}: {sample.country}"]):
                _count(score, sample, right, verdict.accepted, f"{sample.name}: {verdict.plate} for {sample.plate}")
        _row(table, name, "flitsketen", ours)
        for other, reader in others.items():
            theirs = Score()
            for sample in samples:
                plate, confidence = reader(sample.data)
                # The others know no syntax: O for 0 and the like count as read.
                right = fold(plate) == fold(sample.plate)
                _count(theirs, sample, right, confidence > 0.9, f"{sample.name}: {plate}")
            _row(table, "", other, theirs)
        for line in ours.false:
            print(f"FALSE ACCEPT {line}")
    countries = Table("photos, country", "exact", "accepted", "accepted and wrong", title="Ours, by country")
    for name, score in sorted(by_country.items()):
        countries.add_row(
            name, share(score.exact, score.photos), share(score.accepted, score.photos), str(len(score.false))
        )
    console = Console(width=170)
    console.print(table)
    console.print(countries)
    return failures


def _plate_of(sample: Sample) -> NDArray[np.uint8]:
    photo = cv2.imdecode(np.frombuffer(sample.data, np.uint8), cv2.IMREAD_COLOR)
    x, y, w, h = sample.box or (0, 0, photo.shape[1], photo.shape[0])
    return np.asarray(photo[max(y - h // 2, 0) : y + h + h // 2, max(x - w // 8, 0) : x + w + w // 8], np.uint8)


def _count(score: Score, sample: Sample, right: bool, accepted: bool, line: str) -> None:
    score.photos += 1
    score.exact += right
    score.accepted += accepted
    score.others += accepted and not right
    if accepted and not (right and sample.readable):
        score.false.append(line)


def _row(table: Table, name: str, reader: str, score: Score) -> None:
    table.add_row(
        name,
        reader,
        share(score.exact, score.photos),
        share(score.accepted, score.photos),
        share(len(score.false), score.photos),
        share(score.others, score.photos),
    )


if __name__ == "__main__":
    main()
