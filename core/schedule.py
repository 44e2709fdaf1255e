"""Chores: what is done again and again by the clock of the machine, by one process at a time.

When each is due stands in the database, so that a restart neither forgets nor repeats one; how it went stands beside
it, for whoever runs the installation.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Database
from core.metrics import CHORE_SECONDS
from core.outbox import machine_now

log = structlog.get_logger()

_AGAIN_AFTER = timedelta(minutes=1)
_LOCK = 0x666C6974736B
"""The advisory lock of who leads: any number, as long as nobody else on this database takes it."""


@dataclass(frozen=True)
class Chore:
    """`run` is safe to repeat; what it returns, if anything, is how many it dealt with."""

    name: str
    every: timedelta
    run: Callable[[], int | None]


class ChoreRun(Base):
    """When a chore is due and how it went last. `outcome` is "done" or the type of the error, never its text."""

    __tablename__ = "chore"

    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class Leadership:
    """One process of all that share a database leads, until it ends or loses its connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def held(self) -> bool:
        """Is it this process? Takes the lead where nobody has it. The embedded default is one process."""
        if self._database.is_sqlite:
            return True
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
            return self._take()
        except DBAPIError:
            self._drop()
            raise

    def _take(self) -> bool:
        """The lock belongs to the connection: the server gives it back by itself when that ends."""
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}).scalar_one():
            self._connection = connection
            return True
        connection.close()
        return False

    def end(self) -> None:
        """Let another process lead, at once: of a closed connection the server hears when it gets to it."""
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


class Schedule:
    """Runs the chores that are due, each by itself: one that fails holds up no other and is tried again soon."""

    def __init__(self, database: Database, chores: Sequence[Chore]) -> None:
        self._database = database
        self._chores = chores
        self._leadership = Leadership(database)

    def tick(self) -> int:
        """Returns how many were run; none where another process leads."""
        if not self._leadership.held():
            return 0
        now = machine_now()
        due_at = {run.name: run.due_at for run in chore_runs(self._database)}
        due = [chore for chore in self._chores if due_at.get(chore.name, now) <= now]
        for chore in due:
            self._begin(chore)
            self._run(chore)
        return len(due)

    def _begin(self, chore: Chore) -> None:
        now = machine_now()
        with self._database.write_session() as session:
            # Due again in a minute: if this process dies, or the chore is what kills it, the others get their turn.
            session.merge(ChoreRun(name=chore.name, began_at=now, due_at=now + _AGAIN_AFTER))
            session.commit()

    def _run(self, chore: Chore) -> None:
        began, clock = machine_now(), time.perf_counter()
        try:
            count = chore.run()
        except Exception as error:  # the database or a provider may be away for a while
            log.error("chore_failed", job=chore.name, error_type=type(error).__name__)
            changes = ChoreRun(name=chore.name, ended_at=machine_now(), outcome=type(error).__name__)
        else:
            if count:
                log.info("chore_done", job=chore.name, count=count)
            ended = machine_now()
            changes = ChoreRun(
                name=chore.name, ended_at=ended, succeeded_at=ended, outcome="done", due_at=began + chore.every
            )
        CHORE_SECONDS.labels(chore.name, changes.outcome).observe(time.perf_counter() - clock)
        with self._database.write_session() as session:
            session.merge(changes)
            session.commit()

    def end(self) -> None:
        """Of this process's part in it: another may go on at once."""
        self._leadership.end()


def chore_runs(database: Database) -> list[ChoreRun]:
    """How each chore went last, by name."""
    with database.read_session() as session:
        return list(session.scalars(select(ChoreRun).order_by(ChoreRun.name)))
