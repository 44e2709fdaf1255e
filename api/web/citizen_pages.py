"""The citizen's pages: his cases, the photo and the measurement, the sum step by step, letters, payment, who looked."""

from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api import presenters
from api.byte_ranges import answered
from api.dependencies import ServicesDep
from api.problems import status_of
from api.services import Services
from api.web.case_file import CaseFile
from api.web.citizen_status import moments_of
from api.web.forms import Checked
from api.web.languages import refusal, speaking
from api.web.plain_letters import in_easy_words
from api.web.rendering import templates
from api.web.step_pages import FLOWS
from api.web.visiting import EntryNeeded, Opened, VisitorDep, acts_himself, visitor
from core import audit
from core.errors import DomainError, NotFound
from core.visits import BY_MANDATE, Visitor
from fines.service import DecisionView

router = APIRouter()


def cases_of(doors: Services, who: Visitor) -> list[DecisionView]:
    """The visitor's own, newest first."""
    own = doors.fines.of_person(who.person) if who.person else []
    by_letter = who.subjects if who.level != BY_MANDATE else frozenset()
    others = [doors.fines.decision(subject) for subject in by_letter - {one.id for one in own}]
    return sorted([*own, *others], key=lambda one: (one.decided_on, one.id), reverse=True)


def cases_for_others(doors: Services, who: Visitor) -> list[DecisionView]:
    """Those in which the visitor acts for somebody, newest mandate first."""
    return [doors.fines.decision(key) for key in doors.fines.mandates.cases(who.subjects, who.person)]


@router.get("/cases")
def cases(request: Request, doors: ServicesDep, who: VisitorDep) -> Response:
    return _page(
        request, "cases.html", {"cases": cases_of(doors, who), "for_others": cases_for_others(doors, who), "who": who}
    )


@router.get("/cases/{case_id}")
def case(request: Request, doors: ServicesDep, decision: Opened, who: VisitorDep) -> Response:
    return _case(request, doors, decision, who)


def _case(
    request: Request, doors: Services, decision: DecisionView, who: Visitor, error: DomainError | None = None
) -> Response:
    speaking(request)
    case = CaseFile(doors, decision)
    with doors.database.one_reading():
        context = {
            "decision": decision,
            "appeal": case.appeal,
            "moments": moments_of(case),
            "photos": len(doors.imaging.redaction_records(decision.capture_id)),
            "payable": doors.fines.checkouts.available and decision.amounts.open > 0,
            "plan": case.granted_plan,
            "flows": _open_flows(case, who),
            "mandated": not acts_himself(who, decision),
            "problem": refusal(request, error) if error else None,
        }
    return _page(request, "citizen_case.html", context, status_of(error) if error else 200)


def _open_flows(case: CaseFile, who: Visitor) -> list[dict[str, Any]]:
    """What can be begun now, what was begun and not sent, and what was sent."""
    begun = case.doors.drafts.begun(case.decision.id, who.holder)
    found = []
    for flow in FLOWS.values():
        if not flow.open_to(case.decision, who):
            continue
        sent = flow.sent(case)
        if sent is None:
            try:
                flow.begin(case)
            except DomainError:
                continue
        shown = {"kind": flow.kind, "title": flow.title, "about": flow.about, "sent": sent}
        found.append({**shown, "begun": sent is None and flow.kind in begun})
    return found


@router.get("/cases/{case_id}/photo")
def photo(request: Request, doors: ServicesDep, decision: Opened) -> Response:
    """The photo, what was measured, how the sum came about, and what is hidden and why."""
    _, increases = doors.fines.money_of(decision.id)
    records = doors.imaging.redaction_records(decision.capture_id)
    context = {
        "decision": decision,
        "records": records,
        "hidden": Counter(region["kind"] for record in records for region in record.hidden),
        "increases": [one for one in increases if one.undone_on is None],
    }
    return _page(request, "citizen_photo.html", context)


