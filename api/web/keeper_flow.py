"""Telling that another answers for it, or nobody (Wahv art. 8): hired out, sold, used against one's will."""

from collections.abc import Sequence

from api.web.case_file import CaseFile
from api.web.languages import N_, translated, word
from api.web.steps import Flow, Option, Question, Sent, Setting, Step, day, past_day
from api.web.wording import as_day
from core.errors import Conflict
from core.uploads import CheckedFile
from core.visits import Visitor
from fines.service import MOST_EVIDENCE, Ground, Keeper, StatedKeeper


def _grounds(_: Setting) -> list[Option]:
    return [
        Option(
            Ground.HIRED,
            translated("I had hired it out"),
            translated("As a business, with a written contract of three months at most"),
        ),
        Option(Ground.SOLD, translated("It was not mine any more"), translated("Sold, given away or scrapped")),
        Option(
            Ground.AGAINST_WILL,
            translated("It was used against my will"),
            translated("Stolen, for example, and I could not prevent it"),
        ),
    ]


def _hired(setting: Setting) -> bool:
    return setting.answers.get("ground") == Ground.HIRED


def _sold(setting: Setting) -> bool:
    return setting.answers.get("ground") == Ground.SOLD


def _not_before_it_began(text: str, setting: Setting) -> bool:
    first, last = day(setting.answers.get("since", "")), day(text)
    return last is not None and (first is None or first <= last)


def _begin(case: CaseFile) -> None:
    if not case.doors.fines.liability.possible(case.decision, case.statements):
        raise Conflict("statement-not-now", "this cannot be said of this case any more")


def _send(setting: Setting, who: Visitor, files: Sequence[CheckedFile]) -> None:
    said = setting.answers
    ground = Ground(said["ground"])
    named = ("name", "street", "postcode", "city", "country")
    person = Keeper(**{name: said[name] for name in named}) if ground is Ground.HIRED else None
    since = {Ground.HIRED: said.get("since", ""), Ground.SOLD: said.get("sold_on", "")}.get(ground, "")
    until = said.get("until", "") if ground is Ground.HIRED else ""
    stated = StatedKeeper(ground, said["account"], day(since), day(until), person)
    setting.doors.fines.liability.state(who.actor, setting.decision.id, stated, files)


def _sent(case: CaseFile) -> Sent | None:
    statements = case.statements
    may_be_said = case.doors.fines.liability.possible(case.decision, statements)
    if not statements or (statements[-1].state == "refused" and may_be_said):
        return None
    newest = statements[-1]
    facts = [
        (translated("Received on"), as_day(newest.stated_on)),
        (translated("What you told"), word(newest.ground)),
        (translated("State"), word(newest.state)),
    ]
    if newest.evidence:
        facts.append((translated("Files"), ", ".join(file.name for file in newest.evidence)))
    says = [
        translated("The public prosecutor decides on it. You will get a letter."),
        translated("Until there is a decision, nothing is added to your fine and nothing is collected."),
    ]
    answers = [(translated("What happened?"), newest.account)]
    if newest.person:
        answers.append((translated("Who had it then?"), ", ".join(str(part) for part in newest.person.values())))
    return Sent(translated("We have received your message"), facts, says, answers)


KEEPER = Flow(
    kind="not-me",
    title=N_("It was not my vehicle then"),
    about=N_(
        "Was the vehicle hired out, sold or stolen? Then another may have to answer for it, or nobody (Wahv, "
        "article 8). Did somebody else just drive it? Then the fine stays yours."
    ),
    button=N_("Send the message"),
    most_files=MOST_EVIDENCE,
    begin=_begin,
    send=_send,
    sent=_sent,
    steps=(
        Step(
            "ground",
            N_("What was the matter?"),
            (
                Question(
                    "ground", "choice", N_("What was the matter?"), N_("Choose what was the matter."), options=_grounds
                ),
            ),
        ),
        Step(
            "hire",
            N_("From when until when was it hired out?"),
            (
                Question(
                    "since", "date", N_("First day of the contract"), N_("Fill in the first day of the contract.")
                ),
                Question(
                    "until",
                    "date",
                    N_("Last day of the contract"),
                    N_("Fill in the last day of the contract."),
                    right=_not_before_it_began,
                ),
            ),
            applies=_hired,
        ),
        Step(
            "hirer",
            N_("Who had hired it?"),
            (
                Question("name", "text", N_("Name"), N_("Fill in the name.")),
                Question("street", "text", N_("Street and number"), N_("Fill in street and number.")),
                Question("postcode", "text", N_("Postcode"), N_("Fill in the postcode.")),
                Question("city", "text", N_("Town"), N_("Fill in the town.")),
                Question("country", "text", N_("Country"), N_("Fill in the country.")),
            ),
            applies=_hired,
        ),
        Step(
            "sale",
            N_("Since when was it not yours any more?"),
            (
                Question(
                    "sold_on",
                    "date",
                    N_("Day of the sale"),
                    N_("Fill in the day of the sale."),
                    hint=N_("It stands on the proof of indemnity (vrijwaringsbewijs)."),
                    right=past_day,
                ),
            ),
            applies=_sold,
        ),
        Step(
            "account",
            N_("What happened?"),
            (Question("account", "words", N_("What happened?"), N_("Write down what happened.")),),
        ),
        Step(
            "files",
            N_("Your proof"),
            (
                Question(
                    "files",
                    "files",
                    N_("Files"),
                    hint=N_("The contract of hire, the proof of sale, or the report to the police."),
                    optional=True,
                ),
            ),
        ),
    ),
)
