"""Counts each request, and begins its trace, by its route's pattern, which names no case.

A trace begins here: what callers say of traces of their own is not taken over.
"""

import time

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.metrics import REQUEST_SECONDS
from core.tracing import span


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
        with span("request", SpanKind.SERVER, Context()) as current:
            try:
                await self._app(scope, receive, noted)
            finally:
                # The router has written down by now which route it was; a path that nobody knows is a stranger's words.
                route = getattr(scope.get("route"), "path", "") or "none"
                REQUEST_SECONDS.labels(scope["method"], route, status).observe(time.perf_counter() - began)
                current.update_name(f"{scope['method']} {route}")
                current.set_attributes({"http.route": route, "http.response.status_code": status})
