"""Tables of appeals."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.ids import new_id


class Appeal(Base):
    """Administrative appeal to the public prosecutor (administratief beroep, Wahv art. 6)."""

    __tablename__ = "appeal"
    __sealed__ = (
        "id", "decision_id", "grounds", "appellant", "late_reason", "filed_at", "received_on", "decide_by",
        "in_time", "explanation",
    )  # fmt: skip
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(unique=True)
    grounds: Mapped[str]
    appellant: Mapped[dict[str, Any]]
    late_reason: Mapped[str | None]
    filed_at: Mapped[datetime]
    received_on: Mapped[date]
    decide_by: Mapped[date]
    in_time: Mapped[bool]
    explanation: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(index=True)
    handler_id: Mapped[str | None]


class AppealDecision(Base):
    """The prosecutor's decision on an appeal (beslissing op beroep, Wahv art. 7)."""

    __tablename__ = "appeal_decision"
    __sealed__ = (
        "id", "appeal_id", "outcome", "sanction_cents", "motivation", "decided_by", "decided_on", "court_until",
    )  # fmt: skip
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[str] = mapped_column(ForeignKey("appeal.id"), unique=True)
    outcome: Mapped[str]
    sanction_cents: Mapped[int | None]
    motivation: Mapped[str]
    decided_by: Mapped[str]
    decided_on: Mapped[date]
    court_until: Mapped[date]


class CourtAppeal(Base):
    """Appeal to the district court (beroep bij de kantonrechter, Wahv art. 9)."""

    __tablename__ = "court_appeal"
    __sealed__ = (
        "id", "appeal_id", "decision_id", "grounds", "filed_on", "in_time", "court", "security_cents",
        "security_until", "explanation",
    )  # fmt: skip
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[str] = mapped_column(ForeignKey("appeal.id"), unique=True)
    decision_id: Mapped[str] = mapped_column(unique=True)
    grounds: Mapped[str]
    filed_on: Mapped[date]
    in_time: Mapped[bool]
    court: Mapped[str]
    security_cents: Mapped[int]
    security_until: Mapped[date | None]
    explanation: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(index=True)


class Dossier(Base):
    """The case file as it went to the court: a zipped BagIt bag in the blob store."""

    __tablename__ = "dossier"
    __sealed__ = ("id", "court_appeal_id", "sha256", "made_at")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    court_appeal_id: Mapped[str] = mapped_column(ForeignKey("court_appeal.id"), unique=True)
    sha256: Mapped[str]
    made_at: Mapped[datetime]


class Ruling(Base):
    """What the court decided (uitspraak)."""

    __tablename__ = "ruling"
    __sealed__ = ("id", "court_appeal_id", "outcome", "sanction_cents", "motivation", "ruled_on")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    court_appeal_id: Mapped[str] = mapped_column(ForeignKey("court_appeal.id"), unique=True)
    outcome: Mapped[str]
    sanction_cents: Mapped[int | None]
    motivation: Mapped[str]
    ruled_on: Mapped[date]
