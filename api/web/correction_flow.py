"""Asking to correct something that is held about a person (AVG art. 16)."""

from collections.abc import Sequence

from api.web.case_file import CaseFile
from api.web.languages import N_, language_now, translated, word
from api.web.steps import Flow, Question, Sent, Setting, Step
from api.web.wording import as_day
from core.uploads import CheckedFile
from core.visits import Visitor
from fines.service import sentences_of


def _begin(_: CaseFile) -> None:
    """Always."""


def _send(setting: Setting, who: Visitor, _: Sequence[CheckedFile]) -> None:
    setting.doors.fines.corrections.ask(who.actor, setting.decision.id, setting.answers["wrong"])


def _sent(case: CaseFile) -> Sent | None:
    requests = case.corrections
    if not requests:
        return None
    newest = requests[-1]
    facts = [(translated("Received on"), as_day(newest.asked_on)), (translated("State"), word(newest.state))]
    if newest.answer is None:
        facts.append((translated("Answer at the latest on"), as_day(newest.answer_by)))
    else:
        facts.append((translated("Answer"), newest.answer))
    says = sentences_of(newest.explanation, language_now())
    return Sent(
        translated("You asked us to correct something"), facts, says, [(translated("What is wrong?"), newest.wrong)]
    )


CORRECTION = Flow(
    kind="correction",
    title=N_("Something about me is wrong"),
    about=N_(
        "Is your name, your address or something else that we hold about you wrong? Ask us to correct it. "
        "If you do not agree with the fine itself, appeal."
    ),
    button=N_("Send the request"),
    by_oneself=True,
    begin=_begin,
    send=_send,
    sent=_sent,
    steps=(
        Step(
            "wrong",
            N_("What is wrong?"),
            (
                Question(
                    "wrong",
                    "words",
                    N_("What is wrong?"),
                    N_("Write down what is wrong."),
                    hint=N_("Write down too what it should be."),
                ),
            ),
        ),
    ),
)
