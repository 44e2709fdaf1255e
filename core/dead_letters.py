"""Jobs that failed too often: a person looks at them, and has them tried again when the cause is gone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from core.errors import InvalidInput, NotFound
from core.outbox import DEAD, MessageState, OutboxMessage, machine_now
from core.unit_of_work import Actor, UnitsOfWork

_PARTITION = "core"


@dataclass(frozen=True)
class Failure:
    """Jobs of one kind that ended in the same error; `since` is when the first of them was called for (UTC)."""

    job: str
    queue: str
    error: str
    count: int
    since: datetime


class DeadLetters:
    """See module."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def letters(self, limit: int = 500) -> list[OutboxMessage]:
        """The oldest first."""
        dead = select(OutboxMessage).where(DEAD).order_by(OutboxMessage.created_at).limit(limit)
        with self._units.read() as session:
            return list(session.scalars(dead))

    def failures(self) -> list[Failure]:
        """What went wrong, the most frequent first."""
        kind = (OutboxMessage.job, OutboxMessage.queue, OutboxMessage.last_error)
        count, since = func.count(), func.min(OutboxMessage.created_at)
        asked = select(*kind, count, since).where(DEAD).group_by(*kind).order_by(count.desc(), OutboxMessage.job)
        with self._units.read() as session:
            return [
                Failure(job, queue, error or "", number, first)
                for job, queue, error, number, first in session.execute(asked).tuples()
            ]

    def replay(self, actor: Actor, message_id: str, reason: str) -> None:
        """Give one a new life. Raises NotFound, NotAllowed, or InvalidInput without a reason."""
        if not self._replay(actor, reason, OutboxMessage.id == message_id, ("dead_letter", message_id)):
            raise NotFound("dead-letter-unknown", "no dead letter with this id")

    def replay_all(self, actor: Actor, job: str, error: str, reason: str) -> int:
        """All of a kind that ended in the same error; returns how many. Raises as `replay` does."""
        wanted = (OutboxMessage.job == job) & (func.coalesce(OutboxMessage.last_error, "") == error)
        count = self._replay(actor, reason, wanted, ("dead_letters", job))
        if not count:
            raise NotFound("dead-letter-unknown", "no dead letter of this job with this error")
        return count

    def _replay(self, actor: Actor, reason: str, wanted: ColumnElement[bool], subject: tuple[str, str]) -> int:
        actor.require("operator", told="failed jobs are tried again by operators")
        if not reason.strip():
            raise InvalidInput("reason-needed", "say why it will go well now")
        again = (
            update(OutboxMessage)
            .where(DEAD, wanted)
            .values(state=MessageState.PENDING, attempts=0, lapses=0, available_at=machine_now())
        )
        with self._units.begin(actor) as uow:
            count = int(uow.session.execute(again).rowcount)  # type: ignore[attr-defined]
            if count:
                uow.record(_PARTITION, "jobs.replayed", *subject, reason.strip(), {"count": count})
            uow.commit()
        return count
