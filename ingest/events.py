"""What ingest tells the rest of the chain."""

CAPTURE_ACCEPTED = "ingest.capture_accepted"
"""Payload: captureId. The evidence is stored; imaging may read the plate."""
