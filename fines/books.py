"""The books as an accountant wants them: checked as a whole, closed by day, reported by month."""

import calendar
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core.audit import AuditRecord
from core.clock import AMSTERDAM, Clock, local_date
from core.errors import Conflict, InvalidInput
from core.unit_of_work import Actor, UnitsOfWork
from fines import ledger, states
from fines.ledger import Account
from fines.models import (
    Allocation,
    BankEntry,
    DayClose,
    Decision,
    Increase,
    LedgerPosting,
    LedgerTransaction,
    Payment,
    Payout,
)

_AGES = (("up to 14 days", 14), ("15 to 56 days", 56), ("57 to 120 days", 120), ("over 120 days", 100_000))


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: what kind, where (a case, payment or movement by its id), and in words."""

    kind: str
    subject: str
    detail: str


@dataclass(frozen=True)
class MonthReport:
    """A month in numbers and euro cents. `paid_by_age` is by days from decision to payment."""

    month: date
    issued: int
    issued_cents: int
    paid_by_age: list[tuple[str, int, int]]
    appealed: int
    annulled: int
    outstanding: int
    outstanding_cents: int

    def rows(self) -> list[tuple[str, int, int | None]]:
        """What, how many, and how much in euro cents where it is money."""
        return [
            ("issued", self.issued, self.issued_cents),
            *[(f"paid, {age}", count, cents) for age, count, cents in self.paid_by_age],
            ("appealed", self.appealed, None),
            ("annulled", self.annulled, None),
            ("outstanding", self.outstanding, self.outstanding_cents),
        ]

    def as_csv(self) -> str:
        """The rows with a heading."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([("what", "count", "euro_cents"), *self.rows()])
        return out.getvalue()


