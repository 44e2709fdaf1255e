"""Dated parameters of the law: one loader, look-up by date, and who approved the data."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from core.errors import Conflict
from fines.explanation import Explanation, Step

LAW = Path(__file__).parent / "law"


class NoRule(Conflict):
    """The data holds nothing for that day; nothing is guessed."""


class Strict(BaseModel):
    """An entry of a rule file: every field is known, none is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Value(Strict):
    valid_from: date
    value: int
    status: str
    source: str


class _Parameter(Strict):
    article: str
    values: list[_Value]


@dataclass(frozen=True)
class Release:
    """The version of the rule data and whether two people answer for exactly this content."""

    version: str
    approved: bool
    reason: str


@dataclass(frozen=True)
class Holding:
    """A parameter as it holds on a day, in the unit that its name ends with."""

    name: str
    article: str
    value: int
    valid_from: date
    status: str
    source: str


class Rules:
    """The law's numbers. Files are read once."""

    def __init__(self, folder: Path = LAW) -> None:
        self._folder = folder

    @cached_property
    def _parameters(self) -> dict[str, _Parameter]:
        document = yaml.safe_load((self._folder / "parameters.yaml").read_text())
        return TypeAdapter(dict[str, _Parameter]).validate_python(document)

    def value(self, name: str, on: date, explanation: Explanation | None = None, **inputs: Any) -> int:
        """The parameter's value on a day, in the unit that its name ends with. Raises NoRule."""
        found = self._holding(name, on)
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
        return [found for name in self._parameters if (found := self._holding(name, day))]

    def _holding(self, name: str, on: date) -> Holding | None:
        parameter = self._parameters[name]
        found = max((v for v in parameter.values if v.valid_from <= on), key=lambda v: v.valid_from, default=None)
        if found is None:
            return None
        return Holding(name, parameter.article, found.value, found.valid_from, found.status, found.source)

    def digest(self) -> str:
        """SHA-256 over all rule files but the release itself."""
        total = hashlib.sha256()
        for path in sorted(self._folder.rglob("*")):
            if path.suffix in (".yaml", ".csv") and path.name != "release.yaml":
                total.update(path.relative_to(self._folder).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()

    @cached_property
    def release(self) -> Release:
        """Approved only if two different people are named and the digest is that of the data at hand."""
        document = yaml.safe_load((self._folder / "release.yaml").read_text())
        version, entered, approved = document["version"], document["entered_by"], document["approved_by"]
        if not entered or not approved or entered == approved:
            reason = f"rule data {version} was not approved by a responsible person"
            return Release(version, approved=False, reason=reason)
        if document["digest"] != self.digest():
            return Release(version, approved=False, reason=f"rule data {version} differs from what was approved")
        return Release(version, approved=True, reason="")
