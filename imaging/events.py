"""What imaging tells the rest of the chain."""

READING_SETTLED = "imaging.reading_settled"
"""Payload: captureId. The plate was confirmed by a person, or accepted while the copies could not be made: they are
made now."""

REDACTION_CHANGED = "imaging.redaction_changed"
"""Payload: captureId, revision. A person added or lifted a region: the copies are made anew."""

PHOTOS_REDACTED = "imaging.photos_redacted"
"""Payload: captureId. The citizen's copies exist; fines may decide."""
