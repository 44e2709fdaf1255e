"""Giving up an appeal that is not decided yet."""

from collections.abc import Sequence

from api.services import Services
from api.web.languages import N_, translated
from api.web.steps import Flow, Sent, Setting
from core.errors import Conflict
from core.uploads import CheckedFile
from core.visits import Visitor
from fines.service import DecisionView


def _begin(doors: Services, decision: DecisionView) -> None:
    appeal = doors.appeals.appeal_for_decision(decision.id)
    if appeal is None or appeal.outcome is not None:
        raise Conflict("nothing-to-withdraw", "there is no appeal that waits for a decision")


def _send(setting: Setting, who: Visitor, _: Sequence[CheckedFile]) -> None:
    appeal = setting.doors.appeals.appeal_for_decision(setting.decision.id)
    if appeal is None:
        raise Conflict("nothing-to-withdraw", "there is no appeal that waits for a decision")
    setting.doors.appeals.handling.withdraw(who.actor, appeal.id, "withdrawn by the appellant")


def _sent(doors: Services, decision: DecisionView) -> Sent | None:
    appeal = doors.appeals.appeal_for_decision(decision.id)
    if appeal is None or appeal.state != "withdrawn":
        return None
    return Sent(
        translated("You gave up your appeal"), [], [translated("The fine stays as it is. You will get a letter.")]
    )


WITHDRAWAL = Flow(
    kind="withdrawal",
    title=N_("Give up the appeal"),
    about=N_("The fine then stays as it is, and you cannot go to the court any more."),
    button=N_("Give up the appeal"),
    begin=_begin,
    send=_send,
    sent=_sent,
    steps=(),
)
