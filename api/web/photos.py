"""The citizen's copies of a capture's photos, for a handler's page."""

import base64

from api.services import Services
from core.unit_of_work import Actor


def photos_of(doors: Services, actor: Actor, capture_id: str, purpose: str) -> list[str]:
    """In order, base64; empty while there are none. The look is logged with its purpose."""
    return [base64.b64encode(copy).decode() for copy in doors.imaging.viewed_copies(actor, capture_id, purpose)]
