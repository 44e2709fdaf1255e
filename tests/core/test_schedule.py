"""Chores: each when it is due, by one process of all, and none held up by another."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from core.database import Database
from core.outbox import machine_now
from core.schedule import Chore, ChoreRun, Leadership, Schedule, chore_runs
from core.settings import Settings
from tests.conftest import eventually
from workers.migrate import migrate

HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = request.getfixturevalue("postgres")() if request.param == "postgresql" else ""
    settings = Settings(data_dir=tmp_path, database_url=url)
    migrate(settings)
    found = Database(settings.database_url)
    yield found
    found.engine.dispose()


def pass_time(database: Database, time: timedelta) -> None:
    """For the schedule: what was due in so long is due now."""
    with database.write_session() as session:
        for run in session.query(ChoreRun):
            session.execute(update(ChoreRun).where(ChoreRun.name == run.name).values(due_at=run.due_at - time))
        session.commit()


class Diary:
    """Chores that write down that they ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def chore(self, name: str, every: timedelta = HOUR) -> Chore:
        return Chore(name, every, lambda: self.ran.append(name))

    def failing(self, name: str) -> Chore:
        def run() -> None:
            self.ran.append(name)
            raise ConnectionError("the provider of P. Jansen is away")

        return Chore(name, HOUR, run)


def test_a_chore_runs_when_it_is_due_and_not_before(database: Database) -> None:
    diary = Diary()
    schedule = Schedule(database, [diary.chore("sign")])
    assert [schedule.tick() for _ in range(3)] == [1, 0, 0]
    pass_time(database, timedelta(minutes=59))
    assert schedule.tick() == 0
    pass_time(database, timedelta(minutes=1))
    assert schedule.tick() == 1
    assert diary.ran == ["sign", "sign"]


def test_a_restart_neither_repeats_nor_forgets_a_chore(database: Database) -> None:
    diary = Diary()
    first = Schedule(database, [diary.chore("sign")])
    first.tick()
    first.end()
    assert Schedule(database, [diary.chore("sign"), diary.chore("new")]).tick() == 1
    assert diary.ran == ["sign", "new"]


def test_a_chore_that_fails_holds_up_no_other_and_comes_again_in_a_minute(database: Database) -> None:
    diary = Diary()
    schedule = Schedule(database, [diary.failing("ask"), diary.chore("sign")])
    assert schedule.tick() == 2
    pass_time(database, timedelta(minutes=1))
    assert schedule.tick() == 1
    assert diary.ran == ["ask", "sign", "ask"]


def test_how_each_chore_went_is_kept_without_what_the_error_said(database: Database) -> None:
    diary = Diary()
    before = machine_now()
    schedule = Schedule(database, [diary.failing("ask"), diary.chore("sign")])
    schedule.tick()
    ask, sign = chore_runs(database)
    assert (ask.outcome, ask.succeeded_at) == ("ConnectionError", None)
    assert sign.outcome == "done"
    assert sign.succeeded_at is not None
    assert before <= sign.succeeded_at <= machine_now()


def test_a_chore_that_takes_its_process_down_lets_the_others_have_their_turn(database: Database) -> None:
    diary = Diary()

    def die() -> None:
        raise SystemExit

    def started() -> Schedule:
        return Schedule(database, [Chore("die", HOUR, die), diary.chore("sign")])

    first = started()
    with pytest.raises(SystemExit):
        first.tick()
    first.end()
    started().tick()
    assert diary.ran == ["sign"]


def test_one_process_leads_and_another_takes_over_when_it_is_gone(postgres: "type[str]", tmp_path: Path) -> None:
    url = postgres()
    databases = [Database(url), Database(url)]
    leader, other = (Leadership(database) for database in databases)
    assert (leader.held(), other.held(), leader.held()) == (True, False, True)
    with databases[1].write_session() as session:
        session.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"))
    eventually(other.held, 30, "the server has let go of the lock")
    with pytest.raises(Exception, match=r"terminat|closed"):
        leader.held()
    assert (leader.held(), other.held()) == (False, True)
    for database in databases:
        database.engine.dispose()
