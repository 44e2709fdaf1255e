"""The tables come from migrations, and the migrations from the models: neither runs ahead of the other."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core.database import Base, Database
from core.fulltext import PREFIX
from core.settings import Settings
from workers.bootstrap import sealed_models
from workers.migrate import migrate


def of_a_model(name: str | None, kind: str, _: object) -> bool:
    """Indexes for search by words are tables of their own."""
    return kind != "table" or not str(name).startswith(PREFIX)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_migrated_tables_are_the_models_tables(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres")() if backend == "postgresql" else ""
    settings = Settings(data_dir=tmp_path, database_url=url)
    migrate(settings)
    migrate(settings)
    with Database(settings.database_url).engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": of_a_model})
        assert compare_metadata(context, Base.metadata) == []


def test_every_sealed_column_exists() -> None:
    for model in sealed_models().values():
        assert set(model.__sealed__) <= set(model.__table__.columns.keys())
