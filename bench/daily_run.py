"""What the daily run of terms costs with 200 cases due, among ten thousand, a hundred thousand and a million."""

import statistics
import time
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, insert, literal, select, text

from bench.postgres import own_postgres
from core.clock import SettableClock, local_date
from core.settings import Settings
from fines.models import Decision
from fines.releases import LiveLaw
from tests.cases import conduct, decide
from workers.bootstrap import System, build

DUE = 200
SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 3
START = datetime(2026, 2, 2, 10, tzinfo=UTC)


def main() -> None:
    with own_postgres() as settings:
        measure(settings)


def measure(settings: Settings) -> None:
    clock = SettableClock(START)
    system = build(settings, clock)
    law = LiveLaw(system.releases)
    decide(system, law, local_date(START), [conduct(0, START - timedelta(days=5), 70)])
    clock.advance(timedelta(days=60))
    run(system, 1)
    count = 1
    for size in SIZES:
        fill(system, size)
        costs, idle = [], []
        for _ in range(ROUNDS):
            clock.set(START)
            conducts = [conduct(n, START - timedelta(days=5), 60 + n % 20) for n in range(count, count + DUE)]
            decide(system, law, local_date(START), conducts)
            count += DUE
            clock.advance(timedelta(days=60))
            costs.append(run(system, DUE))
            idle.append(run(system, 0))
        print(
            f"{size} cases: {DUE} due {statistics.median(costs) * 1000:.0f} ms, "
            f"none due {statistics.median(idle) * 1000:.1f} ms"
        )


def run(system: System, due: int) -> float:
    """Seconds."""
    start = time.perf_counter()
    passed = system.services.fines.run_due()
    if passed != due:
        raise RuntimeError(f"{passed} terms passed, not {due}")
    return time.perf_counter() - start


def fill(system: System, size: int) -> None:
    """Decisions that are not due for years, beside those that are there: rows alone, for their number counts here."""
    columns = list(Decision.__table__.columns)
    with system.database.write_session() as session:
        there, sample = session.execute(select(func.count(), func.min(Decision.id))).one()
        numbers = func.generate_series(there, size - 1).column_valued("n")
        name = func.concat("filled-", numbers)
        made = {
            "id": name,
            "capture_id": name,
            "case_number": name,
            "payment_reference": name,
            "due_on": literal(date(2030, 1, 1)),
        }
        values = select(*[made.get(column.name, column) for column in columns]).where(Decision.id == sample)
        session.execute(insert(Decision).from_select(columns, values))
        session.execute(text("ANALYZE decision"))
        session.commit()


if __name__ == "__main__":
    main()
