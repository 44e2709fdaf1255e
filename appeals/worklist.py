"""The work list: appeals that are to be decided, by what is most urgent, narrowed down and by the page."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from appeals import states
from appeals.desk import Desk
from appeals.models import Appeal
from core.errors import InvalidInput

_PAGE = 50

COUNTED = 250
"""Nobody works off a longer list by its number: it is counted up to here."""


@dataclass(frozen=True)
class Choice:
    """What a list shows: `handler` is a person's id, or "nobody"; `due_in` days at most until the term ends.

    `at_risk` is of those whose term ends soon, `late_filed` of those that came in late.
    """

    state: str | None = None
    ground: str | None = None
    language: str | None = None
    handler: str | None = None
    due_in: int | None = None
    late_filed: bool = False
    at_risk: bool = False


VIEWS = {
    "all": Choice(),
    "mine": Choice(handler="me"),
    "free": Choice(handler="nobody"),
    "risk": Choice(at_risk=True),
    "late": Choice(due_in=-1),
    "filed-late": Choice(late_filed=True),
    "proposed": Choice(state="proposed"),
}
"""The lists that every handler has; "me" is who asks."""


@dataclass(frozen=True)
class AppealRow:
    """A line of the list. `days_left` until the last day to decide; below zero it has passed."""

    id: str
    decision_id: str
    case_number: str
    capture_id: str
    state: str
    ground: str | None
    channel: str | None
    language: str | None
    received_on: date
    decide_until: date
    days_left: int
    in_time: bool
    handler_id: str | None


class WorkList:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def page(self, choice: Choice, after: str = "") -> tuple[list[AppealRow], str | None]:
        """Rows after a mark, the most urgent first, and the mark of the next page; None at the end.

        Raises InvalidInput for what is no mark.
        """
        query = select(Appeal).where(*self._wanted(choice)).order_by(Appeal.decide_until, Appeal.id).limit(_PAGE + 1)
        if after:
            query = query.where(tuple_(Appeal.decide_until, Appeal.id) > _mark(after))
        with self._desk.units.read() as session:
            found = list(session.scalars(query))
        rows = self._rows(found[:_PAGE])
        last = found[_PAGE - 1] if len(found) > _PAGE else None
        return rows, f"{last.decide_until.isoformat()}.{last.id}" if last else None

    def count(self, choice: Choice) -> int:
        """How many it shows, up to COUNTED."""
        with self._desk.units.read() as session:
            return counted(session, *self._wanted(choice))

    def _wanted(self, choice: Choice) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = [is_open()]
        if choice.state:
            wanted.append(Appeal.state == choice.state)
        if choice.ground:
            wanted.append(Appeal.ground == choice.ground)
        if choice.language:
            wanted.append(Appeal.language == choice.language)
        if choice.handler == "nobody":
            wanted.append(Appeal.handler_id.is_(None))
        elif choice.handler:
            wanted.append(Appeal.handler_id == choice.handler)
        if choice.due_in is not None:
            wanted.append(Appeal.decide_until <= self._desk.today + timedelta(days=choice.due_in))
        if choice.at_risk:
            wanted.append(at_risk(self._desk))
        if choice.late_filed:
            wanted.append(Appeal.in_time.is_(False))
        return wanted

    def _rows(self, found: list[Appeal]) -> list[AppealRow]:
        names = self._desk.fines.case_names([appeal.decision_id for appeal in found])
        return [
            AppealRow(
                appeal.id,
                appeal.decision_id,
                *names[appeal.decision_id],
                appeal.state,
                appeal.ground,
                appeal.channel,
                appeal.language,
                appeal.received_on,
                appeal.decide_until,
                (appeal.decide_until - self._desk.today).days,
                appeal.in_time,
                appeal.handler_id,
            )
            for appeal in found
        ]


def is_open() -> ColumnElement[bool]:
    """To be decided; written out in the statement, so that the index of what is open serves it."""
    return Appeal.state.in_(bindparam("open", states.OPEN, expanding=True, literal_execute=True))


def at_risk(desk: Desk) -> ColumnElement[bool]:
    """The term to decide ends soon (parameter `term_at_risk_days`)."""
    days = desk.rules.value("term_at_risk_days", desk.today)
    return Appeal.decide_until.between(desk.today, desk.today + timedelta(days=days))


def counted(session: Session, *wanted: ColumnElement[bool]) -> int:
    """How many appeals there are of a kind, up to COUNTED."""
    some = select(Appeal.id).where(*wanted).limit(COUNTED).subquery()
    return int(session.scalar(select(func.count()).select_from(some)) or 0)


def _mark(after: str) -> tuple[date, str]:
    """The last day and the id after which a page begins."""
    day, _, appeal_id = after.partition(".")
    try:
        return date.fromisoformat(day), appeal_id
    except ValueError as error:
        raise InvalidInput("page-invalid", "follow the link to the next page as it was given") from error
