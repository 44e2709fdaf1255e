"""Which district court is competent: of the place of the conduct, or of the person's residence (Wahv art. 10)."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, TypeAdapter

from fines.service import Step

_FILE = Path(__file__).parent / "law" / "districts.yaml"

UNROUTED = "to be routed by hand"
"""Of a place that the table does not know, or of which there are two."""


class _Provinces(BaseModel):
    status: str
    source: str
    municipalities: dict[str, list[str]]


class _District(BaseModel):
    court: str
    article: str
    provinces: list[str] = []
    municipalities: list[str] = []
    joined: dict[str, date] = {}
    left: dict[str, date] = {}


class _Table(BaseModel):
    law: str
    valid_from: date
    status: str
    source: str
    provinces: _Provinces
    districts: list[_District]
    also: dict[str, str]


@dataclass(frozen=True)
class _Row:
    court: str
    article: str
    since: date
    until: date | None
    """The first day on which it holds no more."""
    status: str
    source: str


@dataclass(frozen=True)
class Competence:
    """The court, why it is that one ("conduct", "residence" or "unknown"), and the step that explains it."""

    court: str
    basis: str
    step: Step


def courts() -> list[str]:
    """The names of the district courts."""
    return [district.court for district in _table().districts]


def competent_court(conduct: str, residence: str, day: date) -> Competence:
    """The court of the municipality of the conduct; where the table has none on that day, of the residence's."""
    for basis, place in (("conduct", conduct), ("residence", residence)):
        row = _row_of(place, day)
        if row is not None:
            return Competence(row.court, basis, _step(row, basis, place))
    table = _table()
    unknown = _Row(UNROUTED, "", table.valid_from, None, table.status, table.source)
    return Competence(UNROUTED, "unknown", _step(unknown, "unknown", conduct))


def _step(row: _Row, basis: str, place: str) -> Step:
    article = f"Wahv art. 10; {_table().law} {row.article}".rstrip()
    inputs = {"basis": basis, "place": place}
    return Step("competent_court", article, row.since.isoformat(), row.status, row.source, inputs, row.court)


def _row_of(place: str, day: date) -> _Row | None:
    """None for a place that is not there on that day."""
    for row in _rows().get(_plain(place), []):
        if row.since <= day and (row.until is None or day < row.until):
            return row
    return None


def _plain(place: str) -> str:
    return place.strip().replace("’", "'").replace(".", "").casefold()


@cache
def _table() -> _Table:
    return TypeAdapter(_Table).validate_python(yaml.safe_load(_FILE.read_text()))


@cache
def _rows() -> dict[str, list[_Row]]:
    """By plain name; a municipality that moved to another district has a row for each."""
    table = _table()
    rows: dict[str, list[_Row]] = {}
    for district in table.districts:
        for name in district.municipalities:
            since = district.joined.get(name, table.valid_from)
            row = _Row(district.court, district.article, since, district.left.get(name), table.status, table.source)
            rows.setdefault(_plain(name), []).append(row)
        for province in district.provinces:
            for name in table.provinces.municipalities[province]:
                known = (table.provinces.status, table.provinces.source)
                rows[_plain(name)] = [_Row(district.court, district.article, table.valid_from, None, *known)]
    for other, name in table.also.items():
        rows[_plain(other)] = rows[_plain(name)]
    return rows
