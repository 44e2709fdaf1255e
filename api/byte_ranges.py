"""Bytes from memory with what HTTP has for them: validators, one range (RFC 9110), no cache but the person's own."""

import re
from typing import Any

from fastapi import Request
from fastapi.responses import Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PRIVATE = "private, max-age=300"

PHOTO_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {}}, "description": "The redacted photo"},
    206: {"content": {"image/jpeg": {}}, "description": "The part that was asked for"},
    304: {"description": "The caller has it"},
    416: {"description": "No such part"},
}
"""How a photo is described that is answered like this."""


def answered(request: Request, content: bytes, media_type: str, tag: str, headers: dict[str, str]) -> Response:
    """The whole, a part (206), nothing where the caller has it (304), or 416 for a part that is not there."""
    etag = f'"{tag}"'
    shown = {**headers, "ETag": etag, "Cache-Control": PRIVATE, "Accept-Ranges": "bytes"}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=shown)
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or asked.group(0) == "bytes=-" or request.headers.get("if-range", etag) != etag:
        return Response(content, media_type=media_type, headers=shown)
    first, last = _part(asked.group(1), asked.group(2), len(content))
    if first > last:
        return Response(status_code=416, headers={**shown, "Content-Range": f"bytes */{len(content)}"})
    part = {**shown, "Content-Range": f"bytes {first}-{last}/{len(content)}"}
    return Response(content[first : last + 1], 206, part, media_type=media_type)


def _part(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
