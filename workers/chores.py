"""What an installation does by the clock."""

from datetime import timedelta

from core import audit
from core.partitions import keep_ahead
from core.schedule import Chore
from workers.bootstrap import System


def chores(system: System) -> list[Chore]:
    """In the order in which they are begun when all are due."""
    return [
        Chore("pass-terms", timedelta(minutes=1), lambda: _pass_terms(system)),
        Chore("check-store", timedelta(minutes=1), system.blobs.check),
        Chore("ask-after-payments", timedelta(minutes=15), system.services.fines.checkouts.catch_up),
        Chore("forget-what-is-over", timedelta(minutes=15), lambda: _forget(system)),
        Chore("destroy-what-is-due", timedelta(minutes=15), system.services.retention.run),
        Chore("keep-partitions-ahead", timedelta(days=1), lambda: keep_ahead(system.database)),
        Chore("sign-heads", timedelta(hours=1), lambda: _sign_heads(system)),
    ]


def checkpoint(system: System) -> int:
    """Sign the head of each audit partition."""
    with system.database.write_session() as session:
        count = audit.checkpoint(session, system.signing, system.clock.now())
        session.commit()
    return count


def _pass_terms(system: System) -> int:
    return system.services.fines.run_due() + system.services.appeals.run_due()


def _forget(system: System) -> None:
    services = system.services
    system.relay.forget_done(system.settings.done_job_days)
    services.drafts.forget_old()
    services.webhooks.forget_old()
    services.kept_answers.forget_old()
    services.ingest.registry.forget_nonces()
    services.ingest.resumable.forget_old()


def _sign_heads(system: System) -> None:
    checkpoint(system)
    system.services.ingest.evidence_log.sign_head()
    system.services.ingest.evidence_log.stamp_heads()
