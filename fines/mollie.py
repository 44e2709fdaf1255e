"""Mollie as payment provider, by its own client library (payments API v2, with an API key)."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from mollie.api.client import Client
from mollie.api.error import Error

from core.money import parse_euro, plain_euro
from fines.providers import Back, Change, Opened, Order, ProviderAway, ProviderPayment, Seen

_Answer = TypeVar("_Answer")

_SEEN = {
    "open": Seen.OPEN,
    "pending": Seen.OPEN,
    "authorized": Seen.OPEN,
    "paid": Seen.PAID,
    "failed": Seen.FAILED,
    "expired": Seen.EXPIRED,
    "canceled": Seen.CANCELLED,
}
_NEWEST = 250
"""The most that one page of a list holds."""


class Mollie:
    """See PaymentProvider."""

    name = "mollie"

    def __init__(self, api_key: str, api_url: str) -> None:
        # Refused at the start, not at the first citizen who wants to pay.
        self._api_key = Client.validate_api_key(api_key)
        self._api_url = api_url
        self._of_thread = threading.local()

    @property
    def _client(self) -> Client:
        """One a thread: the library's session is not made to be shared."""
        if not hasattr(self._of_thread, "client"):
            client = Client(api_endpoint=self._api_url)
            client.set_api_key(self._api_key)
            self._of_thread.client = client
        found: Client = self._of_thread.client
        return found

    def open(self, order: Order) -> Opened:
        payment = _asked(
            lambda: self._client.payments.create(
                {
                    "amount": {"currency": "EUR", "value": plain_euro(order.cents)},
                    "description": order.description,
                    "redirectUrl": order.return_url,
                    "webhookUrl": order.notification_url,
                    "locale": "nl_NL",
                    "metadata": {"order": order.id},
                },
                idempotency_key=order.id,
            )
        )
        return Opened(payment.id, payment.checkout_url)

    def look(self, ref: str) -> ProviderPayment:
        def ask() -> ProviderPayment:
            payment = self._client.payments.get(ref)
            changes: list[Change] = []
            # A list is asked for only where the payment says that there is something in it.
            if "refunds" in payment["_links"]:
                changes += [change for row in payment.refunds.list(limit=_NEWEST) for change in _refund(row)]
            if "chargebacks" in payment["_links"]:
                changes += [change for row in payment.chargebacks.list(limit=_NEWEST) for change in _chargeback(row)]
            paid_at = _moment(payment.paid_at) if payment.paid_at else None
            return ProviderPayment(ref, _SEEN[payment.status], _cents(payment.amount), paid_at, changes)

        return _asked(ask)

    def changed(self) -> Sequence[tuple[str, Change]]:
        def ask() -> Sequence[tuple[str, Change]]:
            refunds = [(row.payment_id, _refund(row)) for row in self._client.refunds.list(limit=_NEWEST)]
            chargebacks = [(row.payment_id, _chargeback(row)) for row in self._client.chargebacks.list(limit=_NEWEST)]
            return [(ref, change) for ref, changes in refunds + chargebacks for change in changes]

        return _asked(ask)


def _asked(ask: Callable[[], _Answer]) -> _Answer:
    try:
        return ask()
    except (Error, KeyError, TypeError, ValueError) as error:
        # The type alone: an answer may quote what was sent.
        raise ProviderAway(type(error).__name__) from error


def _refund(row: Any) -> list[Change]:
    """Money leaves the balance when the provider starts on a refund; a queued one may still be cancelled."""
    kinds = {
        "processing": Back.REFUND,
        "refunded": Back.REFUND,
        "failed": Back.REFUND_UNDONE,
        "canceled": Back.REFUND_UNDONE,
    }
    return [_change(row, kinds[row.status], row.created_at)] if row.status in kinds else []


def _chargeback(row: Any) -> list[Change]:
    undone = [_change(row, Back.CHARGEBACK_UNDONE, row.reversed_at)] if row.reversed_at else []
    return [_change(row, Back.CHARGEBACK, row.created_at), *undone]


def _change(row: Any, kind: Back, at: str) -> Change:
    return Change(row.id, kind, _cents(row.amount), _moment(at))


def _cents(amount: Any) -> int:
    """Raises ValueError for another currency."""
    if amount["currency"] != "EUR":
        raise ValueError("an amount in another currency than the euro")
    return parse_euro(amount["value"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
