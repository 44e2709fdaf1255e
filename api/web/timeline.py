"""What happened to a case, for pages."""

from typing import Any

from api.services import Services
from core import audit


def timeline_of(doors: Services, subjects: set[str]) -> list[dict[str, Any]]:
    """The audit records of these subjects, oldest first, without the seals of rows."""
    with doors.database.read_session() as session:
        return [record for record in audit.excerpt(session, subjects) if record["action"] != "row.sealed"]
