"""What appeals does later."""

from appeals import events
from appeals.service import AppealsService
from core.jobs import Job, JobRegistry


def register(registry: JobRegistry, appeals: AppealsService) -> None:
    """Make the dossier once the case may go to the court."""
    registry.on(
        events.DOSSIER_DUE,
        Job("appeals.make_dossier", appeals.court.store_dossier, prepare=appeals.court.prepare_dossier),
    )
