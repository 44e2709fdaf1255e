"""Brings the database to the newest schema; the tables come from migrations only."""

from pathlib import Path

from alembic import command
from alembic.config import Config

import migrations
from core.settings import Settings


def migrate(settings: Settings) -> None:
    """Safe to run at every start."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["database_url"] = settings.database_url
    command.upgrade(config, "head")
