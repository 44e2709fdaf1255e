"""The day's run of terms, by several processes at once on a real PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select

from core.clock import SettableClock, local_date
from core.settings import Settings
from fines.models import Increase
from fines.releases import LiveLaw
from tests.cases import conduct, decide
from tests.conftest import NOON
from workers.bootstrap import build
from workers.migrate import migrate

CASES = 450
"""More than two handfuls."""


def test_runs_at_the_same_time_pass_each_term_once(tmp_path: Path, postgres: Callable[[], str]) -> None:
    settings = Settings(data_dir=tmp_path, database_url=postgres())
    migrate(settings)
    clock = SettableClock(NOON)
    systems = [build(settings, clock) for _ in range(3)]
    conducts = [conduct(number, NOON - timedelta(days=5), 62) for number in range(CASES)]
    decide(systems[0], LiveLaw(systems[0].releases), local_date(NOON), conducts)
    clock.advance(timedelta(weeks=9))
    with ThreadPoolExecutor() as together:
        passed = list(together.map(lambda system: system.services.fines.run_due(), systems))
    with systems[0].units.read() as session:
        rows = session.scalar(select(func.count()).select_from(Increase))
        charged: date | None = session.scalar(select(func.min(Increase.charged_on)))
    assert (sum(passed), rows, charged) == (CASES, CASES, local_date(clock.now()))
    assert systems[0].services.fines.books.check() == []
