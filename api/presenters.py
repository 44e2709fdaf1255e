"""From what services give to what callers get."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar

from fastapi import Response

from api.installation import Installation
from api.schemas.appeals import AppealOut
from api.schemas.cameras import BatchReceiptOut, CameraOut, CaptureReceipt, QuarantineOut
from api.schemas.citizens import AppealSaid
from api.schemas.common import AmountsOut, AppealStatus, CaseOut, FactOut, LetterOut, Shape
from api.schemas.courts import CourtCaseOut, RulingOut
from api.schemas.handlers import FateOut, KeeperStatementOut, ReadingOut, RedactionOut
from api.schemas.mandates import GuardianMandateOut
from api.schemas.operations import DeadLetterOut, InstallationOut
from api.schemas.retention import DestructionOut, HoldOut, KeptCasesOut, RetentionOut
from api.services import Services
from appeals.service import AppealView, Filing
from core.outbox import OutboxMessage
from core.retention import Destruction, HeldCount, LegalHold
from core.unit_of_work import Actor
from fines.service import CaptureStanding, DecisionView, KeeperStatementView, MandateView, grouped, sentences_of
from imaging.service import ReadingView, RedactionRecord
from ingest.service import Accepted, BatchReceipt, Evidence, Health, Quarantined

_Shape = TypeVar("_Shape", bound=Shape)

_REMEDY = "administrative appeal to the public prosecutor (administratief beroep, Wahv art. 6)"
_COURT = "appeal to the district court (beroep bij de kantonrechter, Wahv art. 9)"
_HIGHER = "higher appeal to the Court of Appeal Arnhem-Leeuwarden (hoger beroep, Wahv art. 14)"
_NONE = "none: no appeal is open any more"


def case(decision: DecisionView, appeal: AppealView | None) -> CaseOut:
    """The citizen's view of a decision."""
    return CaseOut(
        case_number=decision.case_number,
        state=decision.state,
        specimen=decision.specimen,
        plate=decision.plate_display,
        plate_country=decision.plate_country,
        offence_code=decision.offence_code,
        offence=decision.offence_nl,
        conduct_at=decision.conduct_at,
        place=decision.place,
        municipality=decision.municipality,
        facts=[FactOut(**asdict(fact)) for fact in decision.facts],
        measured_speed_kmh=decision.measured_kmh,
        corrected_speed_kmh=decision.corrected_kmh,
        speed_limit_kmh=decision.limit_kmh,
        decided_on=decision.decided_on,
        appeal_until=decision.appeal_until,
        pay_until=decision.pay_until,
        due_on=decision.due_on,
        stopped_until=decision.stopped_until,
        payment_reference=decision.payment_reference,
        amounts=AmountsOut(**asdict(decision.amounts)),
        explanation=decision.explanation,
        remedy=_remedy(appeal),
        letters=[LetterOut(**kept(asdict(letter), LetterOut)) for letter in decision.letters],
        appeal=appeal_status(appeal, decision.specimen) if appeal else None,
    )


def _remedy(appeal: AppealView | None) -> str:
    """What can still be done against the decision as it stands."""
    if appeal is None or appeal.outcome is None:
        return _REMEDY
    ruling = appeal.court.ruling if appeal.court else None
    if ruling is not None:
        return _HIGHER if ruling.higher_until is not None else _NONE
    return _NONE if appeal.outcome == "annulled" else _COURT


def filing(
    body: AppealSaid,
    *,
    channel: str = "portal",
    received_on: date | None = None,
    representative: dict[str, Any] | None = None,
) -> Filing:
    """What an appellant, or who acts or writes for him, sends in."""
    return Filing(
        grounds=body.grounds,
        appellant=body.appellant.model_dump(mode="json"),
        late_reason=body.late_reason,
        posted_on=body.posted_on,
        ground=body.ground,
        channel=channel,
        representative=representative,
        wants_hearing=body.wants_hearing,
        received_on=received_on,
        language=body.language,
    )


