"""Takes bank statements in: each booking once, to the case, payment or payout that it names, or to a person."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from core.errors import InvalidInput, NotFound
from core.settings import Mode, Settings
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from fines import ledger, states
from fines.bank_statement import Entry, Statement, Transfer, read_camt053
from fines.ledger import Account
from fines.models import BankEntry, BankStatement, Decision, Payment
from fines.payments import BY_PROVIDER, Payments
from fines.payouts import Payouts, payout_named
from fines.states import BANK_ENTRY


@dataclass(frozen=True)
class Imported:
    """What became of a bank statement file; every entry is in one of the counts."""

    booked: int
    known: int
    suspense: int
    held: int
    pending: int
    difference_cents: int


@dataclass(frozen=True)
class HeldEntry:
    """Money that the bank took from the account and that no payout or payment of ours explains.

    `payments` are standing ones of the same amount, by id, with the day and the case: one of them may be meant.
    """

    entry_id: str
    cents: int
    booked_on: date
    reason: str
    remittance: str
    counterparty: str
    iban: str
    payments: list[tuple[str, date, str]]


class Bank:
    """The authority's account, as the bank tells of it."""

    def __init__(self, units: UnitsOfWork, settings: Settings, payments: Payments, payouts: Payouts) -> None:
        self._units = units
        self._settings = settings
        self._payments = payments
        self._payouts = payouts

    def import_statement(self, actor: Actor, camt053: bytes) -> Imported:
        """Book every entry of a bank statement file; one may be sent again, whole or in part.

        A reversal undoes its payment, a debit settles its payout; what nothing explains is kept in suspense, for a
        person. Raises InvalidInput for a file that cannot be read, and books nothing of it then.
        """
        statements = read_camt053(camt053)
        counts = {"booked": 0, "known": 0, "suspense": 0, "held": 0}
        with self._units.begin(actor) as uow:
            for statement in statements:
                self._check_account(statement)
                self._import(uow, statement, hashlib.sha256(camt053).hexdigest(), counts)
            uow.commit()
        return Imported(
            **counts,
            pending=sum(statement.pending for statement in statements),
            difference_cents=sum(abs(statement.difference_cents) for statement in statements),
        )

    def _check_account(self, statement: Statement) -> None:
        if self._settings.mode is Mode.PRODUCTION and statement.account != self._settings.authority_iban:
            raise InvalidInput("statement-account", f"statement {statement.id} is of another account than ours")

    def _import(self, uow: UnitOfWork, statement: Statement, sha256: str, counts: dict[str, int]) -> None:
        transfers = [
            (entry, transfer, entry.key if number == 0 else f"{entry.key}#{number}")
            for entry in statement.entries
            for number, transfer in enumerate(entry.transfers)
        ]
        known = _known_keys(uow.session, [key for _, _, key in transfers])
        counts["known"] += len(known)
        same = select(BankStatement.id).where(
            BankStatement.account == statement.account,
            BankStatement.statement_id == statement.id,
            BankStatement.sha256 == sha256,
        )
        if len(known) == len(transfers) and uow.session.scalar(same) is not None:
            return
        row = BankStatement(
            account=statement.account,
            statement_id=statement.id,
            sha256=sha256,
            opening_cents=statement.opening_cents,
            closing_cents=statement.closing_cents,
            difference_cents=statement.difference_cents,
            pending=statement.pending,
            imported_at=uow.clock.now(),
            imported_by=uow.actor.id,
        )
        uow.add(row)
        new = [(entry, transfer, key) for entry, transfer, key in transfers if key not in known]
        named = _named(uow.session, [transfer for _, transfer, _ in new])
        for entry, transfer, key in new:
            counts[self._take_in(uow, row.id, entry, transfer, key, named)] += 1

    def _take_in(
        self,
        uow: UnitOfWork,
        statement_id: str,
        entry: Entry,
        transfer: Transfer,
        key: str,
        named: Mapping[str, Decision],
    ) -> str:
        """Book one transfer; returns which count it falls in."""
        cents = entry.cents if transfer.cents is None else transfer.cents
        record = BankEntry(
            key=key,
            statement_id=statement_id,
            booked_on=entry.booked_on,
            amount_cents=cents if entry.credit else -cents,
            reversal=entry.reversal,
            disagrees=entry.disagrees,
            remittance=transfer.remittance,
            counterparty=transfer.counterparty,
            iban=transfer.iban,
            end_to_end_id=transfer.end_to_end_id,
            state=states.BOOKED,
            reason="",
        )
        if cents == 0:
            uow.add(record)
            return "booked"
        if entry.credit:
            meant = {found.id: found for reference in transfer.references if (found := named.get(reference))}
            taken = self._take_in_credit(uow, entry, transfer, key, cents, list(meant.values()))
        else:
            taken = self._take_in_debit(uow, entry, transfer, key, cents)
        record.state, record.reason, count = taken
        uow.add(record)
        return count

    def _take_in_credit(
        self, uow: UnitOfWork, entry: Entry, transfer: Transfer, key: str, cents: int, meant: list[Decision]
    ) -> tuple[str, str, str]:
        if entry.reversal and (payout := payout_named(uow.session, transfer.end_to_end_id, cents)) is not None:
            self._payouts.take_back(uow, payout, key, entry.booked_on)
            return states.BOOKED, "a payout came back", "booked"
        if transfer.iban in self._settings.provider_ibans:
            ledger.book(
                uow,
                f"provider:{key}",
                "provider_settlement",
                entry.booked_on,
                None,
                {Account.BANK: cents, Account.PROVIDER: -cents},
            )
            return states.BOOKED, "the payment provider paid out", "booked"
        shares = [] if entry.reversal or entry.disagrees else _shares(uow.session, meant, cents)
        reference = transfer.references[0] if transfer.references else ""
        self._payments.receive(uow, key, reference, cents, entry.booked_on, shares, "sanction", Account.BANK)
        return states.BOOKED, "", "booked" if shares else "suspense"

    def _take_in_debit(
        self, uow: UnitOfWork, entry: Entry, transfer: Transfer, key: str, cents: int
    ) -> tuple[str, str, str]:
        if entry.reversal:
            payment = _reversed_payment(uow.session, transfer, cents)
            if payment is not None:
                self._payments.reverse(uow, payment, key, entry.booked_on, "the bank took it back", Account.BANK)
                return states.BOOKED, "a payment was taken back", "booked"
        elif (
            payout := payout_named(uow.session, transfer.end_to_end_id, cents)
        ) is not None and payout.state == states.SENT:
            self._payouts.settle(uow, payout, key, entry.booked_on)
            return states.BOOKED, "a payout was made", "booked"
        lines = {Account.UNALLOCATED: cents, Account.BANK: -cents}
        ledger.book(uow, f"held:{key}", "unexplained_debit", entry.booked_on, None, lines)
        reason = "no payment of this amount to take back" if entry.reversal else "no payout of this amount and name"
        return states.HELD, reason, "held"

    def held_entries(self) -> list[HeldEntry]:
        """Debits that nothing explains, oldest first."""
        with self._units.read() as session:
            rows = session.scalars(
                select(BankEntry).where(BankEntry.state == states.HELD).order_by(BankEntry.booked_on, BankEntry.id)
            )
            return [
                HeldEntry(
                    row.id,
                    row.amount_cents,
                    row.booked_on,
                    row.reason,
                    row.remittance,
                    row.counterparty,
                    row.iban,
                    _payments_of(session, -row.amount_cents),
                )
                for row in rows
            ]

    def clear_against(self, actor: Actor, entry_id: str, payment_id: str, reason: str) -> None:
        """A person says that a debit took back this payment. Raises NotFound, Conflict, InvalidInput."""
        with self._units.begin(actor) as uow:
            entry = uow.session.get(BankEntry, entry_id, with_for_update=True)
            payment = uow.session.get(Payment, payment_id, with_for_update=True)
            if entry is None or payment is None:
                raise NotFound("entry-unknown", "no such bank entry or payment")
            if -entry.amount_cents != payment.amount_cents:
                raise InvalidInput("amounts-disagree", "a debit takes back a payment of the same amount")
            BANK_ENTRY.fire(uow, entry, "clear", reason)
            self._payments.reverse(uow, payment, entry.key, entry.booked_on, reason, Account.UNALLOCATED)
            uow.commit()


