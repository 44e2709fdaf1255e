"""Alembic migrations: where every table comes from."""
