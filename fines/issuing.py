"""Issues a decision: its facts, its first ledger entry, its letter, in one transaction."""

from core.errors import InvalidInput
from core.unit_of_work import UnitOfWork
from fines import events, ledger, states
from fines.assessment import Assessed
from fines.conduct import Conduct, kept
from fines.letters import order_letter
from fines.models import Decision
from fines.references import new_case_number, new_payment_reference
from fines.states import DECISION


def issue(uow: UnitOfWork, conduct: Conduct, assessed: Assessed, rules_version: str) -> Decision:
    """Raises InvalidInput for an assessment that is no decision."""
    offence, vehicle, terms = assessed.offence, assessed.vehicle, assessed.terms
    if offence is None or vehicle is None or terms is None or offence.code is None:
        raise InvalidInput("assessment-incomplete", "a decision needs offence, vehicle and terms")
    speed = conduct.observed.speed
    decision = Decision(
        capture_id=conduct.capture_id,
        case_number=new_case_number(),
        payment_reference=new_payment_reference(),
        plate=conduct.plate,
        plate_country=conduct.country,
        keeper=vehicle.keeper.as_json(),
        person=vehicle.person,
        vehicle=vehicle.description,
        offence_code=offence.code,
        offence_nl=offence.description_nl,
        violated_article=offence.violated_article,
        conduct_at=conduct.at,
        place=conduct.place,
        municipality=conduct.municipality,
        observed=kept(conduct.observed),
        road_type=speed.road_type if speed else None,
        measured_kmh=str(speed.kmh) if speed else None,
        corrected_kmh=assessed.corrected_kmh,
        limit_kmh=speed.limit_kmh if speed else None,
        sanction_cents=assessed.sanction_cents,
        administration_cents=assessed.administration_cents,
        decided_on=terms.decided_on,
        appeal_until=terms.appeal_until,
        pay_until=terms.pay_until,
        explanation=assessed.explanation.as_json(),
        rules_version=rules_version,
        specimen=assessed.specimen,
        state=states.ISSUED,
        due_on=terms.pay_until,
        current_sanction_cents=assessed.sanction_cents,
        resume_state=None,
        final_on=terms.appeal_until,
        stopped_until=None,
        sent_on=None,
        holds=0,
    )
    uow.add(decision)
    DECISION.create(uow, decision, f"offence code {offence.code}")
    ledger.charge(
        uow,
        decision.id,
        terms.decided_on,
        "issue",
        "decision",
        decision.sanction_cents,
        decision.administration_cents,
    )
    uow.publish(events.DECISION_ISSUED, decision.id, {"decisionId": decision.id})
    order_letter(uow, decision.id, "decision")
    return decision
