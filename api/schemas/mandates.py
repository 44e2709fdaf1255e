"""Shapes of mandates: who may act in a case for whom."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from api.schemas.common import AccessCode, CaseNumber, Shape

MandateCode = AccessCode


class MandateTakenIn(Shape):
    """What the person who gave the mandate handed over."""

    case_number: CaseNumber
    mandate_code: Annotated[MandateCode, Field(examples=["K7Q4 2MXD"])]


class MandateOut(Shape):
    """A mandate. `until` is its last day in Europe/Amsterdam; null until it is ended."""

    id: str
    case_number: str
    name: str
    capacity: Literal["lawyer", "relative", "guardian"]
    until: date | None
    given_on: date
    state: Literal["asked", "given", "taken", "refused", "ended"]


class MandatesOut(Shape):
    """By the order in which they were given. `next` is the address of what follows, if more does."""

    mandates: list[MandateOut]
    next: str | None


class ProofOut(Shape):
    id: str
    name: str
    media_type: str


class GuardianMandateOut(MandateOut):
    """What a handler looks at: the files that show that the guardian was appointed."""

    decision_id: str
    proofs: list[ProofOut]
