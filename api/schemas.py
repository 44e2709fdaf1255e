"""Shapes of requests and answers. JSON names are lowerCamelCase; amounts are euro cents, speeds km/h."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

CaseNumber = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9 ]{16,20}$"),
    Field(examples=["9000000000000001"]),
    AfterValidator(lambda number: number.replace(" ", "")),
]
"""May be written in groups, as on the letter."""
Plate = Annotated[str, StringConstraints(min_length=4, max_length=12), Field(examples=["GB-001-B"])]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Shape(BaseModel):
    """Base of all."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class CaptureReceipt(Shape):
    """Answer to a push; a duplicate gets the same one."""

    id: str
    camera_id: str
    capture_id: str
    received_at: datetime
    status: Literal["accepted"] = "accepted"


class CaseLookup(Shape):
    """What stands on the letter."""

    case_number: CaseNumber
    plate: Plate


class PhotoLookup(CaseLookup):
    position: Annotated[int, Field(ge=0, le=9)] = 0


LetterKind = Literal["decision", "first_reminder", "second_reminder", "outcome", "ruling", "keeper"]


class LetterLookup(CaseLookup):
    kind: LetterKind = "decision"


class CheckoutIn(CaseLookup):
    """Pay on the provider's page; all that is open where no amount is given."""

    amount_cents: Annotated[int, Field(gt=0, le=100_000_000)] | None = None


class CheckoutOut(Shape):
    """A payment page; send the payer to `pageUrl` while it is open. Euro cents."""

    id: str
    state: Literal["started", "open", "paid", "failed", "expired", "cancelled"]
    cents: int
    page_url: str | None


class PersonIn(Shape):
    """Who answers for it instead."""

    name: Short
    street: Short
    postcode: Short
    city: Short
    country: Short = "Nederland"


class KeeperStatementIn(CaseLookup):
    """Somebody else, or nobody, answers for it (Wahv art. 8).

    `hired` needs the first and last day of the contract and the hirer, `sold` the day of the sale in `since`.
    """

    ground: Literal["against_will", "hired", "sold"]
    account: Text
    since: date | None = None
    until: date | None = None
    person: PersonIn | None = None


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
    successor_id: str | None


class SuccessionOut(Shape):
    """The decision that went to the person named, where one did."""

    decision_id: str | None


class AppellantIn(Shape):
    """Who appeals, as Wahv art. 6 asks."""

    name: Short
    birth_date: date
    birth_place: Short
    address: Short
    iban: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9 ]{8,40}$")]


class AppealIn(CaseLookup):
    """An administrative appeal."""

    appellant: AppellantIn
    grounds: Text
    late_reason: Text | None = None
    posted_on: date | None = None


class CourtAppealIn(CaseLookup):
    grounds: Text


class AmountsOut(Shape):
    """Euro cents."""

    sanction: int
    administration: int
    increase: int
    paid: int
    open: int
    refundable: int
    security: int


class LetterOut(Shape):
    kind: str
    dated: date


class AppealStatus(Shape):
    """How far an appeal is, for the citizen."""

    specimen: str | None
    state: str
    received_on: date
    in_time: bool
    decide_by: date
    outcome: str | None
    court: str | None
    court_state: str | None
    security_cents: int | None
    ruling: str | None


class CaseOut(Shape):
    """A case as the citizen sees it."""

    case_number: str
    state: str
    specimen: str | None
    plate: str
    plate_country: str
    offence_code: str
    offence: str
    conduct_at: datetime
    place: str
    municipality: str
    measured_speed_kmh: str
    corrected_speed_kmh: int
    speed_limit_kmh: int
    decided_on: date
    appeal_until: date
    pay_until: date
    due_on: date | None
    stopped_until: date | None
    payment_reference: str
    amounts: AmountsOut
    explanation: list[dict[str, Any]]
    remedy: str
    letters: list[LetterOut]
    appeal: AppealStatus | None


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

    manifest_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]
    cases: Annotated[list[ReceiptLineIn], Field(max_length=10_000)]


Pixel = Annotated[int, Field(ge=0, le=20_000)]


class ConfirmationIn(Shape):
    plate: Plate
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}$")]


