"""Who answers for the vehicle: the keeper (kentekenhouder) at the moment of the conduct, Wahv art. 5."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Keeper:
    """Name and address as registered."""

    name: str
    street: str
    postcode: str
    city: str
    country: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class RegisteredVehicle:
    """`category` is the one of the tariff table (1 to 4)."""

    category: int
    description: str
    keeper: Keeper


class VehicleRegister(Protocol):
    """The register of vehicles and their keepers, with history."""

    def vehicle_on(self, plate: str, country: str, day: date) -> RegisteredVehicle | None:
        """The vehicle and its keeper on that day; None when the register knows neither."""
        ...


class FileVehicleRegister:
    """A register in a JSON file (a list of vehicles, each with its keepers by period), read anew when it changes."""

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
        for period in vehicle["keepers"]:
            ends = date.fromisoformat(period["to"]) if period.get("to") else date.max
            if date.fromisoformat(period["from"]) <= day <= ends:
                return RegisteredVehicle(vehicle["category"], vehicle["description"], Keeper(**period["keeper"]))
        return None
