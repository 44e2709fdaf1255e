"""Shapes for camera networks."""

from datetime import datetime
from typing import Literal

from api.schemas.common import Shape


class CaptureReceipt(Shape):
    """Answer to a push; a duplicate gets the same one."""

    id: str
    camera_id: str
    capture_id: str
    received_at: datetime
    status: Literal["accepted"] = "accepted"
