"""The citizen's copies of a capture's photos, for a page."""

import base64

from api.services import Services


def photos_of(doors: Services, capture_id: str) -> list[str]:
    """In order, base64; empty while there are none."""
    return [
        base64.b64encode(doors.imaging.redacted_photo(capture_id, record.position)).decode()
        for record in doors.imaging.redaction_records(capture_id)
    ]
