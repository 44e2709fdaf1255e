"""Commands about cameras: bring one in, run what stands beside it, or act as a network of them."""

import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import httpx
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.progress import Progress

from core.clock import SystemClock
from core.errors import DomainError
from core.settings import Settings
from ingest.agent import identity
from ingest.agent.sender import Agent
from ingest.agent.spool import Counts, Spool
from ingest.simulator.network import CameraProfile, SimulatedCamera, captures, load_cameras, load_photos, push
from ingest.simulator.scenes import sample_scenes, write_folder
from workers import enrolment
from workers.bootstrap import build
from workers.shell import OPERATOR

app = typer.Typer(help="Cameras: bring one in, run its agent, or act as a network of them.", no_args_is_help=True)

console = Console(width=None if sys.stdout.isatty() else 160)
_Folder = Annotated[Path, typer.Option(help="Where the camera's key, photos and receipts are.")]


@app.command("announce")
def announce(camera_id: str, model: str) -> None:
    """A camera is to come: prints the code, once, with which it brings its key."""
    typer.echo(build(Settings()).services.ingest.registry.announce(OPERATOR, camera_id, model))


@app.command("enrol")
def enrol(url: str, code: str, folder: _Folder = Path("camera")) -> None:
    """At the camera: make its key and bring it, with the code that an operator gave."""
    try:
        found = identity.enrol(folder, url, code)
    except DomainError as error:
        raise typer.BadParameter(error.detail) from error
    typer.echo(f"{found.camera_id} is enrolled; its key is in {folder}.")


@app.command("new-key")
def new_key(folder: _Folder = Path("camera")) -> None:
    """At the camera: take another key; the present one goes on for some days."""
    try:
        found = identity.change_key(folder)
    except DomainError as error:
        raise typer.BadParameter(error.detail) from error
    typer.echo(f"{found.camera_id} signs with another key now.")


@app.command("agent")
def agent(
    folder: _Folder = Path("camera"),
    once: Annotated[bool, typer.Option(help="End when nothing waits any more.")] = False,
    at_once: Annotated[int, typer.Option(help="How many captures are sent at the same time.")] = 2,
    look_every: Annotated[float, typer.Option(help="Seconds between two looks for new photos.")] = 1.0,
) -> None:
    """At the camera: sign what it took and push it until there is a receipt, whatever line and power do."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        found, spool = identity.load(folder), Spool(folder)
    except DomainError as error:
        raise typer.BadParameter(error.detail) from error
    with Progress(console=console) as progress:
        task = progress.add_task(f"{found.camera_id}: captures sent", total=None)

        def told(counts: Counts) -> None:
            progress.update(task, completed=counts.sent, total=counts.sent + counts.waiting)

        Agent(found, spool, told, at_once, look_every).run(stop, once=once)
    counts = spool.counts()
    spool.close()
    typer.echo(f"{counts.sent} sent, {counts.waiting} waiting, {counts.refused} refused (see {folder / 'refused'})")


@app.command("register")
def register_camera(
    camera_id: str,
    road: str,
    municipality: str,
    limit: Annotated[int, typer.Option(help="Speed limit, km/h.")] = 50,
    road_type: str = "built-up",
    keys: Annotated[Path, typer.Option(help="Where profile and private key are written.")] = Path("cameras"),
) -> None:
    """Register a camera with a new key and a calibration of a year."""
    profile = CameraProfile(camera_id, "registered by hand", road, municipality, 52.0, 5.0, road_type, limit)
    camera = SimulatedCamera(profile, Ed25519PrivateKey.generate())
    enrolment.enrol(build(Settings()), OPERATOR, camera)
    camera.save(keys)
    console.print(f"Registered {camera_id}; its key is in {keys}.")


@app.command("simulate")
def simulate(
    url: str = "http://127.0.0.1:8000",
    photos: Annotated[Path | None, typer.Option(help="Folder of photographs with truth.csv.")] = None,
    count: Annotated[int, typer.Option(help="How many photographs to draw without --photos.")] = 14,
    rate: Annotated[float, typer.Option(help="Captures a second; 0 is as fast as it goes.")] = 0.0,
    keys: Annotated[Path, typer.Option(help="Folder of registered cameras.")] = Path("cameras"),
) -> None:
    """Act as a camera network: sign photographs and push them over HTTP."""
    cameras = load_cameras(keys)
    answers: dict[int, int] = {}
    with Progress(console=console) as progress:
        if photos is None:
            photos = Path("simulated-photos")
            task = progress.add_task("Draw photographs", total=count)
            write_folder(photos, sample_scenes(count), lambda: progress.advance(task))
        pictures = load_photos(photos)
        now = SystemClock().now()
        task = progress.add_task("Push captures", total=len(pictures))
        with httpx.Client(base_url=url, timeout=60) as client:
            for _, capture in captures(pictures, cameras, now, timedelta(0), seed=now.microsecond):
                started = time.monotonic()
                status = push(client, capture).status_code
                answers[status] = answers.get(status, 0) + 1
                progress.advance(task)
                if rate > 0:
                    time.sleep(max(0.0, 1 / rate - (time.monotonic() - started)))
    console.print("Answers: " + ", ".join(f"{status}: {n}" for status, n in sorted(answers.items())))
    if any(status >= 300 for status in answers):
        raise typer.Exit(1)
