"""Queues: what waits in one holds up no other, and Redis holds little of what waits."""

from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import text

from core.clock import SettableClock
from core.jobs import Job, JobRegistry
from core.outbox import Relay
from core.settings import Settings
from core.unit_of_work import SYSTEM, UnitsOfWork
from tests.conftest import NOON
from workers.bootstrap import System, build
from workers.migrate import migrate
from workers.queues import QUEUES, InProcessQueues
from workers.rq_queue import RqQueues


class Yard:
    """An installation in which jobs are only put down."""

    def __init__(self, system: System) -> None:
        registry = JobRegistry()
        for queue in QUEUES:
            registry.on(queue, Job(f"test.{queue}", queue, lambda *_: None))
        self.system = system
        self.units = UnitsOfWork(system.database, system.clock, registry.subscriptions)

    def put(self, queue: str, count: int) -> None:
        with self.units.begin(SYSTEM) as uow:
            for number in range(count):
                uow.publish(queue, f"aggregate-{number}", {})
            uow.commit()

    def backlog(self, queue: str) -> tuple[int, int]:
        """Waiting, and handed out."""
        found = self.system.relay.backlog()[queue]
        return found.waiting, found.handed_out


@pytest.fixture(params=["sqlite", "postgresql"])
def yard(request: pytest.FixtureRequest, tmp_path: Path) -> Yard:
    url = request.getfixturevalue("postgres")() if request.param == "postgresql" else ""
    settings = Settings(data_dir=tmp_path, database_url=url)
    migrate(settings)
    return Yard(build(settings, SettableClock(NOON)))


def length(url: str, queue: str) -> Any:
    return redis.Redis.from_url(url).llen(f"rq:queue:{queue}")


def test_redis_holds_no_more_of_a_queue_than_its_length(yard: Yard, redis_url: str) -> None:
    yard.put("imaging", 30)
    yard.put("letters", 3)
    relay = Relay(yard.system.database, RqQueues(redis_url, 60, length=10), tuple(QUEUES), lease_seconds=300)
    while relay.dispatch():
        pass
    assert (length(redis_url, "imaging"), length(redis_url, "letters")) == (10, 3)
    assert yard.backlog("imaging") == (20, 10)
    redis.Redis.from_url(redis_url).ltrim("rq:queue:imaging", 4, -1)
    assert relay.dispatch() == 4


def test_while_redis_is_away_jobs_stay_where_they_are(yard: Yard) -> None:
    yard.put("letters", 3)
    relay = Relay(
        yard.system.database, RqQueues("redis://127.0.0.1:9/0", 60, length=10), tuple(QUEUES), lease_seconds=300
    )
    assert relay.dispatch() == 0
    assert yard.backlog("letters") == (3, 0)


def test_a_thousand_photos_are_not_before_a_letter(yard: Yard) -> None:
    yard.put("imaging", 1000)
    yard.put("letters", 1)
    queues = InProcessQueues()
    Relay(yard.system.database, queues, tuple(QUEUES), lease_seconds=300).dispatch()
    first = queues.next_of(tuple(QUEUES))
    with yard.system.database.read_session() as session:
        assert session.execute(text("SELECT job FROM outbox_message WHERE id = :id"), {"id": first}).scalar_one() == (
            "test.letters"
        )


def test_a_worker_for_one_queue_is_handed_nothing_of_another(yard: Yard) -> None:
    yard.put("letters", 2)
    yard.put("imaging", 2)
    assert yard.system.drain(("letters",)) == 2
    assert yard.backlog("imaging") == (2, 0)


def test_two_relays_at_once_hand_each_job_out_once(yard: Yard, redis_url: str) -> None:
    yard.put("evidence", 40)
    relays = [
        Relay(yard.system.database, RqQueues(redis_url, 60, length=100), tuple(QUEUES), lease_seconds=300)
        for _ in range(2)
    ]
    handed_out = sum(relay.dispatch(limit=15) for _ in range(3) for relay in relays)
    assert (handed_out, length(redis_url, "evidence")) == (40, 40)


def test_the_backlog_says_since_when_its_oldest_waits(yard: Yard) -> None:
    assert yard.system.relay.backlog()["letters"].waiting_since is None
    yard.put("letters", 2)
    with yard.system.database.read_session() as session:
        oldest = session.execute(text("SELECT count(*), min(available_at) FROM outbox_message")).one()
    found = yard.system.relay.backlog()["letters"]
    assert found.waiting == oldest[0]
    assert found.waiting_since is not None


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (
            "SELECT id FROM outbox_message WHERE state IN ('pending', 'dispatched') AND queue = 'letters'"
            " AND available_at <= '2026-01-01' ORDER BY available_at LIMIT 50",
            "ix_outbox_message_open",
        ),
        (
            "SELECT id FROM outbox_message WHERE state = 'dead' ORDER BY created_at LIMIT 500",
            "ix_outbox_message_dead",
        ),
    ],
)
def test_what_is_open_is_found_by_an_index_over_what_is_open(yard: Yard, asked: str, index: str) -> None:
    with yard.system.database.read_session() as session:
        if yard.system.database.is_sqlite:
            plan = session.execute(text(f"EXPLAIN QUERY PLAN {asked}")).all()
        else:
            session.execute(text("SET enable_seqscan = off"))
            plan = session.execute(text(f"EXPLAIN {asked}")).all()
    assert index in str(plan)
