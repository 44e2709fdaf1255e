"""Links to a photo that anyone who has one can follow, for a few minutes."""

from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.services import Services
from api.signing import timed
from core.errors import NotFound

SECONDS = 300


def _signer(doors: Services) -> URLSafeTimedSerializer:
    return timed(doors.session_secret, "photo link")


def photo_link(doors: Services, decision_id: str, position: int) -> tuple[str, datetime]:
    """The path, which names no case to who reads it, and until when it holds (UTC)."""
    token = _signer(doors).dumps([decision_id, position])
    return f"/v1/photos/{token}", doors.clock.now() + timedelta(seconds=SECONDS)


def linked_photo(doors: Services, token: str) -> tuple[str, int]:
    """Decision and position. Raises NotFound for a link that is too old or was never given."""
    try:
        decision_id, position = _signer(doors).loads(token, max_age=SECONDS)
    except (BadSignature, ValueError, TypeError) as error:
        raise NotFound("link-expired", "this link has expired: ask for a new one") from error
    return str(decision_id), int(position)
