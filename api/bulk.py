"""For handlers: one act for many appeals, shown before it is done; and lists of one's own."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.dependencies import ServicesDep, require
from api.problems import PROBLEM_RESPONSES
from api.schemas.appeals import BulkIn, BulkOut, BulkRowOut, RefusalOut, SavedListIn, SavedListOut
from api.schemas.common import CreatedOut
from appeals.service import BulkRow, BulkView
from core.roles import APPEAL_READERS
from core.unit_of_work import Actor

router = APIRouter(
    prefix="/v1/handlers",
    tags=["appeals"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)

Handler = Annotated[Actor, Depends(require("handler"))]
Reader = Annotated[Actor, Depends(require(*APPEAL_READERS))]


@router.post("/bulk-previews")
def preview(body: BulkIn, actor: Handler, doors: ServicesDep) -> list[BulkRowOut]:
    """What would become of each; nothing is done."""
    return [_row(row) for row in doors.appeals.bulk.preview(actor, body.act, body.appeal_ids, body.reason)]


@router.post("/bulk-acts", status_code=201)
def perform(body: BulkIn, actor: Handler, doors: ServicesDep) -> BulkOut:
    """Do it for each by itself: one that is refused holds up none of the others."""
    return _out(doors.appeals.bulk.perform(actor, body.act, body.appeal_ids, body.reason))


@router.get("/bulk-acts/{bulk_id}")
def bulk_act(bulk_id: str, actor: Handler, doors: ServicesDep) -> BulkOut:
    """What became of each."""
    return _out(doors.appeals.bulk.view(actor, bulk_id))


@router.post("/bulk-acts/{bulk_id}/reversals")
def undo(bulk_id: str, actor: Handler, doors: ServicesDep) -> BulkOut:
    """Undo it, for those that are still as they were left."""
    return _out(doors.appeals.bulk.undo(actor, bulk_id))


@router.get("/saved-lists")
def saved_lists(actor: Reader, doors: ServicesDep) -> list[SavedListOut]:
    """Your own lists."""
    return [SavedListOut.model_validate(vars(one)) for one in doors.appeals.saved_lists.of(actor)]


@router.post("/saved-lists", status_code=201)
def keep_list(body: SavedListIn, actor: Reader, doors: ServicesDep) -> CreatedOut:
    """Keep a list under a name."""
    return CreatedOut(id=doors.appeals.saved_lists.keep(actor, body.name, body.view, body.ground, body.language))


@router.delete("/saved-lists/{list_id}", status_code=204)
def forget_list(list_id: str, actor: Reader, doors: ServicesDep) -> None:
    """Keep it no longer."""
    doors.appeals.saved_lists.forget(actor, list_id)


def _row(row: BulkRow) -> BulkRowOut:
    refusal = RefusalOut(code=row.refusal.code, detail=row.refusal.detail) if row.refusal else None
    return BulkRowOut(appeal_id=row.appeal_id, case_number=row.case_number, refusal=refusal)


def _out(view: BulkView) -> BulkOut:
    return BulkOut.model_validate({**vars(view), "rows": [_row(row) for row in view.rows]})
