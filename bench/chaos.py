"""Faults without end on the stack of one machine, while captures, payments and appeals go through it: any process is
killed, Redis is emptied, a backend of PostgreSQL is killed so that the server recovers from a crash, database, Redis
and store are away or silently cut off, the database's disk is slow (where strace is installed), the clock jumps.
Afterwards each thing that was acknowledged is there once, and all is sound.

    python -m bench.chaos --minutes 30
"""

import argparse
import logging
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from moto.server import ThreadedMotoServer
from rich.console import Console
from sqlalchemy import select

from appeals.models import Appeal
from bench.faults import Faults
from bench.links import Link
from bench.throughput import OPERATOR, PROFILE, readable_photos
from core.clock import FileClock, local_date
from core.logging import configure_logging
from fines.models import Payment
from ingest.models import Capture
from ingest.simulator.network import Photo, SimulatedCamera, push, sign_capture
from scripts.stack import Stack, stack
from workers.audit_report import verify_audit
from workers.bootstrap import System, build
from workers.demo_world import all_fates, write_register
from workers.enrolment import enrol
from workers.server import usable_port

_ROLES = {"operator", "handler", "cashier"}
_SETTLE_SECONDS = 1800
_CLOCK_WENT_BACK = ":captured-in-future"
"""Refused rightly where the clock jumped while it was on its way: a camera captures anew."""
_PERSONAL = ("Testpersoon", "Proefstraat", "Proefdorp")
"""Who appeals, and where that person lives."""


@dataclass
class Acknowledged:
    """What an answer promised: captures and payments by their own ids, appeals by case."""

    captures: set[str] = field(default_factory=set)
    payments: dict[str, int] = field(default_factory=dict)
    appeals: set[str] = field(default_factory=set)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=30)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--rate", type=float, default=0.7, help="captures a second")
    chosen = arguments.parse_args()
    configure_logging("CRITICAL")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        if not survived(Path(folder), chosen.minutes * 60, chosen.rate, chosen.seed):
            raise SystemExit(1)


def survived(folder: Path, seconds: float, captures_per_second: float, seed: int) -> bool:
    """Faults for so long, drawn by `seed`: was each promise kept once, and is all sound? Prints what was found."""
    with broken_installation(folder) as (running, links):
        world = World(running, folder)
        world.gap = 1 / captures_per_second
        promised, stop = Acknowledged(), threading.Event()
        with ThreadPoolExecutor() as pool:
            people = [pool.submit(act, promised, stop) for act in (world.photograph, world.live)]
            try:
                faults = Faults(running, world.clock, links, random.Random(seed)).go_on(seconds)
            finally:
                stop.set()
            for one in people:
                one.result()
        print(
            f"faults: {sum(faults.values())}: " + ", ".join(f"{name} {count}" for name, count in sorted(faults.items()))
        )
        print(
            f"acknowledged: {len(promised.captures)} captures, {len(promised.payments)} payments,"
            f" {len(promised.appeals)} appeals"
        )
        return clean(world, promised)


@contextmanager
def broken_installation(folder: Path) -> Iterator[tuple[Stack, dict[str, Link]]]:
    """A stack whose ways to database, Redis and store can be cut."""
    objects = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    objects.start()
    host, port = objects.get_host_and_port()
    boto3.client(
        "s3", endpoint_url=f"http://{host}:{port}", region_name="eu-west-1", aws_access_key_id="k",
        aws_secret_access_key="s",
    ).create_bucket(Bucket="chaos", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})  # fmt: skip
    clock = folder / "clock"
    FileClock(clock).set(datetime.now(UTC) - timedelta(days=1))
    ports = {"store": usable_port(), "redis": usable_port()}
    try:
        with stack(
            imaging=1, vehicle_register_file=folder / "register.json", clock_file=clock, captures_per_minute=10**6,
            blob_url="s3://chaos", s3_endpoint=f"http://127.0.0.1:{ports['store']}", s3_access_key="k",
            s3_secret_key="s", lease_seconds=15, retry_base_seconds=0.5, max_attempts=12,
        ) as running:  # fmt: skip
            real = running.settings
            cut_database = folder / ".s.PGSQL.5432"
            links = {
                "store": Link(("127.0.0.1", ports["store"]), (host, port)),
                "redis": Link(("127.0.0.1", ports["redis"]), ("127.0.0.1", urlsplit(real.redis_url).port or 0)),
                "database": Link(str(cut_database), str(real.data_dir / "postgres" / ".s.PGSQL.5432")),
            }
            running.settings = real.model_copy(
                update={
                    "redis_url": f"redis://127.0.0.1:{ports['redis']}/0",
                    "database_url": real.database_url.replace(str(real.data_dir / "postgres"), str(folder)),
                }
            )
            yield running, links
    finally:
        objects.stop()


