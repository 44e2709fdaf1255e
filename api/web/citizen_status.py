"""How a case stands, for the one whose case it is: what happened, what comes next and when."""

from dataclasses import dataclass
from datetime import date

from api.web.case_file import CaseFile
from api.web.languages import translated, word
from api.web.wording import as_euro
from appeals.service import AppealView
from core.clock import local_date


@dataclass(frozen=True)
class Moment:
    """`ahead` is expected, or a last day; what has no day comes when something else happened."""

    day: date
    text: str
    ahead: bool = False


def moments_of(case: CaseFile) -> list[Moment]:
    """In order: first what happened, then what is ahead. In the language of the page."""
    decision = case.decision
    movements, increases = case.doors.fines.money_of(decision.id)
    found = [
        Moment(local_date(decision.conduct_at), translated("The photo was taken")),
        *(Moment(letter.dated, _letter(letter.kind)) for letter in decision.letters),
        *(
            Moment(movement.booked_on, translated("You paid %(sum)s") % {"sum": as_euro(-paid)})
            for movement in movements
            if movement.kind == "payment" and (paid := movement.lines.get("receivable", 0)) < 0
        ),
        *(
            Moment(one.charged_on, translated("%(sum)s was added") % {"sum": as_euro(one.amount_cents)})
            for one in increases
            if one.undone_on is None
        ),
        *_of_appeal(case.appeal),
    ]
    ahead = _ahead(case)
    return sorted(found, key=lambda one: one.day) + sorted(ahead, key=lambda one: one.day)


def _letter(kind: str) -> str:
    return translated("Letter: %(what)s") % {"what": word(kind)}


def _of_appeal(appeal: AppealView | None) -> list[Moment]:
    if appeal is None:
        return []
    found = [Moment(appeal.received_on, translated("We received your appeal"))]
    if appeal.court is not None:
        found.append(Moment(appeal.court.filed_on, translated("You went to the court")))
        found += [Moment(one.ruled_on, translated("The court decided")) for one in appeal.court.rulings]
    return found


def _ahead(case: CaseFile) -> list[Moment]:
    decision, appeal, today = case.decision, case.appeal, case.doors.fines.today()
    found = []
    if appeal is None:
        if decision.amounts.open and today <= decision.appeal_until:
            found.append(_by(decision.appeal_until, translated("Last day to appeal")))
    elif appeal.outcome is None and appeal.state != "withdrawn":
        found.append(_by(appeal.decide_until, translated("The prosecutor decides at the latest")))
        found += [
            _by(local_date(one.at), translated("Conversation about your appeal"))
            for one in appeal.hearings
            if one.state == "planned"
        ]
    elif appeal.court is None and appeal.court_until and today <= appeal.court_until and appeal.outcome != "annulled":
        found.append(_by(appeal.court_until, translated("Last day to go to the court")))
    if appeal is not None and appeal.court is not None:
        if appeal.court.security_until and appeal.court.state == "awaiting_security":
            found.append(_by(appeal.court.security_until, translated("Last day to pay the deposit")))
        found += [_by(local_date(one.at), translated("Hearing at the court")) for one in appeal.court.sittings]
    plan = case.granted_plan
    if plan is not None:
        found += [
            _by(last, translated("Pay %(sum)s") % {"sum": as_euro(cents)})
            for last, cents in plan.instalments
            if last >= today
        ]
    elif decision.due_on and decision.amounts.open:
        found.append(_by(decision.due_on, translated("Last day to pay")))
    return found


def _by(day: date, text: str) -> Moment:
    return Moment(day, text, ahead=True)
