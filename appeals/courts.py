"""Which district court is competent (Wahv art. 10: the place of the conduct)."""

from functools import cache
from pathlib import Path

import yaml

UNROUTED = "to be routed by a handler"


@cache
def _by_municipality() -> dict[str, str]:
    document = yaml.safe_load((Path(__file__).parent / "law" / "courts.yaml").read_text())
    return {place: court for court, places in document["courts"].items() for place in places}


def competent_court(municipality: str) -> str:
    """The court's name, or UNROUTED where the table has no row."""
    return _by_municipality().get(municipality, UNROUTED)
