"""Tokens for systems: OAuth 2.0 client credentials with an assertion that the client signs (private_key_jwt)."""

from typing import Annotated

from fastapi import APIRouter, Form

from api.dependencies import AddressDep, LimitDep, ServicesDep
from api.problems import PROBLEM_RESPONSES
from api.schemas.tokens import TokenIn, TokenOut
from api.services import Services

router = APIRouter(prefix="/v1", tags=["operations"])


def audience(doors: Services) -> str:
    """Whom an assertion is made out to: this address, whatever a request says of its own host."""
    return f"{doors.settings.site}/v1/oauth2/token"


@router.post("/oauth2/token", responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 429)})
def give_token(asked: Annotated[TokenIn, Form()], doors: ServicesDep, limit: LimitDep, address: AddressDep) -> TokenOut:
    """A token for ten minutes, for a system that signs with its own key (private_key_jwt).

    The assertion is a JWT: `iss` and `sub` are the client id, `aud` is this address, `jti` is new, `exp` five minutes
    ahead at most; signed with ES256, ES384, PS256, PS384 or EdDSA. It counts once.
    """
    with limit.guarding(address):
        token, seconds = doors.clients.give_token(asked.client_assertion, audience(doors))
    return TokenOut(access_token=token, expires_in=seconds)