@router.get("/cases/{case_id}/photos/{position}")
def photo_file(request: Request, doors: ServicesDep, decision: Opened, who: VisitorDep, position: int) -> Response:
    """The citizen's copy, with the case and the moment below it."""
    line = presenters.photo_line(decision)
    shown = doors.imaging.shown_photo(who.actor, decision.capture_id, position, line, "the citizen's own page")
    return answered(request, shown.content, "image/jpeg", shown.sha256, {})


@router.get("/cases/{case_id}/photo-bundle")
def photo_bundle(doors: ServicesDep, decision: Opened, who: VisitorDep) -> Response:
    """The photos with the proof of where they are from."""
    return presenters.photo_bundle(doors, who.actor, decision, "the citizen's own page")


@router.get("/cases/{case_id}/letters/{kind}/{number}")
def letter(request: Request, decision: Opened, kind: str, number: int) -> Response:
    """The letter in easy words, with the way to the letter itself."""
    speaking(request)
    found = next((one for one in decision.letters if (one.kind, one.number) == (kind, number)), None)
    if found is None:
        raise NotFound("letter-unknown", "this letter does not exist (yet)")
    context = {"decision": decision, "letter": found, "plain": in_easy_words(kind, decision)}
    return _page(request, "citizen_letter.html", context)


@router.get("/cases/{case_id}/letters/{kind}/{number}/letter.pdf")
def letter_file(
    request: Request, doors: ServicesDep, decision: Opened, who: VisitorDep, kind: str, number: int
) -> Response:
    pdf = doors.fines.read_letter(who.actor, decision.id, kind, number, "the citizen's own page")
    name = f'inline; filename="{kind}-{decision.case_number}.pdf"'
    tag = f"{decision.id}-{kind}-{number}"
    return answered(request, pdf, "application/pdf", tag, {"Content-Disposition": name})


@router.get("/cases/{case_id}/looks")
def looks(request: Request, doors: ServicesDep, decision: Opened, who: VisitorDep) -> Response:
    """Who looked at the photo, the letters and the files of a case, and what for."""
    context = {"decision": decision, "looks": CaseFile(doors, decision).looks(), "me": str(who.actor)}
    return _page(request, "citizen_looks.html", context)


@router.get("/messages")
def messages(request: Request, doors: ServicesDep, who: VisitorDep) -> Response:
    """All letters of all the visitor's cases, newest first; those that no citizen opened yet are new."""
    rows = [
        (decision, letter)
        for decision in [*cases_of(doors, who), *cases_for_others(doors, who)]
        for letter in decision.letters
    ]
    with doors.database.read_session() as session:
        found = audit.accesses(session, {letter.id for _, letter in rows})
    read = {one.subject for one in found if one.kind == "citizen"}
    rows.sort(key=lambda row: (row[1].dated, row[1].id), reverse=True)
    return _page(request, "messages.html", {"rows": rows, "read": read})


@router.post("/cases/{case_id}/pay", dependencies=[Checked])
def pay(request: Request, doors: ServicesDep, decision: Opened, who: VisitorDep) -> Response:
    """A page that goes on to the provider's: a form may not lead to another site by itself (content security)."""
    try:
        checkout = doors.fines.checkouts.start(who.actor, decision.id)
    except DomainError as error:
        return _case(request, doors, decision, who, error)
    request.session["paying"] = decision.id
    return _page(request, "citizen_pay.html", {"checkout": checkout, "decision": decision})


@router.get("/payments/{checkout_id}")
def paid(request: Request, doors: ServicesDep, checkout_id: str) -> Response:
    """Where the provider sends the payer back to. It says nothing of the case: another may have paid."""
    checkout = doors.fines.checkouts.show(checkout_id)
    try:
        visitor(request, doors)
        case_id = request.session.get("paying")
    except EntryNeeded:
        case_id = None
    return _page(request, "citizen_paid.html", {"checkout": checkout, "case_id": case_id})


def _page(request: Request, name: str, context: dict[str, Any], status: int = 200) -> Response:
    return templates.TemplateResponse(request, name, context, status_code=status)
