"""Shapes of appeals as handlers work on them; amounts in euro cents."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from api.schemas.citizens import AppealSaid, CaseNamed, GroundCode
from api.schemas.common import AppealLanguage, CaseNumber, Shape, Short, Text

Unheard = Literal["manifestly-inadmissible", "manifestly-unfounded", "waived", "no-reply"]
Outcome = Literal["upheld", "amended", "annulled", "inadmissible"]
Cents = Annotated[int, Field(gt=0, le=10_000_000)]


class LetterAppealIn(AppealSaid, CaseNamed):
    """An appeal that came by post, as a handler enters it."""

    received_on: date


class LetterEntryIn(AppealSaid, CaseNamed):
    """What a person reads on a scanned letter; the day on which it was received is known."""


class AdditionIn(Shape):
    appeal_id: str


class ScannedLetterOut(Shape):
    """`draft` is what a machine read on it: to be read over, never taken for granted; null while it reads.

    `caseNumber` and `plate` are those of the case that the draft names, if there is one.
    """

    id: str
    name: str
    media_type: str
    received_on: date
    state: str
    draft: str | None
    appeal_id: str | None
    case_number: str | None
    plate: str | None


class AttachmentOut(Shape):
    """What was sent along; `says` is what a photo said of itself, `size` in bytes."""

    id: str
    name: str
    media_type: str
    size: int
    says: dict[str, str]
    sent_by: str
    received_at: datetime


class AppealRowOut(Shape):
    """An appeal on the work list; `daysLeft` until the last day to decide, below zero when it has passed."""

    id: str
    decision_id: str
    case_number: CaseNumber
    capture_id: str
    state: str
    ground: str | None
    channel: str | None
    language: str | None
    received_on: date
    decide_until: date
    days_left: int
    in_time: bool
    handler_id: str | None


class AppealPageOut(Shape):
    """The most urgent first. `next` is the address of what follows, if more does; a `total` of 250 is that or more."""

    appeals: list[AppealRowOut]
    total: int
    next: str | None


class TermCountsOut(Shape):
    """Open appeals, those whose term is at risk, and those whose term has passed; 250 is that or more."""

    open: int
    at_risk: int
    late: int


class RepairOut(Shape):
    missing: list[str]
    asked_on: date
    until: date
    ended_on: date | None
    state: str


class HearingOut(Shape):
    id: str
    at: datetime
    place: str
    invited_on: date
    state: str
    report: str | None


class InquiryOut(Shape):
    id: str
    asked_of: str
    question: str
    asked_on: date
    expected_on: date
    reminders: int
    state: str
    answer: str | None
    answered_on: date | None


class ProposalOut(Shape):
    outcome: str
    sanction_cents: int | None
    motivation: str
    proposed_by: str
    proposed_on: date


class DefaultOut(Shape):
    """The notice that the term has passed, and the penalty once it is settled, with why."""

    received_on: date
    payable_from: date
    penalty_cents: int | None
    settled_on: date | None
    nl: list[str]
    en: list[str]


class AppealOut(Shape):
    """All of an appeal."""

    id: str
    specimen: str | None
    decision_id: str
    state: str
    ground: str | None
    grounds: str
    channel: str | None
    language: str | None
    appellant: dict[str, Any]
    representative: dict[str, Any] | None
    wants_hearing: bool | None
    late_reason: str | None
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
    court_until: date | None
    court_appeal_id: str | None
    court_state: str | None
    attachments: list[AttachmentOut]
    repairs: list[RepairOut]
    hearings: list[HearingOut]
    inquiries: list[InquiryOut]
    proposal: ProposalOut | None
    default: DefaultOut | None


class CostsIn(Shape):
    """Professional help by the Besluit proceskosten bestuursrecht before any factor, and other costs."""

    assistance_cents: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    other_cents: Annotated[int, Field(ge=0, le=10_000_000)] = 0


class VerdictIn(Shape):
    """`sanctionCents` goes with `amended` only; `unheard` says why nobody was heard (Awb art. 7:17)."""

    outcome: Outcome
    motivation: Text
    sanction_cents: Cents | None = None
    unheard: Unheard | None = None
    against_reading: bool = False
    costs: CostsIn | None = None


class RulingIn(Shape):
    """`sanctionCents` goes with `amended` only."""

    outcome: Outcome
    motivation: Text
    sanction_cents: Cents | None = None
    costs: CostsIn | None = None


class LatenessIn(Shape):
    excused: bool
    reason: Short


class MissingIn(Shape):
    """Codes of what is missing (Awb art. 6:5; Wahv art. 6 par. 2)."""

    missing: Annotated[list[Short], Field(min_length=1, max_length=10)]


class HearingIn(Shape):
    at: AwareDatetime
    place: Short


class ReportIn(Shape):
    appeared: bool
    report: Text


class InquiryIn(Shape):
    asked_of: Literal["police", "camera-operator", "road-authority"]
    question: Text


class AnswerIn(Shape):
    answer: Text


class NoticeIn(Shape):
    received_on: date


class GroundOut(Shape):
    """A ground of appeal with its article, and sentences to begin a motivation with (Dutch)."""

    code: str
    article: str
    nl: str
    en: str
    upheld: str
    annulled: str
    against_reading: bool


class OutcomesOut(Shape):
    """Decisions on appeals of one kind; `changedPercent` did not stand."""

    name: str
    decided: int
    upheld: int
    amended: int
    annulled: int
    inadmissible: int
    changed_percent: int


class InsightOut(Shape):
    """A month of appeals; `daysToDecide` is the median from receipt to decision."""

    received: int
    decided: int
    open_now: int
    oldest_days: int
    days_to_decide: int | None
    by_ground: list[OutcomesOut]
    by_camera: list[OutcomesOut]
    flagged: list[str]


class WordsIn(Shape):
    """Empty: what the appellant wrote."""

    words: Annotated[str, Field(max_length=1000)] = ""


class PrecedentOut(Shape):
    """An appeal that was decided: what was said, and what was decided."""

    appeal_id: str
    case_number: str
    ground: str | None
    outcome: str
    decided_on: date
    grounds: str
    motivation: str


BulkActName = Literal["take", "release", "adjourn"]


class BulkIn(Shape):
    """The same act for many appeals; `reason` is not needed to take them on."""

    act: BulkActName
    appeal_ids: Annotated[list[str], Field(min_length=1, max_length=100)]
    reason: Annotated[str, Field(max_length=200)] = ""


class RefusalOut(Shape):
    """As a problem document has it: a stable code, and what to do."""

    code: str
    detail: str


class BulkRowOut(Shape):
    """What would become, or became, of one; `refusal` says why nothing did."""

    appeal_id: str
    case_number: str
    refusal: RefusalOut | None


class BulkOut(Shape):
    """`undoable` while it can still be undone by whoever did it; once it is `undone` the rows say what could not be."""

    id: str
    act: BulkActName
    rows: list[BulkRowOut]
    undoable: bool
    undone: bool


class SavedListIn(Shape):
    """A list of one's own: one of the common views, narrowed down."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    view: Literal["all", "mine", "free", "risk", "late", "filed-late", "proposed"]
    ground: GroundCode | None = None
    language: AppealLanguage | None = None


class SavedListOut(SavedListIn):
    id: str


class ProfileIn(Shape):
    """What a handler is given, by codes of grounds and languages; an empty list is everything."""

    grounds: Annotated[list[Short], Field(max_length=50)]
    languages: Annotated[list[AppealLanguage], Field(max_length=10)]


class ProfileOut(Shape):
    handler_id: str
    grounds: list[str]
    languages: list[str]
