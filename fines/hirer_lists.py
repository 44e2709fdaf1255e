"""Lists of hirers (verhuurlijst): a firm names who had hired its vehicles, each row stands by itself.

A row that is right becomes a statement about the keeper (Wahv art. 8 sub b), one that is not is refused with what is
wrong in which column, and nothing else of the list is lost by it.
"""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import Clock
from core.errors import DomainError, InvalidInput, NotFound
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from fines import events, states
from fines.keepers import Keeper
from fines.liability import Ground, Liability, StatedKeeper
from fines.models import Decision, HirerList, HirerRow, KeeperStatement
from fines.states import HIRER_LIST, HIRER_ROW
from imaging.service import normalise

MOST_ROWS = 10_000
_CHUNK = 100
_PAGE = 100
_LONGEST = 200

COLUMNS = {
    "case_number": "zaaknummer",
    "plate": "kenteken",
    "name": "naam",
    "street": "straat",
    "postcode": "postcode",
    "city": "plaats",
    "country": "land",
    "contract_from": "contract_van",
    "contract_until": "contract_tot",
}
"""Of the list, in English and in Dutch; either will do, in any order."""
_DAYS = ("contract_from", "contract_until")
_PERSON = ("name", "street", "postcode", "city", "country")


@dataclass(frozen=True)
class Sender:
    """Who sends a list: `person` is his pseudonym where only his own cases are his to speak of."""

    id: str
    person: str | None = None


@dataclass(frozen=True)
class HirerRowView:
    """`number` is that of the line in the file; `problems` are pairs of column and what is wrong there."""

    number: int
    case_number: str
    state: str
    code: str | None
    problems: list[tuple[str, str]]


@dataclass(frozen=True)
class HirerListView:
    """How far a list is; counts of rows by state."""

    id: str
    name: str
    sent_at: datetime
    state: str
    counts: dict[str, int]


class HirerLists:
    """See module."""

    def __init__(self, units: UnitsOfWork, clock: Clock, liability: Liability) -> None:
        self._units = units
        self._clock = clock
        self._liability = liability

    def send(self, actor: Actor, sender: Sender, name: str, content: bytes) -> str:
        """Take a list in; its rows are worked off later. The same file again is the same list. Returns its id.

        Raises InvalidInput for a file that is no such list.
        """
        rows = read_list(content)
        sha256 = hashlib.sha256(content).hexdigest()
        with self._units.begin(actor) as uow:
            same = select(HirerList.id).where(HirerList.sent_by == sender.id, HirerList.sha256 == sha256)
            known = uow.session.scalars(same).first()
            if known is not None:
                return known
            taken = HirerList(
                sent_by=sender.id,
                person=sender.person,
                name=name[:_LONGEST],
                sha256=sha256,
                sent_at=uow.clock.now(),
                state=states.RECEIVED,
            )
            uow.add(taken)
            HIRER_LIST.create(uow, taken, "a list of hirers", rows=len(rows))
            uow.session.flush()
            for number, said in rows:
                wrong = _problems(said)
                row = HirerRow(
                    list_id=taken.id,
                    number=number,
                    said=said,
                    state=states.REFUSED if wrong else states.WAITING,
                    code="row-invalid" if wrong else None,
                    problems=[list(pair) for pair in wrong],
                    statement_id=None,
                )
                uow.session.add(row)
            numbers = [number for number, _ in rows]
            for at in range(0, len(numbers), _CHUNK):
                part = numbers[at : at + _CHUNK]
                payload = {"listId": taken.id, "first": part[0], "last": part[-1]}
                uow.publish(events.HIRERS_NAMED, taken.id, payload, version=str(part[0]))
            uow.commit()
            return taken.id

    def state_rows(self, uow: UnitOfWork, payload: dict[str, Any], _: object) -> None:
        """Job: make statements of some rows."""
        taken = uow.session.get_one(HirerList, payload["listId"], with_for_update=True)
        waiting = uow.session.scalars(
            select(HirerRow)
            .where(HirerRow.list_id == taken.id, HirerRow.state == states.WAITING)
            .where(HirerRow.number.between(payload["first"], payload["last"]))
            .order_by(HirerRow.number)
        )
        for row in waiting.all():
            self._state_row(uow, taken, row)
        uow.session.flush()
        left = select(func.count()).where(HirerRow.list_id == taken.id, HirerRow.state == states.WAITING)
        if taken.state == states.RECEIVED and not uow.session.scalar(left):
            HIRER_LIST.fire(uow, taken, "finish", "every row was worked off")

    def _state_row(self, uow: UnitOfWork, taken: HirerList, row: HirerRow) -> None:
        said = row.said
        try:
            decision = _decision(uow.session, taken.person, said)
            stated = _stated(said)
            earlier = _same(uow.session, decision, stated)
            if earlier is not None:
                HIRER_ROW.fire(uow, row, "know", "said before")
                row.statement_id = earlier
            else:
                row.statement_id = self._liability.state_within(uow, decision, stated)
                HIRER_ROW.fire(uow, row, "file", "Wahv art. 8: hired")
        except DomainError as error:
            HIRER_ROW.fire(uow, row, "refuse", error.code)
            row.code, row.problems = error.code, [["case_number", error.detail]]
            return
        # What it says is part of the statement now.
        row.said = {"case_number": said["case_number"]}

    def list_of(self, sender: Sender, list_id: str) -> HirerListView:
        """Raises NotFound, for another's as for none."""
        with self._units.read() as session:
            return _view(session, _own(session, sender, list_id))

    def lists_of(self, sender: Sender) -> list[HirerListView]:
        """The newest first."""
        with self._units.read() as session:
            rows = session.scalars(
                select(HirerList).where(HirerList.sent_by == sender.id).order_by(HirerList.id.desc()).limit(_PAGE)
            )
            return [_view(session, row) for row in rows]

    def rows(self, sender: Sender, list_id: str, state: str = "", after: int = 0) -> list[HirerRowView]:
        """A page of rows after one of them, those in one state where one is given. Raises NotFound."""
        with self._units.read() as session:
            _own(session, sender, list_id)
            wanted = select(HirerRow).where(HirerRow.list_id == list_id, HirerRow.number > after)
            if state:
                wanted = wanted.where(HirerRow.state == state)
            return [
                HirerRowView(
                    row.number,
                    row.said.get("case_number", ""),
                    row.state,
                    row.code,
                    [(column, told) for column, told in row.problems],
                )
                for row in session.scalars(wanted.order_by(HirerRow.number).limit(_PAGE))
            ]

    def refused_rows(self, sender: Sender, list_id: str) -> bytes:
        """What was refused, as a list to put right and send again, with the line and what is wrong. Raises NotFound."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=";")
        writer.writerow([*COLUMNS, "line", "problem"])
        with self._units.read() as session:
            _own(session, sender, list_id)
            refused = select(HirerRow).where(HirerRow.list_id == list_id, HirerRow.state == states.REFUSED)
            for row in session.scalars(refused.order_by(HirerRow.number)):
                told = "; ".join(f"{column}: {what}" for column, what in row.problems)
                said = [_harmless(row.said.get(column, "")) for column in COLUMNS]
                writer.writerow([*said, row.number, _harmless(told)])
        return buffer.getvalue().encode("utf-8-sig")


def read_list(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Each row that is not empty, by its line in the file, with the columns by their English names.

    Raises InvalidInput for what is no such list.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("list-encoding", "save the list as CSV in UTF-8") from error
    separator = max(";,\t", key=text.partition("\n")[0].count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        header = [_column(name) for name in next(reader, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise InvalidInput(
                "list-columns", f"the first line names the columns; these are missing: {', '.join(missing)}"
            )
        found = []
        for values in reader:
            if any(value.strip() for value in values):
                said = dict(zip(header, (value.strip() for value in values), strict=False))
                found.append((reader.line_num, {name: said.get(name, "") for name in COLUMNS}))
    except csv.Error as error:
        raise InvalidInput("list-form", f"the list cannot be read as CSV near its end: {error}") from error
    if not 1 <= len(found) <= MOST_ROWS:
        raise InvalidInput("list-length", f"a list has 1 to {MOST_ROWS} rows")
    return found


def _column(name: str) -> str:
    plain = name.strip().lower().replace(" ", "_")
    return next((english for english, dutch in COLUMNS.items() if plain in (english, dutch)), plain)


def _problems(said: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is wrong with a row by itself."""
    found = [(name, "is missing") for name in COLUMNS if not said[name]]
    found += [(name, "is too long") for name in COLUMNS if len(said[name]) > _LONGEST]
    number = said["case_number"].replace(" ", "")
    if number and not (number.isdecimal() and len(number) == 16):
        found.append(("case_number", "is not a case number of 16 digits"))
    found += [(name, "is no day, such as 2026-12-31") for name in _DAYS if said[name] and _day(said[name]) is None]
    first, last = _day(said["contract_from"]), _day(said["contract_until"])
    if first and last and last < first:
        found.append(("contract_until", "is before the first day"))
    return found


