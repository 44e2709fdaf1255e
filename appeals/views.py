"""What others get to see of an appeal: values, never table rows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from appeals.attachments import attachments_of
from appeals.court_views import CourtView, court_view
from appeals.models import (
    Appeal,
    AppealDecision,
    CourtAppeal,
    DefaultNotice,
    Hearing,
    Inquiry,
    Proposal,
    RepairRequest,
)
from appeals.states import PROPOSED
from core.errors import NotFound
from fines.service import sentences_of


@dataclass(frozen=True)
class AttachmentView:
    """What was sent along; `says` is when and where a photo said it was taken, `size` in bytes."""

    id: str
    name: str
    media_type: str
    size: int
    says: dict[str, str]
    sent_by: str
    received_at: datetime


@dataclass(frozen=True)
class RepairView:
    """What the appellant was asked to repair, by codes of `law/omissions.yaml`."""

    missing: list[str]
    asked_on: date
    until: date
    ended_on: date | None
    state: str


@dataclass(frozen=True)
class HearingView:
    id: str
    at: datetime
    place: str
    invited_on: date
    state: str
    report: str | None


@dataclass(frozen=True)
class InquiryView:
    """A question to others. `expected_on` is when an answer is expected by, or asked for again."""

    id: str
    asked_of: str
    question: str
    asked_on: date
    expected_on: date
    reminders: int
    state: str
    answer: str | None
    answered_on: date | None


@dataclass(frozen=True)
class ProposalView:
    """The decision that waits for a second handler."""

    outcome: str
    sanction_cents: int | None
    motivation: str
    proposed_by: str
    proposed_on: date


@dataclass(frozen=True)
class DefaultView:
    """The notice that the term passed, and the penalty payment in cents once it is settled; why, in sentences."""

    received_on: date
    payable_from: date
    penalty_cents: int | None
    settled_on: date | None
    nl: list[str]
    en: list[str]


@dataclass(frozen=True)
class AppealView:
    """An appeal as the HTTP layer may see it. `decide_until` is the last day to decide as it is now."""

    id: str
    decision_id: str
    state: str
    ground: str | None
    grounds: str
    channel: str | None
    language: str | None
    appellant: dict[str, Any]
    representative: dict[str, Any] | None
    filed_by: str | None
    wants_hearing: bool | None
    late_reason: str | None
    filed_at: datetime
    received_on: date
    decide_by: date
    decide_until: date
    adjourned: bool
    in_time: bool
    lateness_excused: bool | None
    explanation: list[dict[str, Any]]
    handler_id: str | None
    outcome: str | None
    motivation: str | None
    unheard: str | None
    award_cents: int | None
    """Costs that are given back."""
    court_until: date | None
    court: CourtView | None
    attachments: list[AttachmentView]
    repairs: list[RepairView]
    hearings: list[HearingView]
    inquiries: list[InquiryView]
    proposal: ProposalView | None
    default: DefaultView | None

    @property
    def court_stage(self) -> CourtView:
        """Raises NotFound for an appeal that did not go to court."""
        if self.court is None:
            raise NotFound("court-appeal-unknown", "this appeal did not go to court")
        return self.court


def decision_of(session: Session, appeal_id: str) -> AppealDecision | None:
    """The prosecutor's decision on an appeal, if there is one."""
    return session.scalars(select(AppealDecision).where(AppealDecision.appeal_id == appeal_id)).first()


def standing_proposal(session: Session, appeal: Appeal) -> Proposal | None:
    """The newest one; it stands while the appeal's state says so."""
    newest = select(Proposal).where(Proposal.appeal_id == appeal.id).order_by(Proposal.number.desc())
    return session.scalars(newest).first()


def default_of(session: Session, appeal_id: str) -> DefaultNotice | None:
    return session.scalars(select(DefaultNotice).where(DefaultNotice.appeal_id == appeal_id)).first()


def view_of(session: Session, appeal: Appeal) -> AppealView:
    """An appeal with all that belongs to it."""
    decided = decision_of(session, appeal.id)
    court = session.scalars(select(CourtAppeal).where(CourtAppeal.appeal_id == appeal.id)).first()
    repairs = session.scalars(
        select(RepairRequest).where(RepairRequest.appeal_id == appeal.id).order_by(RepairRequest.number)
    )
    hearings = session.scalars(select(Hearing).where(Hearing.appeal_id == appeal.id).order_by(Hearing.number))
    inquiries = session.scalars(select(Inquiry).where(Inquiry.appeal_id == appeal.id).order_by(Inquiry.number))
    notice = default_of(session, appeal.id)
    return AppealView(
        id=appeal.id,
        decision_id=appeal.decision_id,
        state=appeal.state,
        ground=appeal.ground,
        grounds=appeal.grounds,
        channel=appeal.channel,
        language=appeal.language,
        appellant=appeal.appellant,
        representative=appeal.representative,
        filed_by=appeal.filed_by,
        wants_hearing=appeal.wants_hearing,
        late_reason=appeal.late_reason,
        filed_at=appeal.filed_at,
        received_on=appeal.received_on,
        decide_by=appeal.decide_by,
        decide_until=appeal.decide_until,
        adjourned=appeal.adjourned,
        in_time=appeal.in_time,
        lateness_excused=appeal.lateness_excused,
        explanation=appeal.explanation,
        handler_id=appeal.handler_id,
        outcome=decided.outcome if decided else None,
        motivation=decided.motivation if decided else None,
        unheard=decided.unheard if decided else None,
        award_cents=decided.award["cents"] if decided and decided.award else None,
        court_until=decided.court_until if decided else None,
        court=court_view(session, court) if court else None,
        attachments=[
            AttachmentView(row.id, row.name, row.media_type, row.size, row.says, row.sent_by, row.received_at)
            for row in attachments_of(session, appeal.id)
        ],
        repairs=[RepairView(row.missing, row.asked_on, row.until, row.ended_on, row.state) for row in repairs],
        hearings=[HearingView(row.id, row.at, row.place, row.invited_on, row.state, row.report) for row in hearings],
        inquiries=[
            InquiryView(
                row.id,
                row.asked_of,
                row.question,
                row.asked_on,
                row.expected_on,
                row.reminders,
                row.state,
                row.answer,
                row.answered_on,
            )
            for row in inquiries
        ],
        proposal=_proposal_view(session, appeal),
        default=_default_view(notice) if notice else None,
    )


def _proposal_view(session: Session, appeal: Appeal) -> ProposalView | None:
    row = standing_proposal(session, appeal) if appeal.state == PROPOSED else None
    if row is None:
        return None
    verdict = row.verdict
    return ProposalView(
        verdict["outcome"], verdict["sanction_cents"], verdict["motivation"], row.proposed_by, row.proposed_on
    )


def _default_view(notice: DefaultNotice) -> DefaultView:
    steps = [*notice.explanation, *(notice.penalty_explanation or [])]
    return DefaultView(
        notice.received_on,
        notice.payable_from,
        notice.penalty_cents,
        notice.settled_on,
        sentences_of(steps, "nl"),
        sentences_of(steps, "en"),
    )
