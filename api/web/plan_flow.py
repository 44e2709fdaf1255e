"""Asking to pay in parts (betaling in termijnen, Wahv art. 23 to 25)."""

from collections.abc import Sequence

from api.web.case_file import CaseFile
from api.web.languages import N_, translated, word
from api.web.steps import Flow, Option, Question, Sent, Setting, Step
from api.web.wording import as_day, as_euro
from core.uploads import CheckedFile
from core.visits import Visitor

_STANDING = ("asked", "granted")
_OFFERED = (2, 3, 4, 5, 6, 8, 10, 12, 18, 24, 36)
"""Parts among which one chooses; the law of the day says which of them can be."""


def _parts(setting: Setting) -> list[Option]:
    return [
        Option(
            str(len(parts)),
            translated("%(count)s parts, one each month") % {"count": len(parts)},
            translated("%(sum)s each month, the last on %(day)s")
            % {"sum": as_euro(parts[-1][1]), "day": as_day(parts[-1][0])},
        )
        for parts in setting.doors.fines.plans.offers(setting.decision, setting.case.plans)
        if len(parts) in _OFFERED
    ]


def _begin(case: CaseFile) -> None:
    case.doors.fines.plans.check(case.decision, case.plans)


def _send(setting: Setting, who: Visitor, _: Sequence[CheckedFile]) -> None:
    setting.doors.fines.plans.ask(who.actor, setting.decision.case_number, int(setting.answers["parts"]))


def _sent(case: CaseFile) -> Sent | None:
    standing = [plan for plan in case.plans if plan.state in _STANDING]
    if not standing:
        return None
    plan = standing[0]
    facts = [(translated("State"), word(plan.state))]
    facts += [(as_day(last), as_euro(cents)) for last, cents in plan.instalments]
    says = [translated("We look at your request. You will find the answer here.")]
    if plan.state == "granted":
        says = [translated("Pay each part in time. Then nothing is added to your fine.")]
    return Sent(translated("You asked to pay in parts"), facts, says)


PLAN = Flow(
    kind="plan",
    title=N_("Pay in parts"),
    about=N_("You can ask to pay in parts, one each month. Until you hear from us, the day in your letter holds."),
    button=N_("Send the request"),
    begin=_begin,
    send=_send,
    sent=_sent,
    steps=(
        Step(
            "parts",
            N_("In how many parts do you want to pay?"),
            (
                Question(
                    "parts",
                    "choice",
                    N_("In how many parts do you want to pay?"),
                    N_("Choose in how many parts you want to pay."),
                    options=_parts,
                ),
            ),
        ),
    ),
)
