"""What appeals does later."""

from appeals import events
from appeals.service import AppealsService
from core.jobs import Job, JobRegistry


def register(registry: JobRegistry, appeals: AppealsService) -> None:
    """Tell of what moved; read scanned letters; make dossiers for the court, and bring them to its registry."""
    registry.watch("appeal", appeals.telling.appeals_moved)
    registry.watch("court_appeal", appeals.telling.court_appeals_moved)
    post = appeals.post_room
    registry.on(events.LETTER_SCANNED, Job("appeals.read_letter", "imaging", post.store_words, prepare=post.read))
    dossiers = appeals.dossiers
    registry.on(events.DOSSIER_DUE, Job("appeals.make_dossier", "export", dossiers.store, prepare=dossiers.prepare))
    registry.on(
        events.DOSSIER_MADE, Job("appeals.deliver_dossier", "export", dossiers.store_delivery, prepare=dossiers.deliver)
    )
