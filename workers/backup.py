"""Backups of an installation: the database by its own engine's means, photos and documents as they lie, encrypted.

A photo is stored before the row that names it, and nothing stored is written again: copied after the database, the
photos are at least those that its rows name. The keys are not in a backup; who keeps both together has kept neither.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from core.blobs import BlobStore
from core.database import Database
from core.durable_files import write_json

_MANIFEST = "backup.json"
"""Written last: a folder without one is no backup."""


class BackupFailed(Exception):
    """It is not there, or not whole; the text says what to do."""


@dataclass(frozen=True)
class Backup:
    """`began_at` and `ended_at` in UTC: what was acknowledged before the first is in it. Photos are
    counted in files."""

    kind: str
    began_at: str
    ended_at: str
    photos: int
    new_photos: int


def make(database: Database, blobs: BlobStore, place: Path) -> tuple[Path, Backup]:
    """One more backup below `place`, while the installation runs; photos that `place` has already are not copied again.

    Raises BackupFailed, and OSError where there is no room.
    """
    began = datetime.now(UTC)
    folder = place / f"{began:%Y%m%dT%H%M%S.%fZ}"
    folder.mkdir(parents=True, mode=0o700)
    kind = "sqlite" if database.is_sqlite else "postgresql"
    if database.is_sqlite:
        _copy_sqlite(Path(database.url.database or ""), folder / "flitsketen.db")
    else:
        _copy_postgresql(database.url, folder / "database")
    new, all_of_them = blobs.copy_to(place / "photos")
    made = Backup(kind, began.isoformat(), datetime.now(UTC).isoformat(), all_of_them, new)
    write_json(folder / _MANIFEST, asdict(made))
    return folder, made


def restore(folder: Path, target: Path, write_ahead_log: Path | None = None, until: datetime | None = None) -> Backup:
    """Lay a backup's database down at `target`, a folder that is not there yet: SQLite's file, or PostgreSQL's folder.

    With `write_ahead_log`, where PostgreSQL archived it, the server goes on from the backup up to `until` (UTC), or to
    the last that was archived, when it is started. Raises BackupFailed.
    """
    try:
        made = Backup(**json.loads((folder / _MANIFEST).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise BackupFailed(f"{folder} is no whole backup: there is no {_MANIFEST} that can be read") from error
    if target.exists():
        raise BackupFailed(f"{target} is there already: name a folder that is not")
    if made.kind == "sqlite":
        target.mkdir(parents=True, mode=0o700)
        shutil.copyfile(folder / "flitsketen.db", target / "flitsketen.db")
        return made
    # A server that listens in its own folder leaves its socket's lock there.
    shutil.copytree(folder / "database", target, ignore=shutil.ignore_patterns(".s.PGSQL.*"))
    target.chmod(0o700)
    if write_ahead_log is not None:
        _recover(target, write_ahead_log, until)
    return made


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=60)) as ours, closing(sqlite3.connect(target)) as copy:
        ours.backup(copy)
        [[found]] = copy.execute("PRAGMA integrity_check").fetchall()
    if found != "ok":
        raise BackupFailed(f"the copy of the database is not sound: {found}")


def _copy_postgresql(url: URL, target: Path) -> None:
    # Who lists the machine's processes sees their arguments, but not what they have in their environment.
    named = url.set(drivername="postgresql", password=None).render_as_string()
    _run("pg_basebackup", "--dbname", named, "--pgdata", str(target), "--wal-method=stream", "--checkpoint=fast",
         "--manifest-checksums=SHA256", "--no-password", password=url.password)  # fmt: skip
    for file in json.loads((target / "backup_manifest").read_text())["Files"]:
        # As the server read them is what must lie on this disk; `pg_verifybackup` looks at the same later.
        with (target / file["Path"]).open("rb") as copied:
            if hashlib.file_digest(copied, "sha256").hexdigest() != file["Checksum"]:
                raise BackupFailed(f"{file['Path']} is not on disk as it was read: make another backup")


def _run(tool: str, *arguments: str, password: str | None) -> None:
    found = shutil.which(tool)
    if found is None:
        raise BackupFailed(f"{tool} is not on the path: install PostgreSQL's client programs of the server's version")
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    done = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFailed(f"{tool} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else done.returncode}")


def _recover(target: Path, write_ahead_log: Path, until: datetime | None) -> None:
    (target / "recovery.signal").touch()
    lines = [f'restore_command = \'cp "{write_ahead_log.absolute()}/%f" "%p"\'', "recovery_target_action = 'promote'"]
    if until is not None:
        lines.append(f"recovery_target_time = '{until.astimezone(UTC).isoformat()}'")
    with (target / "postgresql.auto.conf").open("a") as file:
        file.write("\n" + "\n".join(lines) + "\n")
