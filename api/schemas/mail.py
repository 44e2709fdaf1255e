"""Shapes of letters on their way."""

from datetime import date, datetime
from typing import Any, Literal

from api.schemas.common import CaseNumber, LetterKind, PersonIn, Shape, Short


class PrintRunOut(Shape):
    """A print run; its manifest has a file for each postal sort, and which pages of it are which letter."""

    id: str
    state: Literal["preparing", "ready", "posted"]
    made_at: datetime
    letters: int
    manifest: list[dict[str, Any]]
    posted_on: date | None


class DeliveryOut(Shape):
    """An attempt to get a letter to somebody."""

    id: str
    case_number: str
    capture_id: str
    kind: str
    attempt: int
    channel: Literal["post", "mailbox"]
    state: Literal["waiting", "sent", "redirected", "returned", "resent", "served"]
    sent_on: date | None
    proof: dict[str, Any] | None


class ReturnIn(Shape):
    case_number: CaseNumber
    kind: LetterKind
    reason: Short


class ResendIn(Shape):
    """The address in the register of persons."""

    address: PersonIn
    reason: Short


class KnownIn(Shape):
    """`sameAddress`: the register of persons has the address that was tried."""

    same_address: bool = False
    reason: Short
