"""Tables of appeals."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from appeals.states import OPEN
from core.database import Base
from core.ids import new_id
from core.kept_files import FILE_COLUMNS, KeptFile

_NOT_SETTLED = text("settled_on IS NULL")
_OPEN = text(f"state IN ({', '.join(repr(state) for state in OPEN)})")


class Appeal(Base):
    """Administrative appeal to the public prosecutor (administratief beroep, Wahv art. 6)."""

    __tablename__ = "appeal"
    __table_args__ = (
        # The work list's order among what is open, however much was decided before.
        Index("ix_appeal_open", "decide_until", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_appeal_filed_by", "filed_by", "id"),
    )
    __sealed__ = (
        "id", "decision_id", "grounds", "appellant", "late_reason", "filed_at", "received_on", "decide_by",
        "in_time", "explanation",
    )  # fmt: skip
    __sealed_if_set__ = ("ground", "channel", "representative", "wants_hearing", "language", "filed_by")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[str] = mapped_column(unique=True)
    ground: Mapped[str | None] = mapped_column(index=True)
    """Code of the ground in `law/grounds.yaml`; `grounds` is what the appellant wrote."""
    grounds: Mapped[str]
    channel: Mapped[str | None]
    language: Mapped[str | None]
    """In which the appellant wrote, as ISO 639-1."""
    representative: Mapped[dict[str, Any] | None]
    filed_by: Mapped[str | None]
    """The professional who filed it with a login of his own, by id."""
    wants_hearing: Mapped[bool | None]
    appellant: Mapped[dict[str, Any]]
    late_reason: Mapped[str | None]
    filed_at: Mapped[datetime]
    received_on: Mapped[date]
    decide_by: Mapped[date]
    in_time: Mapped[bool]
    explanation: Mapped[list[Any]]
    state: Mapped[str]
    handler_id: Mapped[str | None] = mapped_column(index=True)
    decide_until: Mapped[date]
    """The last day to decide as it is now; `decide_by` is what it was when the appeal came in."""
    adjourned: Mapped[bool] = mapped_column(default=False)
    lateness_excused: Mapped[bool | None]
    """What a handler found of an appeal that is late (Awb art. 6:11); None before that."""
    letters: Mapped[int] = mapped_column(default=0)
    """How many letters were ordered about it."""


class HandlerProfile(Base):
    """What a handler is given to do: grounds by code and languages; an empty list is all of them."""

    __tablename__ = "handler_profile"

    handler_id: Mapped[str] = mapped_column(primary_key=True)
    grounds: Mapped[list[Any]]
    languages: Mapped[list[Any]]


class Attachment(KeptFile, Base):
    """What the appellant sent along (bijlage), as it is kept."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("appeal_id", "number"),)
    __sealed__ = ("id", "appeal_id", "number", *FILE_COLUMNS)
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[str] = mapped_column(ForeignKey("appeal.id"))
    number: Mapped[int]


class ScannedLetter(Base):
    """A letter that came by post, before it is known what it belongs to."""

    __tablename__ = "scanned_letter"
    __sealed__ = ("id", "name", "media_type", "sha256", "sent_sha256", "received_on", "scanned_at")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    sent_sha256: Mapped[str]
    received_on: Mapped[date]
    scanned_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(index=True)
    draft: Mapped[str | None]
    """What a machine read on it; forgotten once a person has entered it."""
    appeal_id: Mapped[str | None] = mapped_column(ForeignKey("appeal.id"))


class BulkAct(Base):
    """The same act for many appeals, with what became of each, so that it can be undone."""

    __tablename__ = "bulk_act"
    __sealed__ = ("id", "act", "reason", "results", "done_by", "done_at")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    act: Mapped[str]
    reason: Mapped[str]
    results: Mapped[list[Any]]
    done_by: Mapped[str]
    done_at: Mapped[datetime]
    undone: Mapped[list[Any] | None]
    """What could and could not be undone, once that was asked."""


class SavedList(Base):
    """A list that a person keeps under a name."""

    __tablename__ = "saved_list"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    view: Mapped[str]
    ground: Mapped[str | None]
    language: Mapped[str | None]


class RepairRequest(Base):
    """The appellant is asked to repair an omission within a term (verzuim herstellen, Awb art. 6:6)."""

    __tablename__ = "repair_request"
    __table_args__ = (UniqueConstraint("appeal_id", "number"),)
    __sealed__ = ("id", "appeal_id", "number", "missing", "asked_on", "until", "asked_by")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[str] = mapped_column(ForeignKey("appeal.id"))
    number: Mapped[int]
    missing: Mapped[list[Any]]
    asked_on: Mapped[date]
    until: Mapped[date] = mapped_column(index=True)
    asked_by: Mapped[str]
    ended_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(index=True)