class RegionChangeIn(Shape):
    """`box` is left, top, right, bottom in pixels of the upright photo."""

    position: Annotated[int, Field(ge=0, le=9)] = 0
    action: Literal["add", "lift"]
    box: tuple[Pixel, Pixel, Pixel, Pixel]
    reason: Short


class RedactionOut(Shape):
    """What the citizen's copy of one photo hides."""

    position: int
    revision: int
    hidden: list[dict[str, Any]]
    plate_visible: bool
    models: dict[str, str]
    redacted_at: datetime


class ReasonIn(Shape):
    reason: Short


class OriginalViewIn(Shape):
    position: Annotated[int, Field(ge=0, le=9)] = 0
    purpose: Short


class PurposeIn(Shape):
    purpose: Short


class OutcomeIn(Shape):
    """`sanctionCents` goes with `amended` only."""

    outcome: Literal["upheld", "amended", "annulled", "inadmissible"]
    motivation: Text
    sanction_cents: Annotated[int, Field(gt=0, le=10_000_000)] | None = None


class AppealOut(Shape):
    """An appeal on the handlers' work list."""

    id: str
    specimen: str | None
    decision_id: str
    state: str
    received_on: date
    decide_by: date
    in_time: bool
    outcome: str | None
    court_appeal_id: str | None
    court_state: str | None


class PaymentIn(Shape):
    """A payment as the bank or payment provider names it."""

    external_id: Short
    payment_reference: Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]
    amount_cents: Annotated[int, Field(gt=0, le=100_000_000)]
    booked_on: date
    purpose: Literal["sanction", "security"] = "sanction"


class ProviderCostsIn(Shape):
    """An invoice of the payment provider for what it kept."""

    external_id: Short
    amount_cents: Annotated[int, Field(gt=0, le=100_000_000)]
    booked_on: date


class PaymentOut(Shape):
    booked: bool


class StatementOut(Shape):
    """What became of a statement's entries; `suspense` and `held` wait for a person, `pending` come again."""

    booked: int
    known: int
    suspense: int
    held: int
    pending: int
    difference_cents: int


class ShareIn(Shape):
    """A part of a payment for one case."""

    case_number: CaseNumber
    cents: Annotated[int, Field(gt=0, le=100_000_000)]
    purpose: Literal["sanction", "security"] = "sanction"


class AllocationIn(Shape):
    """The parts add up to what came in."""

    shares: Annotated[list[ShareIn], Field(min_length=1, max_length=50)]
    reason: Short


class SuggestionOut(Shape):
    case_number: str
    open_cents: int
    why: str


class SuspenseOut(Shape):
    """Money that came in and that nobody's reference explains."""

    payment_id: str
    cents: int
    booked_on: date
    reference: str
    remittance: str
    counterparty: str
    iban: str
    suggestions: list[SuggestionOut]


class HeldPaymentOut(Shape):
    """A standing payment of the same amount."""

    payment_id: str
    booked_on: date
    case_number: str


class HeldOut(Shape):
    """A debit that nothing explains; `cents` is negative."""

    entry_id: str
    cents: int
    booked_on: date
    reason: str
    remittance: str
    counterparty: str
    iban: str
    payments: list[HeldPaymentOut]


class ClearingIn(Shape):
    """The payment that a held debit took back."""

    payment_id: Short
    reason: Short


class PayoutIn(Shape):
    """Where all that a case has to be paid back goes."""

    case_number: CaseNumber
    iban: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9 ]{8,40}$")]
    holder: Short


class PayoutOut(Shape):
    """A payout that is not done yet."""

    id: str
    case_number: str | None
    cents: int
    iban: str
    holder: str
    state: str
    asked_by: str


class PayoutBatchOut(Shape):
    """A file for the bank; no id where nothing was approved."""

    id: str | None


class FindingOut(Shape):
    kind: str
    subject: str
    detail: str


class ReportRowOut(Shape):
    what: str
    count: int
    cents: int | None


class DayCloseIn(Shape):
    day: date


class MovementOut(Shape):
    """A movement of a case's money; lines in euro cents, debit above zero."""

    booked_on: date
    kind: str
    lines: dict[str, int]


