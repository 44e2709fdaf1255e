"""Brings the database to the newest schema; the tables come from migrations only."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from core.database import Database
from core.settings import Settings


def migrate(settings: Settings) -> None:
    """Safe to run at every start."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    command.upgrade(alembic_config(settings), "head")


def schema_versions(settings: Settings) -> tuple[str | None, str]:
    """Of the tables as they are, None before the first migration, and as this program wants them."""
    newest = ScriptDirectory.from_config(alembic_config(settings)).get_current_head()
    database = Database(settings.database_url)
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision(), newest or ""
    finally:
        database.engine.dispose()


def alembic_config(settings: Settings) -> Config:
    """Where the migrations are, and whose database."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["database_url"] = settings.database_url
    return config
