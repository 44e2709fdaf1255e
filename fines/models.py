"""Tables of fines."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.ids import new_id


class Assessment(Base):
    """What the law makes of a capture: a decision, the prosecutor, nothing, or a person must look."""

    __tablename__ = "assessment"
    __sealed__ = ("id", "capture_id", "outcome", "reason", "explanation", "assessed_at")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    capture_id: Mapped[str] = mapped_column(unique=True)
    outcome: Mapped[str]
    reason: Mapped[str]
    explanation: Mapped[list[Any]]
    assessed_at: Mapped[datetime]


class Decision(Base):
    """The administrative sanction (inleidende beschikking). Its facts never change; what follows does."""

    __tablename__ = "decision"
    __sealed__ = (
        "id", "capture_id", "case_number", "payment_reference", "plate", "plate_country", "keeper", "vehicle",
        "offence_code", "offence_nl", "violated_article", "conduct_at", "place", "municipality", "road_type",
        "measured_kmh", "corrected_kmh", "limit_kmh", "sanction_cents", "administration_cents", "decided_on",
        "appeal_until", "pay_until", "explanation", "rules_version", "specimen",
    )  # fmt: skip
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    capture_id: Mapped[str] = mapped_column(unique=True)
    case_number: Mapped[str] = mapped_column(unique=True)
    payment_reference: Mapped[str] = mapped_column(unique=True)
    plate: Mapped[str]
    plate_country: Mapped[str]
    keeper: Mapped[dict[str, Any]]
    vehicle: Mapped[str]
    offence_code: Mapped[str]
    offence_nl: Mapped[str]
    violated_article: Mapped[str]
    conduct_at: Mapped[datetime]
    place: Mapped[str]
    municipality: Mapped[str]
    road_type: Mapped[str]
    measured_kmh: Mapped[str]
    corrected_kmh: Mapped[int]
    limit_kmh: Mapped[int]
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


class Letter(Base):
    """A PDF that was made for a decision; bytes in the blob store under the capture's key."""

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("decision_id", "kind"),)
    __sealed__ = ("id", "decision_id", "kind", "sha256", "dated")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), index=True)
    kind: Mapped[str]
    sha256: Mapped[str]
    dated: Mapped[date]


class Payment(Base):
    """Money that came in. `source_key` names the bank's or provider's own record, once."""

    __tablename__ = "payment"
    __sealed__ = ("id", "source_key", "reference", "amount_cents", "booked_on", "decision_id", "purpose")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    source_key: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str]
    amount_cents: Mapped[int]
    booked_on: Mapped[date]
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"), index=True)
    purpose: Mapped[str]


class LedgerTransaction(Base):
    """A balanced movement; its postings add up to zero. Never changed, only reversed by another one."""

    __tablename__ = "ledger_transaction"
    __sealed__ = ("id", "key", "kind", "decision_id", "booked_on", "lines")
    __partition__ = "fines"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"), index=True)
    booked_on: Mapped[date]
    lines: Mapped[dict[str, Any]]


class LedgerPosting(Base):
    """One line of a movement; positive is debit, negative is credit, in cents."""

    __tablename__ = "ledger_posting"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    transaction_id: Mapped[str] = mapped_column(ForeignKey("ledger_transaction.id"), index=True)
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"), index=True)
    account: Mapped[str] = mapped_column(index=True)
    amount_cents: Mapped[int]
