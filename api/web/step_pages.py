"""Pages of forms in steps: ask, keep as a draft, check the answers, send once, give a receipt."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from api.dependencies import ServicesDep
from api.problems import status_of
from api.uploads import checked
from api.web.appeal_flow import APPEAL
from api.web.case_file import CaseFile
from api.web.correction_flow import CORRECTION
from api.web.court_flow import COURT
from api.web.forms import Checked, form_fields
from api.web.keeper_flow import KEEPER
from api.web.languages import refusal, speaking, translated
from api.web.mandate_flow import MANDATE, MANDATE_END
from api.web.plan_flow import PLAN
from api.web.receipts import receipt_pdf
from api.web.rendering import templates
from api.web.steps import Flow, Setting, Step, day
from api.web.visiting import Opened, VisitorDep
from api.web.withdrawal_flow import WITHDRAWAL
from api.web.wording import as_day
from core.drafts import DraftView
from core.errors import DomainError, NotAllowed, NotFound
from core.visits import Visitor
from fines.service import DecisionView

router = APIRouter(prefix="/cases/{case_id}")

FLOWS: Mapping[str, Flow] = {
    flow.kind: flow for flow in (APPEAL, KEEPER, PLAN, COURT, WITHDRAWAL, CORRECTION, MANDATE, MANDATE_END)
}

Form = Annotated[dict[str, str], Depends(form_fields)]


def _flow(flow: str, decision: Opened, who: VisitorDep) -> Flow:
    """Raises NotFound, and NotAllowed for what nobody does for another."""
    if flow not in FLOWS:
        raise NotFound("page-unknown", "there is no such page")
    if not FLOWS[flow].open_to(decision, who):
        raise NotAllowed("not-by-mandate", "only the person himself can do this")
    return FLOWS[flow]


FlowDep = Annotated[Flow, Depends(_flow)]


@router.get("/{flow}")
def begin(request: Request, doors: ServicesDep, decision: Opened, who: VisitorDep, flow: FlowDep) -> Response:
    """What it is, and the way on: to the first question, or to where one left off."""
    case = CaseFile(doors, decision)
    if flow.sent(case) is not None:
        return _on(decision, flow, "sent")
    try:
        flow.begin(case)
    except DomainError as error:
        return _told(request, decision, flow, error)
    draft = doors.drafts.read(flow.page(decision, who))
    setting = Setting(case, draft.answers)
    first = flow.asked(setting)[0].name if flow.steps else "check"
    goes_on = flow.unanswered(setting)
    further = goes_on.name if goes_on else "check"
    context = {"decision": decision, "flow": flow, "draft": draft, "first": first, "further": further}
    return _page(request, "flow_begin.html", context)


@router.get("/{flow}/check")
def check(request: Request, doors: ServicesDep, decision: Opened, who: VisitorDep, flow: FlowDep) -> Response:
    return _check(request, _setting(doors, decision, who, flow), who, flow)


def _check(request: Request, setting: Setting, who: Visitor, flow: Flow, error: DomainError | None = None) -> Response:
    if flow.sent(setting.case) is not None:
        return _on(setting.decision, flow, "sent")
    if lacking := flow.unanswered(setting):
        return _on(setting.decision, flow, lacking.name)
    context = {
        "decision": setting.decision,
        "flow": flow,
        "rows": _answers(request, setting, flow, setting.doors.drafts.read(flow.page(setting.decision, who))),
        "problem": refusal(request, error) if error else None,
    }
    return _page(request, "flow_check.html", context, status_of(error) if error else 200)


@router.post("/{flow}/send", dependencies=[Checked])
def send(request: Request, doors: ServicesDep, decision: Opened, who: VisitorDep, flow: FlowDep) -> Response:
    """Once: sent again by a second press of the button, it leads to what was sent."""
    speaking(request)
    setting = _setting(doors, decision, who, flow)
    if flow.sent(setting.case) is None:
        if lacking := flow.unanswered(setting):
            return _on(decision, flow, lacking.name)
        page = flow.page(decision, who)
        try:
            flow.send(setting, who, doors.drafts.files(page))
        except DomainError as error:
            # Another press of the button may have sent it meanwhile.
            fresh = Setting(CaseFile(doors, decision), setting.answers)
            if flow.sent(fresh.case) is None:
                return _check(request, fresh, who, flow, error)
        doors.drafts.discard(who.actor, page)
    return _on(decision, flow, "sent")


@router.get("/{flow}/sent")
def sent(request: Request, doors: ServicesDep, decision: Opened, flow: FlowDep) -> Response:
    """The receipt."""
    speaking(request)
    found = flow.sent(CaseFile(doors, decision))
    if found is None:
        return _on(decision, flow)
    return _page(request, "flow_sent.html", {"decision": decision, "flow": flow, "sent": found})


@router.get("/{flow}/receipt.pdf")
def receipt(request: Request, doors: ServicesDep, decision: Opened, flow: FlowDep) -> Response:
    """The same to keep."""
    language = speaking(request)
    found = flow.sent(CaseFile(doors, decision))
    if found is None:
        return _on(decision, flow)
    pdf = receipt_pdf(doors.settings, decision, found, language, doors.fines.today())
    name = f"{flow.kind}-{decision.case_number}.pdf"
    return Response(
        pdf, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.post("/{flow}/discard", dependencies=[Checked])
def discard(doors: ServicesDep, decision: Opened, who: VisitorDep, flow: FlowDep) -> Response:
    """Throw the draft away."""
    doors.drafts.discard(who.actor, flow.page(decision, who))
    return RedirectResponse(f"/cases/{decision.id}", 303)


@router.get("/{flow}/{step}")
def ask(request: Request, doors: ServicesDep, decision: Opened, who: VisitorDep, flow: FlowDep, step: str) -> Response:
    setting = _setting(doors, decision, who, flow)
    if flow.sent(setting.case) is not None:
        return _on(decision, flow, "sent")
    return _asked(request, setting, who, flow, _step(flow, setting, step), setting.answers, {})


@router.post("/{flow}/{step}", dependencies=[Checked])
def answer(
    request: Request,
    doors: ServicesDep,
    decision: Opened,
    who: VisitorDep,
    flow: FlowDep,
    step: str,
    form: Form,
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Keep what was answered, and go on; with what is wrong beside its question where something is."""
    speaking(request)
    setting = _setting(doors, decision, who, flow)
    asked = _step(flow, setting, step)
    page = flow.page(decision, who)
    said = {one.name: one.tidy(form.get(one.name, "")) for one in asked.questions if one.kind != "files"}
    together = Setting(setting.case, {**setting.answers, **said})
    found = {one.name: one.problem(said.get(one.name, ""), together) for one in asked.questions}
    problems = {name: translated(told) for name, told in found.items() if told}
    if not problems:
        try:
            fresh = [checked(doors, file) for file in files or [] if file.size]
            if fresh:
                doors.drafts.add(who.actor, page, fresh, flow.most_files)
        except DomainError as error:
            problems = {one.name: refusal(request, error) for one in asked.questions if one.kind == "files"}
    if problems:
        return _asked(request, setting, who, flow, asked, together.answers, problems)
    if said:
        doors.drafts.answer(who.actor, page, said)
    if form.get("remove"):
        doors.drafts.remove(who.actor, page, form["remove"])
    if form.get("remove") or "more" in form:
        return _on(decision, flow, asked.name)
    following = _setting(doors, decision, who, flow)
    if form.get("then") == "check":
        return _on(decision, flow, "check")
    after = flow.after(asked, following)
    return _on(decision, flow, after.name if after else "check")


