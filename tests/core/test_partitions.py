"""On PostgreSQL the tables that grow for ever are in partitions by time; there are always some for what is to come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from core.clock import SettableClock
from core.database import Database
from core.partitions import AHEAD_MONTHS, keep_ahead, make_ahead, months_ahead
from core.settings import Settings
from tests.world import World
from workers.bootstrap import build
from workers.migrate import alembic_config, migrate


@pytest.fixture
def world(tmp_path: Path, clock: SettableClock, postgres: Callable[[], str]) -> World:
    settings = Settings(data_dir=tmp_path, database_url=postgres(), vehicle_register_file=tmp_path / "register.json")
    migrate(settings)
    return World(build(settings, clock), clock, tmp_path)


def partitions_of(engine: Engine, table: str) -> dict[str, int]:
    """Rows by partition, of those that have any."""
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT CAST(tableoid::regclass AS text), count(*) FROM {table} GROUP BY 1"))  # noqa: S608
        return dict(found.tuples().all())


def test_what_is_written_now_is_in_the_partition_of_now(world: World) -> None:
    world.fined()
    now, engine = datetime.now(UTC), world.system.database.engine
    assert partitions_of(engine, "capture") == {f"capture_{now:%Y_%m}": 1}
    assert list(partitions_of(engine, "ledger_posting")) == [f"ledger_posting_{now:%Y}"]
    assert list(partitions_of(engine, "audit_record")) == ["audit_record_0000"]


def test_an_id_alone_says_in_which_partition_its_row_is(world: World) -> None:
    case = world.fined()
    with world.system.database.engine.connect() as connection:
        plan = connection.execute(text("EXPLAIN SELECT * FROM capture WHERE id = :id"), {"id": case["id"]}).scalars()
        assert sum("capture_" in line and " on " in line for line in plan.all()) == 1


def test_as_months_go_by_there_are_partitions_ahead(world: World) -> None:
    database = world.system.database
    assert months_ahead(database) == AHEAD_MONTHS + 1
    assert keep_ahead(database) == 0
    later = datetime.now(UTC) + timedelta(days=700)
    with database.engine.begin() as connection:
        made = make_ahead(connection, later)
        assert made > AHEAD_MONTHS - 2
        assert make_ahead(connection, later) == 0


def test_an_audit_log_that_grew_gets_more_room(world: World) -> None:
    database = world.system.database
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_head SET seq = 60000000 WHERE partition = 'ingest'"))
    assert keep_ahead(database) == 2


def test_the_embedded_default_has_none(tmp_path: Path) -> None:
    migrate(Settings(data_dir=tmp_path))
    database = Database(Settings(data_dir=tmp_path).database_url)
    assert (keep_ahead(database), months_ahead(database)) == (0, None)


_CAMERA = "INSERT INTO camera (id, model, state, registered_at, compromised) VALUES ('cam', 'm', 'active', :at, false)"
_CERTIFICATE = (
    "INSERT INTO calibration_certificate (id, camera_id, number, issued_by, valid_from, valid_to)"
    " VALUES ('cert', 'cam', '1', 'NMi', :at, :at)"
)
_CAPTURE = (
    "INSERT INTO capture (id, camera_id, external_id, certificate_id, captured_at, received_at, details,"
    " metadata_sha256, content_sha256, signature) VALUES (:id, 'cam', :id, 'cert', :at, :at, '{}', 'x', 'x', 'x')"
)
_IMAGE = (
    "INSERT INTO capture_image (id, capture_id, position, sha256, width, height, size)"
    " VALUES (:id, :id, 0, 'x', 1, 1, 1)"
)
_AUDIT = (
    "INSERT INTO audit_record (partition, seq, at, actor, action, subject_kind, subject_id, reason, detail,"
    " previous_hash, hash) VALUES ('ingest', :seq, :at, 'a', 'b', 'c', 'd', 'e', '{}', 'f', 'g')"
)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_an_installation_with_rows_of_every_age_is_cut_and_loses_none(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgres")() if backend == "postgresql" else ""
    settings = Settings(data_dir=tmp_path, database_url=url)
    command.upgrade(alembic_config(settings), "0026")
    engine = Database(settings.database_url).engine
    at = "2026-01-01 00:00:00+00:00"
    old, now, random = "0190a1b2-0000-7000-8000-000000000000", "01a21d85-14ff-7074-904f-a723ef50925c", "f47ac10b-58cc"
    with engine.connect() as connection:
        if backend == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        for statement in (_CAMERA, _CERTIFICATE):
            connection.execute(text(statement), {"at": at})
        for statement in (_CAPTURE, _IMAGE):
            connection.execute(text(statement), [{"id": name, "at": at} for name in (old, now, random)])
        connection.execute(text(_AUDIT), [{"seq": seq, "at": at} for seq in (1, 2)])
        connection.commit()
    migrate(settings)
    with engine.connect() as connection:
        for table, count in (("capture", 3), ("capture_name", 3), ("capture_image", 3), ("audit_record", 2)):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == count  # noqa: S608
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(_IMAGE), {"id": "no capture", "at": at})
