"""Payments: booked once, counted for cases, taken back; kept for a person where no reference explains them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.clock import Clock, local_date
from core.errors import InvalidInput, NotFound
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from fines import ledger, states
from fines.ledger import Account
from fines.models import Allocation, BankEntry, Decision, Payment
from fines.references import near_references
from fines.releases import LiveLaw
from fines.settlement import settle
from fines.states import PAYMENT


@dataclass(frozen=True)
class Share:
    """A part of a payment for one case, in cents; `purpose` is sanction or security."""

    case_number: str
    cents: int
    purpose: str = "sanction"


@dataclass(frozen=True)
class SuspenseItem:
    """Money that came in and that nobody's reference explains, with cases that may be meant."""

    payment_id: str
    cents: int
    booked_on: date
    reference: str
    remittance: str
    counterparty: str
    iban: str
    suggestions: list[tuple[str, int, str]]
    """Case number, what is open there in cents, and why it may be meant."""


BY_PROVIDER = "provider:"
"""How the source keys of payments begin that came by the payment provider, with its own name for them after it."""


class Payments:
    """Money that came in."""

    def __init__(self, units: UnitsOfWork, clock: Clock, law: LiveLaw) -> None:
        self._units = units
        self._clock = clock
        self._law = law

    def book_payment(
        self,
        actor: Actor,
        source_key: str,
        reference: str,
        cents: int,
        booked_on: date,
        purpose: str = "sanction",
        source: Account = Account.BANK,
    ) -> bool:
        """Book money that came in; False when this very payment was booked before.

        `purpose` is sanction or security (zekerheidstelling). A reference that nobody has goes to unallocated
        receipts, where a person looks. Raises InvalidInput for an amount that is not above zero.
        """
        if cents <= 0:
            raise InvalidInput("amount-not-positive", "a payment is more than zero cents")
        with self._units.begin(actor) as uow:
            if _payment(uow.session, source_key) is not None:
                return False
            shares = [(decision, cents) for decision in decisions_named(uow.session, [reference])]
            self.receive(uow, source_key, reference, cents, booked_on, shares, purpose, source)
            uow.commit()
        return True

    def receive(
        self,
        uow: UnitOfWork,
        source_key: str,
        reference: str,
        cents: int,
        paid_on: date,
        shares: Sequence[tuple[Decision, int]],
        purpose: str,
        source: Account,
    ) -> Payment:
        """Inside a transaction: book a payment with its shares in cents; without any it waits for a person."""
        payment = Payment(
            source_key=source_key,
            reference=reference,
            amount_cents=cents,
            booked_on=paid_on,
            decision_id=shares[0][0].id if len(shares) == 1 else None,
            purpose=purpose,
            state=states.ALLOCATED if shares else states.SUSPENSE,
            returned_cents=0,
        )
        uow.add(payment)
        key = f"payment:{source_key}"
        if not shares:
            ledger.book(uow, key, "unallocated", paid_on, None, {source: cents, Account.UNALLOCATED: -cents})
        for number, (decision, part) in enumerate(shares):
            self._count(uow, payment, decision, part, purpose, source, f"{key}:{number}" if number else key)
        return payment

    def _count(
        self,
        uow: UnitOfWork,
        payment: Payment,
        decision: Decision,
        cents: int,
        purpose: str,
        source: Account,
        key: str,
    ) -> None:
        """A part of a payment counts for a decision, from the day on which it was paid.

        A deposit is one only while the case is before the prosecutor or the court; otherwise it pays what is owed.
        """
        if decision.state != states.UNDER_APPEAL:
            purpose = "sanction"
        _allocate(uow, payment.id, decision, cents, payment.booked_on, purpose)
        if purpose == "security":
            lines = {source: cents, Account.SECURITY: -cents}
            ledger.book(uow, key, "security", payment.booked_on, decision.id, lines)
            return
        ledger.receive(uow, decision.id, payment.booked_on, key, cents, source)
        settle(uow, decision, self._today(), key, self._law.rules)

    def take_back(self, actor: Actor, source_key: str, key: str, booked_on: date, reason: str) -> bool:
        """The bank or provider took a payment back; False when that was booked before. Raises NotFound, Conflict."""
        with self._units.begin(actor) as uow:
            payment = _payment(uow.session, source_key)
            if payment is None:
                raise NotFound("payment-unknown", "no such payment was booked")
            if payment.state == states.REVERSED:
                return False
            self.reverse(uow, payment, key, booked_on, reason, Account.BANK)
            uow.commit()
        return True

    def reverse(
        self,
        uow: UnitOfWork,
        payment: Payment,
        key: str,
        booked_on: date,
        reason: str,
        source: Account,
        cents: int | None = None,
    ) -> None:
        """Inside a transaction: what the payment counted for is owed again; `cents` of it, where a part went back.

        Raises Conflict where nothing of it stands any more.
        """
        standing = payment.amount_cents - payment.returned_cents
        back = min(cents or standing, standing)
        before = payment.state
        PAYMENT.fire(uow, payment, "reverse" if back == standing else "reverse_part", reason, cents=back)
        payment.returned_cents += back
        if before == states.SUSPENSE:
            if source is Account.UNALLOCATED:
                return
            lines = {Account.UNALLOCATED: back, source: -back}
            ledger.book(uow, f"reversal:{key}", "reversal", booked_on, None, lines)
            return
        rows = uow.session.scalars(
            select(Allocation)
            .where(Allocation.payment_id == payment.id, Allocation.reversed.is_(False))
            .order_by(Allocation.id)
        ).all()
        for number, row in enumerate(rows):
            if back:
                back -= self._reverse_share(uow, row, f"{key}:{number}", booked_on, source, min(back, row.amount_cents))

    def _reverse_share(
        self, uow: UnitOfWork, row: Allocation, key: str, booked_on: date, source: Account, cents: int
    ) -> int:
        """Take `cents` from what counts for one decision; returns them."""
        row.reversed = True
        decision = uow.session.get_one(Decision, row.decision_id, with_for_update=True)
        if cents < row.amount_cents:
            _allocate(uow, row.payment_id, decision, row.amount_cents - cents, row.paid_on, row.purpose)
        held = -ledger.balance(uow.session, Account.SECURITY, decision.id) if row.purpose == "security" else 0
        from_deposit = min(held, cents)
        lines = {Account.SECURITY: from_deposit, Account.RECEIVABLE: cents - from_deposit, source: -cents}
        ledger.book(uow, f"reversal:{key}", "reversal", booked_on, decision.id, lines)
        settle(uow, decision, self._today(), f"reversal:{key}", self._law.rules)
        return cents

    def suspense(self) -> list[SuspenseItem]:
        """Money that waits to be matched, oldest first."""
        with self._units.read() as session:
            rows = session.scalars(
                select(Payment).where(Payment.state == states.SUSPENSE).order_by(Payment.booked_on, Payment.id)
            ).all()
            entries = {
                entry.key: entry
                for entry in session.scalars(
                    select(BankEntry).where(BankEntry.key.in_([row.source_key for row in rows]))
                )
            }
            return [self._suspense_item(session, row, entries.get(row.source_key)) for row in rows]

    def _suspense_item(self, session: Session, payment: Payment, entry: BankEntry | None) -> SuspenseItem:
        return SuspenseItem(
            payment.id,
            payment.amount_cents,
            payment.booked_on,
            payment.reference,
            entry.remittance if entry else "",
            entry.counterparty if entry else "",
            entry.iban if entry else "",
            _suggestions(session, payment, entry),
        )

    def allocate(self, actor: Actor, payment_id: str, shares: Sequence[Share], reason: str) -> None:
        """A person says for which cases the money is. Raises NotFound, Conflict, InvalidInput, NotAllowed."""
        with self._units.begin(actor) as uow:
            payment = uow.session.get(Payment, payment_id, with_for_update=True)
            if payment is None:
                raise NotFound("payment-unknown", "no such payment")
            if not shares or any(share.cents <= 0 for share in shares):
                raise InvalidInput("shares-empty", "name a case and an amount above zero for each part")
            if sum(share.cents for share in shares) != payment.amount_cents:
                raise InvalidInput(
                    "shares-disagree", f"the parts must add up to the {payment.amount_cents} cents that came in"
                )
            PAYMENT.fire(uow, payment, "allocate", reason)
            for number, share in enumerate(shares):
                decision = decision_numbered(uow.session, share.case_number)
                key = f"allocation:{payment.id}:{number}"
                self._count(uow, payment, decision, share.cents, share.purpose, Account.UNALLOCATED, key)
            uow.commit()

    def _today(self) -> date:
        return local_date(self._clock.now())


