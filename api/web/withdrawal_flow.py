"""Giving up an appeal that is not decided yet."""

from collections.abc import Sequence

from api.web.case_file import CaseFile
from api.web.languages import N_, translated
from api.web.steps import Flow, Sent, Setting
from core.uploads import CheckedFile
from core.visits import Visitor


def _begin(case: CaseFile) -> None:
    case.waiting_appeal()


def _send(setting: Setting, who: Visitor, _: Sequence[CheckedFile]) -> None:
    appeal = setting.case.waiting_appeal()
    setting.doors.appeals.handling.withdraw(who.actor, appeal.id, "withdrawn by the appellant")


def _sent(case: CaseFile) -> Sent | None:
    appeal = case.appeal
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
