"""A browser from which a case was opened before is known again: no guesses of others at its address keep it out."""

import hashlib

from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.services import Services
from api.signing import timed
from api.web.cookies import cookie_name
from core.ids import new_id

_COOKIE = "known"
_MOST_CASES = 20
_SECONDS = 180 * 86_400


def _serializer(doors: Services) -> URLSafeTimedSerializer:
    return timed(doors.session_secret, "known device")


def _case(case_number: str) -> str:
    return hashlib.sha256(case_number.encode()).hexdigest()[:16]


def _known(request: Request, doors: Services) -> tuple[str, list[str]]:
    try:
        device, cases = _serializer(doors).loads(
            request.cookies.get(cookie_name(_COOKIE, doors.settings), ""), max_age=_SECONDS
        )
    except (BadSignature, ValueError, TypeError):
        return f"device {new_id()}", []
    return str(device), list(cases)


def known_device(request: Request, doors: Services, case_number: str) -> str | None:
    """Its name, where this case was opened from it before."""
    device, cases = _known(request, doors)
    return device if _case(case_number) in cases else None


def remember_device(request: Request, doors: Services, answer: Response, case_number: str) -> None:
    """Set the cookie; it opens nothing."""
    device, cases = _known(request, doors)
    opened = [*(case for case in cases if case != _case(case_number)), _case(case_number)][-_MOST_CASES:]
    answer.set_cookie(
        cookie_name(_COOKIE, doors.settings),
        _serializer(doors).dumps([device, opened]),
        max_age=_SECONDS,
        httponly=True,
        samesite="strict",
        secure=doors.settings.public_url.startswith("https://"),
    )