class World:
    """A camera, citizens and who works here, each of whom tries again until there is an answer."""

    def __init__(self, running: Stack, folder: Path) -> None:
        photos = readable_photos()
        write_register(folder / "register.json", [Photo(folder, plate, "NL") for plate in photos.values()])
        self.running, self.photos, self.gap = running, list(photos), 1.0
        self.plates = set(photos.values())
        self.clock = FileClock(folder / "clock")
        self.system: System = build(running.settings)
        self.camera = SimulatedCamera(PROFILE, Ed25519PrivateKey.generate())
        enrol(self.system, OPERATOR, self.camera)
        self.clock.set(datetime.now(UTC))
        token = self.system.services.principals.register(OPERATOR, "Bench", _ROLES)
        self.http = httpx.Client(
            base_url=running.url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )
        running.start_all()

    def answered(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        """As whoever wants something does: again, until somebody answers who can."""
        while True:
            with suppress(httpx.TransportError):
                answer = ask()
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer
            time.sleep(0.3)

    def photograph(self, promised: Acknowledged, stop: threading.Event) -> None:
        """One capture after the other."""
        number = 0
        while not stop.wait(self.gap):
            capture = sign_capture(
                self.camera, f"c{number}", self.clock.now(), "72.4", [self.photos[number % len(self.photos)]]
            )
            answer = self.answered(lambda capture=capture: push(self.http, capture))
            # 202: the answer to the first try was lost, the capture was not.
            if answer.is_success:
                promised.captures.add(capture.capture_id)
            elif not answer.json()["type"].endswith(_CLOCK_WENT_BACK):
                raise ValueError(f"a capture was refused: {answer.text}")
            number += 1

    def live(self, promised: Acknowledged, stop: threading.Event) -> None:
        """Letters are posted; every fifth case is appealed, the others are paid."""
        done: set[str] = set()
        while not stop.wait(2):
            run = self.answered(lambda: self.http.post("/v1/handlers/print-runs"))
            if run.status_code == 202:
                self.complete(run.json()["id"])
            for fate in all_fates(lambda path: self.answered(lambda: self.http.get(path)).json()):
                if fate["decisionId"] and fate["decisionId"] not in done and fate["fate"] == "issued":
                    done.add(fate["decisionId"])
                    self.answer_letter(fate, promised, appeals=len(done) % 5 == 0)
                if stop.is_set():
                    return

    def complete(self, run: str) -> None:
        for _ in range(100):
            posted = self.answered(lambda: self.http.post(f"/v1/handlers/print-runs/{run}/completions"))
            if posted.status_code == 204:
                return
            time.sleep(0.3)

    def answer_letter(self, fate: dict[str, Any], promised: Acknowledged, *, appeals: bool) -> None:
        decision = self.answered(lambda: self.http.get(f"/v1/handlers/decisions/{fate['decisionId']}")).json()
        if not appeals:
            paid = {
                "externalId": f"pay-{fate['id']}", "paymentReference": decision["paymentReference"],
                "amountCents": decision["amounts"]["open"], "bookedOn": local_date(self.clock.now()).isoformat(),
                "purpose": "sanction",
            }  # fmt: skip
            if self.answered(lambda: self.http.post("/v1/handlers/payments", json=paid)).status_code in (200, 201):
                promised.payments[paid["externalId"]] = paid["amountCents"]
            return
        said = {
            "caseNumber": decision["caseNumber"], "plate": decision["plate"],
            "accessCode": self.system.access_codes.of(fate["decisionId"]), "grounds": "Niet mijn auto.",
            "appellant": {
                "name": "T. Testpersoon", "birthDate": "1980-01-01", "birthPlace": "Proefdorp",
                "address": "Proefstraat 1, Proefdorp", "iban": "NL25DEMO0000000002",
            },
        }  # fmt: skip
        # 409: the answer to the first try was lost, the appeal was not.
        if self.answered(lambda: self.http.post("/v1/appeals", json=said)).status_code in (201, 409):
            promised.appeals.add(fate["decisionId"])


def clean(world: World, promised: Acknowledged) -> bool:
    """Once nothing is left to do: is each promise kept once, and are all records sound?"""
    running, system = world.running, world.system
    end = time.monotonic() + _SETTLE_SECONDS
    while counts := {state: number for state, number in patient_counts(system).items() if state != "dead"}:
        running.look_after()
        if time.monotonic() > end:
            print(f"stuck: {counts}")
            return False
        time.sleep(1)
    console = Console()
    with system.database.read_session() as session:
        captures = list(session.scalars(select(Capture.external_id)))
        paid = dict(session.execute(select(Payment.source_key, Payment.amount_cents)).tuples().all())
        appealed = list(session.scalars(select(Appeal.decision_id)))
    findings: dict[str, set[str]] = {
        "nothing was done": set() if promised.captures and promised.payments and promised.appeals else {"too little"},
        "captures lost": promised.captures - set(captures),
        "captures twice": {name for name, count in Counter(captures).items() if count > 1},
        "payments lost or other": {key for key, cents in promised.payments.items() if paid.get(f"api:{key}") != cents},
        "appeals lost": promised.appeals - set(appealed),
        "appeals twice": {name for name, count in Counter(appealed).items() if count > 1},
        "dead letters": {f"{one.job} {one.last_error}" for one in system.services.dead_letters.letters()},
        "evidence": set(system.services.ingest.evidence_log.check()),
        "originals": set(system.services.ingest.originals_check.unreadable()),
        "ledger": {f"{one.kind} {one.subject}" for one in system.services.fines.books.check()},
        "somebody named in a log": named_in_logs(running.settings.data_dir, {*_PERSONAL, *world.plates}),
    }
    for name, found in findings.items():
        print(f"{name}: {len(found)} {sorted(found)[:3] if found else ''}")
    return verify_audit(system, console) and not any(findings.values())


def named_in_logs(folder: Path, names: set[str]) -> set[str]:
    """By file: those of all processes, PostgreSQL's too."""
    logs = [*folder.glob("*.log"), folder / "postgres" / "log"]
    said = {log.name: log.read_text(errors="replace") for log in logs}
    return {f"{name} in {log}" for log, text in said.items() for name in names if name in text}


def patient_counts(system: System) -> dict[str, int]:
    """The database may still be recovering."""
    while True:
        try:
            return system.relay.counts()
        except Exception:
            time.sleep(1)


if __name__ == "__main__":
    main()
