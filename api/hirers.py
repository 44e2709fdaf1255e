"""For leasing and rental firms: who had hired the vehicles, as a list in CSV; each row stands by itself."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Query, UploadFile
from fastapi.responses import Response

from api.dependencies import ServicesDep
from api.problems import PROBLEM_RESPONSES
from api.professionals import Professional
from api.schemas.hirers import HirerListOut, HirerRowOut, HirerRowsOut, RowProblemOut, RowState
from api.services import Services
from core.errors import TooLarge
from core.unit_of_work import Actor
from fines.service import HirerListView, Sender

router = APIRouter(
    prefix="/v1/professionals/hirer-lists",
    tags=["professionals"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404)},
)

CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}}, "description": "The refused rows, to put right and send again"}
}


def list_sent(doors: Services, actor: Actor, sender: Sender, file: UploadFile) -> str:
    """Takes a list in. Raises TooLarge, InvalidInput."""
    content = file.file.read(doors.settings.max_upload_bytes + 1)
    if len(content) > doors.settings.max_upload_bytes:
        raise TooLarge("file-too-large", f"send at most {doors.settings.max_upload_bytes // 2**20} MB")
    return doors.fines.hirer_lists.send(actor, sender, file.filename or "list.csv", content)


@router.post("", status_code=202, responses={413: PROBLEM_RESPONSES[413]})
def send_list(file: Annotated[UploadFile, File()], actor: Professional, doors: ServicesDep) -> HirerListOut:
    """Columns case_number, plate, name, street, postcode, city, country, contract_from, contract_until.

    UTF-8, separated by comma, semicolon or tab, 10,000 rows at most. The same file again is the same list.
    """
    return _out(doors.fines.hirer_lists.list_of(Sender(actor.id), list_sent(doors, actor, Sender(actor.id), file)))


@router.get("")
def own_lists(actor: Professional, doors: ServicesDep) -> list[HirerListOut]:
    """The hundred newest of your lists."""
    return [_out(one) for one in doors.fines.hirer_lists.lists_of(Sender(actor.id))]


@router.get("/{list_id}")
def one_list(list_id: str, actor: Professional, doors: ServicesDep) -> HirerListOut:
    """How far a list is."""
    return _out(doors.fines.hirer_lists.list_of(Sender(actor.id), list_id))


@router.get("/{list_id}/rows")
def rows(
    list_id: str,
    actor: Professional,
    doors: ServicesDep,
    state: RowState | None = None,
    after: Annotated[int, Query(ge=0)] = 0,
) -> HirerRowsOut:
    """The rows of a list by the page, all or those in one state."""
    found = doors.fines.hirer_lists.rows(Sender(actor.id), list_id, state or "", after)
    chosen = f"&state={state}" if state else ""
    more = doors.fines.hirer_lists.rows(Sender(actor.id), list_id, state or "", found[-1].number) if found else []
    return HirerRowsOut(
        rows=[
            HirerRowOut(
                line=row.number,
                case_number=row.case_number,
                state=row.state,
                code=row.code,
                problems=[RowProblemOut(column=column, detail=told) for column, told in row.problems],
            )
            for row in found
        ],
        next=f"{router.prefix}/{list_id}/rows?after={found[-1].number}{chosen}" if more else None,
    )


@router.get("/{list_id}/refusals", response_class=Response, responses=CSV)
def refusals(list_id: str, actor: Professional, doors: ServicesDep) -> Response:
    """The refused rows as CSV with two columns more: the line in your file, and what is wrong."""
    return refused_file(doors.fines.hirer_lists.refused_rows(Sender(actor.id), list_id))


def refused_file(content: bytes) -> Response:
    """To save, not to open in the browser."""
    headers = {"Content-Disposition": 'attachment; filename="refused-rows.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _out(view: HirerListView) -> HirerListOut:
    counts = {state: view.counts.get(state, 0) for state in ("waiting", "filed", "known", "refused")}
    return HirerListOut(id=view.id, name=view.name, sent_at=view.sent_at, state=view.state, **counts)
