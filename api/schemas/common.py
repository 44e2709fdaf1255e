"""Shapes that several audiences share. JSON names are lowerCamelCase; amounts are euro cents, speeds km/h."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

CaseNumber = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4} ?[0-9]{4} ?[0-9]{4} ?[0-9]{4}$"),
    Field(examples=["9000000000000001"]),
    AfterValidator(lambda number: number.replace(" ", "")),
]
"""May be written in groups, as on the letter."""
AccessCode = Annotated[str, StringConstraints(min_length=8, max_length=12), Field(examples=["K7Q4 2MXD"])]
"""From the letter; groups and small letters do not matter."""
Plate = Annotated[str, StringConstraints(min_length=4, max_length=12), Field(examples=["GB-001-B"])]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Shape(BaseModel):
    """Base of all."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


AppealLanguage = Literal["nl", "en", "de", "fr", "fy", "pl", "tr", "ar"]
"""ISO 639-1."""
LetterKind = Literal[
    "decision", "first_reminder", "second_reminder", "outcome", "ruling", "higher_ruling", "keeper", "appeal", "mandate"
]


class PersonIn(Shape):
    """Who answers for it instead."""

    name: Short
    street: Short
    postcode: Short
    city: Short
    country: Short = "Nederland"


class AmountsOut(Shape):
    """Euro cents."""

    sanction: int
    administration: int
    increase: int
    paid: int
    open: int
    refundable: int
    security: int
    compensation: int


class FactOut(Shape):
    """A line of what was observed: its name in Dutch and English, and its value with a decimal point."""

    nl: str
    en: str
    value: str


class LetterOut(Shape):
    kind: str
    number: int
    dated: date


class AppealStatus(Shape):
    """How far an appeal is, for the citizen."""

    specimen: str | None
    state: str
    received_on: date
    in_time: bool
    decide_by: date
    hearing_at: datetime | None
    outcome: str | None
    court: str | None
    court_state: str | None
    security_cents: int | None
    court_sitting_at: datetime | None
    ruling: str | None
    higher_appeal_until: date | None
    """The last day for higher appeal, where a ruling opens it."""


Pixel = Annotated[int, Field(ge=0, le=20_000)]


class ReasonIn(Shape):
    reason: Short


class CreatedOut(Shape):
    id: str


class StateOut(Shape):
    state: str


class HealthOut(Shape):
    status: Literal["ok"] = "ok"


class ReadinessOut(Shape):
    status: Literal["ready"] = "ready"
    mode: str
    jobs: dict[str, int]
    """Those that are not done: `pending`, `dispatched` to a worker, `dead` ones that wait for a person."""
    intake: str
    """`open`, or what there is too little of for captures to be taken in."""


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
    facts: list[FactOut]
    measured_speed_kmh: str | None
    corrected_speed_kmh: int | None
    speed_limit_kmh: int | None
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
