"""Operations that will go: named in `deprecations.yaml`, told in the description and in each of their answers."""

from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, TypeAdapter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Deprecation(BaseModel):
    """`operation` is a method and a path as it is written in the description, with `/v1`."""

    operation: str
    since: date
    sunset: date
    successor: str

    def headers(self) -> dict[str, str]:
        """What each answer says of it."""
        begin, end = (datetime.combine(day, time.min, UTC) for day in (self.since, self.sunset))
        return {
            "Deprecation": f"@{int(begin.timestamp())}",
            "Sunset": format_datetime(end, usegmt=True),
            "Link": f'<{self.successor}>; rel="successor-version"',
        }


@cache
def deprecations() -> dict[str, Deprecation]:
    """By operation."""
    document = yaml.safe_load((Path(__file__).parent / "deprecations.yaml").read_text())
    return {one.operation: one for one in TypeAdapter(list[Deprecation]).validate_python(document)}


class DeprecationHeaders:
    """Pure ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The router has written down by now which route it was.
                path = getattr(scope.get("route"), "path", "")
                found = deprecations().get(f"{scope['method']} {path}")
                MutableHeaders(scope=message).update(found.headers() if found else {})
            await send(message)

        await self._app(scope, receive, told)
