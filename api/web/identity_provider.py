"""Logins by OpenID Connect (authorization code with PKCE, any provider with a discovery page).

People who work here come by their organisation, citizens and firms by a broker of DigiD, eHerkenning and eIDAS.
"""

from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import Request
from fastapi.responses import Response
from joserfc.errors import JoseError
from pydantic import SecretStr

from core.errors import NotAllowed, NotAuthenticated, Unavailable
from core.pseudonyms import Pseudonyms
from core.settings import Settings

_SECONDS = 10


class OpenIdProvider:
    """Sends people there and reads what they bring back; state, nonce, signature, audience and age are checked."""

    def __init__(self, name: str, issuer: str, client_id: str, secret: SecretStr, scope: str, **asks: str) -> None:
        self.issuer = issuer.rstrip("/")
        self._asks = asks
        # The library asks for no audience by itself: a token made out to another client would do.
        self._wanted = {
            "iss": {"essential": True, "values": [self.issuer, f"{self.issuer}/"]},
            "aud": {"essential": True, "value": client_id},
        }
        self._client = OAuth().register(
            name,
            client_id=client_id,
            client_secret=secret.get_secret_value(),
            server_metadata_url=f"{self.issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": scope,
                "code_challenge_method": "S256",
                "timeout": _SECONDS,
                "trust_env": False,
            },
        )

    async def send_there(self, request: Request, back: str) -> Response:
        """A redirect to the provider, which will send the person to `back`. Raises Unavailable."""
        try:
            found: Response = await self._client.authorize_redirect(request, back, **self._asks)
        except (httpx2.HTTPError, OAuthError) as error:
            raise _away() from error
        return found

    async def claims(self, request: Request, needed: str) -> dict[str, Any]:
        """What the provider says of who came. Raises NotAuthenticated where that proves nothing, Unavailable."""
        try:
            token = await self._client.authorize_access_token(request, claims_options=self._wanted)
            found: dict[str, Any] = dict(token["userinfo"])
            if needed not in found:
                # Many providers keep the token small and tell the rest when asked.
                told = await self._client.userinfo(token=token)
                if told["sub"] == found["sub"]:
                    found = {**told, **found}
        except httpx2.HTTPError as error:
            raise _away() from error
        except (OAuthError, JoseError, ValueError, KeyError) as error:
            raise NotAuthenticated("login-refused", "the login did not say who this is") from error
        return found


@dataclass(frozen=True)
class Vouched:
    """Who came back from the organisation: `identity` is unique to the person and never given to another."""

    identity: str
    name: str
    roles: set[str]


class IdentityProvider:
    """The organisation's own login."""

    def __init__(self, settings: Settings) -> None:
        self._claim = settings.oidc_roles_claim
        self._roles = settings.oidc_roles
        self._levels = settings.oidc_levels
        self._provider = OpenIdProvider(
            "provider",
            settings.oidc_issuer,
            settings.oidc_client_id,
            settings.oidc_client_secret,
            settings.oidc_scope,
            **({"acr_values": " ".join(self._levels)} if self._levels else {}),
        )

    async def send_there(self, request: Request, back: str) -> Response:
        """Raises Unavailable."""
        return await self._provider.send_there(request, back)

    async def who_came(self, request: Request) -> Vouched:
        """Raises NotAuthenticated for an answer that proves nothing, NotAllowed without a role here, Unavailable."""
        claims = await self._provider.claims(request, self._claim)
        if self._levels and claims.get("acr") not in self._levels:
            raise _too_weak()
        named = claims.get(self._claim) or []
        groups = [named] if isinstance(named, str) else named
        roles = {self._roles[group] for group in groups if group in self._roles}
        if not roles:
            raise NotAllowed("no-role-here", "you are known, but nobody gave you work here: ask for a role")
        name = claims.get("name") or claims.get("preferred_username") or claims["sub"]
        return Vouched(f"{self._provider.issuer} {claims['sub']}", str(name), roles)


@dataclass(frozen=True)
class Identified:
    """A citizen or a firm by its pseudonym, and how sure that is."""

    person: str
    level: str


class CitizenLogin:
    """The broker of national logins. The number that it names goes no further than `who_came`."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        self._person = settings.citizen_oidc_person_claim
        self._level = settings.citizen_oidc_level_claim
        self._levels = settings.citizen_oidc_levels
        self._pseudonyms = pseudonyms
        self._provider = OpenIdProvider(
            "citizens",
            settings.citizen_oidc_issuer,
            settings.citizen_oidc_client_id,
            settings.citizen_oidc_client_secret,
            settings.citizen_oidc_scope,
            acr_values=" ".join(self._levels),
        )

    async def send_there(self, request: Request, back: str) -> Response:
        """Raises Unavailable."""
        return await self._provider.send_there(request, back)

    async def who_came(self, request: Request) -> Identified:
        """Raises NotAuthenticated, NotAllowed where it is not sure enough who came, Unavailable."""
        claims = await self._provider.claims(request, self._person)
        level = self._levels.get(str(claims.get(self._level, "")))
        if level is None:
            raise _too_weak()
        number = str(claims.get(self._person) or "")
        if not number:
            raise NotAuthenticated("login-refused", "the login did not say who this is")
        return Identified(self._pseudonyms.of(number), level)


def _too_weak() -> NotAllowed:
    return NotAllowed("login-too-weak", "this login does not prove enough: log in at a higher level")


def _away() -> Unavailable:
    return Unavailable("login-away", "the login does not answer: try again later")
