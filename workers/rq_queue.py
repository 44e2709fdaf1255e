"""Redis and RQ carry message ids at scale; they may forget everything at any moment."""

import redis
import rq
import structlog
from redis.exceptions import RedisError

log = structlog.get_logger()

QUEUE = "flitsketen"


class RqQueue:
    """Hands a message's id to whichever worker is free, who has `job_seconds` for it."""

    def __init__(self, url: str, job_seconds: int) -> None:
        self._redis = redis.Redis.from_url(url)
        self._job_seconds = job_seconds
        self._queue = rq.Queue(QUEUE, connection=self._redis)

    def enqueue(self, message_id: str, attempt: int) -> None:
        job_id = f"{message_id}-{attempt}"
        try:
            if self._redis.lpos(self._queue.key, job_id) is not None:
                # It still waits for a free worker; a second copy would only make the queue longer.
                return
            self._queue.enqueue(
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
