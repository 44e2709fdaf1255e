"""Tables of fines."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, ForeignKey, Index, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.ids import new_id
from core.kept_files import FILE_COLUMNS, KeptFile


class RuleRelease(Base):
    """A set of rule data that one person proposed and, once live, another approved; the files themselves are kept."""

    __tablename__ = "rule_release"
    __sealed__ = ("id", "version", "digest", "files", "note", "diff", "held_back", "proposed_by", "proposed_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    files: Mapped[dict[str, Any]]
    note: Mapped[str]
    diff: Mapped[dict[str, Any]]
    held_back: Mapped[list[Any]]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    signature: Mapped[str | None]


# Written out, for an index over some of the rows serves only a question that says which.
NAMES_A_PAYER: ColumnElement[bool] = literal_column("iban <> '' OR counterparty <> '' OR remittance <> ''", Boolean)
NAMES_A_PAYEE: ColumnElement[bool] = literal_column("iban <> ''", Boolean)
WITHOUT_DECISION: ColumnElement[bool] = literal_column(
    "outcome IN ('prosecutor', 'keeper_unknown', 'no_tariff', 'too_late', 'rules_not_approved', 'no_evidence')", Boolean
)


class Assessment(Base):
    """What the law makes of a capture: a decision, the prosecutor, nothing, or a person must look."""

    __tablename__ = "assessment"
    __table_args__ = (
        Index("ix_assessment_without_decision", "id", postgresql_where=WITHOUT_DECISION, sqlite_where=WITHOUT_DECISION),
    )
    __sealed__ = ("id", "capture_id", "outcome", "reason", "explanation", "assessed_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    capture_id: Mapped[str] = mapped_column(unique=True)
    outcome: Mapped[str]
    reason: Mapped[str]
    explanation: Mapped[list[Any]]
    assessed_at: Mapped[datetime]


class Handover(Base):
    """An export of criminal cases for the prosecutor; `manifest` names each case's bag by its digest."""

    __tablename__ = "handover"
    __sealed__ = ("id", "asked_by", "asked_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    manifest: Mapped[list[Any] | None]
    manifest_sha256: Mapped[str | None]
    state: Mapped[str] = mapped_column(index=True)


class Referral(Base):
    """A conduct that is for criminal law (Wahv art. 2): out of this chain, to the prosecutor, with a receipt."""

    __tablename__ = "referral"
    __sealed__ = ("id", "assessment_id", "capture_id", "plate", "plate_country", "measured_kmh", "corrected_kmh")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"), unique=True)
    capture_id: Mapped[str] = mapped_column(unique=True)
    plate: Mapped[str]
    plate_country: Mapped[str]
    measured_kmh: Mapped[str]
    corrected_kmh: Mapped[int]
    handover_id: Mapped[str | None] = mapped_column(ForeignKey("handover.id"), index=True)
    prosecutor_number: Mapped[str | None]
    """The prosecutor's own number for the case (parketnummer), from the receipt."""
    state: Mapped[str] = mapped_column(index=True)


class Decision(Base):
    """The administrative sanction (inleidende beschikking). Its facts never change; what follows does."""

    __tablename__ = "decision"
    __sealed__ = (
        "id", "capture_id", "case_number", "payment_reference", "plate", "plate_country", "keeper", "vehicle",
        "offence_code", "offence_nl", "violated_article", "conduct_at", "place", "municipality", "road_type",
        "measured_kmh", "corrected_kmh", "limit_kmh", "sanction_cents", "administration_cents", "decided_on",
        "appeal_until", "pay_until", "explanation", "rules_version", "specimen",
    )  # fmt: skip
    __sealed_if_set__ = ("observed", "person")
    __partition__ = "fines"
    __outlives_case__ = True
    __personal__ = (
        "case_number", "payment_reference", "plate", "keeper", "person", "place", "explanation",
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    capture_id: Mapped[str] = mapped_column(index=True)
    case_number: Mapped[str] = mapped_column(unique=True)
    payment_reference: Mapped[str] = mapped_column(unique=True)
    plate: Mapped[str]
    plate_country: Mapped[str]
    keeper: Mapped[dict[str, Any]]
    person: Mapped[str | None] = mapped_column(index=True)
    """Pseudonym of the keeper's number in the register of persons or firms, where the register knows it."""
    vehicle: Mapped[str]
    offence_code: Mapped[str]
    offence_nl: Mapped[str]
    violated_article: Mapped[str]
    conduct_at: Mapped[datetime]
    place: Mapped[str]
    municipality: Mapped[str]
    observed: Mapped[dict[str, Any] | None]
    """What the capture shows, but for a speed; None for a speed that was decided on before other kinds were known."""
    road_type: Mapped[str | None]
    measured_kmh: Mapped[str | None]
    corrected_kmh: Mapped[int | None]
    limit_kmh: Mapped[int | None]
    sanction_cents: Mapped[int]
    administration_cents: Mapped[int]
    decided_on: Mapped[date]
    appeal_until: Mapped[date]
    pay_until: Mapped[date]
    explanation: Mapped[list[Any]]
    rules_version: Mapped[str]
    specimen: Mapped[str | None]
    state: Mapped[str] = mapped_column(index=True)
    due_on: Mapped[date | None] = mapped_column(index=True)
    current_sanction_cents: Mapped[int]
    resume_state: Mapped[str | None]
    final_on: Mapped[date]
    """The last day on which the decision can still be contested, as far as is known now (onherroepelijk daarna)."""
    stopped_until: Mapped[date | None]
    """Nothing is increased or collected up to and including this day, to protect the person (noodstop)."""
    sent_on: Mapped[date | None]
    """The day on which it was made known by sending it; no term passes before."""
    holds: Mapped[int] = mapped_column(default=0)
    """Open questions while which nothing is increased or collected: who answers for it, a letter that came back."""

    increases: Mapped[list["Increase"]] = relationship(order_by="Increase.number")
    allocations: Mapped[list["Allocation"]] = relationship()

    @property
    def standing_increases(self) -> list["Increase"]:
        """Those that were not undone, in order."""
        return [increase for increase in self.increases if increase.undone_on is None]


class KeeperStatement(Base):
    """The person addressed says that another answers for it, or nobody (Wahv art. 8)."""

    __tablename__ = "keeper_statement"
    __sealed__ = ("id", "decision_id", "ground", "account", "since", "until", "person", "stated_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    ground: Mapped[str]
    account: Mapped[str]
    since: Mapped[date | None]
    until: Mapped[date | None]
    person: Mapped[dict[str, Any] | None]
    stated_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)
    successor_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"), unique=True)
    """The decision that went to the person named."""


class KeeperEvidence(KeptFile, Base):
    """What goes with a statement about the keeper: the contract of hire, the police report, the proof of sale."""

    __tablename__ = "keeper_evidence"
    __table_args__ = (UniqueConstraint("statement_id", "number"),)
    __sealed__ = ("id", "statement_id", "number", *FILE_COLUMNS)
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    statement_id: Mapped[str] = mapped_column(ForeignKey("keeper_statement.id"))
    number: Mapped[int]


class Mandate(Base):
    """Somebody may act in a case for the person addressed (machtiging, Awb art. 2:1)."""

    __tablename__ = "mandate"
    __sealed__ = ("id", "decision_id", "name", "capacity", "until", "given_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    name: Mapped[str]
    capacity: Mapped[str]
    until: Mapped[date | None]
    """The last day; None until it is ended."""
    given_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)
    holder: Mapped[str | None] = mapped_column(index=True)
    """Who took it: the pseudonym of a person or firm, or the id of a professional."""
    answer: Mapped[str | None]


class MandateEvidence(KeptFile, Base):
    """What shows that a guardian was appointed."""

    __tablename__ = "mandate_evidence"
    __table_args__ = (UniqueConstraint("mandate_id", "number"),)
    __sealed__ = ("id", "mandate_id", "number", *FILE_COLUMNS)
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    mandate_id: Mapped[str] = mapped_column(ForeignKey("mandate.id"))
    number: Mapped[int]


class EmailAddress(Base):
    """Where somebody wants to be told of a case's letters. It counts once confirmed, and is empty once ended."""

    __tablename__ = "email_address"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    address: Mapped[str]
    language: Mapped[str]
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class HirerList(Base):
    """A firm's list of who had hired its vehicles."""

    __tablename__ = "hirer_list"
    __table_args__ = (UniqueConstraint("sent_by", "sha256"),)
    __sealed__ = ("id", "sent_by", "sha256", "sent_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    sent_by: Mapped[str]
    person: Mapped[str | None]
    """Pseudonym of the firm, where it may only speak of its own cases."""
    name: Mapped[str]
    sha256: Mapped[str]
    sent_at: Mapped[datetime]
    state: Mapped[str]


class HirerRow(Base):
    """A row of such a list. What it says is kept until it is a statement, or to be put right."""

    __tablename__ = "hirer_row"
    __table_args__ = (UniqueConstraint("list_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    list_id: Mapped[str] = mapped_column(ForeignKey("hirer_list.id"))
    number: Mapped[int]
    said: Mapped[dict[str, Any]]
    state: Mapped[str]
    code: Mapped[str | None]
    problems: Mapped[list[Any]]
    statement_id: Mapped[str | None] = mapped_column(ForeignKey("keeper_statement.id"))


class CorrectionRequest(Base):
    """A person says that something held about him is wrong (AVG art. 16)."""

    __tablename__ = "correction_request"
    __sealed__ = ("id", "decision_id", "wrong", "asked_on", "answer_by", "explanation")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    wrong: Mapped[str]
    asked_on: Mapped[date]
    answer_by: Mapped[date]
    explanation: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(index=True)
    answer: Mapped[str | None]


class Letter(Base):
    """A signed PDF that was made for a decision; bytes in the blob store under the capture's key.

    `content_sha256` is all that it shows, as plain data, from which `unsigned_sha256` comes out again to the byte.
    """

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("decision_id", "kind", "number"),)
    __sealed__ = ("id", "decision_id", "kind", "sha256", "dated")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    kind: Mapped[str]
    number: Mapped[int]
    sha256: Mapped[str]
    content_sha256: Mapped[str | None]
    unsigned_sha256: Mapped[str | None]
    dated: Mapped[date]


class PrintRun(Base):
    """Letters for the printer, in a file for each postal sort; `manifest` says which pages are which letter."""

    __tablename__ = "print_run"
    __sealed__ = ("id", "made_by", "made_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    manifest: Mapped[list[Any] | None]
    posted_on: Mapped[date | None]
    forgotten: Mapped[bool]
    """Its files can no longer be read; the letters themselves are kept."""
    state: Mapped[str] = mapped_column(index=True)


class Delivery(Base):
    """One attempt to get a letter to somebody, and the proof of it."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("letter_id", "attempt"),)
    __sealed__ = ("id", "letter_id", "attempt", "channel", "address")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    letter_id: Mapped[str] = mapped_column(ForeignKey("letter.id"), index=True)
    attempt: Mapped[int]
    channel: Mapped[str]
    address: Mapped[dict[str, Any]]
    print_run_id: Mapped[str | None] = mapped_column(ForeignKey("print_run.id"), index=True)
    sent_on: Mapped[date | None]
    proof: Mapped[dict[str, Any] | None]
    state: Mapped[str] = mapped_column(index=True)


class Payment(Base):
    """Money that came in. `source_key` names the bank's or provider's own record, once."""

    __tablename__ = "payment"
    __sealed__ = ("id", "source_key", "reference", "amount_cents", "booked_on", "decision_id", "purpose")
    __partition__ = "fines"
    __outlives_case__ = True
    __personal__ = ("reference",)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    source_key: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str]
    amount_cents: Mapped[int]
    booked_on: Mapped[date]
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"), index=True)
    purpose: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    returned_cents: Mapped[int] = mapped_column(default=0)
    """What of it went back to the payer: a chargeback or refund may take a part."""


class Allocation(Base):
    """A part of a payment that counts for a decision, as money paid or as security, on the day it was paid."""

    __tablename__ = "allocation"
    __sealed__ = ("id", "payment_id", "decision_id", "amount_cents", "paid_on", "purpose")
    __partition__ = "fines"
    __outlives_case__ = True

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payment.id"), index=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    amount_cents: Mapped[int]
    paid_on: Mapped[date]
    purpose: Mapped[str]
    reversed: Mapped[bool] = mapped_column(default=False)


class Increase(Base):
    """What the law added because a last day of payment passed; undone when it shows that the money was in time."""

    __tablename__ = "increase"
    __table_args__ = (UniqueConstraint("decision_id", "number"),)
    __sealed__ = (
        "id",
        "decision_id",
        "number",
        "which",
        "due_on",
        "charged_on",
        "amount_cents",
        "needed_cents",
        "explanation",
    )
    __partition__ = "fines"
    __outlives_case__ = True

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    number: Mapped[int]
    which: Mapped[str]
    due_on: Mapped[date]
    charged_on: Mapped[date]
    amount_cents: Mapped[int]
    needed_cents: Mapped[int]
    """What had to be paid by `due_on`, in all, for it not to come."""
    explanation: Mapped[list[Any]]
    undone_on: Mapped[date | None]


class PaymentPlan(Base):
    """Payment in instalments (betaling in termijnen; Wahv art. 23 par. 2): equal parts, each with its last day."""

    __tablename__ = "payment_plan"
    __sealed__ = ("id", "decision_id", "instalments", "paid_before_cents", "explanation", "asked_by", "asked_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    instalments: Mapped[list[Any]]
    """Lists of last day (ISO date) and cents."""
    paid_before_cents: Mapped[int]
    explanation: Mapped[list[Any]]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)


class Measure(Base):
    """A step of recovery or coercion (verhaal, dwangmiddel; Wahv art. 26 to 28b) against one decision."""

    __tablename__ = "measure"
    __sealed__ = ("id", "decision_id", "kind", "explanation", "proposed_by", "proposed_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    kind: Mapped[str]
    explanation: Mapped[list[Any]]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)
    until: Mapped[date | None]
    """The last day of an objection (verzet) against it, or of the measure itself, once that is known."""


class Checkout(Base):
    """A payment page at the payment provider, from the moment the citizen asks for it."""

    __tablename__ = "checkout"
    __sealed__ = ("id", "decision_id", "amount_cents", "provider", "started_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    amount_cents: Mapped[int]
    provider: Mapped[str]
    started_at: Mapped[datetime]
    ref: Mapped[str | None] = mapped_column(unique=True)
    """The provider's name for the payment."""
    page_url: Mapped[str | None]
    state: Mapped[str] = mapped_column(index=True)
    told: Mapped[int]
    """How often the provider said that there is something to look at."""


class CheckoutChange(Base):
    """Money of a checkout that went back by the provider, or came again; known by the provider's id and kind."""

    __tablename__ = "checkout_change"
    __table_args__ = (UniqueConstraint("ref", "kind"),)
    __sealed__ = ("id", "checkout_id", "ref", "kind", "amount_cents", "booked_on")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    checkout_id: Mapped[str] = mapped_column(ForeignKey("checkout.id"), index=True)
    ref: Mapped[str]
    kind: Mapped[str]
    amount_cents: Mapped[int]
    booked_on: Mapped[date]


class BankStatement(Base):
    """A statement that was taken in: what the bank says it holds, and by how much its entries disagree with that."""

    __tablename__ = "bank_statement"
    __table_args__ = (UniqueConstraint("account", "statement_id", "sha256"),)
    __sealed__ = (
        "id", "account", "statement_id", "sha256", "opening_cents", "closing_cents", "difference_cents", "pending",
        "imported_at", "imported_by",
    )  # fmt: skip
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    account: Mapped[str]
    statement_id: Mapped[str]
    sha256: Mapped[str]
    opening_cents: Mapped[int | None]
    closing_cents: Mapped[int | None]
    difference_cents: Mapped[int]
    pending: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]


class BankEntry(Base):
    """One transfer on the authority's account; `amount_cents` is negative for money that went out."""

    __tablename__ = "bank_entry"
    __table_args__ = (
        Index("ix_bank_entry_named", "booked_on", postgresql_where=NAMES_A_PAYER, sqlite_where=NAMES_A_PAYER),
    )
    __sealed__ = (
        "id", "key", "statement_id", "booked_on", "amount_cents", "reversal", "disagrees", "remittance",
        "counterparty", "iban", "end_to_end_id",
    )  # fmt: skip
    __partition__ = "fines"
    __personal__ = ("iban", "counterparty", "remittance")

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(unique=True)
    statement_id: Mapped[str] = mapped_column(ForeignKey("bank_statement.id"), index=True)
    booked_on: Mapped[date]
    amount_cents: Mapped[int]
    reversal: Mapped[bool]
    disagrees: Mapped[bool]
    remittance: Mapped[str]
    counterparty: Mapped[str]
    iban: Mapped[str]
    end_to_end_id: Mapped[str] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]


class DayClose(Base):
    """The books of a day and of all before it are closed: nothing is booked on them any more."""

    __tablename__ = "day_close"
    __sealed__ = ("id", "day", "balances", "movements", "closed_at", "closed_by")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    day: Mapped[date] = mapped_column(unique=True)
    balances: Mapped[dict[str, Any]]
    movements: Mapped[int]
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]


class Payout(Base):
    """Money that goes back: to the person addressed (Wahv art. 13a par. 3), or to the payer of what nobody owed."""

    __tablename__ = "payout"
    __table_args__ = (Index("ix_payout_named", "asked_at", postgresql_where=NAMES_A_PAYEE, sqlite_where=NAMES_A_PAYEE),)
    __sealed__ = ("id", "decision_id", "payment_id", "amount_cents", "iban", "holder", "asked_by", "asked_at")
    __sealed_if_set__ = ("account",)
    __partition__ = "fines"
    __outlives_case__ = True
    __personal__ = ("iban", "holder")

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"), index=True)
    payment_id: Mapped[str | None] = mapped_column(ForeignKey("payment.id"))
    account: Mapped[str | None]
    """The account that owes it; none for what is to be paid back."""
    amount_cents: Mapped[int]
    iban: Mapped[str]
    holder: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)
    batch_id: Mapped[str | None] = mapped_column(index=True)


class PayoutBatch(Base):
    """A file of credit transfers for the bank, kept so that it can be fetched again."""

    __tablename__ = "payout_batch"
    __sealed__ = ("id", "xml", "made_at", "made_by")
    __partition__ = "fines"
    __personal__ = ("xml",)

    id: Mapped[str] = mapped_column(primary_key=True)
    xml: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class LedgerTransaction(Base):
    """A balanced movement; its postings add up to zero. Never changed, only reversed by another one."""

    __tablename__ = "ledger_transaction"
    __sealed__ = ("id", "key", "kind", "decision_id", "booked_on", "lines")
    __partition__ = "fines"
    __outlives_case__ = True

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"), index=True)
    booked_on: Mapped[date] = mapped_column(index=True)
    lines: Mapped[dict[str, Any]]


class LedgerPosting(Base):
    """One line of a movement; positive is debit, negative is credit, in cents."""

    __tablename__ = "ledger_posting"
    __table_args__ = ({"postgresql_partition_by": "RANGE (id)"},)
    __outlives_case__ = True

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    transaction_id: Mapped[str] = mapped_column(ForeignKey("ledger_transaction.id"), index=True)
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"), index=True)
    account: Mapped[str] = mapped_column(index=True)
    amount_cents: Mapped[int]
