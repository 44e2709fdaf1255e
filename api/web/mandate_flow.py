"""Letting another act in one's case (machtiging, Awb art. 2:1), and ending that."""

from collections.abc import Sequence

from api.web.case_file import CaseFile
from api.web.languages import N_, translated, word
from api.web.steps import Flow, Option, Question, Sent, Setting, Step, day
from api.web.wording import as_day
from core.errors import Conflict
from core.uploads import CheckedFile
from core.visits import Visitor
from fines.service import MOST_PROOFS, Capacity, Given, MandateView


def _capacities(_: Setting) -> list[Option]:
    return [
        Option(
            Capacity.RELATIVE,
            translated("Somebody I trust"),
            translated("Family, a friend, a volunteer who helps me"),
        ),
        Option(Capacity.LAWYER, translated("A lawyer or another who gives legal help")),
        Option(
            Capacity.GUARDIAN,
            translated("A guardian or administrator"),
            translated("Curator, bewindvoerder or mentor, appointed by the court. We look at the papers first."),
        ),
    ]


def _guardian(setting: Setting) -> bool:
    return setting.answers.get("capacity") == Capacity.GUARDIAN


def _not_past(text: str, setting: Setting) -> bool:
    found = day(text)
    return found is not None and found >= setting.doors.fines.today()


def _open(case: CaseFile) -> MandateView | None:
    """The one that stands, or waits for its papers to be looked at."""
    return next((one for one in reversed(case.mandates) if one.standing or one.state == "asked"), None)


def _begin(_: CaseFile) -> None:
    """Always."""


def _send(setting: Setting, who: Visitor, files: Sequence[CheckedFile]) -> None:
    said = setting.answers
    given = Given(said["name"], Capacity(said["capacity"]), day(said.get("until", "")))
    setting.doors.fines.mandates.give(who.actor, setting.decision.id, given, files)


def _sent(case: CaseFile) -> Sent | None:
    mandate = _open(case)
    if mandate is None:
        return None
    facts = [
        (translated("Who may act"), mandate.name),
        (translated("As"), word(mandate.capacity)),
        (translated("Until"), as_day(mandate.until) if mandate.until else translated("until you end it")),
        (translated("State"), word(mandate.state)),
    ]
    if mandate.state == "asked":
        says = [translated("We look at the papers first. You will get a letter.")]
    elif mandate.state == "taken":
        says = [translated("This person took the mandate with a login and can act now.")]
    else:
        facts.append((translated("Code of the mandate"), case.doors.fines.mandates.code(mandate.id)))
        says = [
            translated("Give the case number and this code to the person who may act, and to nobody else."),
            translated("He or she chooses “Act for somebody” on the first page of this website."),
        ]
    if mandate.state != "asked":
        says.append(translated("You also get a letter about it. You can end it at any time."))
    return Sent(translated("Somebody may act for you"), facts, says)


MANDATE = Flow(
    kind="mandate",
    title=N_("Let somebody act for you"),
    about=N_("A lawyer, somebody you trust, or your guardian. He or she can then see this case, pay and appeal."),
    button=N_("Give the mandate"),
    most_files=MOST_PROOFS,
    by_oneself=True,
    begin=_begin,
    send=_send,
    sent=_sent,
    steps=(
        Step(
            "who",
            N_("Who may act for you?"),
            (
                Question("name", "text", N_("Name of the person or the office"), N_("Fill in the name.")),
                Question("capacity", "choice", N_("Who is it?"), N_("Choose who it is."), options=_capacities),
            ),
        ),
        Step(
            "papers",
            N_("The papers of the guardian"),
            (
                Question(
                    "files",
                    "files",
                    N_("Files"),
                    hint=N_("The decision of the court that appoints the guardian."),
                    optional=True,
                ),
            ),
            applies=_guardian,
        ),
        Step(
            "until",
            N_("Until when?"),
            (
                Question(
                    "until",
                    "date",
                    N_("Last day"),
                    N_("Choose a day that is still to come, or leave it empty."),
                    hint=N_("Leave it empty if it is to last until you end it."),
                    optional=True,
                    right=_not_past,
                ),
            ),
        ),
    ),
)


def _begin_end(case: CaseFile) -> None:
    if _open(case) is None:
        raise Conflict("no-mandate", "nobody may act in this case for you")


def _send_end(setting: Setting, who: Visitor, _: Sequence[CheckedFile]) -> None:
    setting.doors.fines.mandates.end(who.actor, setting.decision.id, "ended on the page")


def _sent_end(case: CaseFile) -> Sent | None:
    if _open(case) is not None or not case.mandates or case.mandates[-1].state != "ended":
        return None
    ended = case.mandates[-1]
    says = [translated("%(name)s cannot see this case any more and cannot do anything in it.") % {"name": ended.name}]
    return Sent(translated("Nobody acts for you any more"), [], says)


MANDATE_END = Flow(
    kind="mandate-end",
    title=N_("End the mandate"),
    about=N_("The person cannot see your case from then on. What he or she did before stays."),
    button=N_("End the mandate"),
    by_oneself=True,
    begin=_begin_end,
    send=_send_end,
    sent=_sent_end,
    steps=(),
)
