"""One transaction: state change, audit records and outbox messages stand or fall together."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from sqlalchemy import delete, inspect
from sqlalchemy.orm import Session

from core import audit
from core.clock import Clock
from core.database import Base, Database, insert_in_bulk, write_in_bulk
from core.errors import NotAllowed
from core.outbox import OutboxMessage, Subscription, machine_now
from core.tracing import carried


@dataclass(frozen=True)
class Actor:
    """Who acts: `kind` is camera, citizen, handler or system; `id` is never a name."""

    kind: str
    id: str
    roles: frozenset[str]

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    def require(self, *roles: str, told: str) -> None:
        """Raises NotAllowed, with `told`, for an actor who has none of these roles."""
        if not self.roles & set(roles):
            raise NotAllowed("role-required", told)


SYSTEM = Actor("system", "chain", frozenset({"system"}))


Watcher = Callable[["UnitOfWork", Sequence[Any]], None]
"""Is called at the end of a transaction with the aggregates of a kind that moved to another state in it."""


class UnitOfWork:
    """Rolls back unless `commit` was called."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        clock: Clock,
        subscriptions: Mapping[str, Sequence[Subscription]],
        watchers: Mapping[str, Sequence[Watcher]],
    ) -> None:
        self.session = session
        self.actor = actor
        self.clock = clock
        self._subscriptions = subscriptions
        self._watchers = watchers
        self._entries: list[audit.Entry] = []
        self._moved: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.rollback()
        self.session.close()

    def add(self, row: Base) -> None:
        """Insert `row`; if its class names sealed columns, their digest goes into the audit log."""
        self.session.add(row)
        self._seal(row)

    def add_in_bulk(self, row: Base) -> None:
        """The same for a row that nobody needs as an object any more: written with others of its table, at commit.

        Rows of one table have the same columns set; a row comes after those that it refers to.
        """
        columns = row.__table__.columns.keys()
        insert_in_bulk(self.session, type(row), **{name: value for name, value in vars(row).items() if name in columns})
        self._seal(row)

    def erase(self, row: Base, reason: str) -> None:
        """Take out of a row all that names a person; the log says that it was, and a row that was altered before shows
        all the same."""
        before = audit.seal(row)
        for name in row.__personal__:
            setattr(row, name, _nothing_in(row, name))
        self._record_row(row, audit.ERASED, reason, {"before": before, "sha256": audit.seal(row)})

    def destroy(self, row: Base, reason: str) -> None:
        """Delete a row; the log says so. Rows that refer to it go first."""
        key = inspect(row).identity
        columns = inspect(type(row)).primary_key
        self.session.execute(
            delete(row.__table__).where(*(column == value for column, value in zip(columns, key or (), strict=True)))
        )
        self._record_row(row, audit.DESTROYED, reason, {"before": audit.seal(row)})
        self.session.expunge(row)

    def _seal(self, row: Base) -> None:
        if row.__sealed__:
            self._record_row(row, audit.SEALED, "first write", {"sha256": audit.seal(row)})

    def _record_row(self, row: Base, action: str, reason: str, detail: dict[str, Any]) -> None:
        key = inspect(type(row)).primary_key_from_instance(row)
        self.record(row.__partition__, action, row.__tablename__, str(key[0]), reason, detail)

    def record(self, partition: str, action: str, kind: str, subject: str, reason: str, detail: dict[str, Any]) -> None:
        """Add an audit record; it is chained at commit, so that the chain is locked briefly."""
        self._entries.append(
            audit.Entry(partition, self.clock.now(), str(self.actor), action, kind, subject, reason, detail)
        )

    def publish(
        self,
        event: str,
        aggregate_id: str,
        payload: dict[str, Any],
        version: str = "1",
        after: timedelta = timedelta(0),
    ) -> None:
        """Promise that each subscriber of `event` will run once for this aggregate and version, `after` a while."""
        for subscription in self._subscriptions.get(event, ()):
            insert_in_bulk(
                self.session,
                OutboxMessage,
                job=subscription.job,
                queue=subscription.queue,
                key=f"{subscription.job}:{aggregate_id}:{version}",
                payload=payload,
                trace=carried(),
                available_at=machine_now() + after,
            )

    def moved(self, aggregate: str, entity: Any) -> None:
        """An aggregate is in another state: whoever watches its kind is told at the end, once for all that moved."""
        if aggregate in self._watchers:
            self._moved.setdefault(aggregate, {})[str(entity.id)] = entity

    def commit(self) -> None:
        """Make all of it durable."""
        self.session.flush()
        self._tell_watchers()
        write_in_bulk(self.session)
        if self._entries:
            audit.append(self.session, self._entries)
            self._entries = []
        self.session.commit()

    def _tell_watchers(self) -> None:
        moved, self._moved = self._moved, {}
        for aggregate, entities in moved.items():
            for watcher in self._watchers[aggregate]:
                watcher(self, list(entities.values()))
        if moved:
            self.session.flush()


def _nothing_in(row: Base, name: str) -> Any:
    """What stands in a column once nothing personal does; in one whose values differ from each other, the row's id."""
    column = row.__table__.columns[name]
    if column.nullable:
        return None
    value = getattr(row, name)
    if not isinstance(value, str):
        return type(value)()
    return f"erased {inspect(type(row)).primary_key_from_instance(row)[0]}" if column.unique else ""


class UnitsOfWork:
    """Makes units of work; the one object that services need to reach the database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        subscriptions: Mapping[str, Sequence[Subscription]],
        watchers: Mapping[str, Sequence[Watcher]] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._subscriptions = subscriptions
        self._watchers = {} if watchers is None else watchers

    def begin(self, actor: Actor) -> UnitOfWork:
        """A unit of work that may write."""
        return UnitOfWork(self._database.write_session(), actor, self._clock, self._subscriptions, self._watchers)

    def read(self) -> AbstractContextManager[Session]:
        """A session that only reads."""
        return self._database.read_session()

    def late(self) -> AbstractContextManager[None]:
        """What is read inside may be seconds old: for reports."""
        return self._database.late_reading()

    def stream(self) -> Session:
        """A session that reads long lists piece by piece."""
        return self._database.streaming_session()
