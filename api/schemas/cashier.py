"""Shapes for the money desk; amounts in euro cents."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.common import CaseNumber, Shape, Short


class PaymentIn(Shape):
    """A payment as the bank or payment provider names it."""

    external_id: Short
    payment_reference: Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]
    amount_cents: Annotated[int, Field(gt=0, le=100_000_000)]
    booked_on: date
    purpose: Literal["sanction", "security"] = "sanction"


class ProviderCostsIn(Shape):
    """An invoice of the payment provider for what it kept."""

    external_id: Short
    amount_cents: Annotated[int, Field(gt=0, le=100_000_000)]
    booked_on: date


class PaymentOut(Shape):
    booked: bool


class StatementOut(Shape):
    """What became of a statement's entries; `suspense` and `held` wait for a person, `pending` come again."""

    booked: int
    known: int
    suspense: int
    held: int
    pending: int
    difference_cents: int


class ShareIn(Shape):
    """A part of a payment for one case."""

    case_number: CaseNumber
    cents: Annotated[int, Field(gt=0, le=100_000_000)]
    purpose: Literal["sanction", "security"] = "sanction"


class AllocationIn(Shape):
    """The parts add up to what came in."""

    shares: Annotated[list[ShareIn], Field(min_length=1, max_length=50)]
    reason: Short


class SuggestionOut(Shape):
    case_number: str
    open_cents: int
    why: str


class SuspenseOut(Shape):
    """Money that came in and that nobody's reference explains."""

    payment_id: str
    cents: int
    booked_on: date
    reference: str
    remittance: str
    counterparty: str
    iban: str
    suggestions: list[SuggestionOut]


class HeldPaymentOut(Shape):
    """A standing payment of the same amount."""

    payment_id: str
    booked_on: date
    case_number: str


class HeldOut(Shape):
    """A debit that nothing explains; `cents` is negative."""

    entry_id: str
    cents: int
    booked_on: date
    reason: str
    remittance: str
    counterparty: str
    iban: str
    payments: list[HeldPaymentOut]


class ClearingIn(Shape):
    """The payment that a held debit took back."""

    payment_id: Short
    reason: Short


class PayoutIn(Shape):
    """Where all goes that a case has to be paid back, or (compensation) what is owed beside that."""

    case_number: CaseNumber
    owed: Literal["refund", "compensation"] = "refund"
    iban: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9 ]{8,40}$")]
    holder: Short


class PayoutOut(Shape):
    """A payout that is not done yet."""

    id: str
    case_number: str | None
    cents: int
    iban: str
    holder: str
    state: str
    asked_by: str


class PayoutBatchOut(Shape):
    """A file for the bank; no id where nothing was approved."""

    id: str | None


class FindingOut(Shape):
    kind: str
    subject: str
    detail: str


class ReportRowOut(Shape):
    what: str
    count: int
    cents: int | None


class DayCloseIn(Shape):
    day: date


class MovementOut(Shape):
    """A movement of a case's money; lines in euro cents, debit above zero."""

    booked_on: date
    kind: str
    lines: dict[str, int]


class IncreaseOut(Shape):
    """An increase by law, and why; `undoneOn` when the money proved to have been in time."""

    which: str
    due_on: date
    charged_on: date
    amount_cents: int
    undone_on: date | None
    explanation: list[dict[str, Any]]
    nl: list[str]
    en: list[str]


class OwedOut(Shape):
    """What a case owes, in euro cents."""

    case_number: str
    capture_id: str
    cents: int


class ChangeOut(Shape):
    """Money that went back by the payment provider, or came again."""

    kind: str
    cents: int
    booked_on: date


class CheckoutRecordOut(Shape):
    """A payment page of a case; `ref` is the provider's name for it."""

    id: str
    state: str
    cents: int
    provider: str
    ref: str | None
    started_at: datetime
    changes: list[ChangeOut]


class MoneyOut(Shape):
    """A case's money from the first day on."""

    movements: list[MovementOut]
    increases: list[IncreaseOut]
    checkouts: list[CheckoutRecordOut]