def acts_for(name: str, capacity: str, reference: str = "", mandate: MandateView | None = None) -> dict[str, Any]:
    """Who acts for an appellant, as an appeal keeps it; `mandate` is the one that he holds."""
    acts_as = capacity if capacity in ("lawyer", "guardian") else "mandate"
    held = {"mandate": mandate.id} if mandate else {}
    return {"name": name, "actsAs": acts_as, "reference": reference, **held}


def appeal_status(appeal: AppealView, specimen: str | None) -> AppealStatus:
    """How far an appeal is."""
    court = appeal.court
    return AppealStatus(
        specimen=specimen,
        state=appeal.state,
        received_on=appeal.received_on,
        in_time=appeal.in_time,
        decide_by=appeal.decide_until,
        hearing_at=next((one.at for one in appeal.hearings if one.state == "planned"), None),
        outcome=appeal.outcome,
        court=court.court if court else None,
        court_state=court.state if court else None,
        security_cents=court.security_cents if court else None,
        ruling=court.ruling.outcome if court and court.ruling else None,
        higher_appeal_until=court.ruling.higher_until if court and court.ruling else None,
        court_sitting_at=court.sittings[-1].at if court and court.sittings else None,
    )


def appeal(view: AppealView, specimen: str | None) -> AppealOut:
    """An appeal for handlers."""
    shown = kept(asdict(view), AppealOut)
    court_id, court_state = (view.court.id, view.court.state) if view.court else (None, None)
    return AppealOut(**shown, specimen=specimen, court_appeal_id=court_id, court_state=court_state)


def court_case(doors: Services, appealed: AppealView) -> CourtCaseOut:
    """A case before the courts. Raises NotFound for an appeal that is not there."""
    court = appealed.court_stage
    decision = doors.fines.decision(appealed.decision_id)
    shown = kept(asdict(court), CourtCaseOut)
    shown["rulings"] = [kept(one, RulingOut) for one in shown["rulings"]]
    return CourtCaseOut(
        **shown,
        appeal_id=appealed.id,
        decision_id=decision.id,
        case_number=decision.case_number,
        why=sentences_of(court.explanation, "nl"),
        specimen=decision.specimen,
    )


def kept(values: dict[str, Any], shape: type[Shape]) -> dict[str, Any]:
    """Those that the shape shows."""
    return {name: value for name, value in values.items() if name in shape.model_fields}


def keeper_statement(view: KeeperStatementView) -> KeeperStatementOut:
    """A statement about the keeper, with what the law says of it in English."""
    return KeeperStatementOut.model_validate(
        {**kept(asdict(view), KeeperStatementOut), "sentences": sentences_of(view.explanation, "en")}
    )


def guardian_mandate(view: MandateView) -> GuardianMandateOut:
    """A mandate with its papers."""
    return GuardianMandateOut.model_validate(kept(asdict(view), GuardianMandateOut))


def reading(view: ReadingView) -> ReadingOut:
    """A reading for the review queue."""
    return ReadingOut(
        capture_id=view.capture_id,
        state=view.state,
        plate=view.plate,
        country=view.country,
        confidence=view.confidence,
        reasons=view.reasons,
        candidates=view.candidates,
    )


def redaction(record: RedactionRecord) -> RedactionOut:
    """What one copy hides."""
    return RedactionOut(**asdict(record))


def photo_line(decision: DecisionView) -> str:
    """What stands below a photo that goes out; the same whoever looks, so that it is made once."""
    number = grouped(decision.case_number)
    return f"{number}  ·  {decision.conduct_at:%Y-%m-%d %H:%M:%S} UTC" + ("  ·  SPECIMEN" if decision.specimen else "")


def specimen_header(specimen: str | None) -> dict[str, str]:
    """The mark on an answer that is no JSON: the reason, in a header."""
    return {"Flitsketen-Specimen": specimen} if specimen else {}


