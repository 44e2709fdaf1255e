"""Transactional outbox: what must happen next is written with the change that calls for it.

The row is also the job's record: it says whether the job was done, how often it was tried and why it
failed. The queue in between may lose everything; the relay hands out again what is not done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Index,
    Select,
    delete,
    func,
    literal,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Database
from core.ids import earliest_id, new_id

_PAGE = 5000


def machine_now() -> datetime:
    """Leases and retries run on the machine's time, whatever the clock of the law says."""
    return datetime.now(UTC)


class MessageState(StrEnum):
    PENDING = "pending"
    DISPATCHED = "dispatched"
    DONE = "done"
    DEAD = "dead"


# Written out, for an index over some of the rows serves only a question that says which.
_OPEN: ColumnElement[bool] = literal_column("state IN ('pending', 'dispatched')", Boolean)
DEAD: ColumnElement[bool] = literal_column("state = 'dead'", Boolean)


class OutboxMessage(Base):
    """One job to be done once. `key` says what, for which aggregate, which version; `lapses` how often it was handed
    out and not heard of again; `trace` where the trace of what called for it goes on."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_open", "queue", "available_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_outbox_message_dead", "created_at", postgresql_where=DEAD, sqlite_where=DEAD),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    job: Mapped[str]
    queue: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default=MessageState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    lapses: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=machine_now)
    available_at: Mapped[datetime] = mapped_column(default=machine_now)
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    trace: Mapped[str | None]


class Queues(Protocol):
    """Carry a message's id to whoever runs it."""

    def room(self, queue: str) -> int:
        """How many more this queue takes now. What it does not take waits in the outbox, where it is safe."""
        ...

    def enqueue(self, queue: str, message_id: str, attempt: int) -> None:
        """Hand over; may forget, may deliver twice."""
        ...


@dataclass(frozen=True)
class Subscription:
    """A job that an event calls for, and the queue it waits in."""

    job: str
    queue: str


@dataclass(frozen=True)
class Backlog:
    """What of one queue is not done: how many wait for their turn, since when the first of them could have been done
    (UTC), how many were handed out, how many wait for a person."""

    waiting: int
    waiting_since: datetime | None
    handed_out: int
    dead: int


class Relay:
    """Moves messages from the outbox to the queues. Any number of relays may run."""

    def __init__(self, database: Database, queues: Queues, names: Sequence[str], lease_seconds: int) -> None:
        self._database = database
        self._queues = queues
        self._names = names
        self._lease = timedelta(seconds=lease_seconds)

    def dispatch(self, names: Sequence[str] = (), limit: int = 50) -> int:
        """Hand out what is due in these queues (all, where none is named), as far as they have room, and again what was
        handed out but not done within its lease."""
        now = machine_now()
        return sum(
            self._dispatch(name, now, min(limit, self._queues.room(name)))
            for name in self._due(names or self._names, now)
        )

    def _due(self, names: Sequence[str], now: datetime) -> list[str]:
        """The queues in which something is due, in one question that takes no lock: an idle relay disturbs nobody."""
        asked = union_all(*(select(literal(name)).where(_due_in(name, now).exists()) for name in names))
        with self._database.read_session() as session:
            found = set(session.scalars(asked))
        return [name for name in names if name in found]

    def _dispatch(self, name: str, now: datetime, limit: int) -> int:
        if limit <= 0:
            return 0
        due = _due_in(name, now).order_by(OutboxMessage.available_at).limit(limit)
        with self._database.write_session() as session:
            messages = session.scalars(due.with_for_update(skip_locked=True)).all()
            for message in messages:
                message.lapses += message.state == MessageState.DISPATCHED
                message.state = MessageState.DISPATCHED
                message.available_at = now + self._lease
            session.commit()
        for message in messages:
            self._queues.enqueue(name, message.id, message.attempts)
        return len(messages)

    def release(self) -> None:
        """After a crash of the only process: nothing that was handed out is still running."""
        with self._database.write_session() as session:
            session.execute(
                update(OutboxMessage)
                .where(_OPEN, OutboxMessage.state == MessageState.DISPATCHED)
                .values(state=MessageState.PENDING, available_at=machine_now(), lapses=OutboxMessage.lapses + 1)
            )
            session.commit()

    def forget_done(self, days: int) -> int:
        """Of jobs that were done so long ago nothing is kept; returns how many there were, a page of them at most."""
        old = (
            select(OutboxMessage.id)
            .where(OutboxMessage.id < earliest_id(machine_now() - timedelta(days=days)))
            .where(OutboxMessage.state == MessageState.DONE)
            .order_by(OutboxMessage.id)
            .limit(_PAGE)
        )
        with self._database.write_session() as session:
            ids = session.scalars(old).all()
            session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(ids)))
            session.commit()
        return len(ids)

    def backlog(self) -> dict[str, Backlog]:
        """What is not done, by queue. Costs what is open, whatever was done before."""
        state, count, since = OutboxMessage.state, func.count(), func.min(OutboxMessage.available_at)
        found: dict[str, dict[str, tuple[int, datetime]]] = {name: {} for name in self._names}
        with self._database.read_session() as session:
            for part in (_OPEN, DEAD):
                asked = (
                    select(OutboxMessage.queue, state, count, since).where(part).group_by(OutboxMessage.queue, state)
                )
                for name, found_state, number, first in session.execute(asked).tuples():
                    found.setdefault(name, {})[found_state] = (number, first)
        return {name: _backlog(states) for name, states in found.items()}

    def counts(self) -> dict[str, int]:
        """Messages that are not done, by state."""
        queues = self.backlog().values()
        found = {
            MessageState.PENDING: sum(one.waiting for one in queues),
            MessageState.DISPATCHED: sum(one.handed_out for one in queues),
            MessageState.DEAD: sum(one.dead for one in queues),
        }
        return {str(state): number for state, number in found.items() if number}

    def more_wait_than(self, count: int) -> bool:
        """Are there more jobs not done than so many? Counts no further."""
        some = select(OutboxMessage.id).where(_OPEN).offset(count).limit(1)
        with self._database.read_session() as session:
            return session.scalars(some).first() is not None


def _due_in(queue: str, now: datetime) -> Select[OutboxMessage]:
    return select(OutboxMessage).where(_OPEN, OutboxMessage.queue == queue, OutboxMessage.available_at <= now)


def _backlog(states: dict[str, tuple[int, datetime]]) -> Backlog:
    waiting, since = states.get(MessageState.PENDING, (0, None))
    return Backlog(
        waiting, since, states.get(MessageState.DISPATCHED, (0, None))[0], states.get(MessageState.DEAD, (0, None))[0]
    )
