"""What stands at a camera in tests: the device that writes captures, and the agent beside it."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from core.signed_requests import RequestSigner
from ingest.agent import identity
from ingest.agent.identity import Identity
from ingest.agent.sender import Agent
from ingest.agent.spool import Counts, Spool
from ingest.signature import key_id_of, public_bytes
from ingest.simulator.network import CameraProfile, SimulatedCamera
from tests.world import World, jpeg


def signer(world: World, camera: SimulatedCamera) -> RequestSigner:
    """Signs requests as a camera does, by the world's clock."""
    return RequestSigner(key_id_of(public_bytes(camera.key)), camera.key, world.clock)


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status of a refusal and its code."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:flitsketen:problem:")


def write_capture(folder: Path, profile: CameraProfile, name: str, image: bytes | None = None, **more: Any) -> None:
    """A measurement of this moment as the device leaves it for the agent."""
    incoming = folder / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    (incoming / f"{name}-0.jpg").write_bytes(image or jpeg())
    said = {
        "captureId": name,
        "capturedAt": datetime.now(UTC).isoformat(),
        "location": {
            "road": profile.road, "municipality": profile.municipality,
            "latitude": profile.latitude, "longitude": profile.longitude,
        },
        "direction": "approaching", "lane": 1, "measuredSpeedKmh": "72.0",
        "speedLimitKmh": profile.speed_limit_kmh, "roadType": profile.road_type,
        "photos": [{"file": f"{name}-0.jpg"}],
        **more,
    }  # fmt: skip
    written = incoming / f"{name}.part"
    written.write_text(json.dumps(said))
    written.rename(incoming / f"{name}.json")


def send_all(folder: Path, who: Identity | None = None) -> Counts:
    """Run the agent until nothing waits; where the captures are then."""
    spool = Spool(folder)
    try:
        Agent(who or identity.load(folder), spool, lambda _: None, 2, 0.05).run(threading.Event(), once=True)
        return spool.counts()
    finally:
        spool.close()
