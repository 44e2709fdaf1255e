"""Plate syntax as data: which countries could have issued a text, and which texts it may be mistaken for."""

import itertools
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_DATA = Path(__file__).parent / "data" / "plate_syntaxes.yaml"
_CONFUSABLE = {
    "0": "OD", "O": "0D", "D": "0O", "8": "B", "B": "8", "1": "I", "I": "1",
    "5": "S", "S": "5", "2": "Z", "Z": "2", "6": "G", "G": "6",
}  # fmt: skip
_MAX_VARIANTS = 512


@dataclass(frozen=True)
class Syntax:
    """One form of one country's plates."""

    country: str
    pattern: str
    expression: re.Pattern[str]
    forbidden: tuple[str, ...]
    distinctive: bool

    def matches(self, plate: str) -> bool:
        if self.expression.fullmatch(plate) is None:
            return False
        groups = re.findall(r"[A-Z]+", plate)
        return not any(word in group for word in self.forbidden for group in groups)


def normalise(text: str) -> str:
    """Capital letters and digits only: 'gb-001-b' -> 'GB001B'."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


@cache
def syntaxes() -> tuple[Syntax, ...]:
    """All known forms, in the order of the data file."""
    found = []
    for entry in yaml.safe_load(_DATA.read_text()):
        for pattern in entry["patterns"]:
            plain = re.sub(r"[^X9]", "", pattern)
            expression = re.compile(plain.replace("9", r"\d").replace("X", f"[{entry['letters']}]"))
            found.append(
                Syntax(
                    entry["country"],
                    pattern,
                    expression,
                    tuple(entry.get("forbidden", ())),
                    entry["distinctive"],
                )
            )
    return tuple(found)


def countries_of(plate: str) -> list[str]:
    """Countries whose syntax fits a normalised plate."""
    return list(dict.fromkeys(s.country for s in syntaxes() if s.matches(plate)))


def settled_country(text: str) -> str | None:
    """The one country that a clean reading (with its separators) settles, or None when a person has to look."""
    plate = normalise(text)
    matching = [s for s in syntaxes() if s.matches(plate)]
    if len({s.country for s in matching}) > 1:
        # The same characters, but only one country sets its dashes and spaces just there.
        matching = [s for s in matching if _shape(s.pattern) == _shape(text)]
    if len({s.country for s in matching}) == 1 and matching[0].distinctive:
        return matching[0].country
    return None


def look_alikes(plate: str) -> list[str]:
    """Other valid plates that differ only in confusable characters (0/O/D, 8/B, 1/I, 5/S, 2/Z, 6/G)."""
    choices = [char + _CONFUSABLE.get(char, "") for char in plate]
    variants = ("".join(v) for v in itertools.islice(itertools.product(*choices), _MAX_VARIANTS))
    return [variant for variant in variants if variant != plate and countries_of(variant)]


def rivals(text: str, country: str) -> list[str]:
    """Look-alikes of the same country that the photo supports as well, its dashes included."""
    shapes = [s for s in syntaxes() if s.country == country]
    if any(s.matches(normalise(text)) and _shape(s.pattern) == _shape(text) for s in shapes):
        shapes = [s for s in shapes if _shape(s.pattern) == _shape(text)]
    return [other for other in look_alikes(normalise(text)) if any(s.matches(other) for s in shapes)]


def _shape(text: str) -> str:
    """Where the separators stand: 'GB-001-B' -> '__-___-_'."""
    return re.sub(r"[A-Z0-9]", "_", text.upper())


def display(plate: str, country: str) -> str:
    """With the separators that are on the plate: ('GB001B', 'NL') -> 'GB-001-B'."""
    for syntax in syntaxes():
        if syntax.country == country and syntax.matches(plate):
            chars = iter(plate)
            return "".join(next(chars) if sign in "X9" else sign for sign in syntax.pattern)
    return plate
