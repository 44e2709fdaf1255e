"""For those who work with the system: review, handle, look at what went wrong. Token and role needed."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api import presenters
from api.dependencies import After, ServicesDep, require
from api.paging import PageDep
from api.problems import PROBLEM_RESPONSES
from api.schemas.common import CaseOut, CreatedOut, ReasonIn
from api.schemas.handlers import (
    ConfirmationIn,
    CorrectionOut,
    FateOut,
    HandoverOut,
    KeeperStatementOut,
    OriginalViewIn,
    PurposeIn,
    ReadingOut,
    ReceiptIn,
    RedactionOut,
    ReferralOut,
    RegionChangeIn,
    SuccessionOut,
)
from api.schemas.mandates import GuardianMandateOut
from api.services import Services
from api.uploads import FILE_RESPONSES, shown
from core.roles import CASE_READERS
from core.unit_of_work import Actor

router = APIRouter(
    prefix="/v1/handlers",
    tags=["handlers"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404, 409)},
)

Reviewer = Annotated[Actor, Depends(require("reviewer"))]
Handler = Annotated[Actor, Depends(require("handler"))]
Operator = Annotated[Actor, Depends(require("operator"))]
Anyone = Annotated[Actor, Depends(require(*CASE_READERS))]


@router.get("/captures")
def captures(_: Anyone, doors: ServicesDep, after: After = "") -> list[FateOut]:
    """What became of a hundred captures, as they came; those after an id."""
    return presenters.fates(doors, lambda: doors.ingest.captures(after))


@router.get("/readings")
def readings_in_review(actor: Reviewer, doors: ServicesDep, after: After = "") -> list[ReadingOut]:
    """The first hundred readings that wait for a person, less those that the caller has read before; those after that
    of a capture."""
    return [presenters.reading(view) for view in doors.imaging.desk.queue(actor, after=after)]


@router.post("/captures/{capture_id}/confirmations", status_code=204)
def confirm_plate(capture_id: str, body: ConfirmationIn, actor: Reviewer, doors: ServicesDep) -> None:
    """The reviewer has read the plate himself; some readings then wait for a second person who reads the same."""
    doors.imaging.desk.confirm(actor, capture_id, body.plate, body.country)


@router.post("/captures/{capture_id}/rejections", status_code=204)
def reject_reading(capture_id: str, body: ReasonIn, actor: Reviewer, doors: ServicesDep) -> None:
    """Nobody can read this plate: no decision will follow."""
    doors.imaging.desk.reject(actor, capture_id, body.reason)


@router.post("/captures/{capture_id}/region-changes", status_code=204)
def change_region(
    capture_id: str,
    body: RegionChangeIn,
    actor: Annotated[Actor, Depends(require("reviewer", "handler"))],
    doors: ServicesDep,
) -> None:
    """Hide a region of the citizen's copy too, or leave one visible; the copy is made anew and both are recorded."""
    left, top, right, bottom = body.box
    box = (left, top, right, bottom)
    doors.imaging.change_region(actor, capture_id, body.position, body.action, box, body.reason)


@router.get("/captures/{capture_id}/redactions")
def redactions(
    capture_id: str, _: Annotated[Actor, Depends(require("reviewer", "handler"))], doors: ServicesDep
) -> list[RedactionOut]:
    """What the citizen's copy of each photo hides, why, and which networks found it."""
    return [presenters.redaction(record) for record in doors.imaging.redaction_records(capture_id)]


@router.post(
    "/captures/{capture_id}/original-views",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The untouched photo"}},
)
def view_original(
    capture_id: str,
    body: OriginalViewIn,
    actor: Annotated[Actor, Depends(require("reviewer", "handler"))],
    doors: ServicesDep,
) -> Response:
    """The untouched photo; the view is recorded with its purpose."""
    photo = doors.ingest.read_original(actor, capture_id, body.position, body.purpose)
    return Response(photo, media_type="image/jpeg", headers=_specimen(doors, capture_id))


@router.get(
    "/captures/{capture_id}/photos/{position}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The redacted photo"}},
)
def view_redacted(capture_id: str, position: int, actor: Anyone, doors: ServicesDep) -> Response:
    """The citizen's copy. The look is recorded."""
    photo = doors.imaging.viewed_copy(actor, capture_id, position, "handlers' API")
    return Response(photo, media_type="image/jpeg", headers=_specimen(doors, capture_id))


@router.get("/prosecutor-referrals")
def referrals(_: Handler, doors: ServicesDep) -> list[ReferralOut]:
    """Captures over the top of the administrative range: no decision here, they go to the prosecutor."""
    return [ReferralOut(**vars(item)) for item in doors.fines.prosecution.referrals()]


@router.get("/prosecutor-exports")
def handovers(_: Handler, doors: ServicesDep) -> list[HandoverOut]:
    """Exports for the prosecutor, newest first; one that he did not receipt is not done."""
    return [HandoverOut(**vars(item)) for item in doors.fines.prosecution.handovers()]


