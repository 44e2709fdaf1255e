"""Changes of tables that others read and write meanwhile."""

from collections.abc import Sequence
from typing import Any

from alembic import op


def create_index(name: str, table: str, columns: Sequence[str], where: Any = None) -> None:
    """Built beside the work that goes on (PostgreSQL: concurrently), outside a transaction: may be repeated."""
    with op.get_context().autocommit_block():
        op.create_index(
            name, table, list(columns), postgresql_concurrently=True, if_not_exists=True,
            postgresql_where=where, sqlite_where=where,
        )  # fmt: skip
