"""Forms in steps: one question a page, answers kept as a draft, checked before they are sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from stdnum import iban
from stdnum.exceptions import ValidationError

from api.services import Services
from api.web.case_file import CaseFile
from api.web.languages import N_
from api.web.visiting import acts_himself
from core.drafts import Page
from core.uploads import CheckedFile
from core.visits import Visitor
from fines.service import DecisionView

Kind = Literal["text", "words", "choice", "date", "files"]
LONGEST = {"text": 200, "words": 10_000, "choice": 40, "date": 10}
"""Characters of an answer."""


@dataclass(frozen=True)
class Setting:
    """What a step may depend on: the case, and what was answered so far."""

    case: CaseFile
    answers: Mapping[str, str]

    @property
    def doors(self) -> Services:
        return self.case.doors

    @property
    def decision(self) -> DecisionView:
        return self.case.decision


@dataclass(frozen=True)
class Option:
    """Of a choice; texts are in the language of the page already."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Question:
    """`label`, `hint` and `missing` (what is said when the answer cannot be right) are texts of the catalogue."""

    name: str
    kind: Kind
    label: str
    missing: str = N_("Fill this in.")
    hint: str = ""
    options: Callable[[Setting], Sequence[Option]] | None = None
    autocomplete: str = "off"
    optional: bool = False
    right: Callable[[str, Setting], bool] = lambda _, __: True
    tidy: Callable[[str], str] = str.strip
    """How an answer is kept."""

    def problem(self, answer: str, setting: Setting) -> str | None:
        """What is wrong with an answer, None when nothing is."""
        if self.kind == "files":
            return None
        if not answer:
            return None if self.optional else self.missing
        fits = len(answer) <= LONGEST[self.kind] and self.right(answer, setting)
        if self.kind == "choice" and self.options is not None:
            fits = fits and answer in {option.value for option in self.options(setting)}
        if self.kind == "date":
            fits = fits and day(answer) is not None
        return None if fits else self.missing


@dataclass(frozen=True)
class Step:
    """A page: what it asks, and when it is asked at all. `about` is a paragraph above the questions."""

    name: str
    title: str
    questions: Sequence[Question]
    about: str = ""
    applies: Callable[[Setting], bool] = lambda _: True


@dataclass(frozen=True)
class Sent:
    """What was sent, as it is known afterwards. `facts` and `answers` are pairs of label and value, in words."""

    title: str
    facts: list[tuple[str, str]]
    says: list[str]
    answers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Flow:
    """A form in steps. `kind` is its place in paths and the kind of its draft.

    `by_oneself`: not by who acts for somebody. `begin` raises what stands in the way of it; `send` raises what was
    wrong after all; `sent` finds it again.
    """

    kind: str
    title: str
    steps: Sequence[Step]
    button: str
    begin: Callable[[CaseFile], None]
    send: Callable[[Setting, Visitor, Sequence[CheckedFile]], None]
    sent: Callable[[CaseFile], Sent | None]
    about: str = ""
    most_files: int = 0
    by_oneself: bool = False

    def open_to(self, decision: DecisionView, who: Visitor) -> bool:
        """May this visitor use it?"""
        return not self.by_oneself or acts_himself(who, decision)

    def page(self, decision: DecisionView, who: Visitor) -> Page:
        """Where the visitor's draft of it is."""
        return Page(decision.id, self.kind, who.holder, decision.capture_id)

    def asked(self, setting: Setting) -> list[Step]:
        """The steps that apply after these answers."""
        return [step for step in self.steps if step.applies(setting)]

    def unanswered(self, setting: Setting) -> Step | None:
        """The first step that lacks an answer."""
        for step in self.asked(setting):
            if any(asked.problem(setting.answers.get(asked.name, ""), setting) for asked in step.questions):
                return step
        return None

    def after(self, step: Step, setting: Setting) -> Step | None:
        """The next one that applies; None after the last."""
        following = self.steps[list(self.steps).index(step) + 1 :]
        return next((one for one in following if one.applies(setting)), None)


def day(text: str) -> date | None:
    """None for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def past_day(text: str, setting: Setting) -> bool:
    """A day of this or an earlier century, until today."""
    found = day(text)
    return found is not None and date(1900, 1, 1) <= found <= setting.doors.fines.today()


def tidy_account(text: str) -> str:
    """In capitals and groups of four, as on a bank card."""
    return str(iban.format(text)) if text.strip() else ""


def bank_account(text: str, _: Setting) -> bool:
    """An IBAN whose check digits are right."""
    try:
        iban.validate(text, check_country=False)
    except ValidationError:
        return False
    return True
