"""Shapes of instalments, steps of recovery and protection."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.common import CaseNumber, Shape, Short


class PlanIn(Shape):
    """Instalments: how many equal parts, one every so many months."""

    case_number: CaseNumber
    parts: Annotated[int, Field(ge=1, le=100)]
    months_each: Annotated[int, Field(ge=0, le=12)] = 1


class PlanPartOut(Shape):
    due_on: date
    cents: int


class PlanOut(Shape):
    """A plan and the rules that it rests on."""

    id: str
    case_number: str
    state: str
    instalments: list[PlanPartOut]
    explanation: list[dict[str, Any]]


class MeasureIn(Shape):
    """A step of recovery (writ, third_party_notice) or coercion (licence, vehicle, detention)."""

    case_number: CaseNumber
    kind: Literal["writ", "third_party_notice", "licence", "vehicle", "detention"]
    debt_restructuring: bool = False


class MeasureOut(Shape):
    """A step; `until` is the last day of an objection to it, or of the step itself."""

    id: str
    case_number: str
    kind: str
    state: str
    until: date | None
    explanation: list[dict[str, Any]]
    proposed_by: str


class CourtAnswerIn(Shape):
    leave: bool
    reason: Short


class StopIn(Shape):
    """Nothing is raised or collected up to and including `until`."""

    case_number: CaseNumber
    until: date
    reason: Short


class WriteOffIn(Shape):
    """Grounds: Wahv art. 25 par. 3 (lapsed), 25 par. 4 (deceased), 22 par. 4 (no_purpose)."""

    case_number: CaseNumber
    ground: Literal["lapsed", "deceased", "no_purpose"]
    reason: Short
