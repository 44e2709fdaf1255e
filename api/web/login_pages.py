"""Logging in and out: by the organisation's own login, by a token, or on a machine of one's own by name alone."""

import ipaddress
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from api.dependencies import AddressDep, ServicesDep
from api.problems import status_of
from api.services import Services
from api.web.forms import Checked, TextField, forget_forms, form_fields
from api.web.handler_pages import Person
from api.web.identity_provider import IdentityProvider
from api.web.idling import LEFT_BEHIND, looks_now
from api.web.languages import refusal
from api.web.rendering import templates
from core.errors import DomainError, NotAllowed, NotAuthenticated, NotFound
from core.roles import ROLES

router = APIRouter(prefix="/handlers")


@router.get("/login")
def login_page(request: Request, doors: ServicesDep, address: AddressDep) -> Response:
    return _page(request, doors, address)


def _page(request: Request, doors: Services, address: str, problem: DomainError | None = None) -> Response:
    return templates.TemplateResponse(
        request,
        "login.html",
        {
            "problem": refusal(request, problem) if problem else None,
            "provider": bool(doors.settings.oidc_issuer),
            "roles": list(ROLES) if _by_name_alone(request, doors, address) else [],
        },
        status_code=status_of(problem) if problem else 200,
    )


@router.post("/login")
def log_in(request: Request, doors: ServicesDep, address: AddressDep, token: TextField) -> Response:
    try:
        person = doors.principals.recognise(token.strip())
    except NotAuthenticated:
        return _page(request, doors, address, NotAuthenticated("token-unknown", "this token is not known"))
    if not person.roles & set(ROLES):
        return _page(request, doors, address, NotAllowed("login-elsewhere", "these pages are for people who work here"))
    return _begin(request, doors, doors.principals.log_in(person))


@router.post("/login/development")
def log_in_by_name(
    request: Request, doors: ServicesDep, address: AddressDep, form: Annotated[dict[str, str], Depends(form_fields)]
) -> Response:
    """Raises NotFound where this is not a machine of one's own, or the settings say no."""
    if not _by_name_alone(request, doors, address):
        raise NotFound("page-unknown", "there is no such page")
    name = form.get("name", "").strip()[:60] or "Developer"
    roles = {role for role in ROLES if f"role-{role}" in form}
    try:
        login_id = doors.principals.log_in_by(f"development {name}", name, roles)
    except NotAuthenticated as error:
        return _page(request, doors, address, error)
    return _begin(request, doors, login_id)


@router.get("/login/provider")
async def to_provider(request: Request, doors: ServicesDep, address: AddressDep) -> Response:
    try:
        return await _provider(request).send_there(request, _way_back(doors))
    except DomainError as error:
        return _page(request, doors, address, error)


@router.get("/login/provider/return")
async def from_provider(request: Request, doors: ServicesDep, address: AddressDep) -> Response:
    try:
        who = await _provider(request).who_came(request)
        login_id = await run_in_threadpool(doors.principals.log_in_by, who.identity, who.name, who.roles)
    except DomainError as error:
        return _page(request, doors, address, error)
    return _begin(request, doors, login_id)


@router.post("/logout", dependencies=[Checked])
def log_out(request: Request, doors: ServicesDep) -> Response:
    doors.principals.log_out(request.session.get("login", ""))
    return _gone(request)


@router.post("/logout/everywhere", dependencies=[Checked])
def log_out_everywhere(request: Request, doors: ServicesDep) -> Response:
    """Ends the person's logins on other machines too."""
    doors.principals.log_out(request.session.get("login", ""), everywhere=True)
    return _gone(request)


@router.post("/stay", status_code=204, dependencies=[Checked])
def stay(_: Person) -> None:
    """The person is still reading: the login does not end yet."""


def _gone(request: Request) -> Response:
    request.session.clear()
    return RedirectResponse("/handlers/login", 303, {"Clear-Site-Data": LEFT_BEHIND})


def _begin(request: Request, doors: Services, login_id: str) -> Response:
    """The cookie is signed, not encrypted: it names the login and holds no secret."""
    request.session.clear()
    request.session["login"] = login_id
    forget_forms(request)
    looks_now(request, doors)
    return RedirectResponse("/handlers", 303)


def _provider(request: Request) -> IdentityProvider:
    """Raises NotFound where the settings name none."""
    found: IdentityProvider | None = request.app.state.identity_provider
    if found is None:
        raise NotFound("page-unknown", "there is no such page")
    return found


def _way_back(doors: Services) -> str:
    """The address that the provider knows, whatever a request says of its own host."""
    return f"{doors.settings.site}/handlers/login/provider/return"


def _by_name_alone(request: Request, doors: Services, address: str) -> bool:
    """Only in demonstration mode, and only for somebody at the machine itself, with no proxy in between."""
    settings = doors.settings
    forwarded = {"forwarded", "x-forwarded-for"} & set(request.headers)
    if not settings.demonstration or settings.development_login is False or forwarded:
        return False
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
