"""What the HTTP layer is given to work with; made by the bootstrap of the process."""

from dataclasses import dataclass
from datetime import datetime

from appeals.service import AppealsService
from core.clients import Clients
from core.clock import Clock
from core.database import Database
from core.dead_letters import DeadLetters
from core.drafts import Drafts
from core.kept_answers import KeptAnswers
from core.outbox import Relay
from core.principals import Principals
from core.pseudonyms import Pseudonyms
from core.retention import Retention
from core.settings import Settings
from core.uploads import Uploads
from core.visits import Visits
from core.webhooks import Webhooks
from fines.service import FinesService
from imaging.service import ImagingService
from ingest.service import IngestService


@dataclass(frozen=True)
class Services:
    """The rooms' doors and the few parts of core that HTTP shows."""

    settings: Settings
    clock: Clock
    database: Database
    outbox: Relay
    dead_letters: DeadLetters
    principals: Principals
    ingest: IngestService
    imaging: ImagingService
    fines: FinesService
    appeals: AppealsService
    clients: Clients
    uploads: Uploads
    kept_answers: KeptAnswers
    visits: Visits
    webhooks: Webhooks
    drafts: Drafts
    retention: Retention
    pseudonyms: Pseudonyms
    session_secret: str
    seal_ends_at: datetime
    """The certificate of the seal under letters, until then."""
