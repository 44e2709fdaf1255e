"""The court dossier: made by a job, brought to the court's registry by another, and acknowledged by the court."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from appeals import events, states
from appeals.attachments import Attachments
from appeals.binder import bind
from appeals.court_views import court_of, delivery_of, together
from appeals.desk import Desk, locked
from appeals.dossier import DossierContent, build
from appeals.models import Appeal, AppealDecision, CourtAppeal, Dossier, DossierDelivery
from appeals.registry import CourtFile, CourtRegistry, FiledDocument
from appeals.states import COURT_APPEAL
from appeals.views import AppealView, decision_of, view_of
from core import audit
from core.bag import member
from core.blobs import DOCUMENTS, BlobStore
from core.errors import Conflict, NotFound
from core.settings import Settings
from core.unit_of_work import SYSTEM, Actor, UnitOfWork
from imaging.service import ImagingService
from ingest.service import IngestService

BINDER = "binder.pdf"


@dataclass(frozen=True)
class DossierView:
    """`bag` is a zip file that holds a BagIt bag; `binder` the same for reading and printing, as PDF."""

    bag: bytes
    binder: bytes
    specimen: str | None


class CourtDossiers:
    """See module. Without a registry the dossier is handed over by a person."""

    def __init__(
        self,
        desk: Desk,
        blobs: BlobStore,
        settings: Settings,
        ingest: IngestService,
        imaging: ImagingService,
        attachments: Attachments,
        registry: CourtRegistry | None,
    ) -> None:
        self._desk = desk
        self._blobs = blobs
        self._settings = settings
        self._ingest = ingest
        self._imaging = imaging
        self._attachments = attachments
        self._registry = registry

    def prepare(self, payload: dict[str, Any]) -> str:
        """Job, slow half: collect, bind, bag, validate, store."""
        with self._desk.units.read() as session:
            court_appeal = session.get_one(CourtAppeal, payload["courtAppealId"])
            appeal = session.get_one(Appeal, court_appeal.appeal_id)
            decided = decision_of(session, appeal.id)
            handled = view_of(session, appeal)
            court = court_of(session, court_appeal)
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
            attachments=self._attachments.files(appeal.id, evidence.id),
            correspondence=_correspondence(appeal, handled, decided, court_appeal),
            audit=records,
            court=court,
            authority=self._settings.authority_name,
            info={"Specimen": decision.specimen} if decision.specimen else {},
        )
        files = content.files()
        binder = bind(content, files)
        bag = build(content, {**files, BINDER: binder}, self._ingest.evidence_log.seal)
        return self._blobs.put(DOCUMENTS, evidence.id, bag)

    def store(self, uow: UnitOfWork, payload: dict[str, Any], sha256: str) -> None:
        """Job, quick half."""
        court_appeal = locked(uow, CourtAppeal, payload["courtAppealId"])
        uow.add(Dossier(court_appeal_id=court_appeal.id, sha256=sha256, made_at=self._desk.clock.now()))
        COURT_APPEAL.fire(uow, court_appeal, "send", f"dossier {sha256}")
        if self._registry is not None:
            uow.publish(events.DOSSIER_MADE, court_appeal.id, payload)

    def deliver(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Job, slow half: file it at the court's registry. Raises RegistryAway."""
        if self._registry is None:
            return None
        key = payload["courtAppealId"]
        with self._desk.units.read() as session:
            case = session.get_one(CourtAppeal, key)
            appellant = session.get_one(Appeal, case.appeal_id).appellant
            court = court_of(session, case)
            others = [session.get_one(CourtAppeal, one).decision_id for one in together(session, key) if one != key]
        found = self._load(key)
        decision = self._desk.fines.decision(case.decision_id)
        return self._registry.file(
            CourtFile(
                number=decision.case_number,
                court=court,
                appellant=appellant["name"],
                filed_on=case.filed_on,
                with_numbers=[self._desk.fines.decision(other).case_number for other in others],
                documents=[
                    FiledDocument(f"{decision.case_number}-binder", BINDER, "application/pdf", found.binder),
                    FiledDocument(f"{decision.case_number}-dossier", "dossier.zip", "application/zip", found.bag),
                ],
            )
        )

    def store_delivery(self, uow: UnitOfWork, payload: dict[str, Any], receipt: dict[str, Any] | None) -> None:
        """Job, quick half: keep the registry's receipt."""
        if receipt is not None:
            self._delivered(uow, payload["courtAppealId"], "registry", receipt)

    def hand_over(self, actor: Actor, court_appeal_id: str, how: str) -> None:
        """A person brought it to the court. Raises NotFound, NotAllowed, Conflict when not made, or there already."""
        with self._desk.units.begin(actor) as uow:
            actor.require("court-liaison", told="dossiers are handed over by a court liaison")
            case = locked(uow, CourtAppeal, court_appeal_id)
            if case.state != states.AT_COURT or delivery_of(uow.session, case.id) is not None:
                raise Conflict("nothing-to-hand-over", "the dossier is not made yet, or was delivered before")
            self._delivered(uow, case.id, "hand", {"how": how})
            uow.commit()

    def acknowledge(self, actor: Actor, court_appeal_id: str, court_number: str) -> None:
        """The court said that it has the file, and how it calls the case. Raises NotFound, NotAllowed, Conflict."""
        with self._desk.units.begin(actor) as uow:
            actor.require("court-liaison", told="acknowledgements are recorded by a court liaison")
            case = locked(uow, CourtAppeal, court_appeal_id)
            delivery = delivery_of(uow.session, case.id)
            if delivery is None or delivery.acknowledged_on is not None:
                raise Conflict("nothing-to-acknowledge", "the dossier was not delivered, or is acknowledged already")
            delivery.court_number = court_number
            delivery.acknowledged_on = self._desk.today
            uow.record(
                "appeals",
                "dossier.acknowledged",
                "court_appeal",
                case.id,
                "told by the court",
                {"number": court_number},
            )
            uow.commit()

    def view(self, actor: Actor, court_appeal_id: str, purpose: str) -> DossierView:
        """The bag and its binder; they hold an original photo, so each view is in the audit log. Raises NotFound."""
        found = self._load(court_appeal_id)
        with self._desk.units.begin(actor) as uow:
            uow.record("access", "dossier.viewed", "court_appeal", court_appeal_id, purpose, {})
            uow.commit()
        return found

    def _load(self, court_appeal_id: str) -> DossierView:
        with self._desk.units.read() as session:
            dossier = session.scalars(select(Dossier).where(Dossier.court_appeal_id == court_appeal_id)).first()
            if dossier is None:
                raise NotFound("dossier-unknown", "there is no dossier (yet)")
            decision_id = session.get_one(CourtAppeal, court_appeal_id).decision_id
        decision = self._desk.fines.decision(decision_id)
        bag = self._blobs.get(DOCUMENTS, decision.capture_id, dossier.sha256)
        return DossierView(bag, member(bag, BINDER), decision.specimen)

    def _delivered(self, uow: UnitOfWork, court_appeal_id: str, channel: str, receipt: dict[str, Any]) -> None:
        uow.add(
            DossierDelivery(
                court_appeal_id=court_appeal_id,
                channel=channel,
                delivered_on=self._desk.today,
                receipt=receipt,
                court_number=None,
                acknowledged_on=None,
            )
        )
        uow.record("appeals", "dossier.delivered", "court_appeal", court_appeal_id, channel, receipt)


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
