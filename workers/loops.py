"""What runs again and again: relay, scheduler, and the embedded worker that does both and the jobs too."""

import threading
from datetime import timedelta

import structlog

from core import audit
from core.outbox import machine_now
from workers.bootstrap import System

log = structlog.get_logger()

_IDLE_SECONDS = 0.2
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
        if now >= self._next_checkpoint:
            self._next_checkpoint = now + _CHECKPOINT_EVERY
            checkpoint(self._system)
            self._system.services.ingest.evidence_log.sign_head()


def checkpoint(system: System) -> int:
    """Sign the head of each audit partition."""
    with system.database.write_session() as session:
        count = audit.checkpoint(session, system.keys.signing, system.clock.now())
        session.commit()
    return count


def relay_forever(system: System, stop: threading.Event) -> None:
    """Relay and scheduler of a scale-out installation."""
    scheduler = Scheduler(system)
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
