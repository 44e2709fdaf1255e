"""Brings a camera in as its maker and an operator do: announced, enrolled with its own key, entitled to measure."""

from datetime import timedelta

from core.unit_of_work import Actor
from ingest.service import Approval, Certificate, Limit, PutUp
from ingest.simulator.network import KINDS, SimulatedCamera
from workers.bootstrap import System

_AROUND_M = 250
_INVENTED = "Voorbeeld Metrologie (invented)"


def enrol(system: System, actor: Actor, camera: SimulatedCamera, days: int = 365) -> None:
    """Register the camera as of now, calibrated for `days`, put up where its profile says."""
    now = system.clock.now()
    ingest, profile = system.services.ingest, camera.profile
    code = ingest.registry.announce(actor, profile.id, profile.model)
    ingest.registry.enrol(code, camera.public_key, camera.proof_of(code))
    stretch = f"{profile.road}, {profile.municipality}"
    approved = {getattr(known.fact, "model", "") for known in ingest.metrology.facts("type-approvals")}
    if profile.model not in approved:
        approval = Approval(
            number=f"DEMO-{profile.model}", model=profile.model, kinds=KINDS, issued_by=_INVENTED, valid_from=now
        )
        ingest.metrology.add(actor, approval)
    for fact in (
        Certificate(
            camera_id=profile.id,
            number=f"DEMO-{profile.id}-{now:%Y}",
            issued_by=_INVENTED,
            valid_from=now,
            valid_to=now + timedelta(days=days),
        ),
        Limit(
            stretch=stretch,
            limit_kmh=profile.speed_limit_kmh,
            road_type=profile.road_type,
            decree="DEMO (invented)",
            valid_from=now,
        ),
        PutUp(
            camera_id=profile.id,
            stretch=stretch,
            road=profile.road,
            municipality=profile.municipality,
            latitude=profile.latitude,
            longitude=profile.longitude,
            radius_m=_AROUND_M,
            direction="approaching",
            limit_kmh=profile.speed_limit_kmh,
            installed_by="Voorbeeld Installatie (invented)",
            valid_from=now,
        ),
    ):
        ingest.metrology.add(actor, fact)
