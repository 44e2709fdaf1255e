"""A file that somebody sent, as a row describes it; its bytes are in the blob store."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped

from core.uploads import CheckedFile

FILE_COLUMNS = ("name", "media_type", "size", "sha256", "sent_sha256", "says", "sent_by", "received_at")


class KeptFile:
    """Columns of a table whose rows each describe a file; `sent_sha256` is of what was sent."""

    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    """In bytes."""
    sha256: Mapped[str]
    sent_sha256: Mapped[str]
    says: Mapped[dict[str, Any]]
    """What a photo said of itself: when and where it was taken."""
    sent_by: Mapped[str]
    """The kind of who sent it or, for what came by post, entered it."""
    received_at: Mapped[datetime]


def described(file: CheckedFile, sent_by: str, received_at: datetime) -> dict[str, Any]:
    """The values of these columns."""
    return {
        "name": file.name,
        "media_type": file.media_type,
        "size": len(file.content),
        "sha256": file.sha256,
        "sent_sha256": file.sent_sha256,
        "says": file.says,
        "sent_by": sent_by,
        "received_at": received_at,
    }
