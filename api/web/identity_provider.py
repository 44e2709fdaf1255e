"""The organisation's own login: OpenID Connect, authorization code with PKCE, any provider with a discovery page."""

from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import Request
from fastapi.responses import Response
from joserfc.errors import JoseError

from core.errors import NotAllowed, NotAuthenticated, Unavailable
from core.settings import Settings

_SECONDS = 10


@dataclass(frozen=True)
class Vouched:
    """Who came back from the provider: `identity` is unique to the person and never given to another."""

    identity: str
    name: str
    roles: set[str]


class IdentityProvider:
    """Sends people there and reads what they bring back; state, nonce, signature, audience and age are checked."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._claim = settings.oidc_roles_claim
        self._roles = settings.oidc_roles
        # The library asks for no audience by itself: a token made out to another client would do.
        self._wanted = {
            "iss": {"essential": True, "values": [self._issuer, f"{self._issuer}/"]},
            "aud": {"essential": True, "value": settings.oidc_client_id},
        }
        self._client = OAuth().register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.oidc_scope,
                "code_challenge_method": "S256",
                "timeout": _SECONDS,
                "trust_env": False,
            },
        )

    async def send_there(self, request: Request, back: str) -> Response:
        """A redirect to the provider, which will send the person to `back`. Raises Unavailable."""
        try:
            found: Response = await self._client.authorize_redirect(request, back)
        except (httpx2.HTTPError, OAuthError) as error:
            raise _away() from error
        return found

    async def who_came(self, request: Request) -> Vouched:
        """Raises NotAuthenticated for an answer that proves nothing, NotAllowed without a role here, Unavailable."""
        try:
            claims = await self._claims(request)
        except httpx2.HTTPError as error:
            raise _away() from error
        except (OAuthError, JoseError, ValueError, KeyError) as error:
            raise NotAuthenticated("login-refused", "the organisation's login did not say who this is") from error
        named = claims.get(self._claim) or []
        groups = [named] if isinstance(named, str) else named
        roles = {self._roles[group] for group in groups if group in self._roles}
        if not roles:
            raise NotAllowed("no-role-here", "you are known, but nobody gave you work here: ask for a role")
        name = claims.get("name") or claims.get("preferred_username") or claims["sub"]
        return Vouched(f"{self._issuer} {claims['sub']}", str(name), roles)

    async def _claims(self, request: Request) -> dict[str, Any]:
        token = await self._client.authorize_access_token(request, claims_options=self._wanted)
        claims: dict[str, Any] = dict(token["userinfo"])
        if self._claim not in claims:
            # Many providers keep the token small and tell the rest when asked.
            told = await self._client.userinfo(token=token)
            if told["sub"] == claims["sub"]:
                claims |= told
        return claims


def _away() -> Unavailable:
    return Unavailable("login-away", "the organisation's login does not answer: try again later")
