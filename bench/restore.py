"""A disaster, and how long and how much it costs: captures come in all the while, a backup is made, the database's disk
is lost, and what was archived is laid down elsewhere. Prints the recovery point (how old what was lost is) and the
recovery time (until everything was held against each other and captures are taken in again).

    python -m bench.restore --cases 20000
"""

import argparse
import os
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
from sqlalchemy import select

from bench.clones import Case
from bench.postgres import postmaster
from core.blobs import CaseKey
from core.clock import SettableClock
from core.logging import configure_logging
from core.settings import Settings
from ingest.models import CaptureName
from tests.chain.test_restore import TOOLS, archiving, pushed_meanwhile, started
from tests.world import World
from workers import backup
from workers.bootstrap import build
from workers.migrate import migrate

_ARCHIVE_SECONDS = 10
"""A segment of the log that is not full is archived after so long (`archive_timeout`)."""
_BEFORE, _AFTER = 5.0, 25.0
"""Seconds of captures before and after the backup."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--cases", type=int, default=20_000, help="that are there")
    chosen = arguments.parse_args()
    configure_logging("CRITICAL")
    os.environ["PATH"] = f"{TOOLS}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        measure(Path(folder), chosen.cases)


def measure(folder: Path, cases: int) -> None:
    archive = folder / "wal"
    archive.mkdir()
    archive.chmod(0o777)
    server = archiving(folder / "postgres", archive)
    server.psql(f"ALTER SYSTEM SET archive_timeout = '{_ARCHIVE_SECONDS}s'")
    server.psql("SELECT pg_reload_conf()")
    world = installed(folder / "here", server.get_uri())
    case = world.fined()
    Case(world.system.database, case["id"]).copy(cases)
    # Copies have no photos: they count as destroyed, so that nobody looks for these.
    with world.system.database.write_session() as session:
        session.query(CaseKey).filter(CaseKey.case_id != case["id"]).update({"wrapped": None})
        session.commit()
    with pushed_meanwhile(world) as acknowledged:
        time.sleep(_BEFORE)
        began = time.monotonic()
        made, _ = backup.make(world.system.database, world.system.blobs, folder / "backups")
        took = time.monotonic() - began
        time.sleep(_AFTER)
    lose(folder / "postgres")
    lost_at = datetime.now(UTC)
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    print(f"{cases} cases; a backup of {size / 1e6:.0f} MB under load took {took:.1f} s")
    world.system.database.engine.dispose()
    # Photos are in a bucket that is elsewhere, and not lost.
    shutil.copytree(folder / "here" / "blobs", folder / "backups" / "photos", dirs_exist_ok=True)
    began = time.monotonic()
    backup.restore(made, folder / "laid-down", archive)
    laid_down = time.monotonic() - began
    with started(folder / "laid-down") as url:
        recovered = time.monotonic() - began
        shutil.copytree(folder / "here" / "keys", folder / "there" / "keys")
        restored = installed(folder / "there", url, blob_url=(folder / "backups" / "photos").as_uri())
        with restored.system.database.read_session() as session:
            there = set(session.scalars(select(CaptureName.external_id)))
        if faults := restored.system.services.ingest.originals_check.unreadable(200):
            raise ValueError(f"not whole: {faults[:3]}")
        answers = restored.push(world.signed()).status_code
        verified = time.monotonic() - began
        restored.system.database.engine.dispose()
    report(acknowledged, there, lost_at)
    print(
        f"recovery time: laid down after {laid_down:.1f} s, the log played after {recovered:.1f} s,"
        f" a sample read and a capture answered with {answers} after {verified:.1f} s"
    )


def lose(place: Path) -> None:
    """The server and its disk, from one moment to the next: what was not archived yet never is."""
    first = postmaster(place)
    for one in (first, *first.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            one.kill()
    for child in place.iterdir():
        if child.is_dir():
            shutil.rmtree(child)


def report(acknowledged: dict[str, datetime], there: set[str], lost_at: datetime) -> None:
    """What of what was acknowledged is not there."""
    lost = {name: at for name, at in acknowledged.items() if name not in there}
    point = (lost_at - min(lost.values())).total_seconds() if lost else 0.0
    print(
        f"recovery point: {len(lost)} of {len(acknowledged)} acknowledged captures are lost, the oldest"
        f" {point:.1f} s before the disaster (a segment is archived each {_ARCHIVE_SECONDS} s)"
    )


def installed(folder: Path, database_url: str, blob_url: str = "") -> World:
    settings = Settings(
        data_dir=folder,
        database_url=database_url,
        blob_url=blob_url,
        vehicle_register_file=folder / "register.json",
        captures_per_minute=10**9,
    )
    migrate(settings)
    clock = SettableClock(datetime.now(UTC), running=True)
    return World(build(settings, clock), clock, folder)


if __name__ == "__main__":
    main()
