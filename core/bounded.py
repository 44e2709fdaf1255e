"""A call in a process of its own, bounded in time and memory: for what a stranger's file may do to a library."""

import resource
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


class OutOfBounds(Exception):
    """It took too long, too much memory, or its process down."""


def bounded(seconds: float, memory_mib: int, call: Callable[_P, _R], *args: _P.args, **named: _P.kwargs) -> _R:
    """What `call`, a function of a module, returns or raises there. Raises OutOfBounds."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, memory_mib, call, args, named), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            raise OutOfBounds("it took too long")
        answer = ours.recv()
    except EOFError as error:
        raise OutOfBounds("its process ended") from error
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(answer, MemoryError):
        raise OutOfBounds("it took too much memory")
    if isinstance(answer, Exception):
        raise answer
    found: _R = answer
    return found


def _answer(
    connection: Connection, memory_mib: int, call: Callable[..., _R], args: tuple[object, ...], named: dict[str, object]
) -> None:
    memory = memory_mib * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    answer: _R | Exception
    try:
        answer = call(*args, **named)
    except Exception as error:
        answer = error
    connection.send(answer)
