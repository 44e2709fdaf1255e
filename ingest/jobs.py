"""What ingest does later."""

from core.jobs import Job, JobRegistry
from ingest.service import CAPTURE_ACCEPTED, IngestService


def register(registry: JobRegistry, ingest: IngestService) -> None:
    """Enter each accepted capture in the evidence log."""
    registry.on(CAPTURE_ACCEPTED, Job("ingest.log_evidence", "evidence", ingest.evidence_log.enter))
