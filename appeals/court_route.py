"""The court route: security, the dossier, the court's ruling (Wahv art. 9 to 13)."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from appeals import events, states
from appeals.admissibility import security, timeliness
from appeals.costs import Costs, grant
from appeals.courts import competent_court
from appeals.desk import Desk, locked
from appeals.dossier import DossierContent, build
from appeals.handling import check_outcome, publish_outcome
from appeals.models import Appeal, AppealDecision, CourtAppeal, Dossier, Ruling
from appeals.states import COURT_APPEAL
from appeals.views import AppealView, decision_of, view_of
from core import audit
from core.blobs import DOCUMENTS, BlobStore
from core.errors import Conflict, NotFound
from core.settings import Settings
from core.unit_of_work import SYSTEM, Actor, UnitOfWork
from fines.service import DecisionView
from imaging.service import ImagingService
from ingest.service import IngestService


@dataclass(frozen=True)
class DossierView:
    """`bag` is a zip file that holds a BagIt bag."""

    bag: bytes
    specimen: str | None


class CourtRoute:
    """See module."""

    def __init__(
        self, desk: Desk, blobs: BlobStore, settings: Settings, ingest: IngestService, imaging: ImagingService
    ) -> None:
        self._desk = desk
        self._blobs = blobs
        self._settings = settings
        self._ingest = ingest
        self._imaging = imaging

    def go(self, actor: Actor, decision: DecisionView, grounds: str) -> None:
        """Court appeal; the security test and the competent court are settled at once.

        Raises Conflict unless the prosecutor has decided, and not annulled, and there is none yet.
        """
        desk = self._desk
        today = desk.today
        with desk.units.begin(actor) as uow:
            appeal = uow.session.scalars(select(Appeal).where(Appeal.decision_id == decision.id)).first()
            decided = decision_of(uow.session, appeal.id) if appeal else None
            if appeal is None or decided is None or decided.outcome == "annulled":
                raise Conflict("no-court-appeal", "the court comes after a decision of the prosecutor")
            if uow.session.scalars(select(CourtAppeal).where(CourtAppeal.appeal_id == appeal.id)).first():
                raise Conflict("court-appeal-exists", "there is a court appeal already")
            timely = timeliness(decided.court_until, today, None, desk.rules)
            deposit = security(decision, today, desk.rules)
            court_appeal = CourtAppeal(
                appeal_id=appeal.id,
                decision_id=decision.id,
                grounds=grounds,
                filed_on=today,
                in_time=timely.in_time,
                court=competent_court(decision.municipality),
                security_cents=deposit.cents,
                security_until=deposit.until,
                explanation=[*timely.explanation.as_json(), *deposit.explanation.as_json()],
                state=states.AWAITING_SECURITY if deposit.cents else states.READY,
            )
            uow.add(court_appeal)
            COURT_APPEAL.create(uow, court_appeal, "security needed" if deposit.cents else "no security needed")
            desk.fines.outcomes.suspend(uow, decision.id, f"court_appeal:{court_appeal.id}")
            if not deposit.cents:
                _order_dossier(uow, court_appeal)
            uow.commit()

    def check_security(self, actor: Actor, court_appeal_id: str) -> str:
        """Has the deposit come in, or its term passed? Returns the state afterwards."""
        today = self._desk.today
        with self._desk.units.begin(actor) as uow:
            court_appeal = locked(uow, CourtAppeal, court_appeal_id)
            given = self._desk.fines.decision(court_appeal.decision_id).amounts.security
            if given >= court_appeal.security_cents:
                COURT_APPEAL.fire(uow, court_appeal, "security_given", "deposit received in full")
            elif court_appeal.security_until is not None and today > court_appeal.security_until:
                # The court judges what follows from it (Wahv art. 11 par. 3).
                COURT_APPEAL.fire(uow, court_appeal, "security_lapsed", "term passed without the deposit")
            else:
                raise Conflict("security-open", "the deposit is not complete and its term still runs")
            _order_dossier(uow, court_appeal)
            uow.commit()
        return court_appeal.state

    def prepare_dossier(self, payload: dict[str, Any]) -> str:
        """Job, slow half: collect, bag, validate, store."""
        with self._desk.units.read() as session:
            court_appeal = session.get_one(CourtAppeal, payload["courtAppealId"])
            appeal = session.get_one(Appeal, court_appeal.appeal_id)
            decided = decision_of(session, appeal.id)
            handled = view_of(session, appeal)
        decision = self._desk.fines.decision(court_appeal.decision_id)
        evidence = self._ingest.evidence(decision.capture_id)
        photos = {}
        for image in evidence.images:
            photos[f"original_{image.position}.jpg"] = self._ingest.read_original(
                SYSTEM, evidence.id, image.position, f"dossier for the court, {court_appeal.id}"
            )
            photos[f"redacted_{image.position}.jpg"] = self._imaging.redacted_photo(evidence.id, image.position)
        enhanced = self._imaging.enhanced_views(evidence.id, f"enhanced view for the court, {court_appeal.id}")
        photos |= {f"enhanced/{name}": data for name, data in enhanced.items()}
        subjects = {evidence.id, decision.id, appeal.id, court_appeal.id}
        subjects |= {one.id for one in handled.hearings} | {one.id for one in handled.inquiries}
        with self._desk.units.read() as session:
            records = audit.excerpt(session, subjects)
        content = DossierContent(
            decision=decision,
            evidence=self._ingest.evidence_files(evidence.id),
            photos=photos,
            letters={
                f"{letter.kind}_{letter.number}.pdf": self._desk.fines.letter_pdf(
                    decision.id, letter.kind, letter.number
                )
                for letter in decision.letters
            },
            correspondence=_correspondence(appeal, handled, decided, court_appeal),
            audit=records,
            court=court_appeal.court,
            authority=self._settings.authority_name,
            info={"Specimen": decision.specimen} if decision.specimen else {},
        )
        return self._blobs.put(DOCUMENTS, evidence.id, build(content))

    def store_dossier(self, uow: UnitOfWork, payload: dict[str, Any], sha256: str) -> None:
        """Job, quick half."""
        court_appeal = locked(uow, CourtAppeal, payload["courtAppealId"])
        uow.add(Dossier(court_appeal_id=court_appeal.id, sha256=sha256, made_at=self._desk.clock.now()))
        COURT_APPEAL.fire(uow, court_appeal, "send", f"dossier {sha256}")

    def dossier(self, actor: Actor, court_appeal_id: str, purpose: str) -> DossierView:
        """The bag; it holds an original photo, so each view is in the audit log. Raises NotFound."""
        with self._desk.units.begin(actor) as uow:
            dossier = uow.session.scalars(select(Dossier).where(Dossier.court_appeal_id == court_appeal_id)).first()
            if dossier is None:
                raise NotFound("dossier-unknown", "there is no dossier (yet)")
            decision_id = uow.session.get_one(CourtAppeal, court_appeal_id).decision_id
            uow.record("access", "dossier.viewed", "court_appeal", court_appeal_id, purpose, {})
            uow.commit()
        decision = self._desk.fines.decision(decision_id)
        return DossierView(self._blobs.get(DOCUMENTS, decision.capture_id, dossier.sha256), decision.specimen)

    def record_ruling(
        self,
        actor: Actor,
        court_appeal_id: str,
        outcome: str,
        motivation: str,
        sanction_cents: int | None = None,
        costs: Costs | None = None,
    ) -> None:
        """The court's ruling came in, with the costs that it orders to be given back. Raises as `decide` does."""
        with self._desk.units.begin(actor) as uow:
            court_appeal = locked(uow, CourtAppeal, court_appeal_id)
            check_outcome(self._desk.fines.decision(court_appeal.decision_id), outcome, sanction_cents)
            COURT_APPEAL.fire(uow, court_appeal, "rule", outcome)
            key = f"court:{court_appeal.id}"
            given = grant(self._desk, uow, court_appeal.decision_id, key, costs, outcome)
            uow.add(
                Ruling(
                    court_appeal_id=court_appeal.id,
                    outcome=outcome,
                    sanction_cents=sanction_cents,
                    motivation=motivation,
                    award=given.as_json() if given else None,
                    ruled_on=self._desk.today,
                )
            )
            publish_outcome(
                uow, "court", court_appeal.id, court_appeal.decision_id, outcome, motivation, sanction_cents
            )
            uow.commit()


