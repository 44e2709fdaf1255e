"""`Idempotency-Key`: an unsafe call that is sent again, because its answer was lost, acts once and gets that answer."""

import hashlib
import re
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from core.errors import Conflict
from core.kept_answers import Answer, KeptAnswers

_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
_KEY = re.compile(r'"?([!#-~]{1,255})"?')
_LONGEST_ANSWER = 256 * 1024
_OWN_WAY = ("/v1/captures", "/v1/cameras/", "/v1/capture-batches", "/v1/uploads", "/v1/oauth2/token", "/v1/webhooks/")
"""Each of these counts once by what it says itself."""


def takes_key(method: str, path: str) -> bool:
    """May such a call carry a key?"""
    return method.upper() in _UNSAFE and path.startswith("/v1/") and not path.startswith(_OWN_WAY)


class IdempotencyKeys:
    """Pure ASGI middleware. An answer that refuses is not kept: nothing was done, and the call may be made again.

    `who` tells a caller by what he authorises himself with: a system takes a new token every ten minutes.
    """

    def __init__(self, app: ASGIApp, answers: KeptAnswers, who: Callable[[str], str], limit: int) -> None:
        self._app = app
        self._answers = answers
        self._who = who
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = None
        if scope["type"] == "http" and takes_key(scope["method"], scope["path"]):
            key = Headers(scope=scope).get("idempotency-key")
        if key is None:
            await self._app(scope, receive, send)
            return
        told = _KEY.fullmatch(key)
        if told is None:
            refusal = problem(400, "key-invalid", "an Idempotency-Key has 1 to 255 characters of ASCII")
            await refusal(scope, receive, send)
            return
        body = await _body(receive, self._limit)
        if body is None:
            refusal = problem(413, "body-too-large", f"with an Idempotency-Key, send at most {self._limit} bytes")
            await refusal(scope, receive, send)
            return
        caller = await run_in_threadpool(self._who, Headers(scope=scope).get("authorization", ""))
        call_id = hashlib.sha256(f"{caller}\n{told[1]}".encode()).hexdigest()
        try:
            known = await run_in_threadpool(self._answers.begin, call_id, _digest(scope, body))
        except Conflict as error:
            refusal = problem(409, error.code, error.detail)
            await refusal(scope, receive, send)
            return
        if known is not None:
            await _say(known, send)
            return
        heard = _Heard(send)
        try:
            await self._app(scope, _replayed(body, receive), heard)
        finally:
            answer = heard.answer()
            if answer is None:
                await run_in_threadpool(self._answers.forget, call_id)
            else:
                await run_in_threadpool(self._answers.keep, call_id, answer)


class _Heard:
    """Passes an answer on and remembers it, where it is worth keeping."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._body = b""
        self._whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
        elif len(self._body) <= _LONGEST_ANSWER:
            self._body += message.get("body", b"")
            self._whole = not message.get("more_body", False)
        await self._send(message)

    def answer(self) -> Answer | None:
        """None for what refuses, broke off or is too long to keep."""
        done = self._whole and 200 <= self._status < 400 and len(self._body) <= _LONGEST_ANSWER
        return Answer(self._status, self._headers, self._body) if done else None


async def _body(receive: Receive, limit: int) -> bytes | None:
    """None for more than the limit."""
    parts = []
    size = 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def heard() -> Message:
        return waiting.pop() if waiting else await receive()

    return heard


def _digest(scope: Scope, body: bytes) -> str:
    """Of what is asked. A form's boundary differs each time it is sent, and means nothing."""
    kind = Headers(scope=scope).get("content-type", "")
    boundary = re.search(r'boundary="?([^";]+)', kind)
    if boundary:
        body = body.replace(boundary[1].encode("latin-1"), b"boundary")
    asked = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}\n"
    return hashlib.sha256(asked.encode() + body).hexdigest()


async def _say(answer: Answer, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"idempotency-replayed", b"true"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