def fates(doors: Services, captures: Callable[[], list[Evidence]]) -> list[FateOut]:
    """What became of each of these captures, all over one connection and in as many questions as for one."""
    with doors.database.one_reading():
        found = captures()
        ids = [evidence.id for evidence in found]
        read = doors.imaging.readings(ids)
        standing = doors.fines.standings(ids)
        appealed = doors.appeals.appeals_of([one.decision_id for one in standing.values() if one.decision_id])
        gone = doors.retention.destroyed([one for one in ids if one not in read and one not in standing])
    return [
        _fate(evidence, read.get(evidence.id), standing.get(evidence.id), gone.get(evidence.id), appealed)
        for evidence in found
    ]


def _fate(
    evidence: Evidence,
    read: ReadingView | None,
    standing: CaptureStanding | None,
    gone: Destruction | None,
    appealed: Mapping[str, tuple[str, str | None]],
) -> FateOut:
    if standing is not None:
        word, why = standing.word, standing.why
    elif read is not None:
        word, why = read.state, ", ".join(read.reasons)
    elif gone is not None:
        word, why = "destroyed", f"{gone.rule}, on {gone.due_on.isoformat()}"
    else:
        word, why = "accepted", "waits for its turn"
    decision_id = standing.decision_id if standing else None
    appeal_id, court_appeal_id = appealed.get(decision_id or "", (None, None))
    return FateOut(
        id=evidence.id,
        camera_id=evidence.camera_id,
        capture_id=evidence.capture_id,
        captured_at=evidence.captured_at,
        fate=word,
        why=why,
        plate=read.plate if read else None,
        specimen=standing.specimen if standing else None,
        case_number=standing.case_number if standing else None,
        decision_id=decision_id,
        appeal_id=appeal_id,
        court_appeal_id=court_appeal_id,
    )


def receipt(accepted: Accepted) -> CaptureReceipt:
    """What a camera keeps as its proof."""
    return CaptureReceipt(
        id=accepted.id,
        camera_id=accepted.camera_id,
        capture_id=accepted.capture_id,
        received_at=accepted.received_at,
    )


def camera(one: Health) -> CameraOut:
    """How a camera does."""
    return CameraOut(
        id=one.id,
        model=one.model,
        state=one.state,
        last_capture_at=one.last_capture_at,
        heard_at=one.heard_at,
        drift_ms=one.drift_ms,
        waiting=one.heartbeat.waiting if one.heartbeat else None,
        software=one.heartbeat.software if one.heartbeat else None,
        accepted=list(one.accepted),
        refused=list(one.refused),
        rejection_permille=one.rejection_permille,
    )


def installation(state: Installation) -> InstallationOut:
    """How the installation does."""
    found = asdict(state)
    intake, silent = found.pop("shortage") or "open", found.pop("silent")
    return InstallationOut.model_validate(found | {"intake": intake, "silent_cameras": silent})


def retention(held: list[HeldCount], holds: list[LegalHold]) -> RetentionOut:
    """What is kept."""
    return RetentionOut(
        held=[_as_it_is(KeptCasesOut, one) for one in held], holds=[_as_it_is(HoldOut, one) for one in holds]
    )


def destruction(proof: Destruction) -> DestructionOut:
    """That a case was destroyed."""
    return _as_it_is(DestructionOut, proof)


def _as_it_is(shape: type[_Shape], row: object) -> _Shape:
    """What has the same names here and there."""
    return shape(**{name: getattr(row, name) for name in shape.model_fields})


def dead_letter(item: OutboxMessage) -> DeadLetterOut:
    """A job that failed too often."""
    return _as_it_is(DeadLetterOut, item)


def quarantined(item: Quarantined) -> QuarantineOut:
    """A package that is held."""
    return QuarantineOut(**vars(item), waivable=item.waivable)


def batch_receipt(receipt: BatchReceipt) -> BatchReceiptOut:
    """What became of a batch."""
    return BatchReceiptOut.model_validate(asdict(receipt))


def photo_bundle(doors: Services, actor: Actor, decision: DecisionView, purpose: str) -> Response:
    """A file to keep, named by the case."""
    bundle = doors.imaging.photo_bundle(actor, decision.capture_id, decision.case_number, purpose)
    headers = {"Content-Disposition": f'attachment; filename="{decision.case_number}-photos.zip"'}
    return Response(bundle, media_type="application/zip", headers=headers | specimen_header(decision.specimen))
