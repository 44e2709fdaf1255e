"""For citizens: case, photo and letters by what stands on the letter (in the body, never in a URI); appeals."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from api import presenters
from api.byte_ranges import PHOTO_RESPONSES, answered
from api.dependencies import CITIZEN, AddressDep, LimitDep, ServicesDep
from api.photo_links import linked_photo, photo_link
from api.problems import PROBLEM_RESPONSES
from api.rate_limit import LookupLimit
from api.schemas.citizens import (
    AppealIn,
    CaseLookup,
    CheckoutIn,
    CheckoutOut,
    CourtAppealIn,
    KeeperStatementIn,
    LetterLookup,
    PhotoLinkOut,
    PhotoLookup,
)
from api.schemas.common import AccessCode, AppealStatus, CaseNumber, CaseOut, CreatedOut, Plate
from api.services import Services
from api.uploads import REFUSED_FILES, FileDep
from appeals.service import AppealView
from core.errors import NotFound
from fines.service import DecisionView, Ground, Keeper, StatedKeeper

BUNDLE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}, "description": "Photos and proof"}}

router = APIRouter(
    prefix="/v1",
    tags=["citizens"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 404, 429)},
)


def find_case(doors: Services, limit: LookupLimit, address: str, lookup: CaseLookup) -> DecisionView:
    """Wrong tries are counted; wrong and unknown get the same answer."""
    with limit.guarding(address, lookup.case_number):
        return doors.fines.open(lookup.case_number, lookup.plate, lookup.access_code)


@router.post("/case-lookups", response_model=CaseOut)
def look_up_case(body: CaseLookup, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> CaseOut:
    """The case with its amounts, dates and how they came about."""
    decision = find_case(doors, limit, address, body)
    return presenters.case(decision, doors.appeals.appeal_for_decision(decision.id))


@router.post(
    "/photo-lookups",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The redacted photo"}},
)
def look_up_photo(
    request: Request, body: PhotoLookup, doors: ServicesDep, limit: LimitDep, address: AddressDep
) -> Response:
    """The photo with every other plate and all faces made unrecognisable."""
    decision = find_case(doors, limit, address, body)
    return _photo(request, doors, decision, body.position)


def _photo(request: Request, doors: Services, decision: DecisionView, position: int) -> Response:
    """The citizen's copy with the case and the moment below it; the look is recorded."""
    line = presenters.photo_line(decision)
    shown = doors.imaging.shown_photo(CITIZEN, decision.capture_id, position, line, "citizens' API")
    headers = presenters.specimen_header(decision.specimen)
    return answered(request, shown.content, "image/jpeg", shown.sha256, headers)


