"""What imaging tells the rest of the chain."""

READING_SETTLED = "imaging.reading_settled"
"""Payload: captureId. The plate was accepted automatically or confirmed by a person."""

REDACTION_CHANGED = "imaging.redaction_changed"
"""Payload: captureId, revision. A person added or lifted a region: the copies are made anew."""

PHOTOS_REDACTED = "imaging.photos_redacted"
"""Payload: captureId. The citizen's copies exist; fines may decide."""
