"""What runs again and again: relay, scheduler, deliveries, and the embedded worker that does the jobs too."""

import threading
from collections.abc import Callable

import structlog

from core.schedule import Schedule
from workers.bootstrap import System
from workers.chores import chores

log = structlog.get_logger()

_IDLE_SECONDS = 0.2
_SCHEDULE_EVERY_SECONDS = 1.0
_DELIVERIES_EVERY_SECONDS = 2.0
_LANES = (("imaging",), ("notifications",), ("evidence", "decisions", "letters", "export"))
"""Of the embedded worker: photos take long, and others' machines may; neither is waited for."""


class Loop(threading.Thread):
    """Acts until told to stop, at once again while there was something to do; what fails is tried again."""

    def __init__(self, name: str, act: Callable[[], int | None], stop: threading.Event, every_seconds: float) -> None:
        super().__init__(name=name, daemon=True)
        self._act = act
        self._stop_event = stop
        self._every_seconds = every_seconds

    def run(self) -> None:
        while not self._stop_event.is_set():
            try:
                if self._act():
                    continue
            except Exception as error:  # disk, database or Redis may be away for a while
                log.error("loop_failed", job=self.name, error_type=type(error).__name__)
            self._stop_event.wait(self._every_seconds)


def _timed_loops(system: System, stop: threading.Event) -> list[Loop]:
    """Scheduler, and deliveries where there is a drop folder: any number may run, on any number of machines."""
    loops = [Loop("scheduler", Schedule(system.database, chores(system)).tick, stop, _SCHEDULE_EVERY_SECONDS)]
    folder = system.services.ingest.drop_folder
    if folder is not None:
        loops.append(Loop("deliveries", folder.scan, stop, _DELIVERIES_EVERY_SECONDS))
    return loops


def relay_forever(system: System, stop: threading.Event) -> None:
    """Relay, scheduler and deliveries of a scale-out installation; what is being handed out is handed out first."""
    loops = [Loop("relay", system.relay.dispatch, stop, _IDLE_SECONDS), *_timed_loops(system, stop)]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()


class EmbeddedWorker:
    """Relay, scheduler and jobs in the server's own process."""

    def __init__(self, system: System, *, scheduled: bool = True) -> None:
        self._system = system
        self._stop_event = threading.Event()
        self._loops = [self._lane(queues) for queues in _LANES]
        if scheduled:
            self._loops += _timed_loops(system, self._stop_event)

    def _lane(self, queues: tuple[str, ...]) -> Loop:
        return Loop(queues[0], lambda: self._system.drain(queues), self._stop_event, _IDLE_SECONDS)

    def start(self) -> None:
        self._system.relay.release()
        threading.Thread(target=self._system.services.imaging.warm_up, name="warm-up", daemon=True).start()
        for loop in self._loops:
            loop.start()

    @property
    def alive(self) -> bool:
        """Are all its loops running?"""
        return all(loop.is_alive() for loop in self._loops)

    def stop(self) -> None:
        """Finish the jobs at hand and end."""
        self._stop_event.set()
        for loop in self._loops:
            loop.join()
