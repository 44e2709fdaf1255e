"""The session's cookie: signed with SHA-256 (the framework's own choice is SHA-1), with a name that binds it."""

import hashlib

from itsdangerous import TimestampSigner
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp

from api.web.cookies import cookie_name
from core.settings import Settings

_SECONDS = 8 * 3600


class Sessions(SessionMiddleware):
    """What the cookie says is signed, not encrypted: it names a visit or a login and holds no secret."""

    def __init__(self, app: ASGIApp, secret: str, settings: Settings) -> None:
        super().__init__(
            app,
            secret_key=secret,
            session_cookie=cookie_name("session", settings),
            # Not strict: who comes back from a login elsewhere would leave his cookie behind. Forms have a token.
            same_site="lax",
            https_only=settings.public_url.startswith("https://"),
            max_age=_SECONDS,
        )
        self.signer = TimestampSigner(secret, digest_method=hashlib.sha256)
