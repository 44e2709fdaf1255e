"""From evidence and a settled plate to what the law makes of it. Pure: reads registers and rules, writes nothing."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from core.clock import local_date
from fines.conduct import Conduct
from fines.explanation import Explanation, Step
from fines.keepers import Bar, Keeper, RegisteredVehicle, VehicleRegister
from fines.rules import NoRule, Rules
from fines.speed import corrected_speed
from fines.tariffs import Offence, Route, Tariffs
from fines.terms import months_after, term
from ingest.service import Observed


class Outcome(StrEnum):
    """What becomes of a capture."""

    DECISION = "decision"
    NO_OFFENCE = "no_offence"
    PROSECUTOR = "prosecutor"
    NO_TARIFF = "no_tariff"
    KEEPER_UNKNOWN = "keeper_unknown"
    NOT_LIABLE = "not_liable"
    TOO_LATE = "too_late"
    NO_EVIDENCE = "no_evidence"
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
    corrected_kmh: int | None = None
    vehicle: RegisteredVehicle | None = None
    offence: Offence | None = None
    terms: Terms | None = None
    sanction_cents: int = 0
    administration_cents: int = 0
    specimen: str | None = None
    """Why this is a specimen; None when every rule behind it was released."""


_BARS = {
    Bar.STOLEN: ("Wahv art. 8 sub a", "the vehicle was reported as stolen on that day"),
    Bar.EXEMPT: ("RVV 1990 art. 91", "the vehicle was in use by an exempt service on that day"),
    Bar.IMMUNE: ("Wahv art. 5c", "the keeper is immune under international law: Foreign Affairs is to be told"),
}


def without_evidence(doubt: str) -> Assessed:
    """What a capture rested on does not hold any more: nobody is looked up for it."""
    return Assessed(Outcome.NO_EVIDENCE, doubt, Explanation())


class Assessor:
    """Applies the rules in the order in which the law asks."""

    def __init__(self, rules: Rules, tariffs: Tariffs, register: VehicleRegister, *, demonstration: bool) -> None:
        self._rules = rules
        self._tariffs = tariffs
        self._register = register
        self._demonstration = demonstration

    def assess(self, conduct: Conduct, today: date, instead: Keeper | None = None) -> Assessed:
        """See Outcome. Never raises for want of law: that is an outcome of its own.

        `instead` answers in the keeper's place (Wahv art. 8).
        What rests on a rule that nobody released is a specimen in demonstration mode and refused in production.
        """
        assessed = self._apply(conduct, today, instead)
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

    def _apply(self, conduct: Conduct, today: date, instead: Keeper | None) -> Assessed:
        explanation = Explanation()
        day = local_date(conduct.at)
        vehicle = self._register.vehicle_on(conduct.plate, conduct.country, day)
        if vehicle is None:
            return Assessed(Outcome.KEEPER_UNKNOWN, "the register has no keeper on that day", explanation)
        if instead is not None:
            vehicle = RegisteredVehicle(vehicle.category, vehicle.description, instead, in_place=True)
        if vehicle.bar is not None:
            article, reason = _BARS[vehicle.bar]
            explanation.steps.append(_step("keeper_bar", article, {"bar": vehicle.bar, "on": day.isoformat()}, reason))
            return Assessed(Outcome.NOT_LIABLE, reason, explanation)
        if vehicle.deceased_on is not None and vehicle.deceased_on <= today:
            reason = "the keeper has died"
            inputs = {"deceased_on": vehicle.deceased_on.isoformat()}
            explanation.steps.append(_step("keeper_deceased", "Wahv art. 25 par. 4", inputs, reason))
            return Assessed(Outcome.NOT_LIABLE, reason, explanation)
        try:
            return self._sanction(conduct, day, today, vehicle, explanation)
        except NoRule as missing:
            return Assessed(Outcome.NO_TARIFF, missing.detail, explanation)

    def _sanction(
        self, conduct: Conduct, day: date, today: date, vehicle: RegisteredVehicle, explanation: Explanation
    ) -> Assessed:
        speed, corrected = conduct.observed.speed, None
        if speed is not None:
            corrected = corrected_speed(speed.kmh, day, self._rules, explanation)
            offence = self._tariffs.offence(
                speed.road_type, speed.limit_kmh, corrected, vehicle.category, day, explanation
            )
        else:
            offence = self._tariffs.fixed(conduct.observed.offence or "", vehicle.category, day, explanation)
            if lacking := self._lacking(conduct.observed, day, explanation):
                return Assessed(Outcome.NO_OFFENCE, lacking, explanation)
        if offence.route is Route.NO_OFFENCE:
            return Assessed(Outcome.NO_OFFENCE, "no row of the tariff for this excess", explanation, corrected)
        if offence.route is Route.CRIMINAL or offence.amount_cents is None:
            return Assessed(Outcome.PROSECUTOR, "over the top of the administrative range", explanation, corrected)
        sanction = offence.amount_cents
        if vehicle.born_on is not None and not vehicle.company:
            lowered = for_age(sanction, _age(vehicle.born_on, day), day, self._rules, explanation)
            if lowered is None:
                return Assessed(Outcome.NOT_LIABLE, "too young at the conduct", explanation, corrected)
            sanction = lowered
        if self._too_late(day, today, vehicle, explanation):
            return Assessed(Outcome.TOO_LATE, "the term for a decision has passed", explanation, corrected)
        costs = self._rules.value("administration_costs_cents", today, explanation)
        terms = self._terms(today, explanation)
        return Assessed(
            Outcome.DECISION,
            offence.description_nl,
            explanation,
            corrected,
            vehicle,
            offence,
            terms,
            sanction,
            costs,
        )

    def _lacking(self, observed: Observed, day: date, explanation: Explanation) -> str | None:
        """What the data ask of a conduct with one sum and is not there; what is not known counts as nothing."""
        for needed in self._tariffs.least(observed.offence or ""):
            found = observed.numbers.get(needed.number, 0)
            least = self._rules.value(needed.parameter, day, explanation, **{needed.number: found})
            if found < least:
                return f"{needed.number} is {found}, and {needed.parameter} asks for {least}"
        return None

    def _too_late(self, day: date, today: date, vehicle: RegisteredVehicle, explanation: Explanation) -> bool:
        """Wahv art. 4 par. 2: four months; from when the keeper became known, if later, and five years at most.

        For who answers in the keeper's place art. 8 has a term of its own.
        """
        if vehicle.in_place:
            return today > term("hirer_notification_term_months", day, self._rules, explanation)
        later = vehicle.known_on is not None and vehicle.known_on > day
        if not later or self._rules.holding("notification_after_keeper_known_months", day) is None:
            return today > term("notification_term_months", day, self._rules, explanation)
        known_on = vehicle.known_on or day
        months = self._rules.value(
            "notification_after_keeper_known_months", day, explanation, known_on=known_on.isoformat()
        )
        outer = term("notification_outer_term_years", day, self._rules, explanation)
        return today > min(months_after(known_on, months), outer)

    def _terms(self, today: date, explanation: Explanation) -> Terms:
        appeal_until = term("appeal_term_weeks", today, self._rules, explanation)
        return Terms(today, appeal_until, term("payment_term_weeks", appeal_until, self._rules, explanation))


def for_age(cents: int, age: int, day: date, rules: Rules, explanation: Explanation) -> int | None:
    """The sum for a person of that age in years at the conduct.

    Halved below sixteen (Wahv art. 2 par. 4); None below twelve, who does not answer for it (art. 3 par. 2).
    """
    if age < rules.value("liable_from_age_years", day):
        rules.value("liable_from_age_years", day, explanation, age=age)
        return None
    if age >= rules.value("halved_below_age_years", day):
        return cents
    rules.value("halved_below_age_years", day, explanation, age=age)
    return cents * rules.value("halved_to_percent", day, explanation, amount_cents=cents) // 100


def _step(rule: str, article: str, inputs: dict[str, str], result: str) -> Step:
    return Step(rule, article, "2011-01-01", "reported", "the vehicle register's answer", inputs, result)


def _age(born_on: date, day: date) -> int:
    """Whole years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
