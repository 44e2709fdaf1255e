"""Redis and RQ carry message ids at scale; they may forget everything at any moment."""

import redis
import rq
import structlog
from redis.exceptions import RedisError

from workers.queues import QUEUES

log = structlog.get_logger()


class RqQueues:
    """Hands a message's id to whichever worker is free, who has `job_seconds` for it.

    Redis holds at most `length` ids of a queue: all others wait in the database, so that an emptied Redis loses little
    and a lease seldom ends in a queue.
    """

    def __init__(self, url: str, job_seconds: int, length: int) -> None:
        # A network that was cut tells nobody: the relay does not wait for it.
        self._redis = redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=10)
        self._job_seconds = job_seconds
        self._length = length
        self._queues = {name: rq.Queue(name, connection=self._redis) for name in QUEUES}

    def room(self, queue: str) -> int:
        """None while Redis is away: the messages stay where they are."""
        try:
            return self._length - self._queues[queue].count
        except RedisError as error:
            log.warning("queue_unreachable", error_type=type(error).__name__, queue=queue)
            return 0

    def enqueue(self, queue: str, message_id: str, attempt: int) -> None:
        job_id = f"{message_id}-{attempt}"
        carrier = self._queues[queue]
        try:
            if self._redis.lpos(carrier.key, job_id) is not None:
                # It still waits for a free worker; a second copy would only make the queue longer.
                return
            carrier.enqueue(
                "workers.rq_worker.run_message",
                message_id,
                job_id=job_id,
                job_timeout=self._job_seconds,
                result_ttl=0,
                failure_ttl=3600,
            )
        except RedisError as error:
            # The outbox still has it: it is handed out again when its lease ends.
            log.warning("queue_unreachable", error_type=type(error).__name__, message_id=message_id)
