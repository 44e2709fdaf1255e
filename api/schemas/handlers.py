"""Shapes for handlers and reviewers."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.common import PersonIn, Pixel, Plate, Shape, Short


class CorrectionOut(Shape):
    """A request to correct what is held about a person; `answerBy` is the last day, in Europe/Amsterdam."""

    id: str
    decision_id: str
    case_number: str
    wrong: str
    asked_on: date
    answer_by: date
    state: Literal["asked", "honoured", "refused"]
    answer: str | None


class EvidenceOut(Shape):
    """A file that goes with a statement."""

    id: str
    name: str
    media_type: str


class KeeperStatementOut(Shape):
    """A statement about the keeper; `obstacles` are what the law has against accepting it."""

    id: str
    decision_id: str
    capture_id: str
    case_number: str
    ground: str
    account: str
    since: date | None
    until: date | None
    person: PersonIn | None
    state: Literal["filed", "accepted", "refused"]
    stated_on: date
    obstacles: list[str]
    sentences: list[str]
    evidence: list[EvidenceOut]
    successor_id: str | None


class SuccessionOut(Shape):
    """The decision that went to the person named, where one did."""

    decision_id: str | None


class ReadingOut(Shape):
    """A plate reading that waits for a person."""

    capture_id: str
    state: str
    plate: str | None
    country: str | None
    confidence: float
    reasons: list[str]
    candidates: list[dict[str, Any]]


class FateOut(Shape):
    """What became of a capture."""

    id: str
    camera_id: str
    capture_id: str
    captured_at: datetime
    fate: str
    why: str
    plate: str | None
    specimen: str | None
    case_number: str | None
    decision_id: str | None
    appeal_id: str | None
    court_appeal_id: str | None


class ReferralOut(Shape):
    """A capture for the prosecutor (criminal law), with how that came about."""

    capture_id: str
    reason: str
    explanation: list[dict[str, Any]]
    corrected_kmh: int
    assessed_at: datetime
    state: Literal["waiting", "handed_over", "received"]
    handover_id: str | None
    prosecutor_number: str | None


class HandoverOut(Shape):
    """An export for the prosecutor; his receipt names its manifest's digest."""

    id: str
    state: Literal["preparing", "ready", "received"]
    asked_at: datetime
    cases: int
    manifest_sha256: str | None


class ReceiptLineIn(Shape):
    capture_id: Short
    prosecutor_number: Short


class ReceiptIn(Shape):
    """The prosecutor's receipt."""

    manifest_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$"), Field(examples=[64 * "a"])]
    cases: Annotated[list[ReceiptLineIn], Field(max_length=10_000)]


class ConfirmationIn(Shape):
    plate: Plate
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}$"), Field(examples=["NL"])]


class RegionChangeIn(Shape):
    """`box` is left, top, right, bottom in pixels of the upright photo."""

    position: Annotated[int, Field(ge=0, le=9)] = 0
    action: Literal["add", "lift"]
    box: Annotated[list[Pixel], Field(min_length=4, max_length=4, examples=[[10, 20, 110, 60]])]
    reason: Short


class RedactionOut(Shape):
    """What the citizen's copy of one photo hides."""

    position: int
    revision: int
    hidden: list[dict[str, Any]]
    plate_visible: bool
    models: dict[str, str]
    redacted_at: datetime


class OriginalViewIn(Shape):
    position: Annotated[int, Field(ge=0, le=9)] = 0
    purpose: Short


class PurposeIn(Shape):
    purpose: Short