class Books:
    """The bookkeeper's room."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    def check(self) -> list[Finding]:
        """Everything that must hold of the ledger and does not; an empty list when all is well."""
        with self._units.stream() as session:
            return [
                finding
                for look in (_movements, _positions, _payments, _suspense, _payouts, _closed_days)
                for finding in look(session)
            ]

    def close(self, actor: Actor, day: date) -> None:
        """Close the books of a day and of all open days before it. Raises InvalidInput, Conflict.

        A day that is not over cannot be closed; a ledger with a finding is not closed.
        """
        if day >= local_date(self._clock.now()):
            raise InvalidInput("day-not-over", "only a day that is over can be closed")
        if findings := self.check():
            raise Conflict("ledger-findings", f"the ledger has {len(findings)} findings; check it first")
        with self._units.begin(actor) as uow:
            closed = ledger.last_closed(uow.session)
            if closed is not None and day <= closed:
                raise Conflict("day-closed", f"the books are closed up to {closed.isoformat()}")
            uow.add(
                DayClose(
                    day=day,
                    balances=_balances_until(uow.session, day),
                    movements=_count_until(uow.session, day),
                    closed_at=uow.clock.now(),
                    closed_by=actor.id,
                )
            )
            uow.commit()

    def owed_after_annulment(self) -> list[tuple[str, str, int]]:
        """Annulled cases that owe, because what was paid back was taken back by the payer's bank as well.

        Case number, capture and cents; most first. A person asks for it back.
        """
        owed = func.sum(LedgerPosting.amount_cents)
        with self._units.read() as session:
            rows = session.execute(
                select(Decision.case_number, Decision.capture_id, owed)
                .join(LedgerPosting, LedgerPosting.decision_id == Decision.id)
                .where(Decision.state == states.ANNULLED, LedgerPosting.account == Account.RECEIVABLE)
                .group_by(Decision.id, Decision.case_number, Decision.capture_id)
                .having(owed > 0)
                .order_by(owed.desc(), Decision.case_number)
            )
            return [(number, capture_id, int(cents)) for number, capture_id, cents in rows]

    def closed_days(self) -> list[tuple[date, int]]:
        """Days that were closed with their number of movements so far, newest first."""
        with self._units.read() as session:
            rows = session.execute(select(DayClose.day, DayClose.movements).order_by(DayClose.day.desc()))
            return [(row.day, row.movements) for row in rows]

    def month(self, month: date) -> MonthReport:
        """What happened in the month of this day, and what is owed at its end."""
        first = month.replace(day=1)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        with self._units.late(), self._units.read() as session:
            issued, cents = _one(
                session.execute(
                    select(
                        func.count(),
                        func.coalesce(func.sum(Decision.sanction_cents + Decision.administration_cents), 0),
                    ).where(Decision.decided_on.between(first, last))
                )
            )
            acts = dict(
                session.execute(
                    select(AuditRecord.action, func.count())
                    .where(
                        AuditRecord.action.in_(("decision.appeal", "decision.annul")),
                        AuditRecord.at >= _start_of(first),
                        AuditRecord.at < _start_of(last + timedelta(days=1)),
                    )
                    .group_by(AuditRecord.action)
                ).all()
            )
            outstanding = (
                select(func.sum(LedgerPosting.amount_cents).label("cents"))
                .join(LedgerTransaction, LedgerTransaction.id == LedgerPosting.transaction_id)
                .where(LedgerPosting.account == Account.RECEIVABLE, LedgerTransaction.booked_on <= last)
                .group_by(LedgerPosting.decision_id)
                .having(func.sum(LedgerPosting.amount_cents) > 0)
                .subquery()
            )
            count, open_cents = _one(
                session.execute(
                    select(func.count(), func.coalesce(func.sum(outstanding.c.cents), 0)).select_from(outstanding)
                )
            )
            return MonthReport(
                first,
                issued,
                cents,
                _paid_by_age(session, first, last),
                acts.get("decision.appeal", 0),
                acts.get("decision.annul", 0),
                count,
                open_cents,
            )


def _one(result: object) -> tuple[int, int]:
    row = result.one()  # type: ignore[attr-defined]
    return int(row[0]), int(row[1])


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM)


def _paid_by_age(session: Session, first: date, last: date) -> list[tuple[str, int, int]]:
    rows = session.execute(
        select(Decision.decided_on, Allocation.paid_on, func.count(), func.sum(Allocation.amount_cents))
        .join(Decision, Decision.id == Allocation.decision_id)
        .where(
            Allocation.paid_on.between(first, last), Allocation.reversed.is_(False), Allocation.purpose == "sanction"
        )
        .group_by(Decision.decided_on, Allocation.paid_on)
    ).all()
    counts = {name: [0, 0] for name, _ in _AGES}
    for decided_on, paid_on, count, cents in rows:
        name = next(name for name, days in _AGES if (paid_on - decided_on).days <= days)
        counts[name][0] += count
        counts[name][1] += int(cents)
    return [(name, count, cents) for name, (count, cents) in counts.items()]


def _movements(session: Session) -> Iterator[Finding]:
    """Each movement balances, has the lines it was sealed with, and every line has its movement."""
    unbalanced = (
        select(LedgerPosting.transaction_id, func.sum(LedgerPosting.amount_cents))
        .group_by(LedgerPosting.transaction_id)
        .having(func.sum(LedgerPosting.amount_cents) != 0)
    )
    for transaction_id, cents in session.execute(unbalanced):
        yield Finding("unbalanced", transaction_id, f"the lines add up to {cents} cents")
    orphans = (
        select(LedgerPosting.id)
        .outerjoin(LedgerTransaction, LedgerTransaction.id == LedgerPosting.transaction_id)
        .where(LedgerTransaction.id.is_(None))
    )
    for posting_id in session.scalars(orphans):
        yield Finding("orphan", posting_id, "a line without a movement")
    pairs = session.execute(
        select(LedgerTransaction.id, LedgerTransaction.lines, LedgerPosting.account, LedgerPosting.amount_cents)
        .outerjoin(LedgerPosting, LedgerPosting.transaction_id == LedgerTransaction.id)
        .order_by(LedgerTransaction.id)
        .execution_options(yield_per=5000)
    )
    current: str | None = None
    sealed: dict[str, int] = {}
    found: dict[str, int] = {}
    for transaction_id, lines, account, cents in pairs:
        if transaction_id != current:
            if found != sealed:
                yield Finding("altered", str(current), "the lines are not those that were sealed")
            current, sealed, found = transaction_id, lines, {}
        if account is not None:
            found[account] = found.get(account, 0) + cents
    if found != sealed:
        yield Finding("altered", str(current), "the lines are not those that were sealed")


def _positions(session: Session) -> Iterator[Finding]:
    """A decision's state and amounts are what its ledger says."""

    def total(account: Account) -> object:
        return func.coalesce(
            func.sum(case((LedgerPosting.account == account, LedgerPosting.amount_cents), else_=0)), 0
        ).label(account.name)

    increases = (
        select(Increase.decision_id, func.sum(Increase.amount_cents).label("cents"))
        .where(Increase.undone_on.is_(None))
        .group_by(Increase.decision_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Decision.id,
            Decision.state,
            Decision.current_sanction_cents,
            func.coalesce(func.max(increases.c.cents), 0).label("increase"),
            *(total(account) for account in (Account.RECEIVABLE, Account.REFUNDS, Account.SANCTIONS, Account.SECURITY)),
        )
        .outerjoin(LedgerPosting, LedgerPosting.decision_id == Decision.id)
        .outerjoin(increases, increases.c.decision_id == Decision.id)
        .group_by(Decision.id, Decision.state, Decision.current_sanction_cents)
        .execution_options(yield_per=5000)
    )
    reversed_for = set(session.scalars(select(Allocation.decision_id).where(Allocation.reversed.is_(True))))
    for row in rows:
        if row.RECEIVABLE < 0 or (row.RECEIVABLE > 0 and row.REFUNDS < 0) or row.REFUNDS > 0:
            yield Finding("position", row.id, f"owed {row.RECEIVABLE} and to pay back {-row.REFUNDS} cents")
        settled = row.state in (states.PAID, states.ANNULLED, states.WRITTEN_OFF, states.DESTROYED)
        # Paid back after an annulment, and then the bank took back what had been paid: that is owed.
        reclaimed = row.state == states.ANNULLED and row.id in reversed_for
        if row.state != states.UNDER_APPEAL and not reclaimed and settled != (row.RECEIVABLE == 0):
            yield Finding("state", row.id, f"{row.state} with {row.RECEIVABLE} cents owed")
        if row.SECURITY and row.state != states.UNDER_APPEAL:
            yield Finding("deposit", row.id, f"{row.state} with a deposit of {-row.SECURITY} cents")
        if row.current_sanction_cents + row.increase != -row.SANCTIONS:
            yield Finding("sanction", row.id, f"{-row.SANCTIONS} cents charged, not sanction and standing increases")