def _shares(session: Session, meant: list[Decision], cents: int) -> list[tuple[Decision, int]]:
    """One case named: all is for it. Several: only if what is open there is exactly what was paid."""
    if len(meant) == 1:
        return [(meant[0], cents)]
    open_cents = [max(0, ledger.balance(session, Account.RECEIVABLE, decision.id)) for decision in meant]
    if sum(open_cents) != cents or 0 in open_cents:
        return []
    return list(zip(meant, open_cents, strict=True))


def _named(session: Session, transfers: Sequence[Transfer]) -> dict[str, Decision]:
    """The decisions that the transfers name, by payment reference and by case number, all locked in one order.

    Their balances are held, and what settling asks of each is there.
    """
    references = [reference for transfer in transfers for reference in transfer.references]
    either = [
        select(Decision.id).where(or_(Decision.payment_reference.in_(some), Decision.case_number.in_(some)))
        for some in _handfuls(references)
    ]
    ids = sorted({found for query in either for found in session.scalars(query)})
    rows: list[Decision] = []
    for some in _handfuls(ids):
        whole = select(Decision).options(selectinload(Decision.increases), selectinload(Decision.allocations))
        rows += session.scalars(whole.where(Decision.id.in_(some)).order_by(Decision.id).with_for_update())
        ledger.hold(session, some)
    return {name: row for row in rows for name in (row.payment_reference, row.case_number)}


