"""What appeals does later."""

from appeals import events
from appeals.service import AppealsService
from core.jobs import Job, JobRegistry


def register(registry: JobRegistry, appeals: AppealsService) -> None:
    """Read scanned letters; make the dossier once the case may go to the court, and bring it to its registry."""
    post = appeals.post_room
    registry.on(events.LETTER_SCANNED, Job("appeals.read_letter", post.store_words, prepare=post.read))
    dossiers = appeals.dossiers
    registry.on(events.DOSSIER_DUE, Job("appeals.make_dossier", dossiers.store, prepare=dossiers.prepare))
    registry.on(events.DOSSIER_MADE, Job("appeals.deliver_dossier", dossiers.store_delivery, prepare=dossiers.deliver))
