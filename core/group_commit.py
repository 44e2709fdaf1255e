"""Writes of many callers at the same moment in one transaction: they share the wait for the disk, and for each other.

Whoever comes first writes for all that wait. Each caller returns when its own write is durable. Where one of them
fails, each is done once more by itself, so that none spoils another's.
"""

import threading
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from core.errors import Unavailable
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork

_MOST = 64

Result = TypeVar("Result")


@dataclass
class _Waiting:
    actor: Actor
    write: Callable[[UnitOfWork], Any]
    context: Context = field(default_factory=copy_context)
    """Of the caller, whoever writes for it: what it calls for belongs to its trace."""
    settled: bool = False
    result: Any = None
    error: Exception | None = field(default_factory=lambda: Unavailable("not-written", "it was not written: try again"))
    """Of one that was not come to, whatever happened to who wrote for it."""


class GroupCommit:
    """See module."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units
        self._queue: list[_Waiting] = []
        self._queue_lock = threading.Lock()
        self._turn = threading.Lock()

    def write(self, actor: Actor, write: Callable[[UnitOfWork], Result]) -> Result:
        """Do it and make it durable. `write` may be called twice, and does nothing outside its unit of work.

        Raises what `write` raises, and what the database does.
        """
        mine = _Waiting(actor, write)
        with self._queue_lock:
            self._queue.append(mine)
        while not mine.settled:
            with self._turn:
                with self._queue_lock:
                    batch, self._queue = self._queue[:_MOST], self._queue[_MOST:]
                if batch:
                    self._settle(batch)
        if mine.error is not None:
            raise mine.error
        return cast(Result, mine.result)

    def _settle(self, batch: list[_Waiting]) -> None:
        try:
            self._commit(batch)
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
            else:
                for one in batch:
                    self._settle([one])
        else:
            for one in batch:
                one.error = None
        finally:
            for one in batch:
                one.settled = True

    def _commit(self, batch: list[_Waiting]) -> None:
        with self._units.begin(batch[0].actor) as uow:
            for one in batch:
                uow.actor = one.actor
                one.result = one.context.run(one.write, uow)
            uow.commit()
