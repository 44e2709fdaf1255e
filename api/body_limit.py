"""Refuses a body that is over the limit while it streams in, announced or not."""

from collections.abc import Mapping
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem


class _TooLarge(Exception):
    pass


class BodyLimit:
    """Pure ASGI middleware; `limit` in bytes, and other ones below some paths."""

    def __init__(self, app: ASGIApp, limit: int, limits: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((most for path, most in self._limits.items() if scope["path"].startswith(path)), self._limit)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            await self._refuse(limit, scope, receive, send)
            return
        seen = 0
        started = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            if seen > limit and not started:
                return  # what is said of a body that was not read to its end
            started = True
            await send(message)

        with suppress(_TooLarge):
            await self._app(scope, counted, watched)
        if seen > limit and not started:
            await self._refuse(limit, scope, receive, send)

    @staticmethod
    async def _refuse(limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(413, "body-too-large", f"send at most {limit} bytes")
        await answer(scope, receive, send)
