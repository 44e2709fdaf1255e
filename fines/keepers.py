"""Who answers for the vehicle: the keeper (kentekenhouder) at the moment of the conduct, Wahv art. 5."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from core.pseudonyms import Pseudonyms


class Bar(StrEnum):
    """Why a vehicle's keeper does not answer for a conduct on a day."""

    STOLEN = "stolen"
    """Reported as stolen: used against the keeper's will, art. 8 sub a."""
    EXEMPT = "exempt"
    """In use by an emergency service that is exempt from the traffic rules."""
    IMMUNE = "immune"
    """The keeper is immune under international law, art. 5c: Foreign Affairs is told."""


@dataclass(frozen=True)
class Keeper:
    """Name and address as registered; `mailbox` names the person in the government's mailbox, where he chose it."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    mailbox: str = ""

    def as_json(self) -> dict[str, str]:
        """Without what is empty and optional."""
        return {name: value for name, value in asdict(self).items() if value or name != "mailbox"}


@dataclass(frozen=True)
class RegisteredVehicle:
    """A vehicle and who held it on the day that was asked for. `category` is the one of the tariff table (1 to 4).

    `known_on` is the day on which name and address became known, where that was not the day of the conduct (a foreign
    register that answered later); `born_on` and `deceased_on` are there for persons that the register knows them of.
    """

    category: int
    description: str
    keeper: Keeper
    company: bool = False
    born_on: date | None = None
    deceased_on: date | None = None
    bar: Bar | None = None
    known_on: date | None = None
    in_place: bool = False
    """The person named is not the registered keeper but answers in his place (Wahv art. 8)."""
    person: str | None = None
    """The keeper's number in the register of persons (BSN) or of firms (KvK); further inside, its pseudonym."""


class VehicleRegister(Protocol):
    """The register of vehicles and their keepers, with history."""

    def vehicle_on(self, plate: str, country: str, day: date) -> RegisteredVehicle | None:
        """The vehicle and its keeper on that day; None when the register knows neither."""
        ...


class Registers:
    """One register for the country's own plates, and one a country for foreign ones (as EUCARIS connects them)."""

    def __init__(
        self, pseudonyms: Pseudonyms, own: VehicleRegister, foreign: Mapping[str, VehicleRegister] | None = None
    ) -> None:
        self._pseudonyms = pseudonyms
        self._own = own
        self._foreign = foreign or {}

    def vehicle_on(self, plate: str, country: str, day: date) -> RegisteredVehicle | None:
        """With a pseudonym for the keeper's number, which goes no further than this line."""
        found = self._foreign.get(country, self._own).vehicle_on(plate, country, day)
        if found is None or found.person is None:
            return found
        return replace(found, person=self._pseudonyms.of(found.person))


class FileVehicleRegister:
    """A register in a JSON file (a list of vehicles, each with its keepers by period), read anew when it changes.

    A vehicle may have `bars`, each a kind with the period in which it holds; a period of a keeper may say `company`,
    and give `bornOn`, `deceasedOn`, `knownOn` and `person`.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._read_at = -1
        self._known: dict[tuple[str, str], dict[str, Any]] = {}

    def _vehicles(self) -> dict[tuple[str, str], dict[str, Any]]:
        if self._path is not None:
            changed_at = self._path.stat().st_mtime_ns
            if changed_at != self._read_at:
                self._known = {(v["country"], v["plate"]): v for v in json.loads(self._path.read_text())}
                self._read_at = changed_at
        return self._known

    def vehicle_on(self, plate: str, country: str, day: date) -> RegisteredVehicle | None:
        vehicle = self._vehicles().get((country, plate))
        if vehicle is None:
            return None
        bars = [Bar(bar["kind"]) for bar in vehicle.get("bars", []) if _holds(bar, day)]
        for period in vehicle["keepers"]:
            if _holds(period, day):
                return RegisteredVehicle(
                    vehicle["category"],
                    vehicle["description"],
                    Keeper(**period["keeper"]),
                    bool(period.get("company")),
                    _day(period.get("bornOn")),
                    _day(period.get("deceasedOn")),
                    bars[0] if bars else None,
                    _day(period.get("knownOn")),
                    person=period.get("person"),
                )
        return None


def _holds(period: Mapping[str, Any], day: date) -> bool:
    return date.fromisoformat(period["from"]) <= day <= (_day(period.get("to")) or date.max)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
