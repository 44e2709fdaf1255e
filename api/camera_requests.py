"""Requests that cameras sign: who signed, before anything that was sent is looked at, and each of them once."""

import base64
from datetime import timedelta
from typing import Annotated, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.dependencies import ServicesDep
from api.services import Services
from core.errors import NotAuthenticated
from core.signed_requests import RequestVerifier, Signature
from ingest.service import KnownKey


class CameraRequests:
    """Over one set of services."""

    def __init__(self, doors: Services) -> None:
        self._registry = doors.ingest.registry
        self._holds_for = timedelta(seconds=doors.settings.signed_request_seconds)
        self._verifier = RequestVerifier(doors.clock, self._holds_for)

    def who(self, request: Request, body: bytes | None) -> KnownKey:
        """Whose signature it is. Without `body`, what is sent proves itself, and may come again.

        Raises NotAuthenticated.
        """
        return self._verified(request, body)[0]

    def who_once(self, request: Request, body: bytes) -> KnownKey:
        """The same, for what must not be done again by whoever overheard it."""
        key, signature = self._verified(request, body)
        self._registry.spend_nonce(key.id, signature.nonce, 2 * self._holds_for)
        return key

    def _verified(self, request: Request, body: bytes | None) -> tuple[KnownKey, Signature]:
        asked: dict[str, KnownKey] = {}

        def key_of(key_id: str) -> Ed25519PublicKey:
            asked[key_id] = self._registry.key(key_id)
            return Ed25519PublicKey.from_public_bytes(base64.b64decode(asked[key_id].public_key))

        signature = self._verifier.verify(request, body, key_of)
        return asked[signature.key_id], signature


def camera_requests(request: Request) -> CameraRequests:
    """Of this application."""
    return cast(CameraRequests, request.app.state.camera_requests)


async def signed_camera(request: Request) -> KnownKey:
    """The camera's key by which the request and its whole body were signed, this once."""
    return await run_in_threadpool(camera_requests(request).who_once, request, await request.body())


async def signed_sender(request: Request) -> KnownKey:
    """The camera's key by which the request was signed; what is sent is proved by its own signatures."""
    return await run_in_threadpool(camera_requests(request).who, request, None)


async def known_sender(request: Request, doors: ServicesDep) -> KnownKey | None:
    """As `signed_sender`, where the request is signed; only there where the installation asks for it."""
    if "signature-input" in request.headers:
        return await signed_sender(request)
    if doors.settings.signed_pushes_only:
        raise NotAuthenticated("request-unsigned", "sign the request (RFC 9421) with the camera's key")
    return None


SignedCamera = Annotated[KnownKey, Depends(signed_camera)]
SignedSender = Annotated[KnownKey, Depends(signed_sender)]
KnownSender = Annotated[KnownKey | None, Depends(known_sender)]