def _day(text: str) -> date | None:
    """As 2026-12-31 or as 31-12-2026."""
    for form in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def _harmless(text: str) -> str:
    """What a spreadsheet would take for a formula is shown as text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _stated(said: Mapping[str, str]) -> StatedKeeper:
    person = Keeper(**{name: said[name] for name in _PERSON})
    account = "named in a list of hirers"
    return StatedKeeper(Ground.HIRED, account, _day(said["contract_from"]), _day(said["contract_until"]), person)


def _decision(session: Session, person: str | None, said: Mapping[str, str]) -> Decision:
    number = said["case_number"].replace(" ", "")
    found = session.scalars(select(Decision).where(Decision.case_number == number).with_for_update()).first()
    theirs = person is not None and found is not None and found.person != person
    if found is None or theirs or found.plate != normalise(said["plate"]):
        raise NotFound("case-not-found", "there is no such case with this plate")
    return found


def _same(session: Session, decision: Decision, stated: StatedKeeper) -> str | None:
    """The statement that says the same already."""
    person = stated.person.as_json() if stated.person else None
    earlier: Sequence[KeeperStatement] = session.scalars(
        select(KeeperStatement).where(
            KeeperStatement.decision_id == decision.id,
            KeeperStatement.ground == stated.ground,
            KeeperStatement.since == stated.since,
            KeeperStatement.until == stated.until,
        )
    ).all()
    return next((row.id for row in earlier if row.person == person), None)


def _own(session: Session, sender: Sender, list_id: str) -> HirerList:
    found = session.get(HirerList, list_id)
    if found is None or found.sent_by != sender.id:
        raise NotFound("list-unknown", "no list with this id")
    return found


def _view(session: Session, row: HirerList) -> HirerListView:
    counts = session.execute(
        select(HirerRow.state, func.count()).where(HirerRow.list_id == row.id).group_by(HirerRow.state)
    )
    return HirerListView(row.id, row.name, row.sent_at, row.state, dict(counts.tuples().all()))
