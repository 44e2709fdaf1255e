"""Partitions by time of the tables that grow for ever, on PostgreSQL: what is old is in tables of its own, which can be
moved to slower disks, dumped and frozen one by one, while what is written and asked for is small.

Ids grow with time (UUID version 7), so that a range of ids is a stretch of time and an id alone says where its row is.
The audit log is cut by its running number, which grows with time as well. SQLite knows no partitions and needs none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from core.database import Database
from core.ids import earliest_id
from core.outbox import machine_now

BY_TIME = {"capture": 1, "ledger_posting": 12}
"""Months in a partition."""
BY_NUMBER = {"audit_record": 25_000_000}
"""Records in a partition, of each chain."""

AHEAD_MONTHS = 24
_AHEAD_RANGES = 4
_NO_TIME = "1"
"""No id of this kind begins so before the year 2527: from here on are ids of other kinds."""
_PART = re.compile(rf"^({'|'.join([*BY_TIME, *BY_NUMBER])})_(begin|other|\d+|\d+_\d+)$")


@dataclass(frozen=True)
class Partition:
    """`first` to, not including, `end`, as SQL says them."""

    table: str
    name: str
    first: str
    end: str


def is_partition(table: str) -> bool:
    """Is it a part of another table, by its name?"""
    return _PART.match(table) is not None


def make_ahead(connection: Connection, now: datetime) -> int:
    """Make those that are needed from now on and are not there yet; how many were made. PostgreSQL only."""
    there = _there(connection)
    missing = [one for one in _wanted(connection, now) if one.name not in there]
    for one in missing:
        # Made beside the table and attached, so that nobody who reads or writes waits for it.
        connection.execute(text(f"CREATE TABLE {one.name} (LIKE {one.table} INCLUDING DEFAULTS)"))
        connection.execute(
            text(f"ALTER TABLE {one.table} ATTACH PARTITION {one.name} FOR VALUES FROM ({one.first}) TO ({one.end})")
        )
    return len(missing)


def keep_ahead(database: Database) -> int:
    """The same for whoever has a database of either kind."""
    if database.is_sqlite:
        return 0
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        return make_ahead(connection, machine_now())


def months_ahead(database: Database) -> int | None:
    """For how many months there are partitions still; None where there are none to be had."""
    if database.is_sqlite:
        return None
    now = machine_now()
    with database.engine.connect() as connection:
        there = _there(connection)
    return sum(one.name in there for one in _months("capture", 1, now))


def _there(connection: Connection) -> set[str]:
    return set(connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition")))


def _wanted(connection: Connection, now: datetime) -> Iterator[Partition]:
    for table, months in BY_TIME.items():
        parts = list(_months(table, months, now))
        yield from parts
        # Once, when the table is first cut: whatever is older, and whatever has ids of another kind.
        if not connection.scalar(text("SELECT to_regclass(:name)"), {"name": f"{table}_begin"}):
            yield Partition(table, f"{table}_begin", "MINVALUE", parts[0].first)
            yield Partition(table, f"{table}_other", f"'{_NO_TIME}'", "MAXVALUE")
    for table, count in BY_NUMBER.items():
        newest = connection.scalar(text("SELECT coalesce(max(seq), 0) FROM audit_head")) or 0
        for number in range(newest // count + _AHEAD_RANGES):
            first = str(number * count) if number else "MINVALUE"
            yield Partition(table, f"{table}_{number:04d}", first, str((number + 1) * count))


def _months(table: str, months: int, now: datetime) -> Iterator[Partition]:
    """From the one that this moment is in on."""
    start = now.year * 12 + (now.month - 1) // months * months
    for month in range(start, start + AHEAD_MONTHS + 1, months):
        name = f"{table}_{month // 12}" + (f"_{month % 12 + 1:02d}" if months < 12 else "")
        yield Partition(table, name, f"'{_id_at(month)}'", f"'{_id_at(month + months)}'")


def _id_at(month: int) -> str:
    return earliest_id(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC))