def _setting(doors: ServicesDep, decision: DecisionView, who: Visitor, flow: Flow) -> Setting:
    return Setting(CaseFile(doors, decision), doors.drafts.read(flow.page(decision, who)).answers)


def _step(flow: Flow, setting: Setting, name: str) -> Step:
    """Raises NotFound."""
    found = next((step for step in flow.asked(setting) if step.name == name), None)
    if found is None:
        raise NotFound("page-unknown", "there is no such page")
    return found


def _asked(
    request: Request,
    setting: Setting,
    who: Visitor,
    flow: Flow,
    step: Step,
    answers: Mapping[str, str],
    problems: Mapping[str, str],
) -> Response:
    speaking(request)
    names = [one.name for one in flow.asked(setting)]
    at = names.index(step.name)
    context = {
        "decision": setting.decision,
        "flow": flow,
        "step": step,
        "options": {one.name: one.options(setting) for one in step.questions if one.options is not None},
        "answers": answers,
        "files": setting.doors.drafts.read(flow.page(setting.decision, who)).files,
        "problems": problems,
        "number": at + 1,
        "count": len(names),
        "back_path": f"/cases/{setting.decision.id}/{flow.kind}" + (f"/{names[at - 1]}" if at else ""),
        "then": request.query_params.get("then", ""),
        "most_megabytes": setting.doors.settings.max_upload_bytes // 2**20,
    }
    return _page(request, "flow_step.html", context, 400 if problems else 200)


def _answers(request: Request, setting: Setting, flow: Flow, draft: DraftView) -> list[dict[str, Any]]:
    """What is checked before it is sent: step, question, answer in words."""
    speaking(request)
    return [
        {"step": step.name, "label": one.label, "answer": _in_words(one.name, setting, flow, draft)}
        for step in flow.asked(setting)
        for one in step.questions
    ]


def _in_words(name: str, setting: Setting, flow: Flow, draft: DraftView) -> str:
    [asked] = [one for step in flow.steps for one in step.questions if one.name == name]
    if asked.kind == "files":
        return ", ".join(file for file, _ in draft.files) or translated("none")
    said = setting.answers.get(name, "")
    if asked.options is not None:
        return next((option.label for option in asked.options(setting) if option.value == said), "")
    found = day(said) if asked.kind == "date" else None
    return as_day(found) if found else said or translated("not filled in")


def _told(request: Request, decision: DecisionView, flow: Flow, error: DomainError) -> Response:
    """It cannot be begun, and why."""
    context = {"decision": decision, "flow": flow, "problem": refusal(request, error)}
    return _page(request, "flow_closed.html", context, status_of(error))


def _page(request: Request, name: str, context: dict[str, Any], status: int = 200) -> Response:
    return templates.TemplateResponse(request, name, context, status_code=status)


def _on(decision: DecisionView, flow: Flow, name: str = "") -> Response:
    return RedirectResponse(f"/cases/{decision.id}/{flow.kind}{f'/{name}' if name else ''}", 303)
