"""Shapes of what citizens send and get."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas.common import AccessCode, AppealLanguage, CaseNumber, LetterKind, PersonIn, Plate, Shape, Short, Text

GroundCode = Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,40}$"), Field(examples=["not-committed"])]
"""What can be said against a decision (Wahv art. 9 par. 2), by its code in the data."""


class CaseNamed(Shape):
    """A case by its number and plate, for who acts for somebody."""

    case_number: CaseNumber
    plate: Plate


class CaseLookup(CaseNamed):
    """What stands on the letter: number, plate, and the code that only who got the letter knows."""

    access_code: AccessCode


class PhotoLookup(CaseLookup):
    position: Annotated[int, Field(ge=0, le=9)] = 0


class PhotoLinkOut(Shape):
    """`url` holds until `expiresAt`."""

    url: str
    expires_at: datetime


class LetterLookup(CaseLookup):
    kind: LetterKind = "decision"
    number: Annotated[int, Field(ge=1)] | None = None


class CheckoutIn(CaseLookup):
    """Pay on the provider's page; all that is open where no amount is given."""

    amount_cents: Annotated[int, Field(gt=0, le=100_000_000)] | None = None


class CheckoutOut(Shape):
    """A payment page; send the payer to `pageUrl` while it is open. Euro cents."""

    id: str
    state: Literal["started", "open", "paid", "failed", "expired", "cancelled"]
    cents: int
    page_url: str | None


class KeeperStatementIn(CaseLookup):
    """Somebody else, or nobody, answers for it (Wahv art. 8).

    `hired` needs the first and last day of the contract and the hirer, `sold` the day of the sale in `since`.
    """

    ground: Literal["against_will", "hired", "sold"]
    account: Text
    since: date | None = None
    until: date | None = None
    person: PersonIn | None = None


class AppellantIn(Shape):
    """Who appeals, as Wahv art. 6 asks."""

    name: Short
    birth_date: date
    birth_place: Short
    address: Short
    iban: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9 ]{8,40}$")]


class AppealSaid(Shape):
    """What is said in an administrative appeal."""

    appellant: AppellantIn
    grounds: Text
    ground: GroundCode | None = None
    wants_hearing: bool | None = None
    language: AppealLanguage = "nl"
    late_reason: Text | None = None
    posted_on: date | None = None


class AppealIn(AppealSaid, CaseLookup):
    """An administrative appeal."""


class CourtAppealIn(CaseLookup):
    grounds: Text