def _order_dossier(uow: UnitOfWork, court_appeal: CourtAppeal) -> None:
    uow.publish(events.DOSSIER_DUE, court_appeal.id, {"courtAppealId": court_appeal.id})


def _correspondence(
    appeal: Appeal, handled: AppealView, decided: AppealDecision | None, court_appeal: CourtAppeal
) -> dict[str, dict[str, Any]]:
    letters: dict[str, dict[str, Any]] = {
        "1_appeal_to_prosecutor": {
            "received_on": appeal.received_on,
            "appellant": appeal.appellant,
            "grounds": appeal.grounds,
            "late_reason": appeal.late_reason,
            "admissibility": appeal.explanation,
        },
        "2_handling": {
            "ground": appeal.ground,
            "repairs": [asdict(one) for one in handled.repairs],
            "hearings": [asdict(one) for one in handled.hearings],
            "inquiries": [asdict(one) for one in handled.inquiries],
        },
        "4_court_appeal": {
            "filed_on": court_appeal.filed_on,
            "grounds": court_appeal.grounds,
            "security_cents": court_appeal.security_cents,
            "admissibility": court_appeal.explanation,
        },
    }
    if decided is not None:
        letters["3_decision_on_appeal"] = {
            "decided_on": decided.decided_on,
            "outcome": decided.outcome,
            "motivation": decided.motivation,
            "sanction_cents": decided.sanction_cents,
        }
    return letters