@router.post("/prosecutor-exports", status_code=202)
def hand_over(actor: Handler, doors: ServicesDep) -> CreatedOut:
    """Put all that waits in one export; it is prepared at once."""
    return CreatedOut(id=doors.fines.prosecution.hand_over(actor))


@router.post(
    "/prosecutor-exports/{handover_id}/fetches",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "manifest.json and a BagIt bag for each case"}},
)
def fetch_export(handover_id: str, actor: Handler, doors: ServicesDep) -> Response:
    """The export; it holds untouched photos, so that each fetch is recorded."""
    return Response(doors.fines.prosecution.export(actor, handover_id), media_type="application/zip")


@router.post("/prosecutor-exports/{handover_id}/receipts", status_code=204)
def receive_export(handover_id: str, body: ReceiptIn, actor: Handler, doors: ServicesDep) -> None:
    """The prosecutor's receipt: the digest of the manifest he got, and his number for each case."""
    numbers = {case.capture_id: case.prosecutor_number for case in body.cases}
    doors.fines.prosecution.receive(actor, handover_id, body.manifest_sha256, numbers)


@router.get("/decisions/{decision_id}")
def decision(decision_id: str, _: Anyone, doors: ServicesDep) -> CaseOut:
    """One case."""
    return presenters.case(doors.fines.decision(decision_id), doors.appeals.appeal_for_decision(decision_id))


@router.get("/keeper-statements")
def keeper_statements(_: Handler, doors: ServicesDep, page: PageDep) -> list[KeeperStatementOut]:
    """Statements about the keeper that wait for a decision, oldest first, by the page: `Link` names the next one."""
    return [presenters.keeper_statement(item) for item in page.of(doors.fines.liability.waiting)]


@router.get("/correction-requests")
def correction_requests(_: Handler, doors: ServicesDep, page: PageDep) -> list[CorrectionOut]:
    """What people want corrected (AVG art. 16), the most urgent first, by the page: `Link` names the next one."""
    return [
        CorrectionOut.model_validate(presenters.kept(asdict(one), CorrectionOut))
        for one in page.of(doors.fines.corrections.waiting)
    ]


@router.post("/correction-requests/{request_id}/acceptances", status_code=204)
def honour_correction(request_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """It was right; the reason says how it is put right."""
    doors.fines.corrections.honour(actor, request_id, body.reason)


@router.post("/correction-requests/{request_id}/refusals", status_code=204)
def refuse_correction(request_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """It stays as it is."""
    doors.fines.corrections.refuse(actor, request_id, body.reason)


@router.post("/keeper-evidence/{evidence_id}/fetches", response_class=Response, responses=FILE_RESPONSES)
def fetch_evidence(evidence_id: str, body: PurposeIn, actor: Handler, doors: ServicesDep) -> Response:
    """A file that goes with a statement; that it was looked at is recorded with the purpose."""
    return shown(doors.fines.liability.open_evidence(actor, evidence_id, body.purpose))


@router.get("/mandates")
def mandates(_: Handler, doors: ServicesDep, page: PageDep) -> list[GuardianMandateOut]:
    """Guardians' mandates whose papers have to be looked at, oldest first, by the page: `Link` names the next one."""
    return [presenters.guardian_mandate(one) for one in page.of(doors.fines.mandates.waiting)]


@router.post("/mandate-proofs/{proof_id}/fetches", response_class=Response, responses=FILE_RESPONSES)
def fetch_proof(proof_id: str, body: PurposeIn, actor: Handler, doors: ServicesDep) -> Response:
    """A file that goes with a guardian's mandate; that it was looked at is recorded with the purpose."""
    return shown(doors.fines.mandates.open_proof(actor, proof_id, body.purpose))


@router.post("/mandates/{mandate_id}/acceptances", status_code=204)
def grant_mandate(mandate_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """The papers are right: the guardian may act. The person addressed gets a letter with the reason."""
    doors.fines.mandates.grant(actor, mandate_id, body.reason)


@router.post("/mandates/{mandate_id}/refusals", status_code=204)
def refuse_mandate(mandate_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """They are not."""
    doors.fines.mandates.refuse(actor, mandate_id, body.reason)


@router.post("/keeper-statements/{statement_id}/acceptances")
def accept_statement(statement_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> SuccessionOut:
    """It holds: the decision is annulled, and who is named gets one while the law allows it."""
    return SuccessionOut(decision_id=doors.fines.liability.accept(actor, statement_id, body.reason))


@router.post("/keeper-statements/{statement_id}/refusals", status_code=204)
def refuse_statement(statement_id: str, body: ReasonIn, actor: Handler, doors: ServicesDep) -> None:
    """It does not hold; the decision stands, with time to pay."""
    doors.fines.liability.refuse(actor, statement_id, body.reason)


def _specimen(doors: Services, capture_id: str) -> dict[str, str]:
    decision = doors.fines.decision_for_capture(capture_id)
    return presenters.specimen_header(decision.specimen if decision else None)
