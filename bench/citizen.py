"""A citizen's case page and photo among a million cases, beside the floor: the same framework answering a constant and
streaming the same bytes from disk."""

import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse

from bench.daily_run import fill
from bench.postgres import own_postgres
from core.clock import SettableClock
from core.logging import configure_logging
from core.settings import Settings
from tests.world import World, lookup
from workers.bootstrap import build
from workers.server import running, serving

CASES = 1_000_000
ROUNDS = 400
START = datetime(2026, 9, 14, 10, tzinfo=UTC)


def main() -> None:
    configure_logging("ERROR")
    with own_postgres() as settings:
        measure(settings)


def measure(settings: Settings) -> None:
    folder = settings.data_dir
    settings = settings.model_copy(update={"vehicle_register_file": folder / "register.json"})
    clock = SettableClock(START)
    world = World(build(settings, clock), clock, folder)
    case = world.fined("62.0")
    fill(world.system, CASES)
    with running(world.system) as url, httpx.Client(base_url=url, trust_env=False) as citizen:
        page_path = come_in(citizen, case)
        page = citizen.get(page_path).raise_for_status()
        photo = citizen.get(f"{page_path}/photos/0").raise_for_status()
        with serving(floor_app(folder, page.text, photo.content)) as floor_url:
            with httpx.Client(base_url=floor_url, trust_env=False) as floor:
                constant = p95(lambda: floor.get("/page"))
                streamed = p95(lambda: floor.get("/photo"))
            shown = p95(lambda: citizen.get(page_path))
            seen = p95(lambda: citizen.get(f"{page_path}/photos/0"))
            asked = p95(lambda: citizen.post("/v1/photo-lookups", json=lookup(case)))
    print(f"{CASES} cases on PostgreSQL, {ROUNDS} requests each, one after the other; p95 in ms")
    print(f"{'':24}{'ours':>9}{'floor':>9}{'ratio':>8}")
    for name, ours, least in (
        ("case page", shown, constant),
        ("photo of a visit", seen, streamed),
        ("photo request (API)", asked, streamed),
    ):
        print(f"{name:24}{ours:9.1f}{least:9.1f}{ours / least:8.1f}")
    print(f"page of {len(page.content) // 1024} kB, photo of {len(photo.content) // 1024} kB")


def come_in(citizen: httpx.Client, case: dict[str, str]) -> str:
    """By what stands on the letter; the path of the case."""
    [token] = set(re.findall(r'name="csrf" value="([^"]+)"', citizen.get("/").text))
    said = {"case_number": case["caseNumber"], "plate": case["plate"], "access_code": case["accessCode"]}
    return str(citizen.post("/enter", data={"csrf": token, **said}).headers["location"])


def floor_app(folder: Path, page: str, photo: bytes) -> FastAPI:
    """Nothing but the answers."""
    file = folder / "photo.jpg"
    file.write_bytes(photo)
    app = FastAPI()

    @app.get("/page")
    def constant() -> HTMLResponse:
        return HTMLResponse(page)

    @app.get("/photo")
    def streamed() -> FileResponse:
        return FileResponse(file)

    return app


def p95(ask: Callable[[], httpx.Response]) -> float:
    """Milliseconds."""
    for _ in range(20):
        ask().raise_for_status()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        ask().raise_for_status()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
