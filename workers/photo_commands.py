"""`flitsketen read` and `flitsketen redact`: imaging by itself, on files, without database or service."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from core.settings import Settings
from imaging.service import Box, IsolatedPipeline, isolated, normalise

_Photos = Annotated[list[Path], typer.Argument(metavar="PHOTO...", help="JPEG files.", show_default=False)]
_AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line and photo.")]


def read(photos: _Photos, as_json: _AsJson = False) -> None:
    """Read the plate on each photo and say whether that may stand without a person."""
    pipeline = isolated(Settings())
    pipeline.warm_up()
    table = Table("file", "plate", "country", "confidence", "decision", "reasons")
    for path in photos:
        answer = _read(pipeline, path)
        if as_json:
            typer.echo(json.dumps(answer))
        cells = (answer["file"], answer["plate"], answer["country"], answer["confidence"], answer["decision"])
        table.add_row(*("" if cell is None else str(cell) for cell in cells), ", ".join(answer["reasons"]))
    if not as_json:
        Console().print(table)


def _read(pipeline: IsolatedPipeline, path: Path) -> dict[str, Any]:
    start = time.perf_counter()
    answer: dict[str, Any] = {"file": str(path), "plate": None, "country": None, "confidence": 0.0}
    try:
        data = path.read_bytes()
    except OSError:
        return {**answer, "decision": "reject", "reasons": ["file-unreadable"], "box": None, "ms": 0.0}
    verdict, _ = pipeline.read([data])
    return {
        **answer,
        "plate": verdict.plate,
        "country": verdict.country,
        "confidence": round(verdict.confidence, 4),
        "decision": verdict.decision,
        "reasons": list(verdict.reasons),
        "box": _sides(verdict.reading.located.box) if verdict.reading else None,
        "ms": round((time.perf_counter() - start) * 1000, 1),
    }


def redact(
    photo: Annotated[Path, typer.Argument(help="A JPEG file.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Where the citizen's copy is written.", show_default=False)],
    keep_plate: Annotated[str | None, typer.Option(help="The plate that stays readable; none without.")] = None,
    hide_passengers: Annotated[bool, typer.Option(help="Hide all windows of the kept plate's vehicle too.")] = False,
    as_json: _AsJson = False,
) -> None:
    """Write the citizen's copy of a photo: faces and all plates but one hidden for good."""
    try:
        data = photo.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{photo} cannot be read: {error.strerror}") from error
    start = time.perf_counter()
    plate = normalise(keep_plate) if keep_plate else None
    frame = isolated(Settings()).redact(data, plate, hide_passengers=hide_passengers)
    if frame.encoded is None:
        typer.echo(f"{photo}: no copy was made, the photo is unusable: {frame.failure}", err=True)
        raise typer.Exit(1)
    out.write_bytes(frame.encoded)
    answer = {
        "file": str(photo),
        "out": str(out),
        "kept": _sides(frame.kept.box) if frame.kept else None,
        "regions": [
            {"kind": r.kind, "box": _sides(r.box), "score": round(r.score, 3), "by": r.by} for r in frame.regions
        ],
        "ms": round((time.perf_counter() - start) * 1000, 1),
    }
    if as_json:
        typer.echo(json.dumps(answer))
        return
    table = Table("kind", "x, y, width, height", "score", "found by")
    for region in frame.regions:
        table.add_row(region.kind, str(_sides(region.box)), f"{region.score:.2f}", region.by)
    Console().print(table)
    if keep_plate and not frame.kept:
        typer.echo("The plate to keep was not found; every plate is hidden.")


def _sides(box: Box) -> list[int]:
    """x, y, width, height."""
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]
