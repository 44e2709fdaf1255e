"""For camera networks: enrol a camera, change its key, say how it does, push captures."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from api import presenters
from api.camera_requests import KnownSender, SignedCamera
from api.dependencies import AddressDep, LimitDep, ServicesDep
from api.problems import PROBLEM_RESPONSES
from api.schemas.cameras import CaptureReceipt, EnrolmentIn, HeartbeatIn, HeartbeatOut, KeyOut, NextKeyIn
from core.errors import InvalidInput
from ingest.service import Beat, Package

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


@router.post("/cameras/enrolments", status_code=201, responses={s: PROBLEM_RESPONSES[s] for s in (400, 401, 409, 429)})
def enrol_camera(body: EnrolmentIn, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> KeyOut:
    """A camera brings its key, with the one-time code that an operator was given for it."""
    with limit.guarding(address):
        key = doors.ingest.registry.enrol(body.code, body.public_key, body.proof)
    return KeyOut(camera_id=key.camera_id, key_id=key.id)


@router.post("/cameras/keys", status_code=201, responses={s: PROBLEM_RESPONSES[s] for s in (400, 401, 409, 413)})
def change_key(camera: SignedCamera, body: NextKeyIn, doors: ServicesDep) -> KeyOut:
    """A camera brings its next key, in a request signed with the present one, which goes on beside it for a while."""
    key = doors.ingest.registry.rotate(camera, body.public_key, body.proof)
    return KeyOut(camera_id=key.camera_id, key_id=key.id)


@router.post("/cameras/heartbeats", status_code=201, responses={s: PROBLEM_RESPONSES[s] for s in (400, 401, 413)})
def heartbeat(camera: SignedCamera, body: HeartbeatIn, doors: ServicesDep) -> HeartbeatOut:
    """A camera says how it does, in a signed request."""
    doors.ingest.registry.heard(camera.camera_id, Beat(body.sent_at, body.waiting, body.oldest_at, body.software))
    return HeartbeatOut(received_at=doors.clock.now())


@router.post(
    "/captures",
    status_code=201,
    response_model=CaptureReceipt,
    responses={
        202: {"model": CaptureReceipt, "description": "Known already: the same content, the same answer"},
        **{status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 409, 413, 429, 503)},
    },
    openapi_extra=_BODY,
)
async def push_capture(request: Request, response: Response, doors: ServicesDep, _: KnownSender) -> CaptureReceipt:
    """Take in one signed capture package; it is durable when the answer is 201 or 202.

    The request may be signed too (RFC 9421), and has to be where the installation asks for it.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidInput("not-multipart", "send multipart/form-data with metadata, signature and images")
    # Parts over a megabyte go to a temporary file on disk while they stream in.
    async with request.form(max_files=doors.settings.max_images + 3, max_fields=8) as form:
        accepted = await run_in_threadpool(doors.ingest.accept, await _read_package(form))
    response.status_code = 202 if accepted.duplicate else 201
    return presenters.receipt(accepted)


async def _read_package(form: FormData) -> Package:
    metadata, signature = form.get("metadata"), form.get("signature")
    images = form.getlist("images")
    if metadata is None or signature is None or not images:
        raise InvalidInput("part-missing", "the package needs the parts metadata, signature and images")
    files = [image for image in images if isinstance(image, UploadFile)]
    if len(files) != len(images):
        raise InvalidInput("part-not-file", "send each image as a file part of type image/jpeg")
    return Package(
        metadata=await _bytes(metadata),
        signature=(await _bytes(signature)).decode("ascii", errors="replace").strip(),
        images=[_reader(image) for image in files],
    )


def _reader(image: UploadFile) -> Callable[[], bytes]:
    """What reads a part anew, from memory or from the file that it went to."""

    def read() -> bytes:
        image.file.seek(0)
        return image.file.read()

    return read


async def _bytes(part: UploadFile | str) -> bytes:
    return part.encode() if isinstance(part, str) else await part.read()
