"""Shapes for camera networks and for who looks after them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from api.schemas.common import Shape, Short

CameraId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"), Field(examples=["cam-1"])]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""32 bytes Ed25519, base64."""
Proof = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{86}==$")]
"""A signature by that key, base64."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32}$")]
Road = Annotated[str, Field(min_length=1, max_length=120)]
Limit = Annotated[int, Field(ge=5, le=130)]
Hour = Annotated[int, Field(ge=0, le=24)]


class CaptureReceipt(Shape):
    """Answer to a push; a duplicate gets the same one."""

    id: str
    camera_id: str
    capture_id: str
    received_at: datetime
    status: Literal["accepted"] = "accepted"


class EnrolmentIn(Shape):
    """A camera's first words: `proof` is its key's signature over `flitsketen-key-v1`, a line feed and the code."""

    code: Code
    public_key: Key
    proof: Proof


class NextKeyIn(Shape):
    """`proof` is the new key's signature over `flitsketen-key-v1`, a line feed and the camera's id."""

    public_key: Key
    proof: Proof


class KeyOut(Shape):
    """`key_id` is the SHA-256 of the key, hexadecimal."""

    camera_id: str
    key_id: str


class HeartbeatIn(Shape):
    """How a camera does; `waiting` captures are to be sent still, the oldest of them made at `oldest_at`."""

    sent_at: AwareDatetime
    waiting: Annotated[int, Field(ge=0, le=100_000_000)]
    oldest_at: AwareDatetime | None = None
    software: Annotated[str, Field(max_length=80)] = ""


class HeartbeatOut(Shape):
    """Our time, for the camera to compare its own with."""

    received_at: datetime


class CameraIn(Shape):
    id: CameraId
    model: Short


class CodeOut(Shape):
    """Shown this once."""

    camera_id: str
    code: str


class RevocationIn(Shape):
    """From `since`, or from now; `compromised` where its keys may be in other hands."""

    reason: Short
    since: AwareDatetime | None = None
    compromised: bool = False


class CameraOut(Shape):
    """How a camera does. Counts by day, the oldest first; `drift_ms` is its clock against ours, in milliseconds."""

    id: str
    model: str
    state: str
    last_capture_at: datetime | None
    heard_at: datetime | None
    drift_ms: int | None
    waiting: int | None
    software: str | None
    accepted: list[int]
    refused: list[int]
    rejection_permille: int | None


class _Period(Shape):
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None


class _ClosedPeriod(Shape):
    valid_from: AwareDatetime
    valid_to: AwareDatetime


class TypeApprovalIn(_Period):
    kind: Literal["type-approvals"]
    number: Short
    model: Short
    kinds: Annotated[list[str], Field(min_length=1, max_length=20)]
    issued_by: Short


class CalibrationIn(_ClosedPeriod):
    kind: Literal["calibration-certificates"]
    camera_id: CameraId
    number: Short
    issued_by: Short


class ReferenceIn(_ClosedPeriod):
    """Millimetres."""

    kind: Literal["reference-certificates"]
    subject: CameraId
    number: Annotated[str, Field(min_length=1, max_length=80)]
    issued_by: Short
    value_mm: Annotated[int, Field(ge=1, le=1_000_000_000)]
    uncertainty_mm: Annotated[int, Field(ge=0, le=1_000_000)]


class DeploymentIn(_Period):
    """Degrees (WGS 84), metres, km/h."""

    kind: Literal["deployments"]
    camera_id: CameraId
    stretch: Short
    road: Road
    municipality: Road
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    radius_m: Annotated[int, Field(ge=1, le=20_000)]
    direction: Short
    limit_kmh: Limit
    installed_by: Short


class SpeedLimitIn(_Period):
    """km/h; hours on the clock of Europe/Amsterdam, for a limit that changes with them."""

    kind: Literal["speed-limits"]
    stretch: Short
    limit_kmh: Limit
    road_type: Short
    decree: Short
    from_hour: Hour | None = None
    to_hour: Hour | None = None


FactIn = Annotated[
    TypeApprovalIn | CalibrationIn | ReferenceIn | DeploymentIn | SpeedLimitIn, Field(discriminator="kind")
]
FactKind = Literal[
    "type-approvals", "calibration-certificates", "reference-certificates", "deployments", "speed-limits"
]


class MeasurementFactOut(Shape):
    """What was entered, by its fields."""

    id: str
    kind: FactKind
    fields: dict[str, Any]
    withdrawn_from: datetime | None


class FactWithdrawalIn(Shape):
    since: AwareDatetime
    reason: Short


class QuarantineOut(Shape):
    id: str
    camera_id: str
    code: str
    detail: str
    received_at: datetime
    state: str
    released_as: str | None
    image_count: int
    waivable: bool


class HeldPackagesOut(Shape):
    """How many of a camera's packages are held for a reason."""

    camera_id: str
    code: str
    count: int


class MetadataOut(Shape):
    """As it came, read as UTF-8; what is no text shows as such."""

    text: str


class CaptureResultOut(Shape):
    """What became of a capture in a batch, by its metadata's name; `id` where it was accepted, now or before."""

    metadata: str
    status: Literal["accepted", "duplicate", "refused"]
    id: str | None = None
    capture_id: str | None = None
    code: str | None = None
    detail: str | None = None


class BatchReceiptOut(Shape):
    """What became of each capture, in the order of the manifest."""

    batch_id: str
    camera_id: str
    results: list[CaptureResultOut]
