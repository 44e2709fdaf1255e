"""A worker process at scale: models are loaded once, jobs come by id."""

from collections.abc import Sequence
from functools import cache

import redis
import rq

from core.settings import Settings
from core.tracing import configure_tracing
from workers.bootstrap import System, build
from workers.exposition import expose


@cache
def _system() -> System:
    return build(Settings())


def run_message(message_id: str) -> None:
    """What RQ calls."""
    _system().runner.run(message_id)


def work(settings: Settings, queues: Sequence[str]) -> None:
    """Work until told to stop, then end the job at hand. No fork per job: the models stay in memory."""
    services = _system().services
    expose(settings, services)
    configure_tracing(settings, "worker")
    if "imaging" in queues:
        services.imaging.warm_up()
    connection = redis.Redis.from_url(settings.redis_url)
    rq.SimpleWorker(queues, connection=connection).work(with_scheduler=False, logging_level="WARNING")
