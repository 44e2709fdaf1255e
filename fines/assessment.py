"""From evidence and a settled plate to what the law makes of it. Pure: reads registers and rules, writes nothing."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.clock import local_date
from fines.explanation import Explanation
from fines.keepers import RegisteredVehicle, VehicleRegister
from fines.rules import NoRule, Rules
from fines.speed import corrected_speed
from fines.tariffs import Offence, Route, Tariffs
from fines.terms import term
from ingest.service import Evidence


class Outcome(StrEnum):
    """What becomes of a capture."""

    DECISION = "decision"
    NO_OFFENCE = "no_offence"
    PROSECUTOR = "prosecutor"
    NO_TARIFF = "no_tariff"
    KEEPER_UNKNOWN = "keeper_unknown"
    TOO_LATE = "too_late"
    RULES_NOT_APPROVED = "rules_not_approved"


@dataclass(frozen=True)
class Terms:
    """Last days, in Europe/Amsterdam."""

    decided_on: date
    appeal_until: date
    pay_until: date


@dataclass(frozen=True)
class Assessed:
    """`vehicle`, `offence`, `terms` and the amounts are there when the outcome is a decision."""

    outcome: Outcome
    reason: str
    explanation: Explanation
    corrected_kmh: int = 0
    vehicle: RegisteredVehicle | None = None
    offence: Offence | None = None
    terms: Terms | None = None
    administration_cents: int = 0
    specimen: str | None = None
    """Why this is a specimen; None when every rule behind it was released."""


class Assessor:
    """Applies the rules in the order in which the law asks."""

    def __init__(self, rules: Rules, tariffs: Tariffs, register: VehicleRegister, *, demonstration: bool) -> None:
        self._rules = rules
        self._tariffs = tariffs
        self._register = register
        self._demonstration = demonstration

    def assess(self, evidence: Evidence, plate: str, country: str, today: date) -> Assessed:
        """See Outcome. Never raises for want of law: that is an outcome of its own.

        What rests on a rule that nobody released is a specimen in demonstration mode and refused in production.
        """
        assessed = self._apply(evidence, plate, country, today)
        unapproved = self._rules.unapproved(assessed.explanation)
        if not unapproved:
            return assessed
        rests_on = f"the case rests on {', '.join(dict.fromkeys(unapproved))}"
        reason = self._rules.release.reason
        if self._demonstration:
            return replace(assessed, specimen=reason or rests_on)
        return Assessed(
            Outcome.RULES_NOT_APPROVED, f"{reason or 'rules were held back'}; {rests_on}", assessed.explanation
        )

    def _apply(self, evidence: Evidence, plate: str, country: str, today: date) -> Assessed:
        explanation = Explanation()
        conduct = local_date(evidence.captured_at)
        vehicle = self._register.vehicle_on(plate, country, conduct)
        if vehicle is None:
            return Assessed(Outcome.KEEPER_UNKNOWN, "the register has no keeper on that day", explanation)
        details = evidence.details
        try:
            corrected = corrected_speed(Decimal(details["measured_speed_kmh"]), conduct, self._rules, explanation)
            offence = self._tariffs.offence(
                details["road_type"],
                details["speed_limit_kmh"],
                corrected,
                vehicle.category,
                conduct,
                explanation,
            )
            if offence.route is Route.NO_OFFENCE:
                return Assessed(Outcome.NO_OFFENCE, "no row of the tariff for this excess", explanation, corrected)
            if offence.route is Route.CRIMINAL:
                return Assessed(Outcome.PROSECUTOR, "over the top of the administrative range", explanation, corrected)
            if today > term("notification_term_months", conduct, self._rules, explanation):
                return Assessed(Outcome.TOO_LATE, "the term for a decision has passed", explanation, corrected)
            costs = self._rules.value("administration_costs_cents", today, explanation)
            terms = self._terms(today, explanation)
        except NoRule as missing:
            return Assessed(Outcome.NO_TARIFF, missing.detail, explanation)
        return Assessed(
            Outcome.DECISION, offence.description_nl, explanation, corrected, vehicle, offence, terms, costs
        )

    def _terms(self, today: date, explanation: Explanation) -> Terms:
        appeal_until = term("appeal_term_weeks", today, self._rules, explanation)
        return Terms(today, appeal_until, term("payment_term_weeks", appeal_until, self._rules, explanation))
