"""`flitsketen doctor`: looks at a set-up from where its processes stand, and says what is wrong and how to mend it.

It writes nothing that stays: one small object into the store, which it takes away again.
"""

import socket
import ssl
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

import httpx
import redis
import rq
from redis.exceptions import RedisError
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from api.installation import installation
from core.audit import AuditCheckpoint
from core.blobs import CaseKey
from core.errors import DomainError, Unavailable
from core.malware import ClamAv
from core.partitions import months_ahead
from core.settings import Mode, QueueBackend, Settings
from workers.bootstrap import System, build
from workers.migrate import schema_versions
from workers.queues import QUEUES

_DRIFT = timedelta(seconds=5)
_LEAST_MONTHS = 3
_STUCK_SECONDS = 15 * 60
_SECONDS = 10.0


class Grade(StrEnum):
    WELL = "well"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was seen, and what to do where it is not well."""

    subject: str
    grade: Grade
    seen: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """One finding after the other; what needs the database is not looked at where there is none."""
    schema = _schema(settings)
    yield schema
    if settings.queue is QueueBackend.RQ:
        yield from _redis(settings)
    if schema.grade is not Grade.WRONG:
        try:
            system = build(settings)
        except (ValueError, OSError, DomainError) as error:
            yield Finding("keys and settings", Grade.WRONG, str(error), "mend what it names, then run this again")
        else:
            for look in (_clock, _partitions, _store, _keys, _law, _register, _work):
                yield from look(system)
    yield from _neighbours(settings)


def _schema(settings: Settings) -> Finding:
    try:
        current, newest = schema_versions(settings)
    except (SQLAlchemyError, OSError) as error:
        if settings.database_url.startswith("sqlite"):
            return Finding("database", Grade.WRONG, "is not there yet", "run `flitsketen migrate`, or `serve`")
        return Finding(
            "database", Grade.WRONG, f"cannot be reached ({type(error).__name__})",
            "check FLITSKETEN_DATABASE_URL, that the server runs and that this machine may connect",
        )  # fmt: skip
    if current == newest:
        return Finding("database", Grade.WELL, f"answers, tables as of {newest}")
    if current is not None and current > newest:
        remedy = "an older program than the tables: install the version that migrated them"
    else:
        remedy = "run `flitsketen migrate`"
    return Finding("database", Grade.WRONG, f"tables as of {current or 'nothing'}, this program's are {newest}", remedy)


def _redis(settings: Settings) -> Iterator[Finding]:
    connection = redis.Redis.from_url(settings.redis_url, socket_timeout=_SECONDS)
    try:
        workers = rq.Worker.all(connection=connection)
    except RedisError as error:
        yield Finding(
            "Redis", Grade.WRONG, f"cannot be reached ({type(error).__name__})",
            "check FLITSKETEN_REDIS_URL; until it is back jobs wait in the database and nothing is lost",
        )  # fmt: skip
        return
    yield Finding("Redis", Grade.WELL, "answers")
    idle = set(QUEUES) - {name for worker in workers for name in worker.queue_names()}
    if idle:
        yield Finding(
            "workers", Grade.WRONG, f"{len(workers)} run, none for: {', '.join(sorted(idle))}",
            "start `flitsketen worker`, with --queue for some of the queues only",
        )  # fmt: skip
    else:
        yield Finding("workers", Grade.WELL, f"{len(workers)} run, each queue has one")


def _clock(system: System) -> Iterator[Finding]:
    if system.database.is_sqlite:
        return
    with system.database.read_session() as session:
        theirs: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    drift = abs(datetime.now(UTC) - theirs)
    if drift > _DRIFT:
        yield Finding(
            "clock", Grade.WRONG, f"{drift.total_seconds():.0f} s from the database's",
            "run a time service (chrony) on both machines: terms and leases rest on it",
        )  # fmt: skip
    else:
        yield Finding("clock", Grade.WELL, "as the database's")


def _partitions(system: System) -> Iterator[Finding]:
    ahead = months_ahead(system.database)
    if ahead is None:
        return
    if ahead < _LEAST_MONTHS:
        yield Finding(
            "partitions", Grade.WRONG, f"there are some for {ahead} months; without one nothing is taken in",
            "is a relay running? Its chore keep-partitions-ahead makes them",
        )  # fmt: skip
    else:
        yield Finding("partitions", Grade.WELL, f"for {ahead} months ahead")


def _store(system: System) -> Iterator[Finding]:
    try:
        system.blobs.check()
    except Unavailable:
        yield Finding(
            "photo store", Grade.WRONG, "cannot be written to",
            "check FLITSKETEN_BLOB_URL and FLITSKETEN_S3_*, that the bucket or folder is there and is ours to write",
        )  # fmt: skip
    else:
        yield Finding("photo store", Grade.WELL, "written, read and removed again")
    for one in system.services.ingest.capacity.storage():
        low = one.free < 2 * system.settings.min_free_bytes
        yield Finding(
            f"room for {one.place}", Grade.DOUBTFUL if low else Grade.WELL, f"{one.free // 2**20} MiB free",
            "intake stops at FLITSKETEN_MIN_FREE_BYTES: make room now" if low else "",
        )  # fmt: skip


def _keys(system: System) -> Iterator[Finding]:
    folder = system.settings.data_dir / "keys"
    named = (system.settings.master_key_file, system.settings.signing_key_file, system.settings.seal_key_file)
    for path in [path for path in named if path] or sorted(folder.glob("*")):
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) and path.suffix != ".crt":
            yield Finding("keys", Grade.WRONG, f"{path.name} can be read by others", f"chmod 600 {path}")
    with system.database.read_session() as session:
        newest = select(CaseKey).where(CaseKey.wrapped.is_not(None)).order_by(CaseKey.case_id.desc()).limit(1)
        kept = session.scalars(newest).first()
    yield _newest_opens(system, kept)
    former = {name: count for name, count in system.blobs.wrapped_by().items() if name != system.blobs.current_key}
    if former:
        yield Finding(
            "former keys", Grade.DOUBTFUL, f"{sum(former.values())} cases are wrapped with one still",
            "`flitsketen keys rewrap`; a key file that then wraps nothing can be destroyed",
        )  # fmt: skip
    yield _signing_key(system)
    if not any(named):
        yield Finding(
            "keys", Grade.DOUBTFUL, "were made by this program beside the data",
            "for more than a try-out keep keys apart: FLITSKETEN_MASTER_KEY_FILE, _SIGNING_KEY_FILE, _SEAL_KEY_FILE",
        )  # fmt: skip


def _signing_key(system: System) -> Finding:
    newest = select(AuditCheckpoint).order_by(AuditCheckpoint.id.desc()).limit(1)
    with system.database.read_session() as session:
        known = system.signing.known(session)
        point = session.scalars(newest).first()
    until = known.until[system.signing.name]
    if until is not None:
        return Finding(
            "signing key", Grade.WRONG, f"was replaced: what it signs counts until {until:%Y-%m-%d %H:%M} UTC",
            "start every process with FLITSKETEN_SIGNING_KEY_FILE of the key that took over",
        )  # fmt: skip
    if point is not None and known.who_signed(point.statement(), point.signature, point.at) is None:
        return Finding(
            "signing key", Grade.WRONG, "is neither the one that signed the audit log last nor one that took over",
            "put the former key back at FLITSKETEN_SIGNING_KEY_FILE; `flitsketen keys change-signing` lets another"
            " take over",
        )  # fmt: skip
    return Finding("signing key", Grade.WELL, "the one that signs the audit log")


def _newest_opens(system: System, newest: CaseKey | None) -> Finding:
    if newest is None:
        return Finding("keys of cases", Grade.WELL, "there; no case was made yet")
    try:
        opens = system.blobs.opens(newest)
    except Unavailable:
        return Finding(
            "keys of cases", Grade.WRONG, "the service that keeps the keys does not answer", "check FLITSKETEN_KMS_*"
        )
    if opens:
        return Finding("keys of cases", Grade.WELL, "open the newest case")
    return Finding(
        "keys of cases", Grade.WRONG, "none is the one that the newest case was made with",
        "put the former key back at FLITSKETEN_MASTER_KEY_FILE or FLITSKETEN_WRAPPING_KEY_FILES: without it no photo"
        " can be read",
    )  # fmt: skip


def _law(system: System) -> Iterator[Finding]:
    version = system.releases.newest_approved()
    if version is not None:
        yield Finding("law", Grade.WELL, f"release {version} is approved")
    elif system.settings.mode is Mode.PRODUCTION:
        yield Finding(
            "law", Grade.WRONG, "no release of the rules is approved: no decision is made",
            "`flitsketen law propose`, then another person's `flitsketen law approve` (docs/law.md)",
        )  # fmt: skip
    else:
        yield Finding(
            "law", Grade.DOUBTFUL, "as shipped, not approved: decisions are marked as specimens", "docs/law.md"
        )


def _register(system: System) -> Iterator[Finding]:
    path = system.settings.vehicle_register_file
    if path is None:
        yield Finding(
            "vehicle register", Grade.DOUBTFUL, "none: every keeper is unknown", "FLITSKETEN_VEHICLE_REGISTER_FILE"
        )
    elif not path.is_file():
        yield Finding("vehicle register", Grade.WRONG, f"{path} is not there", "put it there, or name another file")
    else:
        yield Finding("vehicle register", Grade.WELL, "there")


def _work(system: System) -> Iterator[Finding]:
    state = installation(system.services)
    for queue in state.queues:
        if queue.waiting and queue.oldest_seconds > _STUCK_SECONDS:
            yield Finding(
                f"queue {queue.name}", Grade.WRONG,
                f"{queue.waiting} wait, the oldest for {queue.oldest_seconds // 60} minutes",
                "is a relay running that hands out, and a worker for this queue? Then start more of them",
            )  # fmt: skip
    for one in state.silent:
        yield Finding(
            f"camera {one.id}", Grade.DOUBTFUL, f"not heard of for {system.settings.silent_hours} hours",
            "call its network; one that is out of use is revoked on its page",
        )  # fmt: skip
    now = system.clock.now()
    for certificate in state.ending:
        subject = f"calibration of {certificate.subject}" if certificate.subject else "seal"
        yield Finding(
            subject, Grade.WRONG if certificate.ends_at <= now else Grade.DOUBTFUL,
            f"its certificate ends on {certificate.ends_at:%Y-%m-%d}",
            "have it renewed by who issued it, and enter the new one before that day",
        )  # fmt: skip
    failed = sum(one.count for one in state.failures)
    if failed:
        yield Finding(
            "failed jobs", Grade.DOUBTFUL, f"{failed} wait for a person",
            "page Installation: mend the cause, then have them tried again",
        )  # fmt: skip
    for chore in state.chores:
        if not chore.well:
            seen = "overdue" if chore.overdue else chore.outcome or "not yet done"
            yield Finding(f"chore {chore.name}", Grade.WRONG, seen, "is a relay (or the embedded service) running?")
    if not state.chores:
        yield Finding("chores", Grade.DOUBTFUL, "none was ever done", "start the relay, or the embedded service")
    elif all(chore.well for chore in state.chores):
        yield Finding("chores", Grade.WELL, "all done in time")


def _neighbours(settings: Settings) -> Iterator[Finding]:
    """Whoever the settings name, asked as lightly as can be."""
    asked: list[tuple[str, str, Callable[[], object]]] = []
    if settings.clamav_address:
        asked.append(("ClamAV", "CLAMAV_ADDRESS", lambda: ClamAv(settings.clamav_address).harm_in(b"harmless")))
    if settings.smtp_host:
        asked.append(("mail server", "SMTP_HOST", lambda: _connect(settings.smtp_host, settings.smtp_port)))
    for name, variable, issuer in (
        ("login of who works here", "OIDC_ISSUER", settings.oidc_issuer),
        ("login of citizens", "CITIZEN_OIDC_ISSUER", settings.citizen_oidc_issuer),
    ):
        if issuer:
            asked.append((name, variable, partial(_discovered, issuer)))
    for name, variable, url in (
        ("timestamp authority", "TIMESTAMP_URL", settings.timestamp_url),
        ("court registry", "ZGW_ZAKEN_URL", settings.zgw_zaken_url),
        ("notifications component", "ZGW_NOTIFICATIES_URL", settings.zgw_notificaties_url),
        ("government's mailbox", "MAILBOX_URL", settings.mailbox_url),
        ("payment provider", "MOLLIE_API_URL", settings.mollie_api_key.get_secret_value() and settings.mollie_api_url),
    ):
        if url:
            asked.append((name, variable, partial(_reached, url)))
    for name, variable, ask in asked:
        try:
            ask()
        except (OSError, httpx.HTTPError, ValueError, Unavailable) as error:
            yield Finding(
                name, Grade.WRONG, f"does not answer ({type(error).__name__})", f"check FLITSKETEN_{variable}"
            )
        else:
            yield Finding(name, Grade.WELL, "answers")


def _connect(host: str, port: int) -> None:
    socket.create_connection((host, port), _SECONDS).close()


def _reached(url: str) -> None:
    """Any answer will do: without a login it may well be a refusal."""
    target = httpx.URL(url)
    port = target.port or (443 if target.scheme == "https" else 80)
    with socket.create_connection((target.host, port), _SECONDS) as connection:
        if target.scheme == "https":
            ssl.create_default_context().wrap_socket(connection, server_hostname=target.host).close()


def _discovered(issuer: str) -> None:
    answer = httpx.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=_SECONDS)
    answer.raise_for_status().json()
