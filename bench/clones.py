"""Fills PostgreSQL with copies of one whole case: every row of it in every table, with ids of their own, made by the
database itself. The photos are not copied, and the chain of the audit log over the copies is not one."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import String, Table, Text, bindparam, select, text

from core.database import Base, Database
from core.partitions import keep_ahead

_STEP = 20_000
_SHARED = {
    "audit_checkpoint", "audit_head", "calibration_certificate", "camera", "camera_key", "chore", "deployment",
    "enrolment_code", "evidence_leaf", "heartbeat", "held_count", "principal", "print_run", "registry_version",
    "speed_limit", "tree_head", "type_approval", "visit", "visit_subject",
}  # fmt: skip
_PREFIX = 8
"""Hexadecimal digits of an id that tell its time, to about a minute; a copy's say its number instead."""

_WHILE_FILLING = {"autovacuum": "off", "fsync": "off", "vacuum_buffer_usage_limit": "0"}
"""Whoever loses the machine meanwhile begins again."""
_RELOAD = "SELECT pg_reload_conf()"


class Case:
    """All rows of a case, as they are now; ids that it shares with others are not among its own."""

    def __init__(self, database: Database, case_id: str) -> None:
        self._database = database
        self._ids = {case_id}
        tables = [table for table in Base.metadata.sorted_tables if table.name not in _SHARED]
        with database.engine.connect() as connection:
            everything = [(table, dict(row._mapping)) for table in tables for row in connection.execute(select(table))]
        self.rows: list[tuple[Table, dict[str, Any]]] = []
        grew = True
        while grew:
            found = [(table, row) for table, row in everything if self._belongs(row)]
            self._ids |= {row["id"] for _, row in found if isinstance(row.get("id"), str)}
            grew, self.rows = len(found) > len(self.rows), found

    def _belongs(self, row: dict[str, Any]) -> bool:
        named = {str(value) for value in row.values()} | set(str(row.get("key", "")).split(":"))
        return bool(self._ids & named)

    def copy(self, count: int, first: int = 0) -> None:
        """So many, numbered from `first`."""
        records = sum(table.name == "audit_record" for table, _ in self.rows)
        # Copies stand in the chains before whatever comes from now on.
        start = self._move_heads(count * records)
        keep_ahead(self._database)
        statements = [self._statement(table, row, number) for number, (table, row) in enumerate(self.rows)]

        def fill(step: int) -> None:
            with self._database.engine.begin() as connection:
                # What the rows refer to is there: it need not be looked up for each of them.
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
                for statement, values in statements:
                    bound = {
                        "first": step, "last": min(step + _STEP, first + count) - 1, "seq": start - first * records,
                        "records": records,
                    }  # fmt: skip
                    connection.execute(statement, bound | values)

        def vacuum(table: str) -> None:
            self._autocommitted(f"VACUUM {table}")

        changed = [f"ALTER SYSTEM SET {name} = {value}" for name, value in _WHILE_FILLING.items()]
        self._autocommitted(*changed, _RELOAD)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(fill, range(first, first + count, _STEP)))
            list(pool.map(vacuum, {table.name for table, _ in self.rows}))
        back = [f"ALTER SYSTEM RESET {name}" for name in _WHILE_FILLING]
        self._autocommitted(*back, _RELOAD, "CHECKPOINT", "ANALYZE")

    def _move_heads(self, more: int) -> int:
        """Leave so many numbers free in every chain of the audit log; the last number before them."""
        said = text("UPDATE audit_head SET seq = (SELECT max(seq) FROM audit_head) + :more RETURNING seq - :more")
        with self._database.engine.begin() as connection:
            return int(connection.execute(said, {"more": more}).scalars().all()[0])

    def _autocommitted(self, *statements: str) -> None:
        with self._database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in statements:
                connection.exec_driver_sql(statement)

    def _statement(self, table: Table, row: dict[str, Any], number: int) -> tuple[Any, dict[str, Any]]:
        names, made, values = [], [], {}
        for column in table.columns:
            value = row[column.name]
            if value is None:
                continue
            name = f"v_{column.name}"
            names.append(f'"{column.name}"')
            values[name] = value
            given = f"CAST(:{name} AS {column.type.compile(dialect=self._database.engine.dialect)})"
            if table.name == "audit_record" and column.name == "seq":
                values[name] = 1 + sum(before.name == "audit_record" for before, _ in self.rows[:number])
                given = f":seq + n * :records + CAST(:{name} AS bigint)"
            elif isinstance(column.type, String | Text):
                given = self._renamed(given, str(value), unique=bool(column.unique) or column.primary_key)
            made.append(given)
        said = text(
            f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(made)}"
            " FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS made(n)"
        )
        return said.bindparams(
            *(bindparam(f"v_{c.name}", type_=c.type) for c in table.columns if f"v_{c.name}" in values)
        ), values

    def _renamed(self, given: str, value: str, *, unique: bool) -> str:
        own = {one[:_PREFIX] for one in self._ids if one in value}
        for prefix in sorted(own):
            given = f"replace({given}, '{prefix}', lpad(to_hex(n), {_PREFIX}, '0'))"
        return f"{given} || '-' || n" if unique and not own else given
