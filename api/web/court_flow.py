"""Going to the district court (beroep bij de kantonrechter, Wahv art. 9)."""

from collections.abc import Sequence

from api.web.case_file import CaseFile
from api.web.languages import N_, translated
from api.web.steps import Flow, Question, Sent, Setting, Step
from api.web.wording import as_day, as_euro
from core.errors import Conflict
from core.uploads import CheckedFile
from core.visits import Visitor


def _begin(case: CaseFile) -> None:
    appeal = case.appeal
    if appeal is None or appeal.outcome in (None, "annulled") or appeal.court_until is None:
        raise Conflict("court-not-now", "the court is open after a decision of the prosecutor that left the fine")
    if case.doors.fines.today() > appeal.court_until:
        raise Conflict("court-too-late", f"the last day to go to the court was {appeal.court_until.isoformat()}")


def _send(setting: Setting, who: Visitor, _: Sequence[CheckedFile]) -> None:
    setting.doors.appeals.court.go(who.actor, setting.decision, setting.answers["grounds"])


def _sent(case: CaseFile) -> Sent | None:
    appeal = case.appeal
    if appeal is None or appeal.court is None:
        return None
    court = appeal.court
    facts = [(translated("Received on"), as_day(court.filed_on)), (translated("Court"), court.court)]
    says = [translated("The court invites you to the hearing.")]
    if court.security_until and court.state == "awaiting_security":
        facts.append((translated("To be deposited"), as_euro(court.security_cents)))
        facts.append((translated("At the latest on"), as_day(court.security_until)))
        facts.append((translated("Payment reference"), case.decision.payment_reference))
        says.append(translated("Without the deposit the court does not look at your case (Wahv, article 11)."))
    return Sent(translated("Your case goes to the court"), facts, says)


COURT = Flow(
    kind="court",
    title=N_("To the court"),
    about=N_(
        "Do you not agree with the prosecutor's decision? Then a judge can look at it (Wahv, article 9). "
        "For a high fine you first have to deposit money; then we tell you how much."
    ),
    button=N_("Send it to the court"),
    begin=_begin,
    send=_send,
    sent=_sent,
    steps=(
        Step(
            "grounds",
            N_("Why do you not agree with the decision?"),
            (
                Question(
                    "grounds",
                    "words",
                    N_("Why do you not agree with the decision?"),
                    N_("Write down why you do not agree with the decision."),
                ),
            ),
        ),
    ),
)
