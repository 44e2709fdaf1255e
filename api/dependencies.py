"""What routes ask for: the services, and who is calling."""

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.rate_limit import LookupLimit
from api.services import Services
from core.errors import NotAuthenticated
from core.unit_of_work import Actor

_bearer = HTTPBearer(auto_error=False, description="Token of a registered handler")

CITIZEN = Actor("citizen", "lookup", frozenset({"citizen"}))


# Not to be waited for in a thread of their own, as the framework would do with functions that are not async.


async def services(request: Request) -> Services:
    return cast(Services, request.app.state.services)


async def lookup_limit(request: Request) -> LookupLimit:
    return cast(LookupLimit, request.app.state.lookup_limit)


async def caller_address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


After = Annotated[str, Query(pattern=r"^([0-9a-f-]{36})?$")]
"""The id after which a page of a list begins."""

ServicesDep = Annotated[Services, Depends(services)]
LimitDep = Annotated[LookupLimit, Depends(lookup_limit)]
AddressDep = Annotated[str, Depends(caller_address)]


def recognised(doors: Services, token: str) -> Actor:
    """The system or person behind a token. Raises NotAuthenticated."""
    return doors.clients.recognise(token) or doors.principals.recognise(token)


def caller_id(doors: Services, authorization: str) -> str:
    """Stands for who calls: the same for each token of a system."""
    try:
        return recognised(doors, authorization.removeprefix("Bearer ")).id
    except NotAuthenticated:
        return authorization


def require(*roles: str) -> Callable[..., Actor]:
    """The calling handler, who must have one of `roles`."""

    def dependency(
        doors: ServicesDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Actor:
        if credentials is None:
            raise NotAuthenticated("token-missing", "send a token: Authorization: Bearer <token>")
        actor = recognised(doors, credentials.credentials)
        actor.require(*roles, told=f"this needs one of: {', '.join(roles)}")
        return actor

    return dependency
