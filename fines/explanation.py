"""Every amount and deadline explains itself: rule, article, version, inputs, result; and in a sentence."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.money import format_euro

_WORDING = Path(__file__).parent / "law" / "wording.yaml"
_YES_NO = {"nl": ("nee", "ja"), "en": ("no", "yes")}
_LEAST_KNOWN = ("verified", "reported", "recalled")


@dataclass(frozen=True)
class Step:
    """One rule applied. `version` is the date from which the value holds, `status` how well it is known."""

    rule: str
    article: str
    version: str
    status: str
    source: str
    inputs: dict[str, Any]
    result: Any

    def sentence(self, language: str) -> str:
        """The step in Dutch (`nl`) or English (`en`)."""
        results = self.result if isinstance(self.result, dict) else {"result": self.result}
        rule = f"{self.rule}_{results['route']}" if "route" in results else self.rule
        values = {**self.inputs, **results}
        if isinstance(self.result, bool):
            values["result"] = _YES_NO[language][self.result]
        cents = "result" if self.rule.endswith("_cents") else "amount_cents"
        if isinstance(values.get(cents), int):
            values[cents] = f"€ {format_euro(values[cents], decimal_comma=language == 'nl')}"
        sentence = wording().get(rule) or wording()["any_rule"]
        return sentence[language].format_map({"rule": self.rule.replace("_", " "), **values})


@dataclass
class Explanation:
    """The steps in the order in which they were taken."""

    steps: list[Step] = field(default_factory=list)

    @property
    def status(self) -> str:
        """How well the least known of the values is known: verified, reported or recalled."""
        return max((step.status for step in self.steps), key=_LEAST_KNOWN.index, default=_LEAST_KNOWN[0])

    def as_json(self) -> list[dict[str, Any]]:
        return [dict(vars(step)) for step in self.steps]

    def sentences(self, language: str) -> list[str]:
        """Each step in Dutch (`nl`) or English (`en`), with the article it rests on."""
        return [f"{step.sentence(language)} ({step.article})" for step in self.steps]


def sentences_of(steps: list[dict[str, Any]], language: str) -> list[str]:
    """Kept steps as sentences, Dutch (`nl`) or English (`en`)."""
    return Explanation([Step(**step) for step in steps]).sentences(language)


@cache
def wording() -> dict[str, dict[str, str]]:
    """Sentences by rule and language."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(_WORDING.read_text())
    return loaded
