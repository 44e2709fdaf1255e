"""The appeal in steps (administratief beroep, Wahv art. 6): what the law asks for, one thing a page."""

from collections.abc import Sequence
from typing import Any

from api import presenters
from api.schemas.citizens import AppealSaid
from api.web.case_file import CaseFile
from api.web.forms import appeal_from
from api.web.languages import N_, language_now, translated
from api.web.steps import Flow, Option, Question, Sent, Setting, Step, bank_account, past_day, tidy_account
from api.web.visiting import acts_by, acts_himself
from api.web.wording import OUTCOMES, as_day
from appeals.service import MOST_ATTACHMENTS, grounds
from core.errors import Conflict
from core.uploads import CheckedFile
from core.visits import Visitor
from fines.service import sentences_of

_OTHER = "none-of-these"


def _grounds(_: Setting) -> list[Option]:
    named = [Option(code, item.nl if language_now() == "nl" else item.en) for code, item in grounds().items()]
    return [*named, Option(_OTHER, translated("Something else, or more than one reason"))]


def _yes_no(_: Setting) -> list[Option]:
    return [Option("yes", translated("Yes")), Option("no", translated("No"))]


def _late(setting: Setting) -> bool:
    return setting.doors.fines.today() > setting.decision.appeal_until


def _begin(case: CaseFile) -> None:
    if case.decision.state == "annulled":
        raise Conflict("nothing-to-appeal", "the decision was annulled: there is nothing to appeal against")


def _send(setting: Setting, who: Visitor, files: Sequence[CheckedFile]) -> None:
    said = {**setting.answers, "ground": setting.answers["ground"].removesuffix(_OTHER)}
    body = AppealSaid.model_validate({**appeal_from(said), "language": language_now()})
    filing = presenters.filing(body, representative=_representative(setting, who))
    setting.doors.appeals.intake.file(who.actor, setting.decision, filing, files)


def _representative(setting: Setting, who: Visitor) -> dict[str, Any] | None:
    """Who acts for the person addressed by a mandate, None where he acts himself (Awb art. 2:1)."""
    if acts_himself(who, setting.decision):
        return None
    mandate = acts_by(setting.doors, who, setting.decision)
    return presenters.acts_for(mandate.name, mandate.capacity, mandate=mandate) if mandate else None


def _sent(case: CaseFile) -> Sent | None:
    appeal = case.appeal
    if appeal is None:
        return None
    facts = [(translated("Received on"), as_day(appeal.received_on))]
    if appeal.outcome is not None:
        facts.append((translated("The prosecutor decided"), translated(OUTCOMES[appeal.outcome])))
    elif appeal.state != "withdrawn":
        facts.append((translated("Decision at the latest on"), as_day(appeal.decide_until)))
    if appeal.attachments:
        facts.append((translated("Files"), ", ".join(file.name for file in appeal.attachments)))
    about = appeal.appellant
    answers = [
        (translated("Why do you not agree?"), appeal.grounds),
        (translated("Your name"), about.get("name", "")),
        (translated("Date of birth"), about.get("birth_date", "")),
        (translated("Place of birth"), about.get("birth_place", "")),
        (translated("Address"), about.get("address", "")),
        (translated("Bank account (IBAN)"), about.get("iban", "")),
    ]
    says = [
        translated("You will get a letter about this too."),
        translated("Until there is a decision, nothing is added to your fine and nothing is collected."),
        *sentences_of(appeal.explanation, language_now()),
    ]
    return Sent(translated("We have received your appeal"), facts, says, answers)


APPEAL = Flow(
    kind="appeal",
    title=N_("Appeal"),
    about=N_(
        "The public prosecutor looks at your fine again (Wahv, article 6). It is free. "
        "You do not have to pay while there is no decision."
    ),
    button=N_("Send the appeal"),
    most_files=MOST_ATTACHMENTS,
    begin=_begin,
    send=_send,
    sent=_sent,
    steps=(
        Step(
            "reason",
            N_("What is it about?"),
            (Question("ground", "choice", N_("What is it about?"), N_("Choose what it is about."), options=_grounds),),
        ),
        Step(
            "grounds",
            N_("Why do you not agree?"),
            (
                Question(
                    "grounds",
                    "words",
                    N_("Why do you not agree?"),
                    N_("Write down why you do not agree with the fine."),
                    hint=N_("Tell what happened in your own words. You do not need to know the law."),
                ),
            ),
        ),
        Step(
            "late",
            N_("Why are you later?"),
            (Question("late_reason", "words", N_("Why are you later?"), N_("Write down why you are later.")),),
            about=N_("The last day for an appeal has passed. It may still be dealt with if that is not your fault."),
            applies=_late,
        ),
        Step(
            "files",
            N_("Do you want to send something along?"),
            (
                Question(
                    "files",
                    "files",
                    N_("Files"),
                    hint=N_("For example a photo, a receipt or a letter. You may go on without."),
                    optional=True,
                ),
            ),
        ),
        Step(
            "hearing",
            N_("Do you want to explain it in a conversation?"),
            (
                Question(
                    "hearing",
                    "choice",
                    N_("Do you want to explain it in a conversation?"),
                    N_("Choose yes or no."),
                    hint=N_("Somebody then calls you, or you come by. It is not needed."),
                    options=_yes_no,
                ),
            ),
        ),
        Step(
            "person",
            N_("Who are you?"),
            (
                Question("name", "text", N_("Your name"), N_("Fill in your name."), autocomplete="name"),
                Question(
                    "birth_date",
                    "date",
                    N_("Date of birth"),
                    N_("Fill in your date of birth."),
                    autocomplete="bday",
                    right=past_day,
                ),
                Question("birth_place", "text", N_("Place of birth"), N_("Fill in your place of birth.")),
            ),
            about=N_("The law asks for this (Wahv, article 6)."),
        ),
        Step(
            "contact",
            N_("Where can we reach you?"),
            (
                Question(
                    "address",
                    "text",
                    N_("Address"),
                    N_("Fill in your address."),
                    hint=N_("Street, number, postcode and town"),
                    autocomplete="street-address",
                ),
                Question(
                    "iban",
                    "text",
                    N_("Bank account (IBAN)"),
                    N_("Fill in your bank account number (IBAN), such as NL00 BANK 0123 4567 89."),
                    hint=N_("For when you get money back. Only an account in your own name."),
                    right=bank_account,
                    tidy=tidy_account,
                ),
            ),
        ),
    ),
)
