"""Payment pages: opened once, looked at whenever the provider says so, booked once from what the provider shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, select

from core.clock import Clock, local_date
from core.errors import Conflict, InvalidInput, NotFound, Unavailable
from core.settings import Settings
from core.unit_of_work import SYSTEM, Actor, UnitOfWork, UnitsOfWork
from fines import events, ledger, states
from fines.ledger import Account
from fines.models import Checkout, CheckoutChange, Decision, Payment
from fines.payments import BY_PROVIDER, Payments
from fines.providers import Back, Change, Order, PaymentProvider, ProviderAway, ProviderPayment, Seen
from fines.states import CHECKOUT

log = structlog.get_logger()

NOTIFICATIONS = "/v1/provider-notifications"
"""Where the provider tells of changes; the path is part of what it is given."""

_EVENTS = {Seen.PAID: "pay", Seen.FAILED: "fail", Seen.EXPIRED: "expire", Seen.CANCELLED: "cancel"}
_UNDOES = {Back.REFUND_UNDONE: Back.REFUND, Back.CHARGEBACK_UNDONE: Back.CHARGEBACK}
_LOOK_AGAIN_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class CheckoutView:
    """A payment page as its payer may see it: who has the id may, so nothing in it tells about the case."""

    id: str
    state: str
    cents: int
    page_url: str | None


@dataclass(frozen=True)
class ChangeView:
    """Money that went back by the provider, or came again."""

    kind: str
    cents: int
    booked_on: date


@dataclass(frozen=True)
class CheckoutRecord:
    """A payment page as the cashier sees it."""

    id: str
    state: str
    cents: int
    provider: str
    ref: str | None
    started_at: datetime
    changes: list[ChangeView]


class Checkouts:
    """See module. Without a provider nothing can be started."""

    def __init__(
        self, units: UnitsOfWork, clock: Clock, settings: Settings, payments: Payments, provider: PaymentProvider | None
    ) -> None:
        self._units = units
        self._clock = clock
        self._settings = settings
        self._payments = payments
        self._provider = provider

    @property
    def available(self) -> bool:
        """Is there a provider?"""
        return self._provider is not None

    def start(self, actor: Actor, decision_id: str, cents: int | None = None) -> CheckoutView:
        """A page on which `cents` of what is open can be paid, all of it when none is given.

        One that is open for the same sum is given again. Raises NotFound, Conflict where nothing is open, InvalidInput
        for more than is open, Unavailable when the provider does not answer.
        """
        provider = self._required()
        for earlier in self._open_pages(decision_id):
            # It may have been paid or have expired by now, and the notification be on its way.
            self.show(earlier)
        with self._units.begin(actor) as uow:
            decision = uow.session.get(Decision, decision_id, with_for_update=True)
            if decision is None:
                raise NotFound("decision-unknown", "no decision with this id")
            checkout = self._begun(uow, decision, provider, _sum(uow, decision, cents))
            reference = decision.payment_reference
            uow.commit()
        if checkout.state == states.OPEN:
            return _view(checkout)
        # Outside any transaction, and the same by its id: whatever dies here, asking again gives the same page.
        order = Order(
            checkout.id,
            checkout.amount_cents,
            f"Verkeersboete {reference}",
            f"{self._settings.public_url}/payments/{checkout.id}",
            f"{self._settings.public_url}{NOTIFICATIONS}/{provider.name}",
        )
        try:
            opened = provider.open(order)
        except ProviderAway as away:
            told = "the payment provider does not answer: try again, or pay by bank transfer"
            raise Unavailable("provider-away", told) from away
        with self._units.begin(actor) as uow:
            checkout = uow.session.get_one(Checkout, checkout.id, with_for_update=True)
            if checkout.state == states.STARTED:
                checkout.ref, checkout.page_url = opened.ref, opened.page_url
                CHECKOUT.fire(uow, checkout, "open", "the citizen wants to pay")
                uow.commit()
        return _view(checkout)

    def _open_pages(self, decision_id: str) -> Sequence[str]:
        with self._units.read() as session:
            rows = select(Checkout.id).where(Checkout.decision_id == decision_id, Checkout.state == states.OPEN)
            return session.scalars(rows).all()

    def _begun(self, uow: UnitOfWork, decision: Decision, provider: PaymentProvider, cents: int) -> Checkout:
        found = uow.session.scalars(
            select(Checkout).where(
                Checkout.decision_id == decision.id,
                Checkout.amount_cents == cents,
                Checkout.provider == provider.name,
                Checkout.state.in_((states.STARTED, states.OPEN)),
            )
        ).first()
        if found is not None:
            return found
        checkout = Checkout(
            decision_id=decision.id,
            amount_cents=cents,
            provider=provider.name,
            started_at=self._clock.now(),
            ref=None,
            page_url=None,
            state=states.STARTED,
            told=0,
        )
        uow.add(checkout)
        CHECKOUT.create(uow, checkout, "the citizen wants to pay")
        return checkout

    def told(self, ref: str) -> None:
        """The provider says that a payment changed; it will be looked at. An unknown one is ignored."""
        with self._units.begin(SYSTEM) as uow:
            checkout = _checkout(uow, ref)
            if checkout is not None:
                self._order_look(uow, checkout)
                uow.commit()

    @staticmethod
    def _order_look(uow: UnitOfWork, checkout: Checkout) -> None:
        checkout.told += 1
        uow.publish(events.PROVIDER_TOLD, checkout.id, {"checkoutId": checkout.id}, version=str(checkout.told))

    def prepare_look(self, payload: dict[str, Any]) -> ProviderPayment:
        """Job, slow half: ask the provider."""
        with self._units.read() as session:
            ref = session.get_one(Checkout, payload["checkoutId"]).ref
        if ref is None:
            raise NotFound("checkout-not-open", "the provider did not name this payment yet")
        return self._required().look(ref)

    def apply_look(self, uow: UnitOfWork, payload: dict[str, Any], seen: ProviderPayment) -> None:
        """Job, quick half: book what is new in what the provider shows; seen late or twice, it books once."""
        checkout = uow.session.get_one(Checkout, payload["checkoutId"], with_for_update=True)
        event = _EVENTS.get(seen.seen)
        if event is not None and CHECKOUT.allows(checkout.state, event):
            CHECKOUT.fire(uow, checkout, event, f"the provider says {seen.seen}")
            if seen.seen is Seen.PAID:
                self._receive(
                    uow, checkout, checkout.ref or "", seen.cents, local_date(seen.paid_at or uow.clock.now())
                )
        if checkout.state == states.PAID and seen.changes:
            known = _known_changes(uow, CheckoutChange.checkout_id == checkout.id)
            for change in seen.changes:
                if _is_new(change, known):
                    self._book_change(uow, checkout, change)
                    known.add((change.id, change.kind))

    def _receive(self, uow: UnitOfWork, checkout: Checkout, name: str, cents: int, paid_on: date) -> None:
        decision = uow.session.get_one(Decision, checkout.decision_id, with_for_update=True)
        self._payments.receive(
            uow,
            BY_PROVIDER + name,
            decision.payment_reference,
            cents,
            paid_on,
            [(decision, cents)],
            "sanction",
            Account.PROVIDER,
        )

    def _book_change(self, uow: UnitOfWork, checkout: Checkout, change: Change) -> None:
        booked_on = local_date(change.at)
        uow.add(
            CheckoutChange(
                checkout_id=checkout.id,
                ref=change.id,
                kind=change.kind,
                amount_cents=change.cents,
                booked_on=booked_on,
            )
        )
        payments = self._of_checkout(uow, checkout)
        if change.kind in _UNDOES:
            # It never was away by right, so it counts from the day on which it was paid.
            self._receive(uow, checkout, f"{change.id}:{change.kind}", change.cents, payments[0].booked_on)
            return
        left = change.cents
        for number, payment in enumerate(payments):
            back = min(left, payment.amount_cents - payment.returned_cents)
            if back:
                key, reason = f"{BY_PROVIDER}{change.id}:{number}", f"{change.kind} by the provider"
                self._payments.reverse(uow, payment, key, booked_on, reason, Account.PROVIDER, back)
                left -= back
        if left:
            # The job fails, and somebody looks: the books must not say less than the provider took.
            raise Conflict("more-back-than-paid", f"{left} cents more went back than were paid")

    @staticmethod
    def _of_checkout(uow: UnitOfWork, checkout: Checkout) -> list[Payment]:
        """The payment first, then what came again."""
        undone = uow.session.scalars(
            select(CheckoutChange).where(CheckoutChange.checkout_id == checkout.id, CheckoutChange.kind.in_(_UNDOES))
        )
        keys = [f"{BY_PROVIDER}{checkout.ref}", *[f"{BY_PROVIDER}{row.ref}:{row.kind}" for row in undone]]
        rows = uow.session.scalars(select(Payment).where(Payment.source_key.in_(keys)).with_for_update())
        return sorted(rows, key=lambda row: keys.index(row.source_key))

    def show(self, checkout_id: str) -> CheckoutView:
        """Looks once more when it is open, so that the payer who comes back sees what he did. Raises NotFound."""
        with self._units.read() as session:
            checkout = session.get(Checkout, checkout_id)
        if checkout is None:
            raise NotFound("checkout-unknown", "there is no such payment")
        if checkout.state != states.OPEN:
            return _view(checkout)
        payload = {"checkoutId": checkout_id}
        try:
            seen = self.prepare_look(payload)
        except ProviderAway:
            return _view(checkout)
        with self._units.begin(SYSTEM) as uow:
            self.apply_look(uow, payload, seen)
            uow.commit()
            return _view(uow.session.get_one(Checkout, checkout_id))

    def of_decision(self, decision_id: str) -> list[CheckoutRecord]:
        """A case's payment pages, oldest first."""
        with self._units.read() as session:
            rows = session.scalars(
                select(Checkout).where(Checkout.decision_id == decision_id).order_by(Checkout.started_at)
            ).all()
            changes = session.scalars(
                select(CheckoutChange)
                .where(CheckoutChange.checkout_id.in_([row.id for row in rows]))
                .order_by(CheckoutChange.booked_on, CheckoutChange.kind)
            ).all()
            return [
                CheckoutRecord(
                    row.id,
                    row.state,
                    row.amount_cents,
                    row.provider,
                    row.ref,
                    row.started_at,
                    [ChangeView(c.kind, c.amount_cents, c.booked_on) for c in changes if c.checkout_id == row.id],
                )
                for row in rows
            ]

    def book_costs(self, actor: Actor, external_id: str, cents: int, booked_on: date) -> None:
        """What the provider kept for its work, from its invoice: it will not come to the account.

        Raises NotAllowed, InvalidInput for a sum that is not above zero, Conflict for an invoice booked before.
        """
        actor.require("cashier", told="the provider's costs are booked by a cashier")
        if cents <= 0:
            raise InvalidInput("amount-not-positive", "costs are more than zero cents")
        with self._units.begin(actor) as uow:
            key = f"provider-costs:{external_id}"
            if ledger.is_booked(uow.session, key):
                raise Conflict("invoice-booked", "an invoice with this number was booked before")
            lines = {Account.PROVIDER_COSTS: cents, Account.PROVIDER: -cents}
            ledger.book(uow, key, "provider_costs", booked_on, None, lines)
            uow.commit()

    def catch_up(self) -> int:
        """Order a look at what is open for a while and at what went back, for notifications that got lost.

        Returns how many. Nothing is lost when the provider does not answer: the next time asks again.
        """
        if self._provider is None:
            return 0
        try:
            changed = self._provider.changed()
        except ProviderAway as away:
            log.warning("provider_away", error_type=str(away))
            changed = []
        with self._units.begin(SYSTEM) as uow:
            known = _known_changes(uow, CheckoutChange.ref.in_([change.id for _, change in changed]))
            gone_back = [ref for ref, change in changed if _is_new(change, known)]
            waiting = (Checkout.state == states.OPEN) & (Checkout.started_at < self._clock.now() - _LOOK_AGAIN_AFTER)
            rows = uow.session.scalars(
                select(Checkout).where(waiting | Checkout.ref.in_(gone_back)).order_by(Checkout.id).with_for_update()
            ).all()
            for checkout in rows:
                self._order_look(uow, checkout)
            uow.commit()
        return len(rows)

    def _required(self) -> PaymentProvider:
        if self._provider is None:
            raise Conflict("no-payment-page", "this authority has no payment page: pay by bank transfer")
        return self._provider


