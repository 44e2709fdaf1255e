"""Counts each request by its route's pattern, which names no case."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.metrics import REQUEST_SECONDS


class Measuring:
    """Pure ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, noted)
        finally:
            # The router has written down by now which route it was; a path that nobody knows is a stranger's words.
            route = getattr(scope.get("route"), "path", "") or "none"
            REQUEST_SECONDS.labels(scope["method"], route, status).observe(time.perf_counter() - began)
