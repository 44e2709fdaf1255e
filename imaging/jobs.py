"""What imaging does later."""

from core.jobs import Job, JobRegistry
from imaging import events
from imaging.service import ImagingService
from ingest.service import CAPTURE_ACCEPTED


def register(registry: JobRegistry, imaging: ImagingService) -> None:
    """Read the plate of each accepted capture, and redact where it stands; else when a person has settled it."""
    registry.on(
        CAPTURE_ACCEPTED, Job("imaging.read_plate", "imaging", imaging.store_reading, prepare=imaging.prepare_reading)
    )
    for event, name in ((events.READING_SETTLED, "redact"), (events.REDACTION_CHANGED, "redact_again")):
        registry.on(
            event, Job(f"imaging.{name}", "imaging", imaging.store_redaction, prepare=imaging.prepare_redaction)
        )
