"""The doctor says what is wrong with a set-up, and is silent where nothing is."""

import secrets
from pathlib import Path

import pytest
import redis
import rq
from sqlalchemy import text

from core.database import Database
from core.schedule import Schedule
from core.settings import QueueBackend, Settings
from tests.commands import flitsketen
from tests.world import World
from workers.bootstrap import build
from workers.chores import chores
from workers.doctor import Finding, Grade, examine
from workers.migrate import migrate
from workers.queues import QUEUES
from workers.server import usable_port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(data_dir=tmp_path, min_free_bytes=0)
    migrate(found)
    return found


def of(settings: Settings, subject: str) -> Finding:
    found = [one for one in examine(settings) if one.subject == subject]
    assert len(found) == 1, found
    return found[0]


def rewrite_version(settings: Settings, version: str) -> None:
    database = Database(settings.database_url)
    with database.write_session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        session.commit()
    database.engine.dispose()


def test_a_set_up_that_works_has_nothing_wrong(settings: Settings) -> None:
    system = build(settings)
    Schedule(system.database, chores(system)).tick()
    assert [one for one in examine(settings) if one.grade is Grade.WRONG] == []
    assert of(settings, "chores").seen == "all done in time"


def test_tables_that_are_behind_or_ahead_are_told_apart(settings: Settings) -> None:
    rewrite_version(settings, "0001")
    assert "flitsketen migrate" in of(settings, "database").remedy
    rewrite_version(settings, "9999")
    assert "older program" in of(settings, "database").remedy


def test_a_database_that_is_not_there_is_told_without_a_trace(tmp_path: Path) -> None:
    found = of(Settings(data_dir=tmp_path / "nothing"), "database")
    assert (found.grade, found.seen) == (Grade.WRONG, "is not there yet")
    away = Settings(data_dir=tmp_path, database_url=f"postgresql://nobody@127.0.0.1:{usable_port()}/x")
    assert "cannot be reached" in of(away, "database").seen


def test_another_master_key_than_the_cases_have_is_found(world: World) -> None:
    assert world.push(world.signed()).status_code == 201
    settings = world.system.settings
    assert of(settings, "keys of cases").seen == "open the newest case"
    (settings.data_dir / "keys" / "master.key").write_bytes(secrets.token_bytes(32))
    found = of(settings, "keys of cases")
    assert (found.grade, "former key" in found.remedy) == (Grade.WRONG, True)


def test_keys_that_others_can_read_are_named(settings: Settings) -> None:
    build(settings)
    (settings.data_dir / "keys" / "signing.pem").chmod(0o644)
    wrong = [one for one in examine(settings) if one.subject == "keys" and one.grade is Grade.WRONG]
    assert [one.seen for one in wrong] == ["signing.pem can be read by others"]


def test_a_store_that_takes_nothing_is_found(settings: Settings) -> None:
    nowhere = settings.model_copy(
        update={"blob_url": "s3://nowhere", "s3_endpoint": f"http://127.0.0.1:{usable_port()}"}
    )
    found = of(nowhere, "photo store")
    assert (found.grade, "FLITSKETEN_BLOB_URL" in found.remedy) == (Grade.WRONG, True)


def test_a_queue_that_no_worker_serves_is_named(settings: Settings, redis_url: str) -> None:
    at_scale = settings.model_copy(update={"queue": QueueBackend.RQ, "redis_url": redis_url})
    connection = redis.Redis.from_url(redis_url)
    assert of(at_scale, "workers").seen.startswith("0 run, none for: decisions, evidence")
    worker = rq.SimpleWorker([name for name in QUEUES if name != "letters"], connection=connection)
    worker.register_birth()
    assert of(at_scale, "workers").seen == "1 run, none for: letters"
    other = rq.SimpleWorker(["letters"], connection=connection)
    other.register_birth()
    assert of(at_scale, "workers").grade is Grade.WELL


def test_a_neighbour_that_does_not_answer_is_named_with_its_setting(settings: Settings) -> None:
    away = settings.model_copy(update={"clamav_address": f"127.0.0.1:{usable_port()}"})
    assert of(away, "ClamAV").remedy == "check FLITSKETEN_CLAMAV_ADDRESS"


def test_settings_that_do_not_hold_together_are_told_by_name(tmp_path: Path) -> None:
    code, said = flitsketen("doctor", data_dir=str(tmp_path), metrics_port="ninety")
    assert (code, "FLITSKETEN_METRICS_PORT" in said) == (1, True)


def test_the_command_ends_with_one_where_something_is_wrong(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "nothing", min_free_bytes=0)
    place = {"data_dir": str(settings.data_dir), "min_free_bytes": "0"}
    assert flitsketen("doctor", **place)[0] == 1
    migrate(settings)
    assert flitsketen("doctor", **place)[0] == 0
