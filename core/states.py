"""Transition tables: which state may follow which, on what event, by whom. Anything else is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import Conflict, NotAllowed

if TYPE_CHECKING:
    from core.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Transition:
    """One row a lawyer can read: from `source`, on `event`, to `target`, by any of `roles`."""

    source: str
    event: str
    target: str
    roles: frozenset[str]


class Stateful(Protocol):
    """An aggregate with a state column."""

    id: Any
    state: Any


class TransitionTable:
    """All the transitions of one aggregate."""

    def __init__(self, aggregate: str, partition: str, rows: Iterable[tuple[str, str, str, str]]) -> None:
        self.aggregate = aggregate
        self.partition = partition
        self.transitions = {
            (source, event): Transition(source, event, target, frozenset(roles.split()))
            for source, event, target, roles in rows
        }

    def allows(self, state: str, event: str) -> bool:
        return (state, event) in self.transitions

    def events_from(self, state: str) -> list[str]:
        """What may happen next, in the order of the table."""
        return [event for source, event in self.transitions if source == state]

    def create(self, uow: "UnitOfWork", entity: Stateful, reason: str, **detail: Any) -> None:
        """Record the first state of a new aggregate."""
        uow.record(
            self.partition,
            f"{self.aggregate}.created",
            self.aggregate,
            str(entity.id),
            reason,
            {"to": str(entity.state), **detail},
        )

    def fire(self, uow: "UnitOfWork", entity: Stateful, event: str, reason: str, **detail: Any) -> None:
        """Move `entity` on and write the audit record in the same transaction.

        Raises Conflict when the table has no such row, NotAllowed when the actor has none of its roles.
        """
        before = str(entity.state)
        row = self.transitions.get((before, event))
        if row is None:
            possible = ", ".join(self.events_from(before)) or "nothing"
            raise Conflict(
                "transition-refused",
                f"{self.aggregate} is '{before}': '{event}' is not possible now; possible: {possible}",
            )
        if not row.roles & uow.actor.roles:
            raise NotAllowed(
                "role-required", f"'{event}' on {self.aggregate} needs one of: {', '.join(sorted(row.roles))}"
            )
        entity.state = row.target
        uow.record(
            self.partition,
            f"{self.aggregate}.{event}",
            self.aggregate,
            str(entity.id),
            reason,
            {"from": before, "to": row.target, **detail},
        )
        uow.moved(self.aggregate, entity)
