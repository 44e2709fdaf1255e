"""Decisions without photos: for what happens to thousands of cases after the reading of a plate."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from core.clock import local_date
from core.outbox import MessageState, OutboxMessage
from core.unit_of_work import SYSTEM
from fines.assessment import Assessor
from fines.conduct import Conduct
from fines.keepers import Keeper, RegisteredVehicle
from fines.models import Decision
from fines.releases import LiveLaw
from ingest.service import Fact, MeasuredSpeed, Observed
from tests.world import World
from workers.bootstrap import System

KEEPER = Keeper("T. Testpersoon", "Proefstraat 1", "1000 AA", "Proefdorp", "Nederland")
IBAN = "NL91ABNA0417164300"


class EveryVehicle:
    """A register in which every plate is a car of the same keeper."""

    def vehicle_on(self, plate: str, country: str, day: date) -> RegisteredVehicle:
        return RegisteredVehicle(1, "personenauto", KEEPER)


def conduct(number: int, at: datetime, measured_kmh: int) -> Conduct:
    """Capture and plate are named by the number; 50 km/h was allowed."""
    speed = MeasuredSpeed(Decimal(measured_kmh), 50, "built-up")
    observed = Observed([Fact("Gemeten snelheid", "Measured speed", f"{measured_kmh} km/h")], speed)
    return Conduct(f"capture-{number}", f"{number:06d}", "NL", at, "Teststraat", "Utrecht", observed)


def decide(system: System, law: LiveLaw, today: date, conducts: Sequence[Conduct]) -> None:
    """Assess them, issue their decisions and count them as posted on the same day, in one transaction."""
    assessor = Assessor(law.rules, law.tariffs, EveryVehicle(), demonstration=True)
    with system.units.begin(SYSTEM) as uow:
        for one in conducts:
            system.services.fines.store_decision(uow, {}, (one, assessor.assess(one, today)))
        uow.session.flush()
        made = Decision.capture_id.in_([one.capture_id for one in conducts])
        uow.session.execute(update(Decision).where(made).values(sent_on=Decision.decided_on))
        uow.commit()


def fined(world: World, measured_kmh: int = 62) -> dict[str, Any]:
    """A case as the handler sees it, of which no photo was ever taken: for tests of what comes after."""
    world.count += 1
    one = conduct(world.count, world.clock.now(), measured_kmh)
    law = LiveLaw(world.system.releases)
    decide(world.system, law, local_date(world.clock.now()), [one])
    world.drain()
    decision = world.system.services.fines.decision_for_capture(one.capture_id)
    assert decision is not None
    return world.decision(decision.id)


def apply_outcomes(system: System) -> None:
    """Let the outcomes of appeals flow back into their decisions; letters stay in the queue."""
    job = "fines.apply_outcome"
    # By their keys, which are indexed: a long queue of letters may wait in the same table.
    waiting = select(OutboxMessage.id).where(
        OutboxMessage.key.between(f"{job}:", f"{job};"), OutboxMessage.state == MessageState.PENDING
    )
    with system.units.read() as session:
        ids = session.scalars(waiting).all()
    for message_id in ids:
        if system.runner.run(message_id) is not MessageState.DONE:
            raise RuntimeError("an outcome could not be applied")