@router.post("/photo-bundles", response_class=Response, responses=BUNDLE)
def bundle_of_photos(body: CaseLookup, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> Response:
    """All photos of the case as they are shown to you, and the proof of where they are from.

    `flitsketen verify` checks it with our published key.
    """
    decision = find_case(doors, limit, address, body)
    return presenters.photo_bundle(doors, CITIZEN, decision, "citizens' API")


@router.post("/photo-links", status_code=201)
def link_to_photo(body: PhotoLookup, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> PhotoLinkOut:
    """A link to the photo that holds for five minutes and names no case; whoever has it can follow it."""
    decision = find_case(doors, limit, address, body)
    path, until = photo_link(doors, decision.id, body.position)
    return PhotoLinkOut(url=f"{doors.settings.site}{path}", expires_at=until)


@router.get(
    "/photos/{token}",
    response_class=Response,
    responses=PHOTO_RESPONSES,
)
def follow_link(request: Request, token: str, doors: ServicesDep) -> Response:
    """The photo behind a link."""
    decision_id, position = linked_photo(doors, token)
    return _photo(request, doors, doors.fines.decision(decision_id), position)


@router.post(
    "/letter-lookups",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The letter"}},
)
def look_up_letter(body: LetterLookup, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> Response:
    """A letter as PDF."""
    decision = find_case(doors, limit, address, body)
    pdf = doors.fines.read_letter(CITIZEN, decision.id, body.kind, body.number, "citizens' API")
    headers = presenters.specimen_header(decision.specimen)
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.post(
    "/payment-pages",
    status_code=201,
    response_model=CheckoutOut,
    responses={status: PROBLEM_RESPONSES[status] for status in (409, 503)},
)
def open_payment_page(body: CheckoutIn, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> CheckoutOut:
    """A page at the payment provider for what is open; asking again gives the same page while it is open."""
    decision = find_case(doors, limit, address, body)
    return CheckoutOut(**vars(doors.fines.checkouts.start(CITIZEN, decision.id, body.amount_cents)))


@router.get("/payment-pages/{checkout_id}", response_model=CheckoutOut)
def payment_page(checkout_id: str, doors: ServicesDep) -> CheckoutOut:
    """How a payment stands; asks the provider once more while it is open."""
    return CheckoutOut(**vars(doors.fines.checkouts.show(checkout_id)))


@router.post("/keeper-statements", status_code=201, response_model=CreatedOut, responses={409: PROBLEM_RESPONSES[409]})
def state_keeper(body: KeeperStatementIn, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> CreatedOut:
    """Say that somebody else, or nobody, answers for it: hired out, sold, used against your will (Wahv art. 8)."""
    decision = find_case(doors, limit, address, body)
    person = Keeper(**body.person.model_dump()) if body.person else None
    statement = StatedKeeper(Ground(body.ground), body.account, body.since, body.until, person)
    return CreatedOut(id=doors.fines.liability.state(CITIZEN, decision.id, statement))


@router.post("/appeals", status_code=201, response_model=AppealStatus, responses={409: PROBLEM_RESPONSES[409]})
def file_appeal(body: AppealIn, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> AppealStatus:
    """Administrative appeal to the public prosecutor; collection stops until it is decided."""
    decision = find_case(doors, limit, address, body)
    appeal_id = doors.appeals.intake.file(CITIZEN, decision, presenters.filing(body))
    return presenters.appeal_status(doors.appeals.appeal(appeal_id), decision.specimen)


@router.post(
    "/appeal-attachments",
    status_code=201,
    response_model=CreatedOut,
    responses={**REFUSED_FILES, 409: PROBLEM_RESPONSES[409]},
)
def attach(
    case_number: Annotated[CaseNumber, Form(alias="caseNumber")],
    plate: Annotated[Plate, Form()],
    access_code: Annotated[AccessCode, Form(alias="accessCode")],
    file: FileDep,
    doors: ServicesDep,
    limit: LimitDep,
    address: AddressDep,
) -> CreatedOut:
    """Send something along with an appeal: PDF, JPEG, PNG or WebP, as a form (multipart/form-data)."""
    decision = find_case(
        doors, limit, address, CaseLookup(case_number=case_number, plate=plate, access_code=access_code)
    )
    return CreatedOut(id=doors.appeals.attachments.add(CITIZEN, appeal_of(doors, decision).id, file))


@router.post("/court-appeals", status_code=201, response_model=AppealStatus, responses={409: PROBLEM_RESPONSES[409]})
def file_court_appeal(body: CourtAppealIn, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> AppealStatus:
    """Appeal to the district court against the prosecutor's decision."""
    decision = find_case(doors, limit, address, body)
    doors.appeals.court.go(CITIZEN, decision, body.grounds)
    return status_of(doors, decision)


@router.post("/appeal-withdrawals", responses={409: PROBLEM_RESPONSES[409]})
def withdraw_appeal(body: CaseLookup, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> AppealStatus:
    """Give up an appeal that is not decided yet; the decision stands and is to be paid."""
    decision = find_case(doors, limit, address, body)
    doors.appeals.handling.withdraw(CITIZEN, appeal_of(doors, decision).id, "withdrawn by the appellant")
    return status_of(doors, decision)


@router.post("/default-notices", status_code=204, responses={409: PROBLEM_RESPONSES[409]})
def give_notice(body: CaseLookup, doors: ServicesDep, limit: LimitDep, address: AddressDep) -> None:
    """Tell that the term to decide on your appeal has passed (Awb art. 4:17): two weeks later it begins to cost."""
    decision = find_case(doors, limit, address, body)
    doors.appeals.watch.give_notice(CITIZEN, appeal_of(doors, decision).id, doors.fines.today())


def appeal_of(doors: Services, decision: DecisionView) -> AppealView:
    """Raises NotFound where nobody appealed."""
    appeal = doors.appeals.appeal_for_decision(decision.id)
    if appeal is None:
        raise NotFound("appeal-unknown", "there is no appeal against this decision")
    return appeal


def status_of(doors: Services, decision: DecisionView) -> AppealStatus:
    """How far its appeal is now."""
    return presenters.appeal_status(appeal_of(doors, decision), decision.specimen)
