"""For camera networks: many captures in one file."""

import tempfile
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from api import presenters
from api.camera_requests import SignedSender
from api.dependencies import ServicesDep
from api.problems import PROBLEM_RESPONSES
from api.schemas.cameras import BatchReceiptOut
from core.errors import InvalidInput

_TYPES = ("application/zip", "application/x-tar")

router = APIRouter(prefix="/v1", tags=["cameras"])

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in _TYPES},
    }
}


@router.post(
    "/capture-batches",
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 413, 429, 503)},
    openapi_extra=_BODY,
)
async def push_batch(request: Request, _: SignedSender, doors: ServicesDep) -> BatchReceiptOut:
    """Take in a batch (see docs/api.md) in a request that a camera signed; what became of each capture.

    What is accepted is durable. Sent again, each capture counts once.
    """
    if request.headers.get("content-type", "").partition(";")[0] not in _TYPES:
        raise InvalidInput("not-a-batch", f"send a batch as one of: {', '.join(_TYPES)}")
    doors.ingest.capacity.check_room()
    with tempfile.TemporaryFile(dir=doors.settings.data_dir) as file:
        async for chunk in request.stream():
            await run_in_threadpool(file.write, chunk)
        receipt = await run_in_threadpool(doors.ingest.batches.take_in, file)
    return presenters.batch_receipt(receipt)