def _payments(session: Session) -> Iterator[Finding]:
    """Every cent of a payment counts for a case, waits, or went back."""
    rows = session.execute(
        select(
            Payment.id,
            Payment.state,
            Payment.amount_cents - Payment.returned_cents,
            func.coalesce(func.sum(Allocation.amount_cents), 0),
        )
        .outerjoin(Allocation, (Allocation.payment_id == Payment.id) & Allocation.reversed.is_(False))
        .group_by(Payment.id, Payment.state, Payment.amount_cents, Payment.returned_cents)
        .execution_options(yield_per=5000)
    )
    for payment_id, state, cents, allocated in rows:
        if allocated != (cents if state == states.ALLOCATED else 0):
            yield Finding("payment", payment_id, f"{state}: {allocated} of {cents} cents count for cases")


def _suspense(session: Session) -> Iterator[Finding]:
    """What is unallocated is exactly what waits for a person."""
    waiting = _total(session, Payment, states.SUSPENSE)
    held = _total(session, BankEntry, states.HELD)
    booked = -ledger.balance(session, Account.UNALLOCATED)
    if booked != waiting + held:
        yield Finding(
            "suspense", Account.UNALLOCATED, f"{booked} cents booked, {waiting + held} cents wait for a person"
        )


def _payouts(session: Session) -> Iterator[Finding]:
    """What is under way to the bank is exactly what was sent."""
    sent = _total(session, Payout, states.SENT)
    booked = -ledger.balance(session, Account.PAYOUTS)
    if booked != sent:
        yield Finding("payouts", Account.PAYOUTS, f"{booked} cents booked, {sent} cents sent")


def _total(session: Session, table: type[Payment | BankEntry | Payout], state: str) -> int:
    return int(session.scalar(select(func.sum(table.amount_cents)).where(table.state == state)) or 0)


def _closed_days(session: Session) -> Iterator[Finding]:
    """A closed day still has the balances that it was closed with."""
    for row in session.scalars(select(DayClose).order_by(DayClose.day.desc()).limit(1)):
        if _balances_until(session, row.day) != row.balances or _count_until(session, row.day) != row.movements:
            yield Finding("closed-day", row.day.isoformat(), "the books were changed after they were closed")


def _balances_until(session: Session, day: date) -> dict[str, int]:
    rows = session.execute(
        select(LedgerPosting.account, func.sum(LedgerPosting.amount_cents))
        .join(LedgerTransaction, LedgerTransaction.id == LedgerPosting.transaction_id)
        .where(LedgerTransaction.booked_on <= day)
        .group_by(LedgerPosting.account)
    ).all()
    return {account: int(cents) for account, cents in rows}


def _count_until(session: Session, day: date) -> int:
    counted = select(func.count()).select_from(LedgerTransaction).where(LedgerTransaction.booked_on <= day)
    return int(session.scalar(counted) or 0)