class IncreaseOut(Shape):
    """An increase by law, and why; `undoneOn` when the money proved to have been in time."""

    which: str
    due_on: date
    charged_on: date
    amount_cents: int
    undone_on: date | None
    explanation: list[dict[str, Any]]
    nl: list[str]
    en: list[str]


class OwedOut(Shape):
    """What a case owes, in euro cents."""

    case_number: str
    capture_id: str
    cents: int


class ChangeOut(Shape):
    """Money that went back by the payment provider, or came again."""

    kind: str
    cents: int
    booked_on: date


class CheckoutRecordOut(Shape):
    """A payment page of a case; `ref` is the provider's name for it."""

    id: str
    state: str
    cents: int
    provider: str
    ref: str | None
    started_at: datetime
    changes: list[ChangeOut]


class MoneyOut(Shape):
    """A case's money from the first day on."""

    movements: list[MovementOut]
    increases: list[IncreaseOut]
    checkouts: list[CheckoutRecordOut]


class CreatedOut(Shape):
    id: str


class PlanIn(Shape):
    """Instalments: how many equal parts, one every so many months."""

    case_number: CaseNumber
    parts: Annotated[int, Field(ge=1, le=100)]
    months_each: Annotated[int, Field(ge=0, le=12)] = 1


class PlanPartOut(Shape):
    due_on: date
    cents: int


class PlanOut(Shape):
    """A plan and the rules that it rests on."""

    id: str
    case_number: str
    state: str
    instalments: list[PlanPartOut]
    explanation: list[dict[str, Any]]


class MeasureIn(Shape):
    """A step of recovery (writ, third_party_notice) or coercion (licence, vehicle, detention)."""

    case_number: CaseNumber
    kind: Literal["writ", "third_party_notice", "licence", "vehicle", "detention"]
    debt_restructuring: bool = False


class MeasureOut(Shape):
    """A step; `until` is the last day of an objection to it, or of the step itself."""

    id: str
    case_number: str
    kind: str
    state: str
    until: date | None
    explanation: list[dict[str, Any]]
    proposed_by: str


class CourtAnswerIn(Shape):
    leave: bool
    reason: Short


class StopIn(Shape):
    """Nothing is raised or collected up to and including `until`."""

    case_number: CaseNumber
    until: date
    reason: Short


class WriteOffIn(Shape):
    """Grounds: Wahv art. 25 par. 3 (lapsed), 25 par. 4 (deceased), 22 par. 4 (no_purpose)."""

    case_number: CaseNumber
    ground: Literal["lapsed", "deceased", "no_purpose"]
    reason: Short


class StateOut(Shape):
    state: str


class QuarantineOut(Shape):
    id: str
    camera_id: str
    code: str
    detail: str
    received_at: datetime
    state: str


class DeadLetterOut(Shape):
    id: str
    job: str
    attempts: int
    last_error: str | None
    created_at: datetime


class HealthOut(Shape):
    status: Literal["ok"] = "ok"


class ReadinessOut(Shape):
    status: Literal["ready"] = "ready"
    mode: str
    jobs: dict[str, int]


class PrintRunOut(Shape):
    """A print run; its manifest has a file for each postal sort, and which pages of it are which letter."""

    id: str
    state: Literal["preparing", "ready", "posted"]
    made_at: datetime
    letters: int
    manifest: list[dict[str, Any]]
    posted_on: date | None


class DeliveryOut(Shape):
    """An attempt to get a letter to somebody."""

    id: str
    case_number: str
    capture_id: str
    kind: str
    attempt: int
    channel: Literal["post", "mailbox"]
    state: Literal["waiting", "sent", "redirected", "returned", "resent", "served"]
    sent_on: date | None
    proof: dict[str, Any] | None


class ReturnIn(Shape):
    case_number: CaseNumber
    kind: LetterKind
    reason: Short


class ResendIn(Shape):
    """The address in the register of persons."""

    address: PersonIn
    reason: Short


class KnownIn(Shape):
    """`sameAddress`: the register of persons has the address that was tried."""

    same_address: bool = False
    reason: Short
