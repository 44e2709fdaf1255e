"""What the courts decide, and the way from the district court to the Court of Appeal (Wahv art. 13 to 20d)."""

from dataclasses import dataclass
from datetime import date

from appeals import states
from appeals.admissibility import timeliness
from appeals.costs import Costs, grant
from appeals.court_views import DISTRICT, HIGHER, court_of, rulings_of
from appeals.desk import Desk, locked
from appeals.handling import check_outcome, publish_outcome
from appeals.models import CourtAppeal, HigherAppeal, Ruling
from appeals.states import COURT_APPEAL
from core.errors import Conflict, InvalidInput
from core.unit_of_work import Actor
from fines.service import DecisionView, Explanation, Step, dutch_date, format_euro, term

FILED_BY = ("appellant", "prosecutor")
HIGHER_COURT = "gerechtshof Arnhem-Leeuwarden"
_STAGE = {DISTRICT: "court", HIGHER: "higher_court"}


@dataclass(frozen=True)
class _Remedy:
    """Is higher appeal open against a ruling, until when, and why."""

    until: date | None
    explanation: Explanation


class Rulings:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def record(
        self,
        actor: Actor,
        court_appeal_id: str,
        outcome: str,
        motivation: str,
        sanction_cents: int | None = None,
        costs: Costs | None = None,
    ) -> None:
        """A ruling came in, of the court that has the case, with the costs that it orders to be given back.

        An outcome counts for the decision of the prosecutor: the Court of Appeal that confirms a ruling which changed
        the sum says "upheld". Raises InvalidInput for an outcome that does not fit, NotFound, NotAllowed, Conflict.
        """
        desk = self._desk
        with desk.units.begin(actor) as uow:
            case = locked(uow, CourtAppeal, court_appeal_id)
            instance = HIGHER if case.state == states.AT_HIGHER_COURT else DISTRICT
            decision = desk.fines.decision(case.decision_id)
            earlier = rulings_of(uow.session, case.id)
            before = decision.amounts.sanction
            most = (earlier[-1].sanction_before_cents or before) + 1 if instance == HIGHER else before
            check_outcome(outcome, sanction_cents, most)
            COURT_APPEAL.fire(uow, case, "rule", outcome)
            remedy = self._remedy(case, decision, outcome, sanction_cents) if instance == DISTRICT else None
            ruling = Ruling(
                court_appeal_id=case.id,
                instance=instance,
                outcome=outcome,
                sanction_cents=sanction_cents,
                sanction_before_cents=before,
                motivation=motivation,
                award=None,
                ruled_on=desk.today,
                higher_until=remedy.until if remedy else None,
                explanation=remedy.explanation.as_json() if remedy else None,
            )
            given = grant(desk, uow, case.decision_id, f"court:{ruling.id}", costs, outcome)
            ruling.award = given.as_json() if given else None
            uow.add(ruling)
            if given is not None:
                motivation += f" Vergoeding van kosten: € {format_euro(given.cents)} (Wahv, artikel 13a)."
            if ruling.higher_until is not None:
                motivation += (
                    f" Tegen deze uitspraak kunt u tot en met {dutch_date(ruling.higher_until)} hoger beroep instellen"
                    f" bij het {HIGHER_COURT}. Dien het in bij de {court_of(uow.session, case)}"
                    " (Wahv, artikelen 14 en 15)."
                )
            publish_outcome(
                uow,
                _STAGE[instance],
                ruling.id,
                case.decision_id,
                outcome,
                motivation,
                sanction_cents,
                final=ruling.higher_until is None,
                number=1 + sum(one.instance == instance for one in earlier),
            )
            uow.commit()

    def go_higher(self, actor: Actor, court_appeal_id: str, filed_by: str, filed_on: date, grounds: str) -> None:
        """The district court received an appeal against its ruling (art. 15); collection stops again.

        Raises InvalidInput, NotFound, NotAllowed, and Conflict where the law opens no higher appeal (art. 14).
        """
        desk = self._desk
        if filed_by not in FILED_BY:
            raise InvalidInput("filer-unknown", f"filed by one of: {', '.join(FILED_BY)}")
        with desk.units.begin(actor) as uow:
            case = locked(uow, CourtAppeal, court_appeal_id)
            if case.state != states.RULED:
                raise Conflict("no-ruling", "higher appeal comes after a ruling of the district court")
            ruling = rulings_of(uow.session, case.id)[-1]
            if ruling.higher_until is None:
                raise Conflict("no-higher-appeal", "the sanction in the ruling is not above the threshold (art. 14)")
            if not ruling.ruled_on <= filed_on <= desk.today:
                raise InvalidInput("day-impossible", "it was received between the ruling and today")
            timely = timeliness(ruling.higher_until, filed_on, None, desk.rules)
            COURT_APPEAL.fire(uow, case, "go_higher", f"filed by the {filed_by}")
            uow.add(
                HigherAppeal(
                    court_appeal_id=case.id,
                    ruling_id=ruling.id,
                    filed_by=filed_by,
                    filed_on=filed_on,
                    grounds=grounds,
                    in_time=timely.in_time,
                    explanation=timely.explanation.as_json(),
                    recorded_by=actor.id,
                )
            )
            desk.fines.outcomes.suspend(uow, case.decision_id, f"higher_appeal:{ruling.id}")
            uow.commit()

    def refer_back(self, actor: Actor, court_appeal_id: str, reason: str) -> None:
        """The Court of Appeal found that security was not missing: the district court judges anew (art. 20d par. 2).

        Raises NotFound, NotAllowed, Conflict unless the ruling had called the appeal inadmissible.
        """
        with self._desk.units.begin(actor) as uow:
            case = locked(uow, CourtAppeal, court_appeal_id)
            earlier = rulings_of(uow.session, case.id)
            if case.state == states.AT_HIGHER_COURT and earlier[-1].outcome != "inadmissible":
                raise Conflict(
                    "not-referred-back", "only a ruling that found no security is judged anew (art. 14 par. 2)"
                )
            COURT_APPEAL.fire(uow, case, "refer_back", reason)
            uow.commit()

    def _remedy(self, case: CourtAppeal, decision: DecisionView, outcome: str, sanction_cents: int | None) -> _Remedy:
        """Open where the sanction in the ruling is above the threshold, or security was found missing (art. 14)."""
        today, rules = self._desk.today, self._desk.rules
        sanction = {"annulled": 0, "amended": sanction_cents or 0}.get(outcome, decision.amounts.sanction)
        explanation = Explanation()
        threshold = rules.value("higher_appeal_threshold_cents", today, explanation, sanction_cents=sanction)
        last = explanation.steps[-1]
        for_security = outcome == "inadmissible" and decision.amounts.security < case.security_cents
        inputs = {"sanction_cents": sanction, "threshold_cents": threshold, "for_security": for_security}
        is_open = sanction > threshold or for_security
        explanation.steps.append(
            Step("higher_appeal_open", "Wahv art. 14", last.version, last.status, last.source, inputs, is_open)
        )
        until = term("appeal_term_weeks", today, rules, explanation) if is_open else None
        return _Remedy(until, explanation)
