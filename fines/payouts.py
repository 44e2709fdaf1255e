"""Payouts: asked for by one person, approved by another, sent to the bank once, settled or returned by it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum import iban as iban_number

from core.clock import Clock, local_date
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.settings import Settings
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from fines import ledger, states
from fines.credit_transfer import CreditTransfer, pain001
from fines.ledger import Account
from fines.models import BankEntry, Decision, Payment, Payout, PayoutBatch
from fines.payments import decision_numbered
from fines.states import PAYMENT, PAYOUT


@dataclass(frozen=True)
class PayoutView:
    """A payout as the cashier sees it."""

    id: str
    case_number: str | None
    cents: int
    iban: str
    holder: str
    state: str
    asked_by: str


class Payouts:
    """Money that goes back."""

    def __init__(self, units: UnitsOfWork, clock: Clock, settings: Settings) -> None:
        self._units = units
        self._clock = clock
        self._settings = settings

    def ask(self, actor: Actor, case_number: str, iban: str, holder: str, owed: Account = Account.REFUNDS) -> None:
        """Ask for all that a case has to be paid back, to an account in the name of the person addressed.

        `owed` names what of it: his own money, or what he gets beside it (Account.COMPENSATIONS). Wahv art. 13a par. 3.
        Raises NotFound, InvalidInput for an IBAN that cannot be, Conflict for another name or where nothing is owed.
        """
        if not iban_number.is_valid(iban):
            raise InvalidInput("iban-invalid", "the IBAN's check digits or length are wrong")
        with self._units.begin(actor) as uow:
            decision = decision_numbered(uow.session, case_number)
            if _plain_name(holder) != _plain_name(decision.keeper["name"]):
                raise Conflict(
                    "payout-other-name",
                    "Wahv art. 13a par. 3: paid back only to an account in the name of the person addressed",
                )
            cents = -ledger.balance(uow.session, owed, decision.id)
            under_way = uow.session.scalars(
                select(Payout).where(
                    Payout.decision_id == decision.id, Payout.state.in_((states.ASKED, states.APPROVED))
                )
            ).all()
            if cents <= 0 or any(_owed_by(payout) is owed for payout in under_way):
                raise Conflict("nothing-to-pay-back", "nothing waits to be paid back, or a payout is under way")
            self._ask(uow, decision.id, None, cents, iban_number.compact(iban), holder, owed)
            uow.commit()

    def _ask(
        self,
        uow: UnitOfWork,
        decision_id: str | None,
        payment_id: str | None,
        cents: int,
        iban: str,
        holder: str,
        owed: Account = Account.REFUNDS,
    ) -> None:
        payout = Payout(
            decision_id=decision_id,
            payment_id=payment_id,
            amount_cents=cents,
            iban=iban,
            holder=holder,
            asked_by=uow.actor.id,
            asked_at=uow.clock.now(),
            account=None if owed is Account.REFUNDS else owed,
            state=states.ASKED,
            batch_id=None,
        )
        uow.add(payout)
        PAYOUT.create(uow, payout, "asked", cents=cents)

    def approve(self, actor: Actor, payout_id: str) -> None:
        """Another person than who asked agrees. Raises NotFound, NotAllowed, Conflict."""
        with self._units.begin(actor) as uow:
            payout = uow.session.get(Payout, payout_id, with_for_update=True)
            if payout is None:
                raise NotFound("payout-unknown", "no such payout")
            if payout.asked_by == actor.id:
                raise NotAllowed("four-eyes", "a payout is approved by another person than who asked for it")
            PAYOUT.fire(uow, payout, "approve", "approved")
            uow.commit()

    def under_way(self) -> list[PayoutView]:
        """Payouts that are not done, oldest first."""
        with self._units.read() as session:
            rows = session.execute(
                select(Payout, Decision.case_number)
                .outerjoin(Decision, Decision.id == Payout.decision_id)
                .where(Payout.state.in_((states.ASKED, states.APPROVED, states.SENT)))
                .order_by(Payout.asked_at)
            ).all()
        return [
            PayoutView(row.id, number, row.amount_cents, row.iban, row.holder, row.state, row.asked_by)
            for row, number in rows
        ]

    def export(self, actor: Actor) -> str | None:
        """Put all approved payouts in one pain.001 file for the bank; returns its id, None when there is none.

        Each is exported once: the state change and the file, which is kept, stand or fall together. Raises NotAllowed.
        """
        today = self._today()
        with self._units.begin(actor) as uow:
            approved = uow.session.scalars(
                select(Payout).where(Payout.state == states.APPROVED).order_by(Payout.asked_at).with_for_update()
            ).all()
            rows = [row for row in approved if self._still_due(uow, row)]
            if not rows:
                uow.commit()
                return None
            document = pain001(self._settings, [_transfer_of(row) for row in rows], uow.clock.now())
            for row in rows:
                PAYOUT.fire(uow, row, "send", "exported to the bank")
                row.batch_id = document.id
                lines = {_owed_by(row): row.amount_cents, Account.PAYOUTS: -row.amount_cents}
                ledger.book(uow, f"payout-sent:{row.id}", "payout_sent", today, row.decision_id, lines)
            uow.add(
                PayoutBatch(id=document.id, xml=document.xml.decode(), made_at=uow.clock.now(), made_by=uow.actor.id)
            )
            uow.commit()
        return document.id

    def batches(self) -> list[tuple[str, datetime]]:
        """Ids and moments of the files that were made, newest first."""
        with self._units.read() as session:
            rows = session.execute(select(PayoutBatch.id, PayoutBatch.made_at).order_by(PayoutBatch.made_at.desc()))
            return [(row.id, row.made_at) for row in rows]

    def batch(self, batch_id: str) -> bytes:
        """A file for the bank. Raises NotFound."""
        with self._units.read() as session:
            row = session.get(PayoutBatch, batch_id)
        if row is None:
            raise NotFound("batch-unknown", "no such file of payouts")
        return row.xml.encode()

    @staticmethod
    def _still_due(uow: UnitOfWork, payout: Payout) -> bool:
        """A case may owe again by now what was to be paid back; then nothing goes out."""
        if payout.decision_id is None:
            return True
        if -ledger.balance(uow.session, _owed_by(payout), payout.decision_id) >= payout.amount_cents:
            return True
        PAYOUT.fire(uow, payout, "refuse", "it is no longer to be paid back")
        return False

    def give_back(self, actor: Actor, payment_id: str, reason: str) -> None:
        """Send money that is for no case back to the account that it came from. Raises NotFound, Conflict."""
        with self._units.begin(actor) as uow:
            payment = uow.session.get(Payment, payment_id, with_for_update=True)
            if payment is None:
                raise NotFound("payment-unknown", "no such payment")
            entry = uow.session.scalars(select(BankEntry).where(BankEntry.key == payment.source_key)).first()
            if entry is None or not iban_number.is_valid(entry.iban):
                raise Conflict("account-unknown", "the bank did not say from which account this money came")
            PAYMENT.fire(uow, payment, "give_back", reason)
            lines = {Account.UNALLOCATED: payment.amount_cents, Account.REFUNDS: -payment.amount_cents}
            ledger.book(uow, f"given-back:{payment.id}", "given_back", self._today(), None, lines)
            self._ask(uow, None, payment.id, payment.amount_cents, entry.iban, entry.counterparty)
            uow.commit()

    def settle(self, uow: UnitOfWork, payout: Payout, key: str, booked_on: date) -> None:
        """Inside a transaction: the bank paid it."""
        PAYOUT.fire(uow, payout, "settle", "the bank paid it")
        lines = {Account.PAYOUTS: payout.amount_cents, Account.BANK: -payout.amount_cents}
        ledger.book(uow, f"payout:{key}", "payout_settled", booked_on, payout.decision_id, lines)

    def take_back(self, uow: UnitOfWork, payout: Payout, key: str, booked_on: date) -> None:
        """Inside a transaction: the account did not take it, and the money is to be paid back again."""
        source = Account.BANK if payout.state == states.PAID_OUT else Account.PAYOUTS
        PAYOUT.fire(uow, payout, "return", "the bank sent it back")
        lines = {source: payout.amount_cents, _owed_by(payout): -payout.amount_cents}
        ledger.book(uow, f"payout-back:{key}", "payout_returned", booked_on, payout.decision_id, lines)

    def _today(self) -> date:
        return local_date(self._clock.now())


def payout_named(session: Session, end_to_end_id: str, cents: int) -> Payout | None:
    """The payout of that amount that the bank's end-to-end id names, if it is with the bank."""
    try:
        payout_id = str(UUID(hex=end_to_end_id))
    except ValueError:
        return None
    row = session.scalars(
        select(Payout).where(Payout.id == payout_id, Payout.amount_cents == cents).with_for_update()
    ).first()
    return row if row is not None and row.state in (states.SENT, states.PAID_OUT) else None


def _owed_by(payout: Payout) -> Account:
    return Account(payout.account) if payout.account else Account.REFUNDS


def _transfer_of(row: Payout) -> CreditTransfer:
    return CreditTransfer(UUID(row.id).hex, row.amount_cents, row.iban, row.holder, "Terugbetaling verkeersboete")


def _plain_name(name: str) -> str:
    return " ".join(name.casefold().replace(".", " ").split())
