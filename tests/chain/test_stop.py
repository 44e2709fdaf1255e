"""Processes that are told to stop end what they have at hand, and leave the rest for others."""

import redis
from sqlalchemy import select

from core.outbox import MessageState, OutboxMessage
from tests.chain.installation import Installation
from tests.chain.test_kill import packages, push_until_acknowledged
from tests.conftest import eventually


def states(running: Installation, job: str) -> list[str]:
    with running.system.database.read_session() as session:
        return list(session.scalars(select(OutboxMessage.state).where(OutboxMessage.job == job)))


def test_a_worker_ends_its_photo_and_another_goes_on(scale_out_installation: Installation) -> None:
    running = scale_out_installation
    running.register([])
    in_work = redis.Redis.from_url(running.settings.redis_url)
    for capture in packages(running, 5):
        assert push_until_acknowledged(running, capture) == 201
    eventually(lambda: bool(in_work.zcard("rq:wip:imaging")), 60, "a photo is being read")
    assert running.stop("worker") == 0
    assert not in_work.zcard("rq:wip:imaging")
    assert MessageState.DONE in states(running, "imaging.read_plate")
    assert running.stop("relay") == 0
    for name in ("relay", "worker"):
        running.start(name)
    running.settle()
    assert states(running, "imaging.read_plate") == [MessageState.DONE] * 5