def _handfuls(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """In parts that every database takes in one question."""
    return (names[start : start + 500] for start in range(0, len(names), 500))


def _known_keys(session: Session, keys: Sequence[str]) -> set[str]:
    """Which of the entries were taken in before."""
    return {
        key for some in _handfuls(keys) for key in session.scalars(select(BankEntry.key).where(BankEntry.key.in_(some)))
    }


def _standing(cents: int) -> ColumnElement[bool]:
    """Payments of that amount which the bank can take back: those that stand in full and came by the bank."""
    return and_(
        Payment.amount_cents == cents,
        Payment.returned_cents == 0,
        Payment.state.in_((states.ALLOCATED, states.SUSPENSE)),
        Payment.source_key.not_like(f"{BY_PROVIDER}%"),
    )


def _reversed_payment(session: Session, transfer: Transfer, cents: int) -> Payment | None:
    """The one standing payment of that amount that the bank's reversal names, by its id or by its reference."""
    named = select(Payment).where(_standing(cents))
    found: list[Payment] = []
    if transfer.end_to_end_id:
        found = list(
            session.scalars(
                named.join(BankEntry, BankEntry.key == Payment.source_key).where(
                    BankEntry.end_to_end_id == transfer.end_to_end_id, BankEntry.amount_cents == cents
                )
            )
        )
    if not found and transfer.references:
        found = list(session.scalars(named.where(Payment.reference.in_(transfer.references))))
    return found[0] if len(found) == 1 else None


def _payments_of(session: Session, cents: int) -> list[tuple[str, date, str]]:
    """Standing payments of an amount, newest first, each with the case that it counts for."""
    rows = session.execute(
        select(Payment.id, Payment.booked_on, func.coalesce(Decision.case_number, ""))
        .outerjoin(Decision, Decision.id == Payment.decision_id)
        .where(_standing(cents))
        .order_by(Payment.booked_on.desc(), Payment.id)
        .limit(20)
    )
    return [(payment_id, booked_on, case_number) for payment_id, booked_on, case_number in rows]
