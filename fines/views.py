"""What others get to see of a decision: values, never table rows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fines import ledger
from fines.conduct import conduct_of, facts_of
from fines.explanation import sentences_of
from fines.ledger import Account
from fines.models import Assessment, Decision, Increase, LedgerTransaction, Letter
from imaging.service import display
from ingest.service import Fact

_RECEIVED = (Account.BANK, Account.PROVIDER, Account.UNALLOCATED, Account.PAYOUTS)
"""Where the money of a decision came in, or went out again."""
_COMPENSATION = (Account.COMPENSATIONS, Account.COMPENSATION_COSTS)


@dataclass(frozen=True)
class Amounts:
    """In cents. `open` is what is still owed, `refundable` what waits to be paid back.

    `compensation` is what the person gets beside his own money and did not get yet.
    """

    sanction: int
    administration: int
    increase: int
    paid: int
    open: int
    refundable: int
    security: int
    compensation: int


@dataclass(frozen=True)
class LetterView:
    """A letter that was made; `number` tells those of a kind apart."""

    id: str
    kind: str
    number: int
    dated: date


@dataclass(frozen=True)
class DecisionView:
    """A decision as the other rooms and the HTTP layer may see it."""

    id: str
    capture_id: str
    case_number: str
    payment_reference: str
    plate: str
    plate_country: str
    plate_display: str
    keeper: dict[str, Any]
    person: str | None
    vehicle: str
    conduct: str
    """`speed`, or another conduct by its name in `offences.yaml`."""
    offence_code: str
    offence_nl: str
    violated_article: str
    conduct_at: datetime
    place: str
    municipality: str
    facts: list[Fact]
    """What was observed and what the law made of it, for people; speeds in km/h beside it where it is one."""
    measured_kmh: str | None
    corrected_kmh: int | None
    limit_kmh: int | None
    decided_on: date
    appeal_until: date
    """The last day on which it can still be contested, as far as is known now."""
    pay_until: date
    due_on: date | None
    stopped_until: date | None
    explanation: list[dict[str, Any]]
    rules_version: str
    specimen: str | None
    state: str
    amounts: Amounts
    letters: list[LetterView]


@dataclass(frozen=True)
class MovementView:
    """A movement of a case's money; lines in cents, debit above zero."""

    booked_on: date
    kind: str
    lines: dict[str, int]


@dataclass(frozen=True)
class IncreaseView:
    """An increase by law, and why, in Dutch and English sentences."""

    which: str
    due_on: date
    charged_on: date
    amount_cents: int
    undone_on: date | None
    explanation: list[dict[str, Any]]
    nl: list[str]
    en: list[str]


@dataclass(frozen=True)
class AssessmentView:
    """What the law made of a capture."""

    capture_id: str
    outcome: str
    reason: str
    explanation: list[dict[str, Any]]


@dataclass(frozen=True)
class CaptureStanding:
    """What became of a capture, in short: the state of its decision and what is open of it, or why there is none."""

    word: str
    why: str
    decision_id: str | None = None
    case_number: str | None = None
    specimen: str | None = None


def standing_of(decision: Decision, owed_cents: int) -> CaptureStanding:
    """For a list of captures."""
    why = f"{decision.offence_code}, {max(0, owed_cents)} cents open"
    return CaptureStanding(decision.state, why, decision.id, decision.case_number, decision.specimen)


def amounts_of(session: Session, decision: Decision) -> Amounts:
    """What the ledger says of one decision now."""
    balances = ledger.trial_balance(session, decision.id)

    def total(account: Account) -> int:
        return balances.get(account, 0)

    return Amounts(
        sanction=decision.current_sanction_cents,
        administration=-total(Account.ADMINISTRATION),
        increase=-total(Account.SANCTIONS) - decision.current_sanction_cents,
        # A compensation that was paid out went from the bank, and was never paid in.
        paid=sum(total(account) for account in (*_RECEIVED, Account.SECURITY, *_COMPENSATION)),
        open=max(0, total(Account.RECEIVABLE)),
        refundable=-total(Account.REFUNDS),
        security=-total(Account.SECURITY),
        compensation=-total(Account.COMPENSATIONS),
    )


def amounts_decided(decision: Decision) -> Amounts:
    """What was decided, before any payment or increase."""
    return Amounts(
        sanction=decision.sanction_cents,
        administration=decision.administration_cents,
        increase=0,
        paid=0,
        open=decision.sanction_cents + decision.administration_cents,
        refundable=0,
        security=0,
        compensation=0,
    )


def assessment_view(row: Assessment) -> AssessmentView:
    """An assessment as others may see it."""
    return AssessmentView(row.capture_id, row.outcome, row.reason, row.explanation)


def view_of(session: Session, decision: Decision) -> DecisionView:
    """A decision with its amounts and letters."""
    sent = session.execute(
        select(Letter.id, Letter.kind, Letter.number, Letter.dated)
        .where(Letter.decision_id == decision.id)
        .order_by(Letter.dated, Letter.kind, Letter.number)
    ).all()
    return DecisionView(
        id=decision.id,
        capture_id=decision.capture_id,
        case_number=decision.case_number,
        payment_reference=decision.payment_reference,
        plate=decision.plate,
        plate_country=decision.plate_country,
        plate_display=display(decision.plate, decision.plate_country),
        keeper=decision.keeper,
        person=decision.person,
        conduct=conduct_of(decision).observed.offence or "speed",
        vehicle=decision.vehicle,
        offence_code=decision.offence_code,
        offence_nl=decision.offence_nl,
        violated_article=decision.violated_article,
        conduct_at=decision.conduct_at,
        place=decision.place,
        municipality=decision.municipality,
        facts=facts_of(decision),
        measured_kmh=decision.measured_kmh,
        corrected_kmh=decision.corrected_kmh,
        limit_kmh=decision.limit_kmh,
        decided_on=decision.decided_on,
        appeal_until=decision.final_on,
        pay_until=decision.pay_until,
        due_on=decision.due_on,
        stopped_until=decision.stopped_until,
        explanation=decision.explanation,
        rules_version=decision.rules_version,
        specimen=decision.specimen,
        state=decision.state,
        amounts=amounts_of(session, decision),
        letters=[LetterView(*letter) for letter in sent],
    )


def movements_of(session: Session, decision_id: str) -> list[MovementView]:
    """A case's movements, oldest first."""
    rows = session.scalars(
        select(LedgerTransaction)
        .where(LedgerTransaction.decision_id == decision_id)
        .order_by(LedgerTransaction.booked_on, LedgerTransaction.key)
    )
    return [MovementView(row.booked_on, row.kind, row.lines) for row in rows]


def increases_of(session: Session, decision_id: str) -> list[IncreaseView]:
    """A case's increases, undone ones too, in order."""
    rows = session.scalars(select(Increase).where(Increase.decision_id == decision_id).order_by(Increase.number))
    return [
        IncreaseView(
            row.which,
            row.due_on,
            row.charged_on,
            row.amount_cents,
            row.undone_on,
            row.explanation,
            sentences_of(row.explanation, "nl"),
            sentences_of(row.explanation, "en"),
        )
        for row in rows
    ]
