"""Puts the routers, defences and pages together."""

from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from sqlalchemy import text
from starlette.routing import BaseRoute

from api import (
    appeals,
    batches,
    bulk,
    cameras,
    cashier,
    citizens,
    collection,
    courts,
    handlers,
    hirers,
    intake,
    mail,
    mandates,
    operations,
    post_room,
    problems,
    professionals,
    provider,
    resumable,
    retention,
    tokens,
    webhooks,
)
from api.body_limit import BodyLimit
from api.camera_requests import CameraRequests
from api.conditional import ConditionalReads
from api.dependencies import ServicesDep, caller_id
from api.deprecation import DeprecationHeaders
from api.description import describe, operation_name
from api.idempotency import IdempotencyKeys
from api.measuring import Measuring
from api.rate_limit import LookupLimit
from api.schemas.common import HealthOut, ReadinessOut
from api.security_headers import API_VERSION, SecurityHeaders
from api.services import Services
from api.web import (
    appeal_list_pages,
    appeal_pages,
    camera_pages,
    cashier_pages,
    citizen_entry_pages,
    citizen_pages,
    court_pages,
    data_pages,
    email_pages,
    error_pages,
    handler_pages,
    hirer_pages,
    installation_pages,
    login_pages,
    mail_pages,
    post_room_pages,
    prosecutor_pages,
    retention_pages,
    review_pages,
    step_pages,
    visiting,
)
from api.web.identity_provider import CitizenLogin, IdentityProvider
from api.web.sessions import Sessions

_MOST_OF_A_CAMERA = 64 * 1024
"""Bytes of what a camera says of itself."""


def create_app(services: Services) -> FastAPI:
    """The whole HTTP side over one set of services."""
    app = FastAPI(
        title="flitsketen",
        version=API_VERSION,
        description="From speed camera to court: captures, decisions, payments, appeals.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_name,
    )
    app.state.services = services
    app.state.lookup_limit = LookupLimit(services.settings)
    app.state.camera_requests = CameraRequests(services)
    app.state.identity_provider = IdentityProvider(services.settings) if services.settings.oidc_issuer else None
    app.state.citizen_login = (
        CitizenLogin(services.settings, services.pseudonyms) if services.settings.citizen_oidc_issuer else None
    )
    problems.install(app, error_pages.error_page)
    app.add_exception_handler(handler_pages.LoginNeeded, handler_pages.to_login)
    app.add_exception_handler(visiting.EntryNeeded, citizen_entry_pages.to_start)
    app.router.routes.extend(_routes())
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "web" / "static"), name="static")
    _add_health(app)
    resumable.add_uploads(app, services)
    app.add_middleware(Sessions, secret=services.session_secret, settings=services.settings)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=services.settings.allowed_origins,
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["Authorization", "Idempotency-Key", "If-None-Match"],
        expose_headers=[
            "API-Version", "Deprecation", "ETag", "Flitsketen-Specimen", "Idempotency-Replayed", "Link", "Retry-After",
            "Sunset",
        ],
    )  # fmt: skip
    app.add_middleware(ConditionalReads)
    app.add_middleware(DeprecationHeaders)
    # A little more than a file with the form around it.
    app.add_middleware(
        IdempotencyKeys,
        answers=services.kept_answers,
        who=partial(caller_id, services),
        limit=services.settings.max_upload_bytes + 64 * 1024,
    )
    app.add_middleware(
        BodyLimit,
        limit=services.settings.max_package_bytes,
        limits={
            "/v1/cameras/": _MOST_OF_A_CAMERA,
            "/v1/capture-batches": services.settings.max_batch_bytes,
            resumable.UPLOADS: services.settings.max_batch_bytes,
        },
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Measuring)
    app.openapi = cache(lambda: describe(app, services.settings))  # type: ignore[method-assign]
    return app


@cache
def _routes() -> list[BaseRoute]:
    """Every room's, put together once: what the framework works out of a route is the same for each application."""
    root = APIRouter(redirect_slashes=False, generate_unique_id_function=operation_name)
    rooms = (
        cameras,
        batches,
        resumable,
        citizens,
        professionals,
        hirers,
        mandates,
        webhooks,
        handlers,
        operations,
        retention,
        intake,
        appeals,
        bulk,
        post_room,
        courts,
        cashier,
        collection,
        mail,
        provider,
        tokens,
    )
    for router in (room.router for room in rooms):
        root.include_router(router)
    for pages in (
        appeal_list_pages,
        appeal_pages,
        post_room_pages,
        court_pages,
        cashier_pages,
        mail_pages,
        prosecutor_pages,
        login_pages,
        handler_pages,
        camera_pages,
        installation_pages,
        retention_pages,
        review_pages,
        citizen_entry_pages,
        citizen_pages,
        data_pages,
        email_pages,
        hirer_pages,
        step_pages,
    ):
        root.include_router(pages.router, include_in_schema=False)
    return root.routes


_FOR_ALL: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"access-control-allow-origin": {"schema": {"type": "string", "const": "*"}}}}
}


def _add_health(app: FastAPI) -> None:
    @app.get("/v1/health", tags=["operations"])
    def health() -> HealthOut:
        """The process answers."""
        return HealthOut()

    @app.get("/v1/openapi.json", tags=["operations"], responses=_FOR_ALL)
    def description(response: Response) -> dict[str, Any]:
        """This description, for every site."""
        response.headers["Access-Control-Allow-Origin"] = "*"
        return app.openapi()

    @app.get("/v1/readiness", tags=["operations"])
    def readiness(doors: ServicesDep) -> ReadinessOut:
        """The database answers; jobs that are not done; what there is too little of for captures to be taken in."""
        with doors.database.read_session() as session:
            session.execute(text("SELECT 1"))
        shortage = doors.ingest.capacity.shortage()
        return ReadinessOut(mode=doors.settings.mode, jobs=doors.outbox.counts(), intake=shortage or "open")
