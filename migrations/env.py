"""Alembic environment: the URL comes from the caller, never from a file."""

from alembic import context

import ingest.models  # noqa: F401 - importing the rooms' models fills the metadata
from core.database import Base, Database
from core.settings import Settings

if context.is_offline_mode():
    # What PostgreSQL would be told, for a look before it is: nothing is connected to.
    context.configure(
        dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True, transaction_per_migration=True
    )
    context.execute("SET lock_timeout = '10s'")
    with context.begin_transaction():
        context.run_migrations()
else:
    database = Database(context.config.attributes.get("database_url") or Settings().database_url)
    with database.engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, transaction_per_migration=True
        )
        if database.is_sqlite:
            # A table that others refer to is made anew there to be changed.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        else:
            # Rather not now than that everybody waits behind it.
            connection.exec_driver_sql("SET lock_timeout = '10s'")
        connection.commit()
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if database.is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"{len(broken)} rows refer to what is not there: put the backup back")
    database.engine.dispose()
