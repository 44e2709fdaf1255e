"""The registry of a court or authority that takes a dossier in: what it is given, and what it answers."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol


@dataclass(frozen=True)
class FiledDocument:
    """A document as it goes out; the same `number` is filed once, however often it is sent."""

    number: str
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class CourtFile:
    """A case for the court. `with_numbers` are other cases that are to be heard with it."""

    number: str
    court: str
    appellant: str
    filed_on: date
    with_numbers: list[str]
    documents: list[FiledDocument]


class RegistryAway(Exception):
    """The registry cannot be reached, or did not answer as agreed; try again later."""


class CourtRegistry(Protocol):
    """Failing is an exception of this module."""

    def file(self, case: CourtFile) -> dict[str, Any]:
        """File the case with its documents, once; returns where it is. Raises RegistryAway."""
        ...
