"""The handlers' list of appeals over HTTP, with a thousand and with a hundred thousand open ones, on PostgreSQL."""

import statistics
import time
from datetime import UTC, datetime, timedelta

from fastapi.testclient import TestClient
from sqlalchemy import String, cast, func, insert, literal, select, text

from api.app import create_app
from appeals.models import Appeal
from appeals.service import Filing, grounds
from bench.postgres import own_postgres
from core.clock import SettableClock, local_date
from core.logging import configure_logging
from core.settings import Settings
from core.unit_of_work import SYSTEM, Actor
from fines.models import Decision
from fines.releases import LiveLaw
from tests.cases import KEEPER, conduct, decide
from workers.bootstrap import System, build

SIZES = (1_000, 100_000)
ROUNDS = 200
START = datetime(2026, 2, 2, 10, tzinfo=UTC)
ASKED = ("", "?view=free", "?view=mine", "?view=risk", "?view=late", "?view=filed-late", "?ground=signs")
CITIZEN = Actor("citizen", "citizen", frozenset({"citizen"}))


def main() -> None:
    configure_logging("ERROR")
    with own_postgres() as settings:
        measure(settings)


def measure(settings: Settings) -> None:
    clock = SettableClock(START)
    system = build(settings, clock)
    decide(system, LiveLaw(system.releases), local_date(START), [conduct(0, START - timedelta(days=5), 70)])
    decision = system.services.fines.decision_for_capture("capture-0")
    if decision is None:
        raise RuntimeError("no decision was made")
    filing = Filing("Ik reed daar niet.", {"name": KEEPER.name}, ground="signs")
    system.services.appeals.intake.file(CITIZEN, decision, filing)
    clock.advance(timedelta(days=120))
    token = system.services.principals.register(SYSTEM, "bench", {"handler"})
    found = []
    with TestClient(create_app(system.services)) as client:
        client.post("/handlers/login", data={"token": token})
        for size in SIZES:
            fill(system, size)
            found.append(ask(client))
            p50, p95, largest = found[-1]
            print(f"{size} open: {p50 * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms, {largest / 1000:.0f} kB at most")
    print(f"p95 among {SIZES[1]} is {found[1][1] / found[0][1]:.2f} times that among {SIZES[0]}")


def ask(client: TestClient) -> tuple[float, float, int]:
    """Median and p95 in seconds of one page of a list, each list in turn, and the largest page in bytes."""
    seconds, largest = [], 0
    for number in range(ROUNDS):
        start = time.perf_counter()
        answer = client.get(f"/handlers/appeals{ASKED[number % len(ASKED)]}")
        seconds.append(time.perf_counter() - start)
        answer.raise_for_status()
        largest = max(largest, len(answer.content))
    return statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1], largest


def fill(system: System, size: int) -> None:
    """So many open appeals, and twice as many that were decided, each on a decision of its own."""
    kinds = list(grounds())
    with system.database.write_session() as session:
        there, decision, appeal = session.execute(
            select(func.count(Appeal.id), func.min(Decision.id), func.min(Appeal.id)).join(
                Decision, Decision.id == Appeal.decision_id
            )
        ).one()
        numbers = func.generate_series(there, 3 * size - 1).column_valued("n")
        name = func.concat("filled-", func.lpad(cast(numbers, String), 8, "0"))
        made = {"id": name, "capture_id": name, "case_number": name, "payment_reference": name}
        columns = list(Decision.__table__.columns)
        values = select(*[made.get(column.name, column) for column in columns]).where(Decision.id == decision)
        session.execute(insert(Decision).from_select(columns, values))
        made = {
            "id": name,
            "decision_id": name,
            "state": text("CASE WHEN n % 3 = 0 THEN 'filed' ELSE 'decided' END"),
            "decide_until": literal(local_date(START)) + numbers % 300,
            "in_time": numbers % 10 > 0,
            "ground": text(f"(ARRAY{kinds!r})[1 + n % {len(kinds)}]"),
        }
        columns = list(Appeal.__table__.columns)
        values = select(*[made.get(column.name, column) for column in columns]).where(Appeal.id == appeal)
        session.execute(insert(Appeal).from_select(columns, values))
        for table in ("appeal", "decision"):
            session.execute(text(f"ANALYZE {table}"))
        session.commit()


if __name__ == "__main__":
    main()