class Hearing(Base):
    """The appellant is heard (horen, Awb art. 7:16; Wahv art. 7 par. 2). `place` may be a telephone or a video call."""

    __tablename__ = "hearing"
    __table_args__ = (UniqueConstraint("appeal_id", "number"),)
    __sealed__ = ("id", "appeal_id", "number", "at", "place", "invited_on", "invited_by")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[str] = mapped_column(ForeignKey("appeal.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str]
    invited_on: Mapped[date]
    invited_by: Mapped[str]
    report: Mapped[str | None]
    state: Mapped[str] = mapped_column(index=True)


class Inquiry(Base):
    """A question to the police, the camera's operator or another, with a day by which an answer is expected."""

    __tablename__ = "inquiry"
    __table_args__ = (UniqueConstraint("appeal_id", "number"),)
    __sealed__ = ("id", "appeal_id", "number", "asked_of", "question", "asked_on", "asked_by")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[str] = mapped_column(ForeignKey("appeal.id"))
    number: Mapped[int]
    asked_of: Mapped[str]
    question: Mapped[str]
    asked_on: Mapped[date]
    asked_by: Mapped[str]
    expected_on: Mapped[date] = mapped_column(index=True)
    reminders: Mapped[int]
    answer: Mapped[str | None]
    answered_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(index=True)


class Proposal(Base):
    """A decision that a second handler has to agree with, because it goes against what was read on the photo."""

    __tablename__ = "appeal_proposal"
    __table_args__ = (UniqueConstraint("appeal_id", "number"),)
    __sealed__ = ("id", "appeal_id", "number", "verdict", "proposed_by", "proposed_on")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[str] = mapped_column(ForeignKey("appeal.id"))
    number: Mapped[int]
    verdict: Mapped[dict[str, Any]]
    proposed_by: Mapped[str]
    proposed_on: Mapped[date]


class DefaultNotice(Base):
    """The appellant gives notice that the term to decide has passed (ingebrekestelling, Awb art. 4:17 par. 3)."""

    __tablename__ = "default_notice"
    __table_args__ = (
        Index("ix_default_notice_open", "payable_from", sqlite_where=_NOT_SETTLED, postgresql_where=_NOT_SETTLED),
    )
    __sealed__ = ("id", "appeal_id", "received_on", "payable_from", "explanation")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[str] = mapped_column(ForeignKey("appeal.id"), unique=True)
    received_on: Mapped[date]
    payable_from: Mapped[date]
    """The first day for which a penalty payment is owed."""
    explanation: Mapped[list[Any]]
    penalty_cents: Mapped[int | None]
    """What is owed in all, once that is settled (Awb art. 4:18)."""
    settled_on: Mapped[date | None]
    penalty_explanation: Mapped[list[Any] | None]


class AppealDecision(Base):
    """The prosecutor's decision on an appeal (beslissing op beroep, Wahv art. 7)."""

    __tablename__ = "appeal_decision"
    __sealed__ = (
        "id", "appeal_id", "outcome", "sanction_cents", "motivation", "decided_by", "decided_on", "court_until",
    )  # fmt: skip
    __sealed_if_set__ = ("unheard", "award")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[str] = mapped_column(ForeignKey("appeal.id"), unique=True)
    outcome: Mapped[str]
    sanction_cents: Mapped[int | None]
    motivation: Mapped[str]
    unheard: Mapped[str | None]
    """Why nobody was heard (Awb art. 7:17, 7:26 par. 1), where that is so."""
    award: Mapped[dict[str, Any] | None]
    """Costs that are given back (Awb art. 7:28): cents, and the explanation."""
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
    forward_by: Mapped[date | None]
    """The last day to bring the file to the court, once that term runs (Wahv art. 11 par. 1)."""


class CourtAssignment(Base):
    """A person names the court: where the table knew none, on request, or because the court sent the case on."""

    __tablename__ = "court_assignment"
    __table_args__ = (UniqueConstraint("court_appeal_id", "number"),)
    __sealed__ = ("id", "court_appeal_id", "number", "court", "reason", "assigned_by", "assigned_on")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    court_appeal_id: Mapped[str] = mapped_column(ForeignKey("court_appeal.id"))
    number: Mapped[int]
    court: Mapped[str]
    reason: Mapped[str]
    assigned_by: Mapped[str]
    assigned_on: Mapped[date]


class Joinder(Base):
    """A case that is heard together with another of the same person (gevoegde behandeling)."""

    __tablename__ = "joinder"
    __sealed__ = ("id", "court_appeal_id", "lead_id", "joined_by", "joined_on")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    court_appeal_id: Mapped[str] = mapped_column(ForeignKey("court_appeal.id"), unique=True)
    lead_id: Mapped[str] = mapped_column(ForeignKey("court_appeal.id"), index=True)
    """The case that the others go with; it goes with none itself."""
    joined_by: Mapped[str]
    joined_on: Mapped[date]


class Sitting(Base):
    """A day and hour on which a court hears the case (zitting, Wahv art. 12 and 20a); the last one stands."""

    __tablename__ = "sitting"
    __table_args__ = (UniqueConstraint("court_appeal_id", "number"),)
    __sealed__ = ("id", "court_appeal_id", "number", "instance", "at", "place", "recorded_by", "recorded_on")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    court_appeal_id: Mapped[str] = mapped_column(ForeignKey("court_appeal.id"))
    number: Mapped[int]
    instance: Mapped[str]
    at: Mapped[datetime]
    place: Mapped[str]
    recorded_by: Mapped[str]
    recorded_on: Mapped[date]


class Dossier(Base):
    """The case file as it went to the court: a zipped BagIt bag in the blob store."""

    __tablename__ = "dossier"
    __sealed__ = ("id", "court_appeal_id", "sha256", "made_at")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    court_appeal_id: Mapped[str] = mapped_column(ForeignKey("court_appeal.id"), unique=True)
    sha256: Mapped[str]
    made_at: Mapped[datetime]


class DossierDelivery(Base):
    """The dossier was brought to the court's knowledge, by its registry or by hand, and the court said so."""

    __tablename__ = "dossier_delivery"
    __sealed__ = ("id", "court_appeal_id", "channel", "delivered_on", "receipt")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    court_appeal_id: Mapped[str] = mapped_column(ForeignKey("court_appeal.id"), unique=True)
    channel: Mapped[str]
    delivered_on: Mapped[date]
    receipt: Mapped[dict[str, Any]]
    """From a registry: where it filed the case and each document; by hand: how."""
    court_number: Mapped[str | None]
    """What the court calls the case, once it acknowledged it."""
    acknowledged_on: Mapped[date | None]


class Ruling(Base):
    """What the court decided (uitspraak), or the Court of Appeal (arrest)."""

    __tablename__ = "ruling"
    __sealed__ = ("id", "court_appeal_id", "outcome", "sanction_cents", "motivation", "ruled_on")
    __sealed_if_set__ = ("award", "instance", "sanction_before_cents", "higher_until", "explanation")
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    court_appeal_id: Mapped[str] = mapped_column(ForeignKey("court_appeal.id"), index=True)
    instance: Mapped[str | None]
    """`district` or `higher`; None on rows from before there could be a second one."""
    outcome: Mapped[str]
    sanction_cents: Mapped[int | None]
    sanction_before_cents: Mapped[int | None]
    """The sanction that the court had before it."""
    motivation: Mapped[str]
    award: Mapped[dict[str, Any] | None]
    """Costs that the court ordered to be given back (Wahv art. 13a): cents, and the explanation."""
    ruled_on: Mapped[date]
    higher_until: Mapped[date | None]
    """The last day for higher appeal; None where there is none (Wahv art. 14)."""
    explanation: Mapped[list[Any] | None]
    """Why higher appeal is open, or not."""


class HigherAppeal(Base):
    """Appeal against a ruling to the Court of Appeal Arnhem-Leeuwarden (hoger beroep, Wahv art. 14)."""

    __tablename__ = "higher_appeal"
    __sealed__ = (
        "id", "court_appeal_id", "ruling_id", "filed_by", "filed_on", "grounds", "in_time", "explanation",
        "recorded_by",
    )  # fmt: skip
    __partition__ = "appeals"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    court_appeal_id: Mapped[str] = mapped_column(ForeignKey("court_appeal.id"), index=True)
    ruling_id: Mapped[str] = mapped_column(ForeignKey("ruling.id"), unique=True)
    filed_by: Mapped[str]
    filed_on: Mapped[date]
    """The day on which the district court received it (Wahv art. 15)."""
    grounds: Mapped[str]
    in_time: Mapped[bool]
    explanation: Mapped[list[Any]]
    recorded_by: Mapped[str]
