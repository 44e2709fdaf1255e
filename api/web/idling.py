"""A session ends when nobody looked at a page for some minutes."""

from fastapi import Request

from api.services import Services

_SEEN = "seen"

LEFT_BEHIND = '"cache", "storage"'
"""What a browser is asked to throw away when somebody leaves (Clear-Site-Data)."""


def looked_lately(request: Request, doors: Services, minutes: int) -> bool:
    """Was a page looked at within so many minutes?"""
    idle = int(doors.clock.now().timestamp()) - int(request.session.get(_SEEN, 0))
    return 0 <= idle <= minutes * 60


def looks_now(request: Request, doors: Services) -> None:
    """Somebody looks at a page. What a page asks again by itself does not count."""
    if request.method == "GET" and "hx-request" in request.headers:
        return
    request.session[_SEEN] = int(doors.clock.now().timestamp())
