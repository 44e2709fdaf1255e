"""Brings a camera into the registry, with its public key and a calibration certificate."""

import base64
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.unit_of_work import Actor
from ingest.simulator.network import SimulatedCamera
from workers.bootstrap import System


def enrol(system: System, actor: Actor, camera: SimulatedCamera, days: int = 365) -> None:
    """Register the camera as of now, calibrated for `days`."""
    public = camera.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    now = system.clock.now()
    ingest = system.services.ingest
    ingest.register_camera(actor, camera.profile.id, base64.b64encode(public).decode(), camera.profile.model)
    ingest.add_certificate(
        actor,
        camera.profile.id,
        f"DEMO-{camera.profile.id}-{now:%Y}",
        "Voorbeeld Metrologie (invented)",
        now,
        now + timedelta(days=days),
    )