def _sum(uow: UnitOfWork, decision: Decision, cents: int | None) -> int:
    open_cents = ledger.balance(uow.session, Account.RECEIVABLE, decision.id)
    if open_cents <= 0:
        raise Conflict("nothing-open", "there is nothing to pay on this case")
    if cents is not None and not 0 < cents <= open_cents:
        raise InvalidInput("amount-not-open", f"pay more than 0 and at most the {open_cents} cents that are open")
    return cents or open_cents


def _known_changes(uow: UnitOfWork, which: ColumnElement[bool]) -> set[tuple[str, str]]:
    rows = uow.session.execute(select(CheckoutChange.ref, CheckoutChange.kind).where(which))
    return {(ref, kind) for ref, kind in rows}


def _is_new(change: Change, known: set[tuple[str, str]]) -> bool:
    """What undoes something counts only where that was booked."""
    undone = _UNDOES.get(change.kind)
    return (change.id, change.kind) not in known and (undone is None or (change.id, undone) in known)


def _checkout(uow: UnitOfWork, ref: str) -> Checkout | None:
    return uow.session.scalars(select(Checkout).where(Checkout.ref == ref).with_for_update()).first()


def _view(checkout: Checkout) -> CheckoutView:
    return CheckoutView(checkout.id, checkout.state, checkout.amount_cents, checkout.page_url)
