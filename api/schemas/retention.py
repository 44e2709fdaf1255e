"""Shapes of what is kept, and what was destroyed."""

from datetime import date, datetime
from typing import Any

from api.schemas.common import Shape


class KeptCasesOut(Shape):
    """Cases that are kept by the same: `open`, `legal_hold`, `no_rule`, `unclaimed`, or a rule of the law. `firstLook`
    is the next day on which one of them may go."""

    kept_by: str
    cases: int
    first_look: date
    counted_at: datetime


class HoldOut(Shape):
    """A legal hold that stands."""

    id: str
    case_id: str
    reason: str
    placed_by: str
    placed_at: datetime


class HoldPlacedOut(Shape):
    id: str


class RetentionOut(Shape):
    """What is kept."""

    held: list[KeptCasesOut]
    holds: list[HoldOut]


class DestructionOut(Shape):
    """Proof that a case was destroyed; `rows` by table, `blobs` by area once they were removed."""

    id: str
    case_id: str
    rule: str
    due_on: date
    explanation: list[dict[str, Any]]
    rows: dict[str, int]
    destroyed_at: datetime
    blobs: dict[str, int] | None
    removed_at: datetime | None
