"""Plate syntax as data: which countries could have issued a text, and which signs are taken for each other."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_DATA = Path(__file__).parent / "data" / "plate_syntaxes.yaml"
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_CONFUSABLE = ("0ODQ", "1IL", "2Z", "5S", "6G", "8B")


@dataclass(frozen=True)
class Syntax:
    """One form of one country's plates."""

    country: str
    pattern: str
    letters: str
    expression: re.Pattern[str]
    forbidden: tuple[str, ...]
    prefixes: frozenset[str]

    def matches(self, plate: str) -> bool:
        if self.expression.fullmatch(plate) is None:
            return False
        if self.prefixes and plate[: self.lead] not in self.prefixes:
            return False
        groups = re.findall(r"[A-Z]+", plate)
        return not any(word in group for word in self.forbidden for group in groups)

    @property
    def lead(self) -> int:
        """How many letters stand before the first separator or digit: the district's code, where there is one."""
        return len(self.pattern) - len(self.pattern.lstrip("X"))


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
            places = [r"\d" if sign == "9" else f"[{entry['letters']}]" for sign in plain]
            if "begins" in entry:
                places[0] = f"[{entry['begins']}]"
            expression = re.compile("".join(places))
            found.append(
                Syntax(
                    entry["country"],
                    pattern,
                    entry["letters"],
                    expression,
                    tuple(entry.get("forbidden", ())),
                    frozenset(entry.get("prefixes", ())),
                )
            )
    return tuple(found)


def countries_of(plate: str) -> list[str]:
    """Countries whose syntax fits a normalised plate."""
    return list(dict.fromkeys(s.country for s in syntaxes() if s.matches(plate)))


def may_be_part(plate: str, country: str) -> bool:
    """Whether one sign more, before or behind, makes another plate of the country: then a lost end goes unnoticed."""
    forms = [syntax for syntax in syntaxes() if syntax.country == country]
    longer = [text for sign in _SIGNS for text in (sign + plate, plate + sign)]
    return any(syntax.matches(text) for syntax in forms for text in longer)


_FOLDED = str.maketrans({sign: group[0] for group in _CONFUSABLE for sign in group})


def confusable(one: str, other: str) -> bool:
    """Signs that a reader without syntax takes for each other."""
    return one.translate(_FOLDED) == other.translate(_FOLDED)


def fold(text: str) -> str:
    """Normalised, with one sign for each group of confusable ones: for finding again, never for deciding."""
    return normalise(text).translate(_FOLDED)


def gaps(plate: str, country: str) -> list[int]:
    """How many characters stand before each separator: ('RK755AJ', 'SK') -> [2]."""
    return [len(normalise(part)) for part in _beginnings(display(plate, country))]


def _beginnings(text: str) -> list[str]:
    return [text[:place] for place, sign in enumerate(text) if not sign.isalnum()]


def display(plate: str, country: str) -> str:
    """With the separators that are on the plate: ('GB001B', 'NL') -> 'GB-001-B'."""
    for syntax in syntaxes():
        if syntax.country == country and syntax.matches(plate):
            chars = iter(plate)
            return "".join(next(chars) if sign in "X9" else sign for sign in syntax.pattern)
    return plate
