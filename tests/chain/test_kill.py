"""The only process may be killed at any moment: what was acknowledged is there once, and finishes."""

from collections import Counter
from datetime import timedelta

import cv2
import httpx
import numpy as np
from sqlalchemy import func, select

from core.outbox import MessageState, OutboxMessage
from fines.models import Assessment, Decision, Letter
from imaging.models import Reading, RedactedPhoto
from ingest.simulator.network import SignedCapture, push, sign_capture
from tests.chain.installation import Installation
from tests.conftest import NOON
from tests.world import PLATE, jpeg, keeper_of
from workers.demo_world import all_fates


def road(number: int) -> bytes:
    """A photo without any plate, quick to look at, different each time."""
    noise = np.random.default_rng(number)
    photo = noise.integers(90, 130, (200, 320, 3), dtype=np.uint8)
    return bytes(cv2.imencode(".jpg", photo)[1])


def packages(running: Installation, count: int) -> list[SignedCapture]:
    """Every tenth shows a car, the others an empty road."""
    moment = NOON - timedelta(minutes=30)
    return [
        sign_capture(running.camera, f"k{n}", moment, "72.4", [jpeg() if n % 10 == 0 else road(n)])
        for n in range(count)
    ]


def push_until_acknowledged(running: Installation, capture: SignedCapture) -> int:
    """What a camera does: send again until there is an answer."""
    while True:
        try:
            return push(running.http, capture).status_code
        except httpx.TransportError:
            running.wait_for_server()


def rows(running: Installation) -> dict[str, int]:
    with running.system.database.read_session() as session:
        return {
            model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
            for model in (Reading, RedactedPhoto, Assessment, Decision, Letter)
        }


def check_all_there_once(running: Installation, count: int) -> None:
    running.settle(300)
    fates = all_fates(running.get)
    assert Counter(fate["captureId"] for fate in fates) == {f"k{n}": 1 for n in range(count)}
    cars = len(range(0, count, 10))
    assert Counter(fate["fate"] for fate in fates) == {"issued": cars, "in_review": count - cars}
    assert rows(running) == {
        "reading": count, "redacted_photo": cars, "assessment": cars, "decision": cars, "letter": cars,
    }  # fmt: skip
    with running.system.database.read_session() as session:
        unfinished = session.scalars(select(OutboxMessage).where(OutboxMessage.state != MessageState.DONE)).all()
    assert unfinished == []


def test_the_embedded_process_is_killed_in_the_middle_of_the_chain(embedded_installation: Installation) -> None:
    running = embedded_installation
    running.register([keeper_of(PLATE.text)])
    for number, capture in enumerate(packages(running, 30)):
        if number in (11, 24):
            running.kill("server")
            running.start("server")
            running.wait_for_server()
        assert push_until_acknowledged(running, capture) in (201, 202)
    check_all_there_once(running, 30)
