"""What others get to see of the court stage: values, never table rows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from appeals.models import (
    CourtAppeal,
    CourtAssignment,
    Dossier,
    DossierDelivery,
    HigherAppeal,
    Joinder,
    Ruling,
    Sitting,
)

DISTRICT = "district"
HIGHER = "higher"
"""Instances: the district court (kantonrechter), and the Court of Appeal Arnhem-Leeuwarden."""


@dataclass(frozen=True)
class SittingView:
    """Day and hour on which the case is heard."""

    id: str
    instance: str
    at: datetime
    place: str


@dataclass(frozen=True)
class DeliveryView:
    """How the dossier came to the court; `court_number` is what the court calls the case, once it said so."""

    channel: str
    delivered_on: date
    receipt: dict[str, Any]
    court_number: str | None
    acknowledged_on: date | None


@dataclass(frozen=True)
class RulingView:
    """A ruling; `higher_until` is the last day for higher appeal, None where there is none."""

    id: str
    instance: str
    outcome: str
    sanction_cents: int | None
    motivation: str
    ruled_on: date
    award_cents: int | None
    higher_until: date | None
    explanation: list[dict[str, Any]]


@dataclass(frozen=True)
class HigherAppealView:
    filed_by: str
    filed_on: date
    grounds: str
    in_time: bool


@dataclass(frozen=True)
class CourtView:
    """The court stage, with all that happened in it, oldest first. `joined` are ids of what is heard with it."""

    id: str
    state: str
    court: str
    filed_on: date
    in_time: bool
    grounds: str
    security_cents: int
    security_until: date | None
    forward_by: date | None
    explanation: list[dict[str, Any]]
    has_dossier: bool
    delivery: DeliveryView | None
    sittings: list[SittingView]
    rulings: list[RulingView]
    higher: list[HigherAppealView]
    joined: list[str]

    @property
    def ruling(self) -> RulingView | None:
        """The last one."""
        return self.rulings[-1] if self.rulings else None


def court_of(session: Session, case: CourtAppeal) -> str:
    """The court as it is now: the one that a person named last, else the one that the table gave."""
    newest = select(CourtAssignment.court).where(CourtAssignment.court_appeal_id == case.id)
    return session.scalars(newest.order_by(CourtAssignment.number.desc())).first() or case.court


def lead_of(session: Session, case_id: str) -> str:
    """The case that it goes with; itself, where it was not joined with another."""
    return session.scalars(select(Joinder.lead_id).where(Joinder.court_appeal_id == case_id)).first() or case_id


def together(session: Session, case_id: str) -> list[str]:
    """All the cases that are heard together with it, itself among them, by id."""
    lead = lead_of(session, case_id)
    joined = session.scalars(select(Joinder.court_appeal_id).where(Joinder.lead_id == lead))
    return sorted({lead, *joined})


def rulings_of(session: Session, case_id: str) -> list[Ruling]:
    """Oldest first."""
    return list(session.scalars(select(Ruling).where(Ruling.court_appeal_id == case_id).order_by(Ruling.id)))


def delivery_of(session: Session, case_id: str) -> DossierDelivery | None:
    return session.scalars(select(DossierDelivery).where(DossierDelivery.court_appeal_id == case_id)).first()


def court_view(session: Session, case: CourtAppeal) -> CourtView:
    """The court stage with all that belongs to it."""
    dossier = session.scalars(select(Dossier.id).where(Dossier.court_appeal_id == case.id)).first()
    delivery = delivery_of(session, case.id)
    sittings = session.scalars(select(Sitting).where(Sitting.court_appeal_id == case.id).order_by(Sitting.number))
    higher = session.scalars(
        select(HigherAppeal).where(HigherAppeal.court_appeal_id == case.id).order_by(HigherAppeal.id)
    )
    return CourtView(
        id=case.id,
        state=case.state,
        court=court_of(session, case),
        filed_on=case.filed_on,
        in_time=case.in_time,
        grounds=case.grounds,
        security_cents=case.security_cents,
        security_until=case.security_until,
        forward_by=case.forward_by,
        explanation=case.explanation,
        has_dossier=dossier is not None,
        delivery=DeliveryView(
            delivery.channel,
            delivery.delivered_on,
            delivery.receipt,
            delivery.court_number,
            delivery.acknowledged_on,
        )
        if delivery
        else None,
        sittings=[SittingView(row.id, row.instance, row.at, row.place) for row in sittings],
        rulings=[_ruling(row) for row in rulings_of(session, case.id)],
        higher=[HigherAppealView(row.filed_by, row.filed_on, row.grounds, row.in_time) for row in higher],
        joined=[other for other in together(session, case.id) if other != case.id],
    )


def _ruling(row: Ruling) -> RulingView:
    return RulingView(
        row.id,
        row.instance or DISTRICT,
        row.outcome,
        row.sanction_cents,
        row.motivation,
        row.ruled_on,
        row.award["cents"] if row.award else None,
        row.higher_until,
        row.explanation or [],
    )
