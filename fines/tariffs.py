"""Offence code (feitcode) and amount by the date of the conduct, from the annex of the Wahv."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from core.errors import InvalidInput
from fines.explanation import Explanation, Step
from fines.rule_files import RuleFiles, parsed, shipped
from fines.rules import NoRule, Status, Strict


class Route(StrEnum):
    """What the law makes of an excess."""

    NO_OFFENCE = "no_offence"
    ADMINISTRATIVE = "administrative"
    CRIMINAL = "criminal"


@dataclass(frozen=True)
class Offence:
    """`amount_cents` and `code` are there on the administrative route only; `table` is the day its table began."""

    route: Route
    series: str
    description_nl: str
    violated_article: str
    table: date
    code: str | None
    amount_cents: int | None


class _Road(Strict):
    road: str
    series: str
    place_nl: str


class _Condition(Strict):
    """Rows of a series, below an excess where one is named, that hold only at one limit and in one time."""

    series: str
    excess_below: int | None = None
    only_at_limit_kmh: int
    valid_from: date = date(2011, 1, 1)
    valid_to: date = date.max
    status: Status
    source: str

    def covers(self, series: str, excess_kmh: int) -> bool:
        return self.series == series and (self.excess_below is None or excess_kmh < self.excess_below)


class _Sum(Strict):
    """In euro cents by vehicle category."""

    valid_from: date
    valid_to: date
    cents: dict[int, int]
    status: Status
    source: str


class Least(Strict):
    """A number of the evidence, and the parameter that says what it has to be at least."""

    number: str
    parameter: str


class _Fixed(Strict):
    """A conduct for one sum, whatever its measure."""

    offence: str
    code: str
    series: str
    description_nl: str
    violated_article: str
    least: list[Least] = Field(default_factory=list)
    sums: list[_Sum]


class _Offences(Strict):
    roads: list[_Road]
    conditions: list[_Condition]
    fixed: list[_Fixed] = Field(default_factory=list)


class TableEntry(Strict):
    """One table of amounts and the conducts that it holds for."""

    valid_from: date
    valid_to: date
    file: str
    series_version: date
    status: Status
    source: str


@dataclass(frozen=True)
class Table:
    """Offence code and amount in euro cents by series, whole km/h over the limit, and vehicle category."""

    entry: TableEntry
    rows: dict[tuple[str, int, int], tuple[str, int]]
    tops: dict[tuple[str, int], int]
    """Highest excess by series and vehicle category."""


class Tariffs:
    """All tables; each file is read when a conduct of its time first asks for it."""

    def __init__(self, files: RuleFiles | None = None) -> None:
        self._files = shipped() if files is None else files
        self._loaded: dict[str, Table] = {}

    @cached_property
    def _index(self) -> list[TableEntry]:
        return TypeAdapter(list[TableEntry]).validate_python(parsed(self._files, "tables.yaml"))

    @cached_property
    def _offences(self) -> _Offences:
        return _Offences.model_validate(parsed(self._files, "offences.yaml"))

    @cached_property
    def roads(self) -> dict[str, str]:
        """Series of the annex by kind of road."""
        return {road.road: road.series for road in self._offences.roads}

    @cached_property
    def _series(self) -> dict[tuple[date, str], tuple[str, str]]:
        return {
            (date.fromisoformat(row["text_version"]), row["series"]): (row["description_nl"], row["violated_article"])
            for row in _rows(self._files, "offence_series.csv")
        }

    def tables(self) -> list[Table]:
        """Every table, oldest first."""
        return [_load(self._files, entry) for entry in sorted(self._index, key=lambda entry: entry.valid_from)]

    def check(self) -> None:
        """Raises InvalidInput for data that does not keep to the form."""
        try:
            self.tables()
            unknown = {road.series for road in self._offences.roads} - {series for _, series in self._series}
        except (ValidationError, KeyError, ValueError) as error:
            raise InvalidInput("rule-file-form", f"a table of amounts cannot be read: {error}") from error
        _one_a_day("tables.yaml", self._index)
        for fixed in self._offences.fixed:
            _one_a_day(f"offences.yaml, {fixed.offence}", fixed.sums)
        if unknown:
            raise InvalidInput("rule-file-form", f"offence_series.csv does not name {', '.join(sorted(unknown))}")

    def only_limit(self, series: str, excess_kmh: int) -> int | None:
        """The one limit in km/h at which a row holds; None for one that holds at any."""
        limits = [c.only_at_limit_kmh for c in self._offences.conditions if c.covers(series, excess_kmh)]
        return limits[0] if limits else None

    def place_nl(self, road: str) -> str:
        """How a letter names the kind of road. Raises NoRule."""
        for known in self._offences.roads:
            if known.road == road:
                return known.place_nl
        raise NoRule("road-unknown", f"the roads are: {', '.join(self.roads)}")

    def offence(
        self, road: str, limit_kmh: int, corrected_kmh: int, vehicle_category: int, on: date, explanation: Explanation
    ) -> Offence:
        """What a corrected speed on a kind of road is. Raises NoRule when no table holds for it."""
        if road not in self.roads:
            raise NoRule("road-unknown", f"the roads are: {', '.join(self.roads)}")
        inputs = {"road": road, "limit_kmh": limit_kmh, "corrected_kmh": corrected_kmh}
        return self._find(
            self.roads[road], corrected_kmh - limit_kmh, limit_kmh, vehicle_category, on, inputs, explanation
        )

    def by_series(
        self, series: str, excess_kmh: int, vehicle_category: int, on: date, explanation: Explanation
    ) -> Offence:
        """The same by series and excess; rows that hold at one limit are taken to be asked for at that limit."""
        return self._find(series, excess_kmh, None, vehicle_category, on, {"series": series}, explanation)

    def fixed(self, offence: str, vehicle_category: int, on: date, explanation: Explanation) -> Offence:
        """A conduct for one sum, as red-light. Raises NoRule where the data has no sum for it."""
        found = self._fixed(offence)
        held = next((entry for entry in found.sums if entry.valid_from <= on <= entry.valid_to), None)
        cents = held.cents.get(vehicle_category) if held is not None else None
        if held is None or cents is None:
            raise NoRule(
                "no-tariff", f"there is no sum for {offence} by vehicle category {vehicle_category} on {on.isoformat()}"
            )
        explanation.steps.append(
            Step(
                "fixed_sum",
                "Wahv art. 2 and annex",
                held.valid_from.isoformat(),
                held.status,
                held.source,
                {"offence": offence, "vehicle_category": vehicle_category},
                {"offence_code": found.code, "amount_cents": cents},
            )
        )
        return Offence(
            Route.ADMINISTRATIVE,
            found.series,
            found.description_nl,
            found.violated_article,
            held.valid_from,
            found.code,
            cents,
        )

    def least(self, offence: str) -> list[Least]:
        """What the evidence of a conduct with one sum has to show at least. Raises NoRule."""
        return self._fixed(offence).least

    def _fixed(self, offence: str) -> _Fixed:
        found = next((entry for entry in self._offences.fixed if entry.offence == offence), None)
        if found is None:
            known = ", ".join(entry.offence for entry in self._offences.fixed)
            raise NoRule("offence-unknown", f"the offences with one sum are: {known}")
        return found

    def _find(
        self,
        series: str,
        excess: int,
        limit_kmh: int | None,
        category: int,
        on: date,
        inputs: dict[str, Any],
        explanation: Explanation,
    ) -> Offence:
        table = self._table(on)
        entry = table.entry
        top = table.tops.get((series, category))
        if top is None:
            raise NoRule(
                "no-tariff", f"the table of {entry.valid_from.year} has no row for series {series}, category {category}"
            )
        description, article = self._series.get((entry.series_version, series), (series, ""))
        route, code, amount = Route.NO_OFFENCE, None, None
        row = table.rows.get((series, excess, category))
        if excess > top:
            route = Route.CRIMINAL
        elif row is not None and self._in_force(series, excess, limit_kmh, on, explanation):
            route, (code, amount) = Route.ADMINISTRATIVE, row
        explanation.steps.append(
            Step(
                "tariff",
                "Wahv art. 2 and annex",
                entry.valid_from.isoformat(),
                entry.status,
                entry.source,
                {**inputs, "excess_kmh": excess, "vehicle_category": category},
                {"route": route, "offence_code": code, "amount_cents": amount},
            )
        )
        return Offence(route, series, description, article, entry.valid_from, code, amount)

    def _in_force(self, series: str, excess: int, limit_kmh: int | None, on: date, explanation: Explanation) -> bool:
        for condition in self._offences.conditions:
            if not condition.covers(series, excess):
                continue
            holds = condition.valid_from <= on <= condition.valid_to
            holds = holds and limit_kmh in (None, condition.only_at_limit_kmh)
            explanation.steps.append(
                Step(
                    "tariff_condition",
                    "Wahv, annex",
                    condition.valid_from.isoformat(),
                    condition.status,
                    condition.source,
                    {"series": series, "only_at_limit_kmh": condition.only_at_limit_kmh, "on": on.isoformat()},
                    holds,
                )
            )
            if not holds:
                return False
        return True

    def _table(self, on: date) -> Table:
        for entry in self._index:
            if entry.valid_from <= on <= entry.valid_to:
                if entry.file not in self._loaded:
                    self._loaded[entry.file] = _load(self._files, entry)
                return self._loaded[entry.file]
        raise NoRule("no-tariff-table", f"no tariff table holds on {on.isoformat()}; nothing is guessed")


def _one_a_day(where: str, entries: Sequence[TableEntry | _Sum]) -> None:
    for earlier, later in pairwise(sorted(entries, key=lambda entry: entry.valid_from)):
        if later.valid_from <= earlier.valid_to:
            raise InvalidInput("rule-file-form", f"{where}: two entries hold on {later.valid_from}")


def _rows(files: RuleFiles, path: str) -> list[dict[str, str]]:
    if path not in files:
        raise InvalidInput("rule-file-missing", f"{path} is missing")
    return list(csv.DictReader(io.StringIO(files[path])))


def _load(files: RuleFiles, entry: TableEntry) -> Table:
    rows: dict[tuple[str, int, int], tuple[str, int]] = {}
    tops: dict[tuple[str, int], int] = {}
    for row in _rows(files, f"tariffs/{entry.file}"):
        series, excess, category = row["series"], int(row["excess_kmh"]), int(row["vehicle_category"])
        rows[series, excess, category] = (row["offence_code"], int(row["amount_cents"]))
        tops[series, category] = max(excess, tops.get((series, category), 0))
    return Table(entry, rows, tops)
