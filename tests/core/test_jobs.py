"""Jobs: once, again after a failure, and at last in front of a person."""

from typing import Any

import pytest
from sqlalchemy import select

from core.jobs import Job, JobRegistry, JobRunner
from core.outbox import OutboxMessage, Relay, Subscription
from core.unit_of_work import SYSTEM, UnitOfWork, UnitsOfWork
from tests.world import OPERATOR, World
from workers.queues import QUEUES, InProcessQueues


class Killed(BaseException):
    """The process ends here: nobody gets to write down why."""


class Bench:
    """A runner with one job that fails as often as told."""

    def __init__(self, world: World, failures: int, *, deaths: int = 0, lease_seconds: int = 300) -> None:
        self.failures, self.deaths = failures, deaths
        self.done: list[Any] = []
        registry = JobRegistry()
        registry.on("test.event", Job("test.job", "decisions", self.apply))
        database = world.system.database
        self.units = UnitsOfWork(database, world.clock, registry.subscriptions)
        self.queues = InProcessQueues()
        self.relay = Relay(database, self.queues, tuple(QUEUES), lease_seconds)
        self.runner = JobRunner(database, self.units, registry, max_attempts=3, retry_base_seconds=0)
        with self.units.begin(SYSTEM) as uow:
            uow.publish("test.event", "aggregate", {"n": 1})
            uow.commit()

    def apply(self, uow: UnitOfWork, payload: dict[str, Any], _: None) -> None:
        if self.deaths:
            self.deaths -= 1
            raise Killed
        if self.failures:
            self.failures -= 1
            raise RuntimeError("plate GB-001-B must not be kept in an error")
        self.done.append(payload)

    def run(self) -> None:
        while self.relay.dispatch():
            while message_id := self.queues.next_of(tuple(QUEUES)):
                self.runner.run(message_id)


def message(world: World) -> OutboxMessage:
    with world.system.database.read_session() as session:
        return session.scalars(select(OutboxMessage)).one()


def test_a_message_delivered_twice_acts_once(world: World) -> None:
    bench = Bench(world, failures=0)
    key = message(world).id
    bench.runner.run(key)
    bench.runner.run(key)
    assert bench.done == [{"n": 1}]


def test_a_failed_job_is_tried_again(world: World) -> None:
    bench = Bench(world, failures=2)
    bench.run()
    assert bench.done == [{"n": 1}]


def test_after_the_last_try_it_is_a_dead_letter_that_a_person_can_replay(world: World) -> None:
    bench = Bench(world, failures=3)
    bench.run()
    assert bench.done == []
    [dead] = world.get("/v1/handlers/dead-letters")
    assert (dead["job"], dead["attempts"], dead["lastError"]) == ("test.job", 3, "RuntimeError")
    world.post(f"/v1/handlers/dead-letters/{dead['id']}/replays", 204, reason="mended")
    bench.run()
    assert bench.done == [{"n": 1}]


def test_a_job_that_takes_its_worker_down_each_time_is_parked_with_that_reason(world: World) -> None:
    bench = Bench(world, failures=0, deaths=10, lease_seconds=0)
    for _ in range(3):
        with pytest.raises(Killed):
            bench.run()
    bench.run()
    [dead] = world.system.services.dead_letters.letters()
    assert (dead.job, dead.attempts, dead.last_error) == ("test.job", 3, "WorkerLost")
    assert bench.deaths == 7


def test_a_job_whose_worker_was_lost_twice_is_done_all_the_same(world: World) -> None:
    bench = Bench(world, failures=0, deaths=2, lease_seconds=0)
    for _ in range(2):
        with pytest.raises(Killed):
            bench.run()
    bench.run()
    assert bench.done == [{"n": 1}]


def test_a_job_that_was_lost_before_anybody_began_it_is_not_counted_as_tried(world: World) -> None:
    bench = Bench(world, failures=0, lease_seconds=0)
    for _ in range(10):
        bench.relay.dispatch()
        bench.queues.next_of(tuple(QUEUES))
    bench.run()
    assert bench.done == [{"n": 1}]


def test_a_dead_letter_of_a_lost_worker_gets_all_its_tries_again(world: World) -> None:
    bench = Bench(world, failures=0, deaths=3, lease_seconds=0)
    for _ in range(3):
        with pytest.raises(Killed):
            bench.run()
    bench.run()
    [dead] = world.system.services.dead_letters.letters()
    world.system.services.dead_letters.replay(OPERATOR, dead.id, "the machine has more memory")
    bench.run()
    assert bench.done == [{"n": 1}]


def test_a_job_name_is_registered_once() -> None:
    registry = JobRegistry()
    job = Job("same", "decisions", lambda *_: None)
    registry.on("a", job)
    with pytest.raises(ValueError, match="twice"):
        registry.on("b", job)


def test_nothing_is_published_when_the_transaction_does_not_commit(world: World) -> None:
    units = UnitsOfWork(world.system.database, world.clock, {"e": [Subscription("j", "decisions")]})
    with units.begin(SYSTEM) as uow:
        uow.publish("e", "a", {})
    assert world.system.relay.dispatch() == 0
