"""Redis and RQ carry message ids at scale; they may forget everything at any moment."""

import redis
import rq
import structlog
from redis.exceptions import RedisError

log = structlog.get_logger()

QUEUE = "flitsketen"


class RqQueue:
    """Hands a message's id to whichever worker is free."""

    def __init__(self, url: str) -> None:
        self._queue = rq.Queue(QUEUE, connection=redis.Redis.from_url(url))

    def enqueue(self, message_id: str, attempt: int) -> None:
        job_id = f"{message_id}-{attempt}"
        try:
            if job_id in self._queue.get_job_ids():
                # It still waits for a free worker; a second copy would only make the queue longer.
                return
            self._queue.enqueue(
                "workers.rq_worker.run_message",
                message_id,
                job_id=job_id,
                job_timeout=600,
                result_ttl=0,
                failure_ttl=3600,
            )
        except RedisError as error:
            # The outbox still has it: it is handed out again when its lease ends.
            log.warning("queue_unreachable", error_type=type(error).__name__, message_id=message_id)
