"""What the chain needs of a payment provider: open a payment page, and tell what became of it. Amounts in cents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Seen(StrEnum):
    """How the provider says that a payment stands."""

    OPEN = "open"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Back(StrEnum):
    """Why money of a payment went back, or came again."""

    REFUND = "refund"
    REFUND_UNDONE = "refund_undone"
    CHARGEBACK = "chargeback"
    CHARGEBACK_UNDONE = "chargeback_undone"


@dataclass(frozen=True)
class Change:
    """Money that went back after it was paid, or came again because that was undone.

    `id` is the provider's own name for it, the same for both.
    """

    id: str
    kind: Back
    cents: int
    at: datetime


@dataclass(frozen=True)
class Order:
    """A payment to be asked for. The same `id` gives the same payment, however often it is asked for."""

    id: str
    cents: int
    description: str
    return_url: str
    notification_url: str


@dataclass(frozen=True)
class Opened:
    """The provider's name for the payment, and the page where the citizen pays."""

    ref: str
    page_url: str


@dataclass(frozen=True)
class ProviderPayment:
    """A payment as the provider sees it now; `cents` and `paid_at` (UTC) are there once it is paid."""

    ref: str
    seen: Seen
    cents: int
    paid_at: datetime | None
    changes: Sequence[Change] = ()


class ProviderAway(Exception):
    """The provider cannot be reached, or did not answer as agreed; try again later."""


class PaymentProvider(Protocol):
    """All methods raise ProviderAway."""

    name: str

    def open(self, order: Order) -> Opened:
        """Make a payment page."""
        ...

    def look(self, ref: str) -> ProviderPayment:
        """Ask how a payment stands; a notification alone proves nothing."""
        ...

    def changed(self) -> Sequence[tuple[str, Change]]:
        """What went back or came again of late, each with its payment, for when a notification was lost."""
        ...
