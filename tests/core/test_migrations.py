"""The tables come from migrations, and the migrations from the models: neither runs ahead of the other."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.sql.schema import SchemaItem

from core.database import Base, Database
from core.fulltext import PREFIX
from core.partitions import is_partition
from core.settings import Settings
from scripts import lint_migrations
from workers.bootstrap import sealed_models
from workers.migrate import migrate


def of_a_model(name: str | None, kind: str, _: object) -> bool:
    """Indexes for search by words are tables of their own, and so are partitions."""
    return kind != "table" or not (str(name).startswith(PREFIX) or is_partition(str(name)))


def not_of_a_partition(found: SchemaItem, _name: str | None, kind: str, *_: object) -> bool:
    """A reference to a table in partitions shows once for each of these as well."""
    return not (
        isinstance(found, ForeignKeyConstraint) and is_partition(found.elements[0].target_fullname.split(".")[0])
    )


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_migrated_tables_are_the_models_tables(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres")() if backend == "postgresql" else ""
    settings = Settings(data_dir=tmp_path, database_url=url)
    migrate(settings)
    migrate(settings)
    with Database(settings.database_url).engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": of_a_model, "include_object": not_of_a_partition}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_every_sealed_column_exists() -> None:
    for model in sealed_models().values():
        assert set(model.__sealed__) <= set(model.__table__.columns.keys())


@pytest.mark.parametrize(
    ("statement", "well"),
    [
        ("CREATE INDEX ix_x ON capture (captured_at);", False),
        ("BEGIN; COMMIT; CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_x ON capture (captured_at);", True),
        ("ALTER TABLE decision ALTER COLUMN holds TYPE bigint;", False),
        ("ALTER TABLE decision ADD COLUMN more varchar NOT NULL;", False),
        ("ALTER TABLE decision ADD COLUMN more varchar;", True),
        ("ALTER TABLE decision DROP COLUMN holds;", False),
        ("ALTER TABLE decision RENAME COLUMN holds TO held;", False),
    ],
)
def test_a_migration_that_would_stop_everybody_is_named(statement: str, well: bool) -> None:
    said = lint_migrations.findings("planted", f"SET lock_timeout = '10s'; {statement}")
    assert (said == "") is well, said


def test_no_migration_stops_a_running_installation_without_saying_so() -> None:
    assert lint_migrations.main() == 0
