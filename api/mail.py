"""For letters on their way: print runs (operators), letters that came back (handlers). Token and role needed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.dependencies import ServicesDep, require
from api.problems import PROBLEM_RESPONSES
from api.schemas.common import CreatedOut
from api.schemas.mail import DeliveryOut, KnownIn, PrintRunOut, ResendIn, ReturnIn
from core.unit_of_work import Actor
from fines.service import Keeper

router = APIRouter(
    prefix="/v1/handlers",
    tags=["mail"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)

Handler = Annotated[Actor, Depends(require("handler"))]
Operator = Annotated[Actor, Depends(require("operator"))]
MailRoom = Annotated[Actor, Depends(require("handler", "operator"))]
Sort = Annotated[str, Path(pattern=r"^([0-9]{2}|abroad)$")]


@router.get("/print-runs")
def print_runs(_: Operator, doors: ServicesDep) -> list[PrintRunOut]:
    """Print runs with their manifests, newest first."""
    return [PrintRunOut(**vars(run)) for run in doors.fines.print_runs.runs()]


@router.post("/print-runs", status_code=202)
def make_print_run(actor: Operator, doors: ServicesDep) -> CreatedOut:
    """Put all letters that wait for the post in a run; it is prepared at once."""
    return CreatedOut(id=doors.fines.print_runs.make(actor))


@router.post(
    "/print-runs/{run_id}/files/{sort}/fetches",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The letters of one postal sort"}},
)
def fetch_print_file(run_id: str, sort: Sort, actor: Operator, doors: ServicesDep) -> Response:
    """The PDF of one postal sort; the fetch is recorded."""
    return Response(doors.fines.print_runs.file(actor, run_id, sort), media_type="application/pdf")


@router.post("/print-runs/{run_id}/completions", status_code=204)
def complete_print_run(run_id: str, actor: Operator, doors: ServicesDep) -> None:
    """The printer has posted all of it: terms run from today, and the run's files are forgotten."""
    doors.fines.print_runs.posted(actor, run_id)


@router.get("/decisions/{decision_id}/deliveries")
def deliveries(decision_id: str, _: MailRoom, doors: ServicesDep) -> list[DeliveryOut]:
    """How each letter of a case went out, with the proof."""
    return [DeliveryOut(**vars(item)) for item in doors.fines.deliveries.of_decision(decision_id)]


@router.get("/returned-letters")
def returned_letters(_: MailRoom, doors: ServicesDep) -> list[DeliveryOut]:
    """Letters that came back and about which nothing was done yet."""
    return [DeliveryOut(**vars(item)) for item in doors.fines.deliveries.returned()]


@router.post("/returned-letters", status_code=201)
def letter_came_back(body: ReturnIn, actor: MailRoom, doors: ServicesDep) -> CreatedOut:
    """The post could not deliver it: nothing is raised or collected until a handler has acted on it."""
    return CreatedOut(id=doors.fines.deliveries.came_back(actor, body.case_number, body.kind, body.reason))


@router.post("/returned-letters/{delivery_id}/resendings", status_code=204)
def send_again(delivery_id: str, body: ResendIn, actor: Handler, doors: ServicesDep) -> None:
    """To the address in the register of persons, with the next print run."""
    address = Keeper(**body.address.model_dump())
    doors.fines.deliveries.send_again(actor, delivery_id, address, body.reason)


@router.post("/returned-letters/{delivery_id}/services", status_code=204)
def count_as_known(delivery_id: str, body: KnownIn, actor: Handler, doors: ServicesDep) -> None:
    """It counts as made known (Wahv art. 4 par. 2)."""
    doors.fines.deliveries.count_as_known(actor, delivery_id, same_address=body.same_address, reason=body.reason)
