"""Offence code (feitcode) and amount by the date of the conduct, from the annex of the Wahv."""

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

import yaml

from fines.explanation import Explanation, Step
from fines.rules import LAW, NoRule


class Route(StrEnum):
    """What the law makes of an excess."""

    NO_OFFENCE = "no_offence"
    ADMINISTRATIVE = "administrative"
    CRIMINAL = "criminal"


@dataclass(frozen=True)
class Offence:
    """`amount_cents` and `code` are there on the administrative route only."""

    route: Route
    series: str
    description_nl: str
    violated_article: str
    code: str | None
    amount_cents: int | None


@dataclass(frozen=True)
class _Table:
    source: str
    status: str
    valid_from: date
    series_version: date
    rows: dict[tuple[str, int, int], tuple[str, int]]


class Tariffs:
    """All tables; each file is read when a conduct of its time first asks for it."""

    def __init__(self) -> None:
        self._loaded: dict[str, _Table] = {}

    @cached_property
    def _index(self) -> list[dict[str, Any]]:
        document: list[dict[str, Any]] = yaml.safe_load((LAW / "tables.yaml").read_text())
        return document

    @cached_property
    def _offences(self) -> dict[str, Any]:
        document: dict[str, Any] = yaml.safe_load((LAW / "offences.yaml").read_text())
        return document

    @cached_property
    def _series(self) -> dict[tuple[date, str], tuple[str, str]]:
        with (LAW / "offence_series.csv").open(newline="") as file:
            return {
                (date.fromisoformat(row["text_version"]), row["series"]): (
                    row["description_nl"],
                    row["violated_article"],
                )
                for row in csv.DictReader(file)
            }

    def offence(
        self,
        road_type: str,
        limit_kmh: int,
        corrected_kmh: int,
        vehicle_category: int,
        on: date,
        explanation: Explanation,
    ) -> Offence:
        """Raises NoRule when no table holds for that day, road type or vehicle category."""
        table = self._table(on)
        series = next((s["series"] for s in self._offences["series"] if s["road_type"] == road_type), None)
        excesses = [e for s, e, c in table.rows if s == series and c == vehicle_category]
        if series is None or not excesses:
            raise NoRule(
                "no-tariff",
                f"the table of {table.valid_from.year} has no row for {road_type}, category {vehicle_category}",
            )
        excess = corrected_kmh - limit_kmh
        description, article = self._series.get((table.series_version, series), (series, ""))
        route, code, amount = Route.NO_OFFENCE, None, None
        if excess > max(excesses):
            route = Route.CRIMINAL
        elif excess > 0 and self._in_force(series, excess, limit_kmh, on):
            row = table.rows.get((series, excess, vehicle_category))
            if row is not None:
                route, (code, amount) = Route.ADMINISTRATIVE, row
        explanation.steps.append(
            Step(
                "tariff",
                "Wahv art. 2 and annex",
                table.valid_from.isoformat(),
                table.status,
                table.source,
                {
                    "road_type": road_type,
                    "limit_kmh": limit_kmh,
                    "corrected_kmh": corrected_kmh,
                    "excess_kmh": excess,
                    "vehicle_category": vehicle_category,
                },
                {"route": route, "offence_code": code, "amount_cents": amount},
            )
        )
        return Offence(route, series, description, article, code, amount)

    def _in_force(self, series: str, excess: int, limit_kmh: int, on: date) -> bool:
        return all(
            on >= c["valid_from"] and limit_kmh == c["only_at_limit_kmh"]
            for c in self._offences["conditions"]
            if c["series"] == series and excess < c["excess_below"]
        )

    def _table(self, on: date) -> _Table:
        for entry in self._index:
            if entry["valid_from"] <= on <= entry["valid_to"]:
                name = entry["file"]
                if name not in self._loaded:
                    self._loaded[name] = _load(entry)
                return self._loaded[name]
        raise NoRule("no-tariff-table", f"no tariff table holds on {on.isoformat()}; nothing is guessed")


def _load(entry: dict[str, Any]) -> _Table:
    with (LAW / "tariffs" / entry["file"]).open(newline="") as file:
        rows = {
            (row["series"], int(row["excess_kmh"]), int(row["vehicle_category"])): (
                row["offence_code"],
                int(row["amount_cents"]),
            )
            for row in csv.DictReader(file)
        }
    return _Table(entry["source"], entry["status"], entry["valid_from"], entry["series_version"], rows)
