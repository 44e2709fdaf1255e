"""Shapes of what lawyers and appeal bureaus send and get."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from api.schemas.appeals import RefusalOut
from api.schemas.citizens import AppealSaid, CaseNamed
from api.schemas.common import AppealStatus, Shape, Short

Capacity = Literal["lawyer", "mandate"]


class FiledAppealIn(AppealSaid, CaseNamed):
    """An appeal for somebody. `reference` is the sender's own, and comes back with the answer.

    `actsAs`: a lawyer (advocaat) needs no written mandate, others have one and attach it (Awb art. 2:1).
    """

    reference: Short
    acts_as: Capacity
    office: Short


class BatchIn(Shape):
    appeals: Annotated[list[FiledAppealIn], Field(min_length=1, max_length=100)]


class FiledOut(Shape):
    """What became of one: `filed` now, `known` from before, or `refused` with the reason. Days in Europe/Amsterdam."""

    reference: str
    result: Literal["filed", "known", "refused"]
    appeal_id: str | None
    received_on: date | None
    decide_by: date | None
    refusal: RefusalOut | None


class BatchOut(Shape):
    appeals: list[FiledOut]


class OwnAppealOut(AppealStatus):
    """One of the appeals that this professional filed."""

    id: str
    case_number: str


class OwnAppealsOut(Shape):
    """By the order in which they were filed. `next` is the address of what follows, if more does."""

    appeals: list[OwnAppealOut]
    next: str | None
