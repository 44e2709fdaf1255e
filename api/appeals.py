"""For handlers: appeals from the work list to the decision."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response

from api import presenters
from api.dependencies import ServicesDep, require
from api.months import Month, month_of
from api.problems import PROBLEM_RESPONSES
from api.schemas.appeals import (
    AnswerIn,
    AppealOut,
    AppealPageOut,
    AppealRowOut,
    CostsIn,
    GroundOut,
    HearingIn,
    InquiryIn,
    InsightOut,
    LatenessIn,
    LetterAppealIn,
    MissingIn,
    NoticeIn,
    OutcomesOut,
    PrecedentOut,
    ProfileIn,
    ProfileOut,
    ReportIn,
    TermCountsOut,
    VerdictIn,
    WordsIn,
)
from api.schemas.common import AppealLanguage, CreatedOut, ReasonIn
from api.schemas.handlers import PurposeIn
from api.uploads import FILE_RESPONSES, REFUSED_FILES, FileDep, shown
from appeals.service import Choice, Costs, Verdict, grounds
from core.roles import APPEAL_READERS, INSIGHT_READERS
from core.unit_of_work import Actor

router = APIRouter(
    prefix="/v1/handlers",
    tags=["appeals"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)

Handler = Annotated[Actor, Depends(require("handler"))]
PostRoom = Annotated[Actor, Depends(require("handler", "intake"))]
Second = Annotated[Actor, Depends(require("handler", "senior"))]
Senior = Annotated[Actor, Depends(require("senior"))]
Insider = Annotated[Actor, Depends(require(*INSIGHT_READERS))]
Reader = Annotated[Actor, Depends(require(*APPEAL_READERS))]


@router.get("/appeal-grounds")
def appeal_grounds(_: Reader) -> list[GroundOut]:
    """What can be said against a decision (Wahv art. 9 par. 2)."""
    return [GroundOut(**ground.model_dump()) for ground in grounds().values()]


@router.get("/appeals")
def work_list(
    _: Reader,
    doors: ServicesDep,
    state: str | None = None,
    ground: str | None = None,
    language: AppealLanguage | None = None,
    handler: Annotated[str | None, Query(description="a handler's id, or nobody")] = None,
    due_in: Annotated[int | None, Query(alias="dueIn", ge=-3650, le=3650)] = None,
    late_filed: Annotated[bool, Query(alias="lateFiled")] = False,
    after: Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2}\.[0-9a-f-]{36})?$")] = "",
) -> AppealPageOut:
    """Appeals that are to be decided, most urgent first."""
    choice = Choice(state, ground, language, handler, due_in, late_filed)
    rows, following = doors.appeals.work_list.page(choice, after)
    asked = {
        "state": state,
        "ground": ground,
        "language": language,
        "handler": handler,
        "dueIn": due_in,
        "after": following,
    }
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return AppealPageOut(
        appeals=[AppealRowOut(**vars(row)) for row in rows],
        total=doors.appeals.work_list.count(choice),
        next=f"/v1/handlers/appeals?{query}{'&lateFiled=true' if late_filed else ''}" if following else None,
    )


@router.get("/appeal-terms")
def terms(_: Reader, doors: ServicesDep) -> TermCountsOut:
    """How many appeals are open, at risk of passing their term, and past it."""
    return TermCountsOut(**vars(doors.appeals.watch.counts()))


@router.get("/appeal-reports/{month}")
def insight(month: Month, _: Insider, doors: ServicesDep) -> InsightOut:
    """What came in and was decided in a month, and what stood, by ground and by camera."""
    found = doors.appeals.insight.month(month_of(month))
    shares = {
        name: [OutcomesOut(**vars(one), decided=one.decided, changed_percent=one.changed_percent) for one in kinds]
        for name, kinds in (("by_ground", found.by_ground), ("by_camera", found.by_camera))
    }
    figures = {name: getattr(found, name) for name in ("received", "decided", "open_now", "oldest_days")}
    return InsightOut(**figures, days_to_decide=found.days_to_decide, **shares, flagged=found.flagged)


@router.post("/appeals", status_code=201)
def enter_letter(body: LetterAppealIn, actor: PostRoom, doors: ServicesDep) -> CreatedOut:
    """An appeal that came by post, from the day on which it was received."""
    decision = doors.fines.find(body.case_number, body.plate)
    filing = presenters.filing(body, channel="letter", received_on=body.received_on)
    return CreatedOut(id=doors.appeals.intake.file(actor, decision, filing))


@router.post("/appeal-assignments", status_code=201)
def take_next(actor: Handler, doors: ServicesDep) -> CreatedOut:
    """Take on the most urgent appeal that fits what the handler is given."""
    return CreatedOut(id=doors.appeals.distribution.take_next(actor))


@router.get("/handler-profiles/{handler_id}")
def profile(handler_id: str, _: Reader, doors: ServicesDep) -> ProfileOut:
    """What a handler is given."""
    return ProfileOut(handler_id=handler_id, **vars(doors.appeals.distribution.profile(handler_id)))


@router.put("/handler-profiles/{handler_id}", status_code=204)
def set_profile(handler_id: str, body: ProfileIn, actor: Senior, doors: ServicesDep) -> None:
    """Say what a handler is good at."""
    doors.appeals.distribution.set_profile(actor, handler_id, body.grounds, body.languages)


@router.get("/appeals/{appeal_id}")
def appeal(appeal_id: str, _: Reader, doors: ServicesDep) -> AppealOut:
    """One appeal with all that was asked, heard and told."""
    view = doors.appeals.appeal(appeal_id)
    return presenters.appeal(view, doors.fines.decision(view.decision_id).specimen)


@router.post("/appeals/{appeal_id}/precedent-searches")
def precedents(appeal_id: str, body: WordsIn, _: Reader, doors: ServicesDep) -> list[PrecedentOut]:
    """Earlier decisions nearest to these words, or to what the appellant wrote."""
    return [PrecedentOut(**vars(one)) for one in doors.appeals.precedents.like(appeal_id, body.words)]


@router.post("/appeals/{appeal_id}/claims", status_code=204)
def take(appeal_id: str, actor: Handler, doors: ServicesDep) -> None:
    """Take an appeal on."""
    doors.appeals.handling.take(actor, appeal_id)


@router.post("/appeals/{appeal_id}/releases", status_code=204)
def release(appeal_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """Give an appeal back to the work list."""
    doors.appeals.handling.release(actor, appeal_id, body.reason)


@router.post("/appeals/{appeal_id}/adjournments", status_code=204)
def adjourn(appeal_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """Put the decision off, once (Awb art. 7:24 par. 4)."""
    doors.appeals.handling.adjourn(actor, appeal_id, body.reason)


@router.post("/appeals/{appeal_id}/lateness-judgements", status_code=204)
def judge_lateness(appeal_id: str, body: LatenessIn, actor: Handler, doors: ServicesDep) -> None:
    """Is who was late not to blame for it (Awb art. 6:11)?"""
    doors.appeals.handling.judge_lateness(actor, appeal_id, excused=body.excused, reason=body.reason)


@router.post("/appeals/{appeal_id}/withdrawals", status_code=204)
def withdraw(appeal_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """The appellant gave up."""
    doors.appeals.handling.withdraw(actor, appeal_id, body.reason)


@router.post("/appeals/{appeal_id}/repair-requests", status_code=204)
def ask_repair(appeal_id: str, body: MissingIn, actor: Handler, doors: ServicesDep) -> None:
    """Ask the appellant for what is missing, within a term (Awb art. 6:6)."""
    doors.appeals.repairs.ask(actor, appeal_id, body.missing)


@router.post("/appeals/{appeal_id}/repairs", status_code=204)
def repaired(appeal_id: str, body: ReasonIn, actor: PostRoom, doors: ServicesDep) -> None:
    """What was missing came in."""
    doors.appeals.repairs.repaired(actor, appeal_id, body.reason)


@router.post("/appeals/{appeal_id}/hearings", status_code=201)
def invite(appeal_id: str, body: HearingIn, actor: Handler, doors: ServicesDep) -> CreatedOut:
    """Plan a hearing and invite the appellant (Awb art. 7:16)."""
    return CreatedOut(id=doors.appeals.hearings.invite(actor, appeal_id, body.at, body.place))


@router.get(
    "/hearings/{hearing_id}/calendar",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {}}, "description": "iCalendar (RFC 5545)"}},
)
def calendar(hearing_id: str, _: Reader, doors: ServicesDep) -> Response:
    """The hearing as a calendar file."""
    return Response(doors.appeals.hearings.calendar(hearing_id), media_type="text/calendar")


@router.post("/hearings/{hearing_id}/reports", status_code=204)
def report(hearing_id: str, body: ReportIn, actor: Handler, doors: ServicesDep) -> None:
    """What was said, or that nobody came (Awb art. 7:21)."""
    doors.appeals.hearings.report(actor, hearing_id, appeared=body.appeared, report=body.report)


@router.post("/hearings/{hearing_id}/cancellations", status_code=204)
def cancel(hearing_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """It will not take place."""
    doors.appeals.hearings.cancel(actor, hearing_id, body.reason)


@router.post("/appeals/{appeal_id}/inquiries", status_code=201)
def ask(appeal_id: str, body: InquiryIn, actor: Handler, doors: ServicesDep) -> CreatedOut:
    """Ask the police, the camera's operator or the road authority."""
    return CreatedOut(id=doors.appeals.inquiries.ask(actor, appeal_id, body.asked_of, body.question))


