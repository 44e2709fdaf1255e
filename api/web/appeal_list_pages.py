"""The list of appeals to work off: its views and those of one's own, many at once, who is given what, and insight."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.dependencies import ServicesDep
from api.months import checked_month, month_of, month_or_now
from api.services import Services
from api.web.forms import Checked, form_fields
from api.web.handler_pages import only
from api.web.languages import refusal
from api.web.rendering import templates
from appeals.service import (
    LANGUAGES,
    UNDOABLE,
    VIEWS,
    BulkRow,
    BulkView,
    Choice,
    grounds,
)
from core.errors import Conflict, DomainError, NotFound
from core.roles import APPEAL_READERS, INSIGHT_READERS
from core.unit_of_work import Actor

router = APIRouter(prefix="/handlers/appeals")

Insider = Annotated[Actor, Depends(only(*INSIGHT_READERS))]
Reader = Annotated[Actor, Depends(only(*APPEAL_READERS))]
Handler = Annotated[Actor, Depends(only("handler"))]

_TITLES = {
    "all": "All that is open",
    "mine": "Mine",
    "free": "Nobody's",
    "risk": "Term at risk",
    "late": "Term passed",
    "filed-late": "Filed late",
    "proposed": "For a second handler",
}
"""What the lists are called, by their name in the address."""


def _choice(name: str, person: Actor, ground: str, language: str) -> Choice:
    if name not in VIEWS or (ground and ground not in grounds()):
        raise NotFound("list-unknown", f"the lists are: {', '.join(VIEWS)}")
    found = VIEWS[name]
    handler = person.id if found.handler == "me" else found.handler
    return replace(found, ground=ground or None, language=language or None, handler=handler)


@router.get("")
def work_list(
    request: Request,
    doors: ServicesDep,
    person: Reader,
    view: str = "all",
    ground: str = "",
    language: str = "",
    after: str = "",
    kept: str = "",
) -> Response:
    return _list(request, doors, person, view, ground, language, after, kept)


def _list(
    request: Request,
    doors: Services,
    person: Actor,
    view: str = "all",
    ground: str = "",
    language: str = "",
    after: str = "",
    kept: str = "",
    problem: str | None = None,
) -> Response:
    choice = _choice(view, person, ground, language)
    rows, following = doors.appeals.work_list.page(choice, after)
    query = urlencode({"view": view, "ground": ground, "language": language, "after": following or ""})
    return templates.TemplateResponse(
        request,
        "appeals.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "terms": doors.appeals.watch.counts(),
            "views": _TITLES,
            "kept": doors.appeals.saved_lists.of(person),
            "kept_now": kept,
            "acts": UNDOABLE,
            "view": view,
            "ground": ground,
            "grounds": grounds(),
            "language": language,
            "spoken": LANGUAGES,
            "problem": problem,
            "rows": rows,
            "total": doors.appeals.work_list.count(choice),
            "following": f"/handlers/appeals?{query}" if following else None,
        },
    )


@router.get("/insight")
def insight(request: Request, doors: ServicesDep, person: Insider, month: str = "") -> Response:
    month = month_or_now(month, doors.fines.today())
    return templates.TemplateResponse(
        request,
        "insight.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "month": month,
            "report": doors.appeals.insight.month(month_of(month)),
            "grounds": grounds(),
        },
    )


@router.get("/insight.csv")
def insight_csv(doors: ServicesDep, _: Insider, month: str) -> Response:
    report = doors.appeals.insight.month(month_of(checked_month(month))).as_csv()
    headers = {"Content-Disposition": f'attachment; filename="appeals-{month}.csv"'}
    return Response(report, media_type="text/csv", headers=headers)


@router.post("/next", dependencies=[Checked])
def take_next(request: Request, doors: ServicesDep, person: Handler) -> Response:
    """On to the most urgent appeal that fits the person, or the list with the reason why there is none."""
    try:
        taken = doors.appeals.distribution.take_next(person)
    except Conflict as error:
        return _list(request, doors, person, problem=refusal(request, error))
    return RedirectResponse(f"/handlers/appeals/{taken}", 303)


@router.post("/lists", dependencies=[Checked])
def keep_list(
    request: Request,
    doors: ServicesDep,
    person: Reader,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    view, ground, language = (form.get(name, "") for name in ("view", "ground", "language"))
    try:
        key = doors.appeals.saved_lists.keep(person, form.get("name", ""), view, ground or None, language or None)
    except DomainError as error:
        return _list(request, doors, person, problem=refusal(request, error))
    query = urlencode({"view": view, "ground": ground, "language": language, "kept": key})
    return RedirectResponse(f"/handlers/appeals?{query}", 303)


@router.post("/lists/{list_id}/forget", dependencies=[Checked])
def forget_list(doors: ServicesDep, person: Reader, list_id: str) -> Response:
    doors.appeals.saved_lists.forget(person, list_id)
    return RedirectResponse("/handlers/appeals", 303)


async def chosen(request: Request) -> tuple[str, list[str], str]:
    """What a form wants done, with which appeals, and why."""
    form = await request.form()
    return str(form.get("act", "")), [str(key) for key in form.getlist("appeal")], str(form.get("reason", "")).strip()


Chosen = Annotated[tuple[str, list[str], str], Depends(chosen)]


@router.post("/bulk", dependencies=[Checked])
def preview_bulk(request: Request, doors: ServicesDep, person: Handler, wanted: Chosen) -> Response:
    """What would become of the chosen ones."""
    act, _, reason = wanted
    try:
        rows = doors.appeals.bulk.preview(person, *wanted)
    except DomainError as error:
        return _list(request, doors, person, problem=refusal(request, error))
    return _bulk_page(request, person, act, rows, reason=reason)


@router.post("/bulk/acts", dependencies=[Checked])
def do_bulk(doors: ServicesDep, person: Handler, wanted: Chosen) -> Response:
    done = doors.appeals.bulk.perform(person, *wanted)
    return RedirectResponse(f"/handlers/appeals/bulk/{done.id}", 303)


@router.get("/bulk/{bulk_id}")
def bulk_done(request: Request, doors: ServicesDep, person: Handler, bulk_id: str) -> Response:
    done = doors.appeals.bulk.view(person, bulk_id)
    return _bulk_page(request, person, done.act, done.rows, done)


@router.post("/bulk/{bulk_id}/undo", dependencies=[Checked])
def undo_bulk(doors: ServicesDep, person: Handler, bulk_id: str) -> Response:
    doors.appeals.bulk.undo(person, bulk_id)
    return RedirectResponse(f"/handlers/appeals/bulk/{bulk_id}", 303)


def _bulk_page(
    request: Request, person: Actor, act: str, rows: list[BulkRow], done: BulkView | None = None, reason: str = ""
) -> Response:
    """Before it is done, or after."""
    context = {
        "person": person,
        "csrf": request.session["csrf"],
        "act": act,
        "rows": [(row, refusal(request, row.refusal) if row.refusal else None) for row in rows],
        "possible": [row for row in rows if row.refusal is None],
        "reason": reason,
        "done": done,
        "undoable": UNDOABLE[act],
    }
    return templates.TemplateResponse(request, "bulk.html", context)


@router.get("/people")
def people(request: Request, doors: ServicesDep, person: Annotated[Actor, Depends(only("senior"))]) -> Response:
    return templates.TemplateResponse(
        request,
        "people.html",
        {
            "person": person,
            "csrf": request.session["csrf"],
            "people": [
                (key, name, doors.appeals.distribution.profile(key))
                for key, name in doors.principals.with_role("handler")
            ],
            "grounds": grounds(),
            "spoken": LANGUAGES,
        },
    )


@router.post("/people/{handler_id}", dependencies=[Checked])
def set_profile(
    doors: ServicesDep,
    person: Annotated[Actor, Depends(only("senior"))],
    handler_id: str,
    form: Annotated[dict[str, str], Depends(form_fields)],
) -> Response:
    chosen = [code for code in grounds() if f"ground-{code}" in form]
    spoken = [code for code in LANGUAGES if f"language-{code}" in form]
    doors.appeals.distribution.set_profile(person, handler_id, chosen, spoken)
    return RedirectResponse("/handlers/appeals/people", 303)


@router.get("/counts")
def counts(request: Request, doors: ServicesDep, _: Reader) -> Response:
    """A part of the list's page, asked for again while it is open."""
    return templates.TemplateResponse(request, "appeal_counts.html", {"terms": doors.appeals.watch.counts()})
