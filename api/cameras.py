"""For camera networks: push a capture."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from api.dependencies import ServicesDep
from api.problems import PROBLEM_RESPONSES
from api.schemas.cameras import CaptureReceipt
from core.errors import InvalidInput
from ingest.service import Package

router = APIRouter(prefix="/v1", tags=["cameras"])

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["metadata", "signature", "images"],
                    "properties": {
                        "metadata": {"type": "string", "description": "JSON; see docs/api.md"},
                        "signature": {"type": "string", "description": "Ed25519, base64"},
                        "images": {
                            "type": "array",
                            "items": {"type": "string", "contentMediaType": "image/jpeg", "format": "binary"},
                        },
                    },
                },
                "encoding": {
                    "metadata": {"contentType": "application/json"},
                    "images": {"contentType": "image/jpeg"},
                },
            }
        },
    }
}


@router.post(
    "/captures",
    status_code=201,
    response_model=CaptureReceipt,
    responses={
        202: {"model": CaptureReceipt, "description": "Known already: the same content, the same answer"},
        **{status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 409, 413)},
    },
    openapi_extra=_BODY,
)
async def push_capture(request: Request, response: Response, doors: ServicesDep) -> CaptureReceipt:
    """Take in one signed capture package; it is durable when the answer is 201 or 202."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidInput("not-multipart", "send multipart/form-data with metadata, signature and images")
    # Parts over a megabyte go to a temporary file on disk while they stream in.
    async with request.form(max_files=doors.settings.max_images + 3, max_fields=8) as form:
        package = await _read_package(form)
    accepted = await run_in_threadpool(doors.ingest.accept, package)
    response.status_code = 202 if accepted.duplicate else 201
    return CaptureReceipt(
        id=accepted.id,
        camera_id=accepted.camera_id,
        capture_id=accepted.capture_id,
        received_at=accepted.received_at,
    )


async def _read_package(form: FormData) -> Package:
    metadata, signature = form.get("metadata"), form.get("signature")
    images = form.getlist("images")
    if metadata is None or signature is None or not images:
        raise InvalidInput("part-missing", "the package needs the parts metadata, signature and images")
    if not all(isinstance(image, UploadFile) for image in images):
        raise InvalidInput("part-not-file", "send each image as a file part of type image/jpeg")
    return Package(
        metadata=await _bytes(metadata),
        signature=(await _bytes(signature)).decode("ascii", errors="replace").strip(),
        images=[await _bytes(image) for image in images],
    )


async def _bytes(part: UploadFile | str) -> bytes:
    return part.encode() if isinstance(part, str) else await part.read()