@router.post("/inquiries/{inquiry_id}/answers", status_code=204)
def answer(inquiry_id: str, body: AnswerIn, actor: Handler, doors: ServicesDep) -> None:
    """The answer came in."""
    doors.appeals.inquiries.answer(actor, inquiry_id, body.answer)


@router.post("/inquiries/{inquiry_id}/drops", status_code=204)
def drop(inquiry_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """The answer is no longer needed."""
    doors.appeals.inquiries.drop(actor, inquiry_id, body.reason)


@router.post("/appeals/{appeal_id}/default-notices", status_code=204)
def give_notice(appeal_id: str, body: NoticeIn, actor: PostRoom, doors: ServicesDep) -> None:
    """The appellant's notice that the term has passed came in (Awb art. 4:17 par. 3)."""
    doors.appeals.watch.give_notice(actor, appeal_id, body.received_on)


@router.post("/appeals/{appeal_id}/decisions", status_code=204)
def decide(appeal_id: str, body: VerdictIn, actor: Handler, doors: ServicesDep) -> None:
    """The prosecutor's decision; one that says the photo was read wrongly waits for another handler."""
    verdict = Verdict(**{**body.model_dump(), "costs": costs_from(body.costs)})
    doors.appeals.handling.decide(actor, appeal_id, verdict)


@router.post("/appeals/{appeal_id}/approvals", status_code=204)
def approve(appeal_id: str, actor: Second, doors: ServicesDep) -> None:
    """Another handler agrees with what was proposed."""
    doors.appeals.handling.approve(actor, appeal_id)


@router.post("/appeals/{appeal_id}/returns", status_code=204)
def send_back(appeal_id: str, body: ReasonIn, actor: Second, doors: ServicesDep) -> None:
    """Another handler does not agree with what was proposed."""
    doors.appeals.handling.send_back(actor, appeal_id, body.reason)


@router.post("/appeals/{appeal_id}/attachments", status_code=201, responses=REFUSED_FILES)
def attach(appeal_id: str, file: FileDep, actor: PostRoom, doors: ServicesDep) -> CreatedOut:
    """A file that belongs to the appeal: PDF, JPEG, PNG or WebP, made anew and asked for harm before it is kept."""
    return CreatedOut(id=doors.appeals.attachments.add(actor, appeal_id, file))


@router.post("/attachments/{attachment_id}/fetches", response_class=Response, responses=FILE_RESPONSES)
def fetch_attachment(attachment_id: str, body: PurposeIn, actor: Reader, doors: ServicesDep) -> Response:
    """An attachment; that it was looked at is recorded with the purpose."""
    return shown(doors.appeals.attachments.open(actor, attachment_id, body.purpose))


def costs_from(body: CostsIn | None) -> Costs | None:
    """What was asked for, as the rooms take it."""
    return Costs(**body.model_dump()) if body else None
