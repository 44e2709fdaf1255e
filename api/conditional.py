"""`ETag` on what the API answers in JSON; a caller who has it already is told so in few bytes (RFC 9110, 13.1.2)."""

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ConditionalReads:
    """Pure ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        wanted = Headers(scope=scope).get("if-none-match", "")
        begun: Message | None = None
        parts: list[bytes] = []

        async def tagged(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                headers = Headers(scope=message)
                json = headers.get("content-type", "").startswith("application/json")
                if message["status"] == 200 and json and "etag" not in headers:
                    begun = message
                    return
            if begun is None:
                await send(message)
                return
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await _finish(begun, b"".join(parts), wanted, send)

        await self._app(scope, receive, tagged)


async def _finish(begun: Message, body: bytes, wanted: str, send: Send) -> None:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = MutableHeaders(scope=begun)
    headers["ETag"] = tag
    known = {one.strip().removeprefix("W/") for one in wanted.split(",")}
    if tag in known or "*" in known:
        begun["status"] = 304
        body = b""
        del headers["content-type"]
        del headers["content-length"]
    await send(begun)
    await send({"type": "http.response.body", "body": body})
