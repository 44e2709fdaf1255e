"""Every error is application/problem+json (RFC 9457): what was wrong, where, what to do."""

import errno
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.exceptions import HTTPException

from core.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)

log = structlog.get_logger()

_STATUS: dict[type[DomainError], int] = {
    InvalidInput: 400,
    NotAuthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    TooMany: 429,
    Unavailable: 503,
}

PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in sorted(_STATUS.values())
}

_MEMBERS = {
    "type": {"type": "string", "format": "uri"},
    "status": {"type": "integer"},
    "title": {"type": "string"},
    "detail": {"type": "string"},
}
_REQUIRED = ["type", "status", "title", "detail"]
PROBLEM_SCHEMA = {"type": "object", "required": _REQUIRED, "properties": _MEMBERS}
INVALID_INPUT_SCHEMA = {
    "type": "object",
    "required": _REQUIRED,
    "properties": {
        **_MEMBERS,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
"""Every fault of the input by itself, where it is known."""

_EXAMPLES = {
    400: ("input-invalid", "correct the listed fields and send again"),
    401: ("token-missing", "send a token: Authorization: Bearer <token>"),
    403: ("role-required", "this needs one of: handler"),
    404: ("case-not-found", "check the case number, the plate and the access code on the letter"),
    409: ("appeal-exists", "there is an appeal against this decision already"),
    413: ("body-too-large", "send at most 67108864 bytes"),
    416: ("range-not-satisfiable", "ask for a part that is there"),
    429: ("too-many-lookups", "too many tries were wrong: wait 15 minutes and try again"),
    503: ("provider-away", "the payment provider does not answer: try again, or pay by bank transfer"),
}


def example_problem(status: int) -> dict[str, Any]:
    """How a refusal of this status looks."""
    code, detail = _EXAMPLES[status]
    found = _document(status, code, detail)
    if status == 400:
        found["errors"] = [{"pointer": "/body/caseNumber", "detail": "String should match the pattern"}]
    return found


def _document(status: int, code: str, detail: str) -> dict[str, Any]:
    return {
        "type": f"urn:flitsketen:problem:{code}",
        "status": status,
        "title": HTTPStatus(status).phrase,
        "detail": detail,
    }


def problem(status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None) -> JSONResponse:
    """One problem document."""
    body = _document(status, code, detail)
    if errors:
        body["errors"] = errors
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if status in (429, 503):
        headers["Retry-After"] = "60"
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def status_of(error: DomainError) -> int:
    """The HTTP status of a kind of error."""
    return next(status for kind, status in _STATUS.items() if isinstance(error, kind))


def note_refusal(request: Request, error: DomainError) -> None:
    """In the log: which refusal, and at which route (its pattern, which names no case)."""
    route = getattr(request.scope.get("route"), "path", "")
    log.info("refused", code=error.code, status=status_of(error), route=route, method=request.method)


def install(app: FastAPI, page: Callable[[Request, int, str, str], Response | None]) -> None:
    """Answer every exception with a problem document, or with a page where `page` makes one for the request."""

    def answer(request: Request, status: int, code: str, detail: str, errors: Any = None) -> Response:
        return page(request, status, code, detail) or problem(status, code, detail, errors)

    @app.exception_handler(DomainError)
    def _domain(request: Request, error: DomainError) -> Response:
        status = status_of(error)
        note_refusal(request, error)
        return answer(request, status, error.code, error.detail, error.errors)

    @app.exception_handler(RequestValidationError)
    def _validation(request: Request, error: RequestValidationError) -> Response:
        errors = [
            {"pointer": "/" + "/".join(str(step) for step in item["loc"]), "detail": item["msg"]}
            for item in error.errors()
        ]
        return answer(request, 400, "input-invalid", "correct the listed fields and send again", errors)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        phrase = HTTPStatus(error.status_code).phrase
        told = answer(request, error.status_code, phrase.lower().replace(" ", "-"), str(error.detail))
        told.headers.update(error.headers or {})
        return told

    @app.exception_handler(IntegrityError)
    def _raced(request: Request, _: IntegrityError) -> Response:
        # Two callers did the same at the same moment; the database let one of them through.
        log.warning("integrity_refused")
        told = "this was done at the same moment by another call; look and try again"
        return answer(request, 409, "done-already", told)

    @app.exception_handler(OperationalError)
    def _away(request: Request, _: OperationalError) -> Response:
        # Nothing was done: a transaction that did not end is none.
        log.error("database_away")
        return answer(request, 503, "database-away", "the database does not answer or has no room: try again later")

    @app.exception_handler(OSError)
    def _full(request: Request, error: OSError) -> Response:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return _unexpected(request, error)
        log.error("disk_full")
        return answer(request, 503, "storage-away", "what is sent cannot be stored now: keep it and send it later")

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected_error", error_type=type(error).__name__)
        return answer(request, 500, "internal-error", "the fault is ours and was recorded; try again later")
