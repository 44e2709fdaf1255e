"""A small installation for tests: one camera, one handler, photos drawn once."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import cv2
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from api.app import create_app
from core.clock import SettableClock
from core.roles import ROLES
from core.unit_of_work import Actor
from imaging.service import normalise
from ingest.simulator.network import CameraProfile, SignedCapture, SimulatedCamera, push, sign_capture
from ingest.simulator.plate_art import PlateSpec
from ingest.simulator.scenes import Drawn, Scene, render
from workers.bootstrap import System
from workers.demo_world import all_fates
from workers.enrolment import enrol

OPERATOR = Actor("handler", "test-operator", frozenset({"operator"}))
EVERYTHING = set(ROLES) - {"jurist"}
PLATE = PlateSpec("GB-001-B", "NL")
SMALL = (800, 600)
REAL = Path(__file__).parents[2] / "shared" / "data" / "plates-eu"


@cache
def drawn(plate: str = PLATE.text, country: str = "NL", night: bool = False, other: str = "") -> Drawn:
    others = (PlateSpec(other, "NL"),) if other else ()
    return render(Scene(PlateSpec(plate, country), night=night, size=SMALL, others=others))


@cache
def jpeg(plate: str = PLATE.text, country: str = "NL", night: bool = False, other: str = "") -> bytes:
    return bytes(cv2.imencode(".jpg", drawn(plate, country, night, other).photo)[1])


def jpeg_digest() -> str:
    """SHA-256 of the plain photo, hexadecimal."""
    return hashlib.sha256(jpeg()).hexdigest()


@cache
def dazzled(plate: str, country: str = "NL") -> bytes:
    """A photo whose upper part is burnt out by light: the plate is clear, and yet a person has to look."""
    photo = drawn(plate, country).photo.copy()
    photo[: len(photo) * 2 // 5] = 255
    return bytes(cv2.imencode(".jpg", photo)[1])


def keeper_of(plate: str, country: str = "NL", category: int = 1) -> dict[str, Any]:
    """An entry of the vehicle register."""
    return {
        "plate": normalise(plate),
        "country": country,
        "category": category,
        "description": "personenauto",
        "keepers": [
            {
                "from": "2020-01-01",
                "to": None,
                "keeper": {
                    "name": "T. Testpersoon",
                    "street": "Proefstraat 1",
                    "postcode": "1000 AA",
                    "city": "Proefdorp",
                    "country": "Nederland",
                },
            }
        ],
    }


@dataclass
class World:
    """An embedded installation over TestClient."""

    system: System
    clock: SettableClock
    folder: Path
    road_type: str = "built-up"
    limit: int = 50
    count: int = 0
    register: list[dict[str, Any]] = field(default_factory=lambda: [keeper_of(PLATE.text)])

    @cached_property
    def camera(self) -> SimulatedCamera:
        profile = CameraProfile("cam-1", "Test Radar", "Teststraat", "Utrecht", 52.1, 5.1, self.road_type, self.limit)
        camera = SimulatedCamera(profile, Ed25519PrivateKey.generate())
        self.clock.advance(-timedelta(days=10))
        enrol(self.system, OPERATOR, camera)
        self.clock.advance(timedelta(days=10))
        return camera

    @cached_property
    def http(self) -> TestClient:
        token = self.system.services.principals.register(OPERATOR, "Test", EVERYTHING)
        client = TestClient(create_app(self.system.services), raise_server_exceptions=False)
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def signed(self, measured: str = "64.0", images: list[bytes] | None = None, capture_id: str = "") -> SignedCapture:
        self.count += 1
        return sign_capture(
            self.camera,
            capture_id or f"capture-{self.count}",
            self.clock.now() - timedelta(minutes=5),
            measured,
            images or [jpeg()],
        )

    def push(self, capture: SignedCapture) -> httpx.Response:
        return push(self.http, capture)

    def drain(self) -> None:
        """Run everything that is due."""
        (self.folder / "register.json").write_text(json.dumps(self.register))
        self.system.drain()

    def post_letters(self) -> None:
        """Print all that waits, and post it."""
        run = self.post("/v1/handlers/print-runs", 202)["id"]
        self.drain()
        self.post(f"/v1/handlers/print-runs/{run}/completions", 204)
        self.drain()

    def fined(self, measured: str = "64.0") -> dict[str, Any]:
        """Push a capture and let it become a decision that is posted; the case as the handler sees it."""
        answer = self.push(self.signed(measured))
        assert answer.status_code == 201, answer.text
        self.drain()
        self.post_letters()
        fate = next(f for f in all_fates(self.get) if f["id"] == answer.json()["id"])
        assert fate["decisionId"], fate
        return {**fate, **self.decision(fate["decisionId"])}

    def decision(self, decision_id: str) -> dict[str, Any]:
        """As the handler sees it, and the code that its letter names."""
        found = with_code(self.system, self.get(f"/v1/handlers/decisions/{decision_id}"))
        return {"decisionId": decision_id, **found}

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, status: int, **body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers.get("content-type", "") and answer.content else answer

    def pay(self, case: dict[str, Any], cents: int, key: str, purpose: str = "sanction") -> Any:
        return self.post(
            "/v1/handlers/payments",
            201,
            externalId=key,
            paymentReference=case["paymentReference"],
            amountCents=cents,
            bookedOn=self.clock.now().date().isoformat(),
            purpose=purpose,
        )

    def case(self, case: dict[str, Any]) -> Any:
        """The case as the citizen sees it now."""
        return self.post("/v1/case-lookups", 200, **lookup(case))

    def appeal(self, case: dict[str, Any], status: int = 201, **more: Any) -> Any:
        said = {"appellant": APPELLANT, "grounds": "Niet mijn auto.", **more}
        return self.post("/v1/appeals", status, **lookup(case), **said)

    def decide_appeal(self, case: dict[str, Any], outcome: str, **more: Any) -> None:
        path = self.taken_on(case)
        said = {"outcome": outcome, "motivation": "Want.", "unheard": "manifestly-unfounded", **more}
        self.post(f"{path}/decisions", 204, **said)
        self.drain()

    def taken_on(self, case: dict[str, Any]) -> str:
        """The path of the case's appeal, which the handler takes on."""
        appeal = next(a for a in self.get("/v1/handlers/appeals")["appeals"] if a["decisionId"] == case["decisionId"])
        path = f"/v1/handlers/appeals/{appeal['id']}"
        self.post(f"{path}/claims", 204)
        return path


APPELLANT = {
    "name": "T. Testpersoon",
    "birthDate": "1980-01-01",
    "birthPlace": "Proefdorp",
    "address": "Proefstraat 1, Proefdorp",
    "iban": "NL25DEMO0000000002",
}


def with_code(system: System, case: dict[str, Any]) -> dict[str, Any]:
    """The case as the handler sees it, and the code that its letter names."""
    found = system.services.fines.find(case["caseNumber"], case["plate"])
    return {**case, "accessCode": system.access_codes.of(found.id)}


def named(case: dict[str, Any]) -> dict[str, str]:
    return {"caseNumber": case["caseNumber"], "plate": case["plate"]}


def lookup(case: dict[str, Any]) -> dict[str, str]:
    """What stands on the letter."""
    return {**named(case), "accessCode": case["accessCode"]}
