"""What the authority owes a person beside his own money: a penalty for deciding late, the costs of a won appeal."""

from datetime import date

from core.unit_of_work import UnitOfWork
from fines import ledger
from fines.ledger import Account


def grant(uow: UnitOfWork, decision_id: str, on: date, key: str, kind: str, cents: int) -> None:
    """Inside a transaction: it is owed from now on, apart from what the person may owe (no set-off: Wahv art. 2a).

    `kind` is late_decision_penalty or cost_award. Booked once by its key.
    """
    lines = {Account.COMPENSATION_COSTS: cents, Account.COMPENSATIONS: -cents}
    ledger.book(uow, f"{kind}:{key}", kind, on, decision_id, lines)