def decisions_named(session: Session, references: Iterable[str]) -> list[Decision]:
    """The decisions that these payment references or case numbers name, each once, locked, in a fixed order."""
    wanted = list(references)
    if not wanted:
        return []
    rows = session.scalars(
        select(Decision)
        .where(or_(Decision.payment_reference.in_(wanted), Decision.case_number.in_(wanted)))
        .order_by(Decision.id)
        .with_for_update()
    )
    return list(rows)


def decision_numbered(session: Session, case_number: str) -> Decision:
    """The decision with this case number or payment reference, locked. Raises NotFound."""
    found = decisions_named(session, [case_number])
    if len(found) != 1:
        raise NotFound("case-not-found", f"there is no case {case_number}")
    return found[0]


def _allocate(uow: UnitOfWork, payment_id: str, decision: Decision, cents: int, paid_on: date, purpose: str) -> None:
    row = Allocation(
        payment_id=payment_id,
        decision_id=decision.id,
        amount_cents=cents,
        paid_on=paid_on,
        purpose=purpose,
        reversed=False,
    )
    uow.add(row)
    decision.allocations.append(row)


def _payment(session: Session, source_key: str) -> Payment | None:
    return session.scalars(select(Payment).where(Payment.source_key == source_key).with_for_update()).first()


def _suggestions(session: Session, payment: Payment, entry: BankEntry | None) -> list[tuple[str, int, str]]:
    """Open cases that may be meant: a reference that differs in one digit, or the same account paid for them before."""
    reasons: dict[str, str] = {}
    wanted = near_references(payment.reference)
    if wanted:
        for decision in session.scalars(select(Decision).where(Decision.payment_reference.in_(wanted)).limit(3)):
            reasons[decision.id] = "the reference differs in one digit"
    if entry is not None and entry.iban:
        before = (
            select(Allocation.decision_id)
            .join(Payment, Payment.id == Allocation.payment_id)
            .join(BankEntry, BankEntry.key == Payment.source_key)
            .where(BankEntry.iban == entry.iban)
            .limit(3)
        )
        for decision_id in session.scalars(before):
            reasons.setdefault(decision_id, "this account paid for it before")
    found: list[tuple[str, int, str]] = []
    for decision_id, reason in reasons.items():
        decision = session.get_one(Decision, decision_id)
        open_cents = max(0, ledger.balance(session, Account.RECEIVABLE, decision_id))
        found.append((decision.case_number, open_cents, reason))
    return found
