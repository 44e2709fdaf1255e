"""The court stage, from the competent court to the last ruling."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import AwareDatetime

from api.schemas.common import Shape, Short, Text


class AssignmentIn(Shape):
    """`court` is one of `GET /v1/handlers/courts`."""

    court: Short
    reason: Short


class JoinderIn(Shape):
    with_court_appeal_id: Short
    reason: Short


class HandOverIn(Shape):
    how: Short


class AcknowledgementIn(Shape):
    court_number: Short


class SittingIn(Shape):
    at: AwareDatetime
    place: Short


class HigherAppealIn(Shape):
    """`filedOn` is the day on which the district court received it."""

    filed_by: Literal["appellant", "prosecutor"]
    filed_on: date
    grounds: Text


class SittingOut(Shape):
    id: str
    instance: str
    at: datetime
    place: str


class DossierDeliveryOut(Shape):
    """How the dossier came to the court; `receipt` says where a registry filed it."""

    channel: str
    delivered_on: date
    receipt: dict[str, Any]
    court_number: str | None
    acknowledged_on: date | None


class RulingOut(Shape):
    """`higherUntil` is the last day for higher appeal; null where there is none."""

    instance: str
    outcome: str
    sanction_cents: int | None
    motivation: str
    ruled_on: date
    award_cents: int | None
    higher_until: date | None


class HigherAppealOut(Shape):
    filed_by: str
    filed_on: date
    grounds: str
    in_time: bool


class CourtCaseOut(Shape):
    """A case before the courts. `why` says in Dutch how its court, security and terms came about."""

    id: str
    appeal_id: str
    decision_id: str
    case_number: str
    state: str
    court: str
    filed_on: date
    in_time: bool
    grounds: str
    security_cents: int
    security_until: date | None
    forward_by: date | None
    why: list[str]
    has_dossier: bool
    delivery: DossierDeliveryOut | None
    sittings: list[SittingOut]
    rulings: list[RulingOut]
    higher: list[HigherAppealOut]
    joined: list[str]
    specimen: str | None
