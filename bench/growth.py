"""Does it cost more the more there is? The same captures through the whole chain, and pages and calls as people ask for
them, in a PostgreSQL with no other cases, and with so many.

    python -m bench.growth --cases 0 1000000
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from bench.clones import Case
from bench.throughput import OPERATOR, PROFILE, print_all, readable_photos, run
from core.logging import configure_logging
from ingest.simulator.network import Photo, SimulatedCamera
from scripts.stack import Stack, stack
from tests.world import lookup, with_code
from workers.bootstrap import System, build
from workers.demo_world import write_register
from workers.enrolment import enrol

_ROUNDS = 200
_ROLES = {"operator", "handler", "cashier", "reviewer"}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--captures", type=int, default=2000, help="through the chain at each size")
    arguments.add_argument("--cases", type=int, nargs="+", default=[0, 1_000_000], help="that are there, in turn")
    chosen = arguments.parse_args()
    configure_logging("ERROR")
    photos = readable_photos()
    with tempfile.TemporaryDirectory() as folder:
        register = Path(folder) / "register.json"
        write_register(register, [Photo(register, plate, "NL") for plate in photos.values()])
        with stack(os.cpu_count() or 1, vehicle_register_file=register, captures_per_minute=10**9) as running:
            grow(running, list(photos), chosen.captures, chosen.cases)


def grow(running: Stack, photos: list[bytes], captures: int, sizes: list[int]) -> None:
    system = build(running.settings)
    camera = SimulatedCamera(PROFILE, Ed25519PrivateKey.generate())
    enrol(system, OPERATOR, camera)
    token = system.services.principals.register(OPERATOR, "Bench", _ROLES)
    headers = {"Authorization": f"Bearer {token}"}
    first: dict[str, float] = {}
    with httpx.Client(base_url=running.url, headers=headers, timeout=120, trust_env=False) as http:
        start(running, system, camera, http, photos)
        case = one_case(system, http, "copied")
        # Before the clock runs it is paid for, so that its copies are cases that are over.
        whole, there = Case(system.database, case["id"]), 0
        print(f"a case is {len(whole.rows)} rows; {captures} captures and {_ROUNDS} requests of each kind at each size")
        for size in sizes:
            began = time.monotonic()
            if size > there:
                running.stop_all()
                whole.copy(size - there, there)
                there = size
                start(running, system, camera, http, photos)
            filled = time.monotonic() - began
            found = chain_costs(running, system, camera, http, photos, captures)
            # Each look is a line of a case's page: at each size another one, at which nobody looked.
            case = one_case(system, http, f"among {size}")
            found |= {name: p95(ask) for name, ask in asked(http, token, case).items()}
            print(f"\n{size} cases there, {database_bytes(system) / 1e9:.1f} GB (filled in {filled:.0f} s)")
            for name, value in found.items():
                ratio = f"{value / first[name]:8.2f} times that of the first" if first else ""
                print(f"  {name:44}{value:9.1f} ms{ratio}", flush=True)
            first = first or found
    system.database.engine.dispose()


def start(running: Stack, system: System, camera: SimulatedCamera, http: httpx.Client, photos: list[bytes]) -> None:
    """Every process has its networks and connections before it is measured."""
    running.start_all()
    run(running, system, camera, http, photos[:1], 2)
    print_all(http, system)


def one_case(system: System, http: httpx.Client, payment: str) -> dict[str, str]:
    """The newest capture that became a decision, paid, as the handler sees it."""
    doors = system.services
    capture_id, decision_id = next(
        (one.id, decision.id) for one in doors.ingest.newest() if (decision := doors.fines.decision_for_capture(one.id))
    )
    path = f"/v1/handlers/decisions/{decision_id}"
    decision = http.get(path).raise_for_status().json()
    paid = {
        "externalId": payment, "paymentReference": decision["paymentReference"],
        "amountCents": decision["amounts"]["open"], "bookedOn": decision["decidedOn"], "purpose": "sanction",
    }  # fmt: skip
    http.post("/v1/handlers/payments", json=paid).raise_for_status()
    return {**with_code(system, http.get(path).raise_for_status().json()), "id": capture_id, "decisionId": decision_id}


def chain_costs(
    running: Stack, system: System, camera: SimulatedCamera, http: httpx.Client, photos: list[bytes], count: int
) -> dict[str, float]:
    """Processor time a capture in ms, from push to printed decision."""
    before = running.cpu_seconds()
    run(running, system, camera, http, photos, count)
    print_all(http, system)
    after = running.cpu_seconds()
    costs = {name: 1000 * (after[name] - before[name]) / count for name in after}
    imaging = sum(cost for name, cost in costs.items() if "imaging" in name)
    return {
        "processor a capture": sum(costs.values()),
        "  of it, all but the photos": sum(costs.values()) - imaging,
        "  of it, PostgreSQL": costs["postgres"],
    }


def asked(http: httpx.Client, token: str, case: dict[str, str]) -> dict[str, Callable[[], httpx.Response]]:
    """What people and systems ask for most."""
    handler = httpx.Client(base_url=http.base_url, timeout=120, trust_env=False)
    handler.post("/handlers/login", data={"token": token})
    return {
        "p95 citizen looks up a case (API)": lambda: http.post("/v1/case-lookups", json=lookup(case)),
        "p95 citizen's photo link (API)": lambda: http.post("/v1/photo-links", json=lookup(case)),
        "p95 decision for handlers (API)": lambda: http.get(f"/v1/handlers/decisions/{case['decisionId']}"),
        "p95 a hundred captures (API)": lambda: http.get("/v1/handlers/captures"),
        "p95 open appeals (API)": lambda: http.get("/v1/handlers/appeals"),
        "p95 work list (page)": lambda: handler.get("/handlers"),
        "p95 case (page)": lambda: handler.get(f"/handlers/cases/{case['id']}"),
        "p95 captures (page)": lambda: handler.get("/handlers/captures"),
        "p95 installation (page)": lambda: handler.get("/handlers/installation"),
    }


def p95(ask: Callable[[], httpx.Response]) -> float:
    """Milliseconds."""
    times = []
    for _ in range(_ROUNDS + 5):
        start = time.perf_counter()
        ask().raise_for_status()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.quantiles(times[5:], n=20)[-1]


def database_bytes(system: System) -> int:
    with system.database.read_session() as session:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


if __name__ == "__main__":
    main()
