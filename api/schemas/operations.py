"""Shapes for operators."""

from datetime import datetime

from api.schemas.common import Shape, Short


class DeadLetterOut(Shape):
    id: str
    job: str
    queue: str
    attempts: int
    last_error: str | None
    created_at: datetime


class ReplayIn(Shape):
    """`error` as the list of failures says it."""

    job: Short
    error: str
    reason: Short


class ReplayedOut(Shape):
    count: int


class QueueOut(Shape):
    """`oldestSeconds`: how long the first that waits could have been done."""

    name: str
    waiting: int
    oldest_seconds: int
    handed_out: int
    dead: int


class FailureOut(Shape):
    """Failed jobs of one kind with the same error."""

    job: str
    queue: str
    error: str
    count: int
    since: datetime


class ChoreOut(Shape):
    """`outcome`: `done`, the type of an error, or empty before the first."""

    name: str
    due_at: datetime
    succeeded_at: datetime | None
    outcome: str
    overdue: bool


class StorageOut(Shape):
    """Bytes; `place` is `data` or `photos`."""

    place: str
    free: int
    total: int


class SilentCameraOut(Shape):
    id: str
    heard_at: datetime | None


class TermsOut(Shape):
    """Open appeals, each number up to 250."""

    open: int
    at_risk: int
    late: int


class EndingOut(Shape):
    """A certificate that ends within thirty days, or ended: of the `seal`, or the `calibration` of a camera."""

    kind: str
    subject: str
    ends_at: datetime


class InstallationOut(Shape):
    """How the installation does. `intake` is `open`, or what there is too little of."""

    queues: list[QueueOut]
    failures: list[FailureOut]
    chores: list[ChoreOut]
    intake: str
    storage: list[StorageOut]
    silent_cameras: list[SilentCameraOut]
    held_packages: int
    readings_waiting: int
    appeals: TermsOut
    ending: list[EndingOut]
