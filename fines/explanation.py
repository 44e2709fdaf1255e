"""Every amount and deadline explains itself: rule, article, version, inputs, result."""

from dataclasses import asdict, dataclass, field
from typing import Any


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


@dataclass
class Explanation:
    """The steps in the order in which they were taken."""

    steps: list[Step] = field(default_factory=list)

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(step) for step in self.steps]
