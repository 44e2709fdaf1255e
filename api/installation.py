"""How the installation does, as one picture: for the operators' page, the API and the metrics."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.services import Services
from appeals.service import TermCounts
from core.dead_letters import Failure
from core.outbox import machine_now
from core.schedule import chore_runs
from ingest.service import SilentCamera, Storage

_OVERDUE = timedelta(minutes=10)
"""A chore that is due for so long was forgotten: nobody leads."""

_SOON = timedelta(days=30)
"""A certificate that ends before is to be renewed now."""


@dataclass(frozen=True)
class QueueState:
    """`oldest_seconds` is how long the first that waits could have been done."""

    name: str
    waiting: int
    oldest_seconds: int
    handed_out: int
    dead: int


@dataclass(frozen=True)
class ChoreState:
    """`outcome` is "done", the type of an error, or empty before the first; `overdue` when nobody did it in time."""

    name: str
    due_at: datetime
    succeeded_at: datetime | None
    outcome: str
    overdue: bool

    @property
    def well(self) -> bool:
        return self.outcome == "done" and not self.overdue


@dataclass(frozen=True)
class Ending:
    """What vouches for something and ends soon, or ended: `kind` is `seal` or `calibration`, `subject` the camera."""

    kind: str
    subject: str
    ends_at: datetime


@dataclass(frozen=True)
class Installation:
    """`shortage` is what there is too little of for captures to be taken in; empty where all is well."""

    queues: list[QueueState]
    failures: list[Failure]
    chores: list[ChoreState]
    shortage: str
    storage: list[Storage]
    silent: list[SilentCamera]
    held_packages: int
    readings_waiting: int
    appeals: TermCounts
    ending: list[Ending]


def installation(doors: Services) -> Installation:
    """As it is now."""
    now = machine_now()
    return Installation(
        queues=[
            QueueState(name, one.waiting, _age(now, one.waiting_since), one.handed_out, one.dead)
            for name, one in doors.outbox.backlog().items()
        ],
        failures=doors.dead_letters.failures(),
        chores=[
            ChoreState(run.name, run.due_at, run.succeeded_at, run.outcome or "", overdue=run.due_at + _OVERDUE < now)
            for run in chore_runs(doors.database)
        ],
        shortage=doors.ingest.capacity.shortage(),
        storage=doors.ingest.capacity.storage(),
        silent=doors.ingest.registry.silent(),
        held_packages=sum(one.count for one in doors.ingest.quarantine.counts()),
        readings_waiting=doors.imaging.desk.waiting(),
        appeals=doors.appeals.watch.counts(),
        ending=list(_ending(doors)),
    )


def _ending(doors: Services) -> Iterator[Ending]:
    if doors.seal_ends_at < doors.clock.now() + _SOON:
        yield Ending("seal", "", doors.seal_ends_at)
    for one in doors.ingest.metrology.ending(_SOON):
        yield Ending("calibration", one.camera_id, one.ends_at)


def _age(now: datetime, since: datetime | None) -> int:
    """What is to be tried again later does not wait yet."""
    return max(0, int((now - since).total_seconds())) if since else 0
