"""What a changed set of rule data would change: its values, and its effect on cases."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from core.errors import DomainError
from fines.increases import increase_on
from fines.questions import FineAnswer, Law
from fines.rule_files import RuleFiles, digest, version
from fines.rules import Rules
from fines.speed import least_measured
from fines.tariffs import Tariffs
from fines.terms import term
from ingest.service import MeasuredSpeed, Observed

_LIMITS = {"motorway": 100, "built-up": 50, "outside": 80, "home": 15}


@dataclass(frozen=True)
class Case:
    """A conduct and the day on which it is decided; `category` of the vehicle 1 to 4."""

    name: str
    observed: Observed
    category: int
    conduct: date
    decided_on: date


@dataclass(frozen=True)
class Change:
    """One value that differs: `before` is None for a new one, `after` for one that is gone."""

    file: str
    entry: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Effect:
    """A case that comes out differently, with only what differs."""

    case: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Diff:
    """Two sets of rule data side by side."""

    before_version: str
    after_version: str
    before_digest: str
    after_digest: str
    changes: list[Change]
    cases: int
    effects: list[Effect]

    def as_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return found


def compare(before: RuleFiles, after: RuleFiles, cases: Iterable[Case]) -> Diff:
    """Raises InvalidInput where one of the sets does not keep to the form."""
    old, new = _Books(before), _Books(after)
    changes = list(_value_changes(old.rules, new.rules)) + list(_row_changes(before, after))
    effects, count = [], 0
    for case in cases:
        count += 1
        was, becomes = old.outcome(case), new.outcome(case)
        if was != becomes:
            differing = [name for name in {**was, **becomes} if was.get(name) != becomes.get(name)]
            effects.append(
                Effect(
                    case.name,
                    {name: was.get(name) for name in differing},
                    {name: becomes.get(name) for name in differing},
                )
            )
    return Diff(version(before), version(after), digest(before), digest(after), changes, count, effects)


def sample_cases(count: int, files: RuleFiles) -> Iterator[Case]:
    """Made-up cases, half of them under the newest table of amounts and half under the older ones.

    Each is a row of its table, met with by a measured speed that is corrected to it, on a day of the table's time. The
    same count and data give the same cases.
    """
    tariffs, rules = Tariffs(files), Rules(files)
    roads = {series: road for road, series in tariffs.roads.items()}
    *older, newest = tariffs.tables()
    for tables, share in ((older, count // 2), ([newest], count - count // 2)):
        rows = [(table, row) for table in tables for row in table.rows if row[0] in roads]
        for number in range(share if rows else 0):
            table, (series, excess, category) = rows[number * len(rows) // share % len(rows)]
            road = roads[series]
            usual = next((kmh for start, kmh in _LIMITS.items() if road.startswith(start)), 50)
            limit = tariffs.only_limit(series, excess) or usual
            conduct = table.entry.valid_from + timedelta(days=number * 7 % 360)
            speed = MeasuredSpeed(least_measured(limit + excess, conduct, rules), limit, road)
            name = f"{table.entry.valid_from.year}-{series}{excess:03d}-{category}"
            yield Case(name, Observed([], speed), category, conduct, conduct + timedelta(days=14))


class _Books:
    def __init__(self, files: RuleFiles) -> None:
        self.rules, self.tariffs = Rules(files), Tariffs(files)
        self._law = Law(self.rules, self.tariffs)

    def outcome(self, case: Case) -> dict[str, Any]:
        """What the law makes of a case: amounts in euro cents, last days, increases if nothing is paid."""
        try:
            answer = self._answer(case)
            found: dict[str, Any] = {"route": answer.offence.route, "offence_code": answer.offence.code}
            sanction = answer.offence.amount_cents
            if sanction is None:
                return found
            costs = self.rules.value("administration_costs_cents", case.decided_on)
            appeal_until = term("appeal_term_weeks", case.decided_on, self.rules)
            pay_until = term("payment_term_weeks", appeal_until, self.rules)
            first = increase_on("first", pay_until, self.rules).of(sanction)
            second = increase_on("second", pay_until, self.rules).of(sanction + first)
        except DomainError as refusal:
            return {"problem": refusal.detail}
        return {
            **found,
            "sanction_cents": sanction,
            "costs_cents": costs,
            "last_day_of_appeal": appeal_until.isoformat(),
            "last_day_of_payment": pay_until.isoformat(),
            "first_increase_cents": first,
            "second_increase_cents": second,
        }

    def _answer(self, case: Case) -> FineAnswer:
        speed = case.observed.speed
        if speed is None:
            return self._law.fixed_fine(case.observed.offence or "", case.category, case.conduct)
        return self._law.fine(speed.kmh, speed.limit_kmh, speed.road_type, case.category, case.conduct)


def _value_changes(old: Rules, new: Rules) -> Iterator[Change]:
    for name in sorted({*old.parameters, *new.parameters}):
        was, becomes = _by_day(old, name), _by_day(new, name)
        for day in sorted({*was, *becomes}):
            if was.get(day) != becomes.get(day):
                yield Change("parameters", f"{name} from {day}", was.get(day), becomes.get(day))


def _by_day(rules: Rules, name: str) -> dict[str, Any]:
    parameter = rules.parameters.get(name)
    return {v.valid_from.isoformat(): v.model_dump(mode="json") for v in parameter.values} if parameter else {}


def _row_changes(before: RuleFiles, after: RuleFiles) -> Iterator[Change]:
    """Lines of every other file; a table of amounts is a line a row."""
    for path in sorted({*before, *after}):
        if path.startswith("parameters/"):
            continue
        was, becomes = before.get(path, "").splitlines(), after.get(path, "").splitlines()
        gone, added = sorted(set(was) - set(becomes)), sorted(set(becomes) - set(was))
        yield from (Change(path, "line", line, None) for line in gone)
        yield from (Change(path, "line", None, line) for line in added)
