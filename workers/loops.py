"""What runs again and again: relay, scheduler, and the embedded worker that does both and the jobs too."""

import threading
from datetime import timedelta

import structlog

from core import audit
from core.outbox import machine_now
from ingest.service import DropFolder
from workers.bootstrap import System

log = structlog.get_logger()

_IDLE_SECONDS = 0.2
_DELIVERIES_EVERY_SECONDS = 2.0
_SCHEDULE_EVERY = timedelta(minutes=1)
_CHECKPOINT_EVERY = timedelta(hours=1)
_CATCH_UP_EVERY = timedelta(minutes=15)


class Scheduler:
    """Passes due terms, asks after payments, signs audit checkpoints. Any number may run: each act happens once."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._next_run = self._next_checkpoint = self._next_catch_up = machine_now()

    def tick(self) -> None:
        now = machine_now()
        if now >= self._next_run:
            self._next_run = now + _SCHEDULE_EVERY
            passed = self._system.services.fines.run_due() + self._system.services.appeals.run_due()
            if passed:
                log.info("terms_passed", count=passed)
        if now >= self._next_catch_up:
            self._next_catch_up = now + _CATCH_UP_EVERY
            self._system.services.fines.checkouts.catch_up()
            self._system.services.drafts.forget_old()
            self._system.services.webhooks.forget_old()
            self._system.services.kept_answers.forget_old()
            self._system.services.ingest.registry.forget_nonces()
            self._system.services.ingest.resumable.forget_old()
        if now >= self._next_checkpoint:
            self._next_checkpoint = now + _CHECKPOINT_EVERY
            checkpoint(self._system)
            self._system.services.ingest.evidence_log.sign_head()
            self._system.services.ingest.evidence_log.stamp_heads()


def checkpoint(system: System) -> int:
    """Sign the head of each audit partition."""
    with system.database.write_session() as session:
        count = audit.checkpoint(session, system.keys.signing, system.clock.now())
        session.commit()
    return count


class Deliveries(threading.Thread):
    """Takes in what is put into the drop folder. Any number may run, on any number of machines."""

    def __init__(self, folder: DropFolder, stop: threading.Event) -> None:
        super().__init__(name="deliveries", daemon=True)
        self._folder = folder
        self._stop_event = stop

    def run(self) -> None:
        while not self._stop_event.is_set():
            try:
                self._folder.scan()
            except Exception as error:  # the disk or the database may be away for a while
                log.error("deliveries_failed", error_type=type(error).__name__)
            self._stop_event.wait(_DELIVERIES_EVERY_SECONDS)


def watch_deliveries(system: System, stop: threading.Event) -> None:
    """Where there is a drop folder."""
    folder = system.services.ingest.drop_folder
    if folder is not None:
        Deliveries(folder, stop).start()


def relay_forever(system: System, stop: threading.Event) -> None:
    """Relay and scheduler of a scale-out installation."""
    scheduler = Scheduler(system)
    watch_deliveries(system, stop)
    while not stop.is_set():
        try:
            scheduler.tick()
            if system.relay.dispatch():
                continue
        except Exception as error:  # the database may be away for a while
            log.error("relay_failed", error_type=type(error).__name__)
        stop.wait(_IDLE_SECONDS)


class EmbeddedWorker(threading.Thread):
    """Relay, scheduler and jobs in the server's own process."""

    def __init__(self, system: System, *, scheduled: bool = True) -> None:
        super().__init__(name="embedded-worker", daemon=True)
        self._system = system
        self._stop_event = threading.Event()
        self._scheduler = Scheduler(system) if scheduled else None

    def run(self) -> None:
        self._system.services.imaging.warm_up()
        self._system.relay.release()
        watch_deliveries(self._system, self._stop_event)
        while not self._stop_event.is_set():
            try:
                if self._scheduler is not None:
                    self._scheduler.tick()
                if self._system.drain():
                    continue
            except Exception as error:  # a full disk must not end the chain for good
                log.error("worker_failed", error_type=type(error).__name__)
            self._stop_event.wait(_IDLE_SECONDS)

    def stop(self) -> None:
        """Finish the job at hand and end."""
        self._stop_event.set()
        self.join()
