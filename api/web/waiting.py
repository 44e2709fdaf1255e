"""What waits for a handler about single cases, by kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from api.paging import page_of
from api.services import Services
from core.errors import NotFound


class _Waiting(Protocol):
    def waiting(self, after: str, limit: int) -> Sequence[Any]: ...

    def count_waiting(self) -> int: ...


_KINDS: dict[str, Callable[[Services], _Waiting]] = {
    "statements": lambda doors: doors.fines.liability,
    "corrections": lambda doors: doors.fines.corrections,
    "mandates": lambda doors: doors.fines.mandates,
    "plans": lambda doors: doors.fines.plans,
    "measures": lambda doors: doors.fines.recovery,
}


@dataclass(frozen=True)
class Queue:
    """Some of what waits of a kind, the id after which the others come (none after the last), how many wait in all,
    and for links the capture of each case by its number."""

    kind: str
    rows: Sequence[Any]
    further: str
    count: int
    captures: dict[str, str]


def queue(doors: Services, kind: str, after: str, limit: int) -> Queue:
    """The first of a kind after an id. Raises NotFound for another kind."""
    if kind not in _KINDS:
        raise NotFound("queue-unknown", f"what waits is one of: {', '.join(_KINDS)}")
    waits = _KINDS[kind](doors)
    rows, last = page_of(lambda size: waits.waiting(after, size), limit)
    count = waits.count_waiting() if after or last else len(rows)
    captures = doors.fines.captures_of([row.case_number for row in rows]) if rows else {}
    return Queue(kind, rows, last.id if last else "", count, captures)


def queues(doors: Services, limit: int) -> list[Queue]:
    """The first of each kind, where any wait."""
    return [found for kind in _KINDS if (found := queue(doors, kind, "", limit)).rows]
