"""What is held about the visitor: a copy to download, and who looked."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.dependencies import ServicesDep
from api.web.citizen_pages import cases_of
from api.web.forms import Checked
from api.web.own_data import own_data
from api.web.rendering import templates
from api.web.visiting import VisitorDep

router = APIRouter(prefix="/data")


@router.get("")
def data(request: Request, doors: ServicesDep, who: VisitorDep) -> Response:
    return templates.TemplateResponse(request, "own_data.html", {"cases": cases_of(doors, who), "who": who})


@router.post("/copy", dependencies=[Checked])
def copy(doors: ServicesDep, who: VisitorDep) -> Response:
    """A form's answer and no link: the copy is not made by a page that only looks ahead."""
    headers = {"Content-Disposition": 'attachment; filename="my-data.zip"'}
    return Response(own_data(doors, who, cases_of(doors, who)), media_type="application/zip", headers=headers)
