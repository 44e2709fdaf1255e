"""The one place where settings become parts. No part reads the environment by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import appeals.jobs
import fines.jobs
import imaging.jobs
import ingest.jobs
from api.services import Services
from appeals.retention import AppealsHolder
from appeals.service import AppealsService
from appeals.zgw import ZgwAccess, ZgwRegistry
from core.blobs import BlobStore
from core.case_events import NOTIFICATION_DUE, CaseEvents
from core.clients import Clients
from core.clock import Clock, FileClock, SystemClock
from core.database import Base, Database
from core.dead_letters import DeadLetters
from core.drafts import Drafts
from core.installation_key import InstallationKey
from core.jobs import Job, JobRegistry, JobRunner
from core.kept_answers import KeptAnswers
from core.keys import Keys, load_keys
from core.mail import Smtp
from core.malware import ClamAv
from core.outbox import Queues, Relay
from core.outgoing import Outgoing
from core.principals import Principals
from core.pseudonyms import Pseudonyms
from core.retention import Retention
from core.settings import QueueBackend, Settings
from core.unit_of_work import UnitsOfWork
from core.uploads import Uploads
from core.visits import OldVisits, Visits
from core.webhooks import WEBHOOK_DUE, Webhooks
from core.wrapping import key_ring
from fines.access_codes import AccessCodes
from fines.keepers import FileVehicleRegister, Registers
from fines.mailbox import HttpMailbox
from fines.mollie import Mollie
from fines.notices import Notices
from fines.releases import LiveLaw, Releases
from fines.retention import BOOKS_ROWS, FinesHolder, LawTerms, OldHirerLists
from fines.service import FinesService
from imaging.retention import ImagingHolder
from imaging.service import ImagingService
from ingest.retention import IngestHolder
from ingest.service import IngestService
from workers.queues import QUEUES, InProcessQueues
from workers.rq_queue import RqQueues


@dataclass(frozen=True)
class System:
    """All parts of one process."""

    settings: Settings
    clock: Clock
    keys: Keys
    signing: InstallationKey
    database: Database
    blobs: BlobStore
    units: UnitsOfWork
    runner: JobRunner
    queues: Queues
    relay: Relay
    services: Services
    releases: Releases
    access_codes: AccessCodes

    def drain(self, names: Sequence[str] = tuple(QUEUES)) -> int:
        """Embedded only: run the jobs of these queues until none is due; returns how many ran."""
        if not isinstance(self.queues, InProcessQueues):
            raise TypeError("only the in-process queues are drained; start a worker")
        count, ran = 0, 1
        while self.relay.dispatch(names) or ran:
            ran = 0
            while message_id := self.queues.next_of(names):
                self.runner.run(message_id)
                ran += 1
            count += ran
        return count


def sealed_models() -> dict[str, type[Base]]:
    """Every table, by name, for `audit verify`."""
    return {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}


def _court_registry(settings: Settings, clock: Clock) -> ZgwRegistry | None:
    if not settings.zgw_zaken_url:
        return None
    access = ZgwAccess(
        settings.zgw_zaken_url,
        settings.zgw_documenten_url,
        settings.zgw_catalogi_url,
        settings.zgw_client_id,
        settings.zgw_secret.get_secret_value(),
        settings.zgw_rsin,
        settings.zgw_case_type,
    )
    return ZgwRegistry(access, clock)


def build(settings: Settings, clock: Clock | None = None) -> System:
    """Wire one process. The tables must be there (`flitsketen migrate`)."""
    clock = clock or (FileClock(settings.clock_file) if settings.clock_file else SystemClock())
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    keys = load_keys(settings)
    database = Database(settings.database_url, settings.replica_url)
    blobs = BlobStore(settings, database, key_ring(settings, keys.master))
    registry = JobRegistry()
    units = UnitsOfWork(database, clock, registry.subscriptions, registry.watchers)
    queues: Queues = InProcessQueues()
    if settings.queue is QueueBackend.RQ:
        queues = RqQueues(settings.redis_url, settings.job_seconds, settings.queue_length)
    relay = Relay(database, queues, tuple(QUEUES), settings.lease_seconds)
    signing = InstallationKey(keys.signing)
    releases = Releases(units, signing)
    law = LiveLaw(releases)
    ingest_room = IngestService(units, blobs, clock, settings, relay, signing)
    imaging_room = ImagingService(units, blobs, clock, settings, ingest_room)
    pseudonyms = Pseudonyms(keys.derived("pseudonyms of persons and firms"))
    register = Registers(
        pseudonyms,
        FileVehicleRegister(settings.vehicle_register_file),
        {country: FileVehicleRegister(path) for country, path in settings.foreign_register_files.items()},
    )
    api_key = settings.mollie_api_key.get_secret_value()
    provider = Mollie(api_key, settings.mollie_api_url) if api_key else None
    token = settings.mailbox_token.get_secret_value()
    mailbox = HttpMailbox(settings.mailbox_url, token) if settings.mailbox_url else None
    mailer = Smtp(settings) if settings.smtp_host else None
    notices = Notices(units, clock, settings, keys.derived("links in e-mails"), mailer)
    access_codes = AccessCodes(keys.derived("access code on a letter"))
    mandate_codes = AccessCodes(keys.derived("code of a mandate"))
    webhooks = Webhooks(units, clock, keys.derived("secrets of webhooks"), Outgoing(settings.webhook_networks))
    case_events = CaseEvents(webhooks, settings)
    registry.on(WEBHOOK_DUE, Job("core.send_webhook", "notifications", webhooks.apply, prepare=webhooks.prepare))
    registry.on(NOTIFICATION_DUE, Job("core.notify", "notifications", case_events.notified, prepare=case_events.notify))
    fines_room = FinesService(
        units,
        blobs,
        clock,
        settings,
        ingest_room,
        imaging_room,
        register,
        law,
        keys.seal,
        access_codes,
        provider,
        mailbox,
        notices,
        case_events,
        mandate_codes,
    )
    court_registry = _court_registry(settings, clock)
    appeals_room = AppealsService(
        units, blobs, clock, settings, ingest_room, imaging_room, fines_room, law, case_events, court_registry
    )
    ingest.jobs.register(registry, ingest_room)
    imaging.jobs.register(registry, imaging_room)
    fines.jobs.register(registry, fines_room)
    appeals.jobs.register(registry, appeals_room)
    retention = Retention(
        units,
        blobs,
        clock,
        LawTerms(law, demonstration=settings.demonstration),
        (AppealsHolder(clock, fines_room), FinesHolder(clock), ImagingHolder(), IngestHolder()),
        (*BOOKS_ROWS, OldHirerLists(), OldVisits("retention_visit_years")),
    )
    runner = JobRunner(
        database,
        units,
        registry,
        max_attempts=settings.max_attempts,
        retry_base_seconds=settings.retry_base_seconds,
    )
    services = Services(
        settings=settings,
        clock=clock,
        database=database,
        outbox=relay,
        dead_letters=DeadLetters(units),
        principals=Principals(units, clock, settings.login_hours),
        ingest=ingest_room,
        imaging=imaging_room,
        fines=fines_room,
        appeals=appeals_room,
        uploads=Uploads(settings, ClamAv(settings.clamav_address) if settings.clamav_address else None),
        clients=Clients(units, clock),
        webhooks=webhooks,
        kept_answers=KeptAnswers(database, keys.derived("answers that are kept for a day")),
        visits=Visits(units, clock, settings.visit_hours),
        drafts=Drafts(units, blobs, clock, settings.draft_days),
        retention=retention,
        pseudonyms=pseudonyms,
        session_secret=keys.session_secret,
        seal_ends_at=keys.seal.ends_at,
    )
    return System(
        settings, clock, keys, signing, database, blobs, units, runner, queues, relay, services, releases, access_codes
    )
