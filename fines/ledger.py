"""Double-entry ledger: every movement is balanced, append-only and booked once. Amounts in cents."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import insert_in_bulk
from core.unit_of_work import UnitOfWork
from fines.models import DayClose, LedgerPosting, LedgerTransaction


class Account(StrEnum):
    """Debit is positive: bank, receivable, provider, costs and write-offs grow by debit, the others by credit.

    `docs/ledger.md` says what each one holds.
    """

    BANK = "bank"
    RECEIVABLE = "receivable"
    SANCTIONS = "sanctions"
    ADMINISTRATION = "administration_costs"
    REFUNDS = "refunds_payable"
    SECURITY = "security_deposits"
    UNALLOCATED = "unallocated_receipts"
    PAYOUTS = "payouts_under_way"
    PROVIDER = "payment_provider"
    PROVIDER_COSTS = "provider_costs"
    WRITTEN_OFF = "written_off"
    COMPENSATIONS = "compensations_payable"
    COMPENSATION_COSTS = "compensation_costs"


_LAST_CLOSED = "ledger.last_closed"
_HELD = "ledger.held_balances"


class Unbalanced(ValueError):
    """A movement whose lines do not add up to zero; nothing was booked."""


def book(
    uow: UnitOfWork,
    key: str,
    kind: str,
    booked_on: date,
    decision_id: str | None,
    lines: Mapping[Account, int],
) -> None:
    """Book one movement. `key` makes it happen once: a second booking fails in the database.

    What is dated on a closed day is booked on the first open one. Raises Unbalanced.
    """
    moved = {str(account): cents for account, cents in lines.items() if cents}
    if sum(moved.values()) != 0:
        raise Unbalanced(f"{kind}: the lines add up to {sum(moved.values())} cents")
    if not moved:
        return
    closed = _closed_at_start(uow.session)
    if closed is not None and booked_on <= closed:
        booked_on = closed + timedelta(days=1)
    movement = LedgerTransaction(key=key, kind=kind, decision_id=decision_id, booked_on=booked_on, lines=moved)
    uow.add(movement)
    for account, cents in moved.items():
        insert_in_bulk(
            uow.session,
            LedgerPosting,
            transaction_id=movement.id,
            decision_id=decision_id,
            account=account,
            amount_cents=cents,
        )
    held = _held(uow.session, decision_id)
    if held is not None:
        for account, cents in moved.items():
            held[account] = held.get(account, 0) + cents


def is_booked(session: Session, key: str) -> bool:
    """Was a movement booked under this key?"""
    return session.scalar(select(LedgerTransaction.id).where(LedgerTransaction.key == key)) is not None


def _closed_at_start(session: Session) -> date | None:
    """Asked once in a transaction, which may book many movements."""
    if _LAST_CLOSED not in session.info:
        with session.no_autoflush:
            session.info[_LAST_CLOSED] = last_closed(session)
    closed: date | None = session.info[_LAST_CLOSED]
    return closed


def last_closed(session: Session) -> date | None:
    """The last day whose books are closed."""
    return session.scalar(select(func.max(DayClose.day)))


def hold(session: Session, decision_ids: Sequence[str]) -> None:
    """Keep the balances of these decisions in mind until the transaction ends, so that each booking need not ask.

    For one that books on many. The decisions must be locked, or another transaction could book meanwhile.
    """
    kept: dict[str, dict[str, int]] = session.info.setdefault(_HELD, {})
    kept.update({decision_id: {} for decision_id in decision_ids})
    rows = session.execute(
        select(LedgerPosting.decision_id, LedgerPosting.account, func.sum(LedgerPosting.amount_cents))
        .where(LedgerPosting.decision_id.in_(decision_ids))
        .group_by(LedgerPosting.decision_id, LedgerPosting.account)
    )
    for decision_id, account, cents in rows:
        kept[decision_id or ""][account] = int(cents)


def _held(session: Session, decision_id: str | None) -> dict[str, int] | None:
    kept: dict[str, dict[str, int]] = session.info.get(_HELD, {})
    return kept.get(decision_id) if decision_id is not None else None


def balance(session: Session, account: Account, decision_id: str | None = None) -> int:
    """Debits less credits of an account, of one decision or of all."""
    held = _held(session, decision_id)
    if held is not None:
        return held.get(account, 0)
    query = select(func.coalesce(func.sum(LedgerPosting.amount_cents), 0)).where(LedgerPosting.account == account)
    if decision_id is not None:
        query = query.where(LedgerPosting.decision_id == decision_id)
    return int(session.scalar(query) or 0)


def balances(session: Session, account: Account, decision_ids: Sequence[str]) -> dict[str, int]:
    """Debits less credits of an account, of each of these decisions that moved it."""
    query = (
        select(LedgerPosting.decision_id, func.sum(LedgerPosting.amount_cents))
        .where(LedgerPosting.account == account, LedgerPosting.decision_id.in_(decision_ids))
        .group_by(LedgerPosting.decision_id)
    )
    return {decision_id or "": int(cents) for decision_id, cents in session.execute(query)}


def trial_balance(session: Session, decision_id: str | None = None) -> dict[str, int]:
    """Balances of the accounts that were moved, of one decision or of all; they add up to zero."""
    held = _held(session, decision_id)
    if held is not None:
        return dict(held)
    query = select(LedgerPosting.account, func.sum(LedgerPosting.amount_cents)).group_by(LedgerPosting.account)
    if decision_id is not None:
        query = query.where(LedgerPosting.decision_id == decision_id)
    rows = session.execute(query).all()
    return {account: int(cents) for account, cents in rows}


def charge(uow: UnitOfWork, decision_id: str, on: date, key: str, kind: str, sanction: int, costs: int) -> None:
    """What the citizen owes more (or less, when negative)."""
    book(
        uow,
        f"{key}:{decision_id}",
        kind,
        on,
        decision_id,
        {
            Account.RECEIVABLE: sanction + costs,
            Account.SANCTIONS: -sanction,
            Account.ADMINISTRATION: -costs,
        },
    )


def receive(uow: UnitOfWork, decision_id: str, on: date, key: str, cents: int, source: Account) -> None:
    """Money on a decision, from the account where it came in."""
    book(uow, key, "payment", on, decision_id, {source: cents, Account.RECEIVABLE: -cents})


def set_off(uow: UnitOfWork, decision_id: str, on: date, key: str) -> int:
    """What was paid above what is owed is to be paid back; what is owed is taken from what was to be paid back.

    Returns what is owed then, in cents.
    """
    balances = trial_balance(uow.session, decision_id)
    receivable = balances.get(Account.RECEIVABLE, 0)
    if receivable < 0:
        moved, kind = -receivable, "overpayment"
    else:
        moved, kind = -min(receivable, -balances.get(Account.REFUNDS, 0)), "set_off"
    if moved:
        book(uow, f"{kind}:{key}", kind, on, decision_id, {Account.RECEIVABLE: moved, Account.REFUNDS: -moved})
    return receivable + moved


def write_off(uow: UnitOfWork, decision_id: str, on: date, key: str, cents: int) -> None:
    """What is owed is given up."""
    book(
        uow,
        f"written-off:{key}",
        "written_off",
        on,
        decision_id,
        {Account.WRITTEN_OFF: cents, Account.RECEIVABLE: -cents},
    )
