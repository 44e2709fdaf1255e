"""What went wrong, as a page for people."""

from fastapi import Request
from fastapi.responses import Response

from api.web.languages import told, translated
from api.web.rendering import templates


def error_page(request: Request, status: int, code: str, detail: str) -> Response | None:
    """None for who asks for no page: a path of the API, a script. They get a problem document."""
    path = request.url.path
    if path.startswith("/v1") or "text/html" not in request.headers.get("accept", ""):
        return None
    problem = told(request, code, detail)
    title = {
        404: translated("This page is not there"),
        403: translated("This is not allowed"),
        500: translated("Something went wrong here"),
    }.get(status, translated("This did not work"))
    context = {
        "title": title,
        "problem": problem,
        "way_out": "/handlers" if path.startswith("/handlers") else "/",
    }
    return templates.TemplateResponse(request, "error.html", context, status_code=status)
