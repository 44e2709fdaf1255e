"""Writes of many at once share a transaction, and none spoils another's."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.group_commit import GroupCommit
from core.kept_answers import KeptAnswer
from core.outbox import machine_now
from core.unit_of_work import SYSTEM, Actor, UnitOfWork
from tests.world import World


def keep(name: str) -> KeptAnswer:
    return KeptAnswer(id=name, request_sha256="x", begun_at=machine_now())


def count(world: World) -> int:
    with world.system.database.read_session() as session:
        return session.scalar(select(func.count()).select_from(KeptAnswer)) or 0


def test_each_caller_returns_when_its_own_is_written(world: World) -> None:
    writer = GroupCommit(world.system.units)

    def write(number: int) -> int:
        def one(uow: UnitOfWork) -> int:
            uow.session.add(keep(f"k{number}"))
            return number

        found = writer.write(SYSTEM, one)
        with world.system.database.read_session() as session:
            assert session.get(KeptAnswer, f"k{number}") is not None
        return found

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(write, range(200))) == list(range(200))
    assert count(world) == 200


def test_one_that_cannot_be_written_fails_alone(world: World) -> None:
    writer = GroupCommit(world.system.units)
    writer.write(SYSTEM, lambda uow: uow.session.add(keep("taken")))
    together = threading.Barrier(8)

    def write(number: int) -> bool:
        together.wait()
        try:
            writer.write(SYSTEM, lambda uow: uow.session.add(keep("taken" if number == 3 else f"k{number}")))
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(8))) == [number != 3 for number in range(8)]
    assert count(world) == 8


def test_each_acts_as_who_he_is(world: World) -> None:
    writer = GroupCommit(world.system.units)
    seen: list[str] = []
    for name in ("a", "b"):
        writer.write(Actor("camera", name, frozenset()), lambda uow: seen.append(uow.actor.id))
    assert seen == ["a", "b"]


def test_what_it_raises_reaches_the_caller(world: World) -> None:
    def broken(uow: UnitOfWork) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        GroupCommit(world.system.units).write(SYSTEM, broken)
