"""Alembic environment: the URL comes from the caller, never from a file."""

from alembic import context

import ingest.models  # noqa: F401 - importing the rooms' models fills the metadata
from core.database import Base, Database
from core.settings import Settings

database = Database(context.config.attributes.get("database_url") or Settings().database_url)
with database.engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
