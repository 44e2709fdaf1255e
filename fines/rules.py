"""Dated parameters of the law: one loader, look-up by date, and who approved the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from core.errors import Conflict, InvalidInput
from fines.explanation import Explanation, Step
from fines.rule_files import RuleFiles, parsed, shipped, version

Status = Literal["verified", "reported", "recalled"]
"""How well a value is known: read in the law's text, reported by a named source, or from memory."""

Unit = Literal["days", "weeks", "months", "years", "cents", "kmh", "percent", "permille", "ms", "cases"]

_FOLDER = "parameters/"


class NoRule(Conflict):
    """The data holds nothing for that day; nothing is guessed."""


class Strict(BaseModel):
    """An entry of a rule file: every field is known, none is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(Strict):
    """A value in its time; without `valid_to` it still holds."""

    valid_from: date
    valid_to: date = date.max
    value: int
    article: str
    status: Status
    source: str


class Parameter(Strict):
    """A parameter of the law. Its values follow one another; a time without any is a time without that rule."""

    unit: Unit
    values: list[Value]

    @model_validator(mode="after")
    def _one_value_a_day(self) -> Self:
        if not self.values:
            raise ValueError("a parameter needs a value")
        for value in self.values:
            if value.valid_to < value.valid_from:
                raise ValueError(f"{value.valid_from} to {value.valid_to} is no period")
        for earlier, later in pairwise(self.values):
            if later.valid_from <= earlier.valid_to:
                raise ValueError(f"two values hold on {later.valid_from}")
        return self


@dataclass(frozen=True)
class Release:
    """The version of the rule data, whether it was released, and which of its rules were held back then."""

    version: str
    approved: bool
    reason: str
    held_back: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Holding:
    """A parameter as it holds on a day."""

    name: str
    unit: Unit
    article: str
    value: int
    valid_from: date
    valid_to: date
    status: Status
    source: str


class Rules:
    """The law's numbers."""

    def __init__(self, files: RuleFiles | None = None, release: Release | None = None) -> None:
        self.files = shipped() if files is None else files
        named = version(self.files)
        self.release = release or Release(named, approved=False, reason=f"rule data {named} was not approved")

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """All parameters by name. Raises InvalidInput for a file that does not keep to the form."""
        return _parameters(frozenset(self.files.items()))

    def value(self, name: str, on: date, explanation: Explanation | None = None, **inputs: Any) -> int:
        """The parameter's value on a day, in the unit that its name ends with. Raises NoRule."""
        found = self.holding(name, on)
        if found is None:
            raise NoRule("no-rule", f"no value of {name} is known for {on.isoformat()}")
        if explanation is not None:
            explanation.steps.append(
                Step(
                    name,
                    found.article,
                    found.valid_from.isoformat(),
                    found.status,
                    found.source,
                    {"on": on.isoformat(), **inputs},
                    found.value,
                )
            )
        return found.value

    def on(self, day: date) -> list[Holding]:
        """Every parameter that has a value on a day."""
        return [found for name in self.parameters if (found := self.holding(name, day))]

    def holding(self, name: str, on: date) -> Holding | None:
        """The parameter as it holds on a day; None where the law had no such rule then."""
        parameter = self.parameters[name]
        for value in parameter.values:
            if value.valid_from <= on <= value.valid_to:
                return Holding(
                    name,
                    parameter.unit,
                    value.article,
                    value.value,
                    value.valid_from,
                    value.valid_to,
                    value.status,
                    value.source,
                )
        return None

    def unapproved(self, explanation: Explanation) -> list[str]:
        """The rules among the steps that nobody released, each with the date from which it holds."""
        return [
            f"{step.rule} ({step.version})"
            for step in explanation.steps
            if not self.release.approved or step.rule in self.release.held_back
        ]


@lru_cache(maxsize=8)
def _parameters(files: frozenset[tuple[str, str]]) -> Mapping[str, Parameter]:
    """Of a set of files, which whoever applies it in this process shares."""
    found: dict[str, Parameter] = {}
    texts = dict(files)
    for path in sorted(texts):
        if not path.startswith(_FOLDER):
            continue
        try:
            entries = TypeAdapter(dict[str, Parameter]).validate_python(parsed(texts, path))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise InvalidInput("rule-file-form", f"{path}: {where}: {first['msg']}") from error
        for name, parameter in entries.items():
            if name in found:
                raise InvalidInput("rule-file-form", f"{path}: {name} stands in two files")
            if not name.endswith(f"_{parameter.unit}"):
                raise InvalidInput("rule-file-form", f"{path}: {name} must end with its unit, {parameter.unit}")
            found[name] = parameter
    return MappingProxyType(found)
