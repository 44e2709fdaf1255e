"""Grounds of appeal and omissions, from dated data with their articles."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from core.errors import InvalidInput

_LAW = Path(__file__).parent / "law"


class Ground(BaseModel):
    """What can be said against a decision; `upheld` and `annulled` are sentences to begin a motivation with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    article: str
    nl: str
    en: str
    upheld: str
    annulled: str
    against_reading: bool = False


class Omission(BaseModel):
    """What an appeal has to hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    article: str
    nl: str
    en: str


@cache
def grounds() -> dict[str, Ground]:
    """By code, in the order of the data."""
    entries = yaml.safe_load((_LAW / "grounds.yaml").read_text())
    return {entry.code: entry for entry in TypeAdapter(list[Ground]).validate_python(entries)}


@cache
def omissions() -> dict[str, Omission]:
    """By code, in the order of the data."""
    entries = yaml.safe_load((_LAW / "omissions.yaml").read_text())
    return {entry.code: entry for entry in TypeAdapter(list[Omission]).validate_python(entries)}


def ground(code: str) -> Ground:
    """Raises InvalidInput."""
    found = grounds().get(code)
    if found is None:
        raise InvalidInput("ground-unknown", f"the grounds are: {', '.join(grounds())}")
    return found
