"""Transactional outbox: what must happen next is written with the change that calls for it.

The row is also the job's record: it says whether the job was done, how often it was tried and why it
failed. The queue in between may lose everything; the relay hands out again what is not done.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Index, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Database
from core.ids import new_id


def machine_now() -> datetime:
    """Leases and retries run on the machine's time, whatever the clock of the law says."""
    return datetime.now(UTC)


class MessageState(StrEnum):
    PENDING = "pending"
    DISPATCHED = "dispatched"
    DONE = "done"
    DEAD = "dead"


class OutboxMessage(Base):
    """One job to be done once. `key` says what, for which aggregate, which version."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index(None, "state", "available_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    job: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default=MessageState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=machine_now)
    available_at: Mapped[datetime] = mapped_column(default=machine_now)
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


class Queue(Protocol):
    """Carries a message's id to whoever runs it."""

    def enqueue(self, message_id: str, attempt: int) -> None:
        """Hand over; may forget, may deliver twice."""
        ...


class Relay:
    """Moves messages from the outbox to the queue. Any number of relays may run."""

    def __init__(self, database: Database, queue: Queue, lease_seconds: int) -> None:
        self._database = database
        self._queue = queue
        self._lease = timedelta(seconds=lease_seconds)

    def dispatch(self, limit: int = 50) -> int:
        """Hand out what is due, and again what was handed out but not done within its lease."""
        now = machine_now()
        due = (
            select(OutboxMessage)
            .where(
                or_(
                    OutboxMessage.state == MessageState.PENDING,
                    OutboxMessage.state == MessageState.DISPATCHED,
                ),
                OutboxMessage.available_at <= now,
            )
            .order_by(OutboxMessage.available_at)
            .limit(limit)
        )
        # A look without the write lock first: an idle relay must not disturb the writers.
        with self._database.read_session() as session:
            if session.scalars(due.limit(1)).first() is None:
                return 0
        with self._database.write_session() as session:
            messages = session.scalars(due.with_for_update(skip_locked=True)).all()
            for message in messages:
                message.state = MessageState.DISPATCHED
                message.available_at = now + self._lease
            session.commit()
        for message in messages:
            self._queue.enqueue(message.id, message.attempts)
        return len(messages)

    def release(self) -> None:
        """After a crash of the only process: nothing that was handed out is still running."""
        with self._database.write_session() as session:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.state == MessageState.DISPATCHED)
                .values(state=MessageState.PENDING, available_at=machine_now())
            )
            session.commit()

    def replay(self, message_id: str) -> bool:
        """Give a dead letter a new life; False if there is no such dead letter."""
        with self._database.write_session() as session:
            message = session.get(OutboxMessage, message_id)
            if message is None or message.state != MessageState.DEAD:
                return False
            message.state, message.attempts = MessageState.PENDING, 0
            message.available_at = machine_now()
            session.commit()
            return True

    def counts(self) -> dict[str, int]:
        """Messages by state."""
        with self._database.read_session() as session:
            rows = session.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)).all()
            return {str(row[0]): int(row[1]) for row in rows}

    def more_wait_than(self, count: int) -> bool:
        """Are there more jobs to be handed out than so many? Counts no further."""
        some = select(OutboxMessage.id).where(OutboxMessage.state == MessageState.PENDING).offset(count).limit(1)
        with self._database.read_session() as session:
            return session.scalars(some).first() is not None

    def dead_letters(self) -> list[OutboxMessage]:
        """What a person has to look at, oldest first."""
        with self._database.read_session() as session:
            return list(
                session.scalars(
                    select(OutboxMessage)
                    .where(OutboxMessage.state == MessageState.DEAD)
                    .order_by(OutboxMessage.created_at)
                )
            )
