"""Idempotent jobs: prepared outside the transaction, applied and marked done inside one."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from opentelemetry.trace import SpanKind

from core.database import Database
from core.metrics import JOB_SECONDS
from core.outbox import MessageState, OutboxMessage, Subscription, machine_now
from core.tracing import resumed, span
from core.unit_of_work import SYSTEM, UnitOfWork, UnitsOfWork, Watcher

log = structlog.get_logger()

Payload = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """`prepare` may be slow and may run any number of times; `apply` writes, once.

    `queue` keeps apart what differs in cost and urgency: what waits in one holds up no other.
    """

    name: str
    queue: str
    apply: Callable[[UnitOfWork, Payload, Any], None]
    prepare: Callable[[Payload], Any] | None = None


class JobRegistry:
    """Which jobs run on which event, and who watches which kind of aggregate."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.subscriptions: dict[str, list[Subscription]] = defaultdict(list)
        self.watchers: dict[str, list[Watcher]] = defaultdict(list)

    def watch(self, aggregate: str, watcher: Watcher) -> None:
        """Call `watcher` with the aggregates of this kind that moved to another state in a transaction."""
        self.watchers[aggregate].append(watcher)

    def on(self, event: str, job: Job) -> None:
        """Run `job` whenever `event` is published. Raises ValueError for a name used twice."""
        if job.name in self.jobs:
            raise ValueError(f"job {job.name} is registered twice")
        self.jobs[job.name] = job
        self.subscriptions[event].append(Subscription(job.name, job.queue))


class JobRunner:
    """Runs a message's job; safe to call twice, from many processes, and to be killed at any line."""

    def __init__(
        self,
        database: Database,
        units: UnitsOfWork,
        registry: JobRegistry,
        *,
        max_attempts: int,
        retry_base_seconds: float,
    ) -> None:
        self._database = database
        self._units = units
        self._registry = registry
        self._max_attempts = max_attempts
        self._retry_base = retry_base_seconds

    def run(self, message_id: str) -> MessageState | None:
        """Returns the message's state afterwards; None when there is no such message."""
        with self._units.read() as session:
            message = session.get(OutboxMessage, message_id)
        if message is None:
            return None
        began = time.perf_counter()
        with span(f"job {message.job}", SpanKind.CONSUMER, resumed(message.trace)) as current:
            state = self._run(message)
            current.set_attributes({"queue": message.queue, "message_id": message.id, "state": state})
        JOB_SECONDS.labels(message.queue, message.job, state).observe(time.perf_counter() - began)
        return state

    def _run(self, message: OutboxMessage) -> MessageState:
        message_id = message.id
        if message.state in (MessageState.DONE, MessageState.DEAD):
            return MessageState(message.state)
        lost_before = message.lapses > 0
        if lost_before and self._given_up(message_id):
            return MessageState.DEAD
        try:
            job = self._registry.jobs[message.job]
            prepared = job.prepare(message.payload) if job.prepare else None
            with self._units.begin(SYSTEM) as uow:
                locked = uow.session.get(OutboxMessage, message_id, with_for_update=True)
                if locked is None or locked.state == MessageState.DONE:
                    return MessageState.DONE
                job.apply(uow, message.payload, prepared)
                locked.state, locked.done_at = MessageState.DONE, machine_now()
                locked.attempts += not lost_before
                uow.commit()
            return MessageState.DONE
        except Exception as error:
            return self._failed(message_id, error, counted=lost_before)

    def _given_up(self, message_id: str) -> bool:
        """A job whose worker was lost may be what took it down: each further try is counted before it begins."""
        with self._database.write_session() as session:
            message = session.get_one(OutboxMessage, message_id, with_for_update=True)
            if message.state == MessageState.DONE:
                return False
            message.attempts += 1
            if dead := message.attempts >= self._max_attempts:
                message.state, message.last_error = MessageState.DEAD, "WorkerLost"
            session.commit()
        if dead:
            log.warning("job_failed", job=message.job, message_id=message_id, state=message.state, reason="worker lost")
        return dead

    def _failed(self, message_id: str, error: Exception, *, counted: bool) -> MessageState:
        with self._database.write_session() as session:
            message = session.get_one(OutboxMessage, message_id, with_for_update=True)
            if message.state == MessageState.DONE:
                return MessageState.DONE
            message.attempts += not counted
            # The type alone: an error's text may quote what was being processed.
            message.last_error = type(error).__name__
            if message.attempts >= self._max_attempts:
                message.state = MessageState.DEAD
            else:
                message.state = MessageState.PENDING
                delay = self._retry_base * 2 ** (message.attempts - 1)
                message.available_at = machine_now() + timedelta(seconds=delay)
            session.commit()
            log.warning(
                "job_failed",
                job=message.job,
                message_id=message_id,
                attempt=message.attempts,
                state=message.state,
                error_type=message.last_error,
            )
            return MessageState(message.state)
