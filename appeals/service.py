"""Appeals' only door: file, handle, decide, go to court, export the dossier, take in the ruling."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from appeals import events, states
from appeals.admissibility import security, timeliness
from appeals.courts import competent_court
from appeals.dossier import DossierContent, build
from appeals.models import Appeal, AppealDecision, CourtAppeal, Dossier, Ruling
from appeals.states import APPEAL, COURT_APPEAL
from core import audit
from core.blobs import DOCUMENTS, BlobStore
from core.clock import Clock, local_date
from core.errors import Conflict, InvalidInput, NotFound
from core.settings import Settings
from core.unit_of_work import SYSTEM, Actor, UnitOfWork, UnitsOfWork
from fines.service import OUTCOME_REACHED, DecisionView, FinesService, LiveLaw, term
from imaging.service import ImagingService
from ingest.service import IngestService

__all__ = ["AppealView", "AppealsService", "CourtView", "DossierView", "Filing"]

_Row = TypeVar("_Row", Appeal, CourtAppeal)

OUTCOMES = ("upheld", "amended", "annulled", "inadmissible")


@dataclass(frozen=True)
class Filing:
    """What an appellant sends in (Wahv art. 6): grounds, who he is, why he is late if he is."""

    grounds: str
    appellant: dict[str, str]
    late_reason: str | None = None
    posted_on: date | None = None


@dataclass(frozen=True)
class CourtView:
    """The court stage; `security_given` is what the ledger holds, in cents."""

    id: str
    state: str
    court: str
    filed_on: date
    in_time: bool
    security_cents: int
    security_until: date | None
    has_dossier: bool
    ruling: str | None


@dataclass(frozen=True)
class DossierView:
    """`bag` is a zip file that holds a BagIt bag."""

    bag: bytes
    specimen: str | None


@dataclass(frozen=True)
class AppealView:
    """An appeal as the HTTP layer may see it."""

    id: str
    decision_id: str
    state: str
    grounds: str
    appellant: dict[str, Any]
    late_reason: str | None
    filed_at: datetime
    received_on: date
    decide_by: date
    in_time: bool
    explanation: list[dict[str, Any]]
    handler_id: str | None
    outcome: str | None
    motivation: str | None
    court_until: date | None
    court: CourtView | None


class AppealsService:
    """See module."""

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        clock: Clock,
        settings: Settings,
        ingest: IngestService,
        imaging: ImagingService,
        fines: FinesService,
        law: LiveLaw,
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._ingest = ingest
        self._imaging = imaging
        self._fines = fines
        self._law = law

    def file(self, actor: Actor, decision: DecisionView, filing: Filing) -> AppealView:
        """File an administrative appeal; the decision's collection stops in the same transaction.

        Late appeals are taken in too: a handler judges the reason (Awb art. 6:11). Raises Conflict for a
        second appeal, or when the decision is annulled.
        """
        today = local_date(self._clock.now())
        timely = timeliness(decision.appeal_until, today, filing.posted_on, self._law.rules)
        if not timely.in_time and not filing.late_reason:
            raise InvalidInput(
                "appeal-late",
                f"the term ended on {decision.appeal_until.isoformat()}; say why the appeal is late (lateReason)",
            )
        with self._units.begin(actor) as uow:
            known = uow.session.scalars(select(Appeal).where(Appeal.decision_id == decision.id)).first()
            if known is not None:
                raise Conflict("appeal-exists", "there is an appeal against this decision already")
            start = max(decision.appeal_until, today)
            appeal = Appeal(
                decision_id=decision.id,
                grounds=filing.grounds,
                appellant=filing.appellant,
                late_reason=filing.late_reason,
                filed_at=self._clock.now(),
                received_on=today,
                decide_by=term("prosecutor_term_weeks", start, self._law.rules, timely.explanation),
                in_time=timely.in_time,
                explanation=timely.explanation.as_json(),
                state=states.FILED,
                handler_id=None,
            )
            uow.add(appeal)
            APPEAL.create(uow, appeal, "filed in time" if timely.in_time else "filed late")
            self._fines.outcomes.suspend(uow, decision.id, f"appeal:{appeal.id}")
            uow.commit()
        return self.appeal(appeal.id)

    def take(self, actor: Actor, appeal_id: str) -> None:
        """A handler takes the appeal on. Raises NotFound, Conflict when someone has it."""
        with self._units.begin(actor) as uow:
            appeal = _load(uow, Appeal, appeal_id)
            APPEAL.fire(uow, appeal, "take", "taken on")
            appeal.handler_id = actor.id
            uow.commit()

    def release(self, actor: Actor, appeal_id: str, reason: str) -> None:
        """Give it back to the work list."""
        with self._units.begin(actor) as uow:
            appeal = _load(uow, Appeal, appeal_id)
            APPEAL.fire(uow, appeal, "release", reason)
            appeal.handler_id = None
            uow.commit()

    def decide(
        self, actor: Actor, appeal_id: str, outcome: str, motivation: str, sanction_cents: int | None = None
    ) -> None:
        """The prosecutor's decision (Wahv art. 7); it flows back into the fine as an event.

        Raises InvalidInput for an outcome that does not exist or an amount that does not fit it, NotFound,
        Conflict when it was not taken on or is decided, NotAllowed.
        """
        with self._units.begin(actor) as uow:
            appeal = _load(uow, Appeal, appeal_id)
            self._check_outcome(self._fines.decision(appeal.decision_id), outcome, sanction_cents)
            today = local_date(self._clock.now())
            APPEAL.fire(uow, appeal, "decide", outcome)
            uow.add(
                AppealDecision(
                    appeal_id=appeal.id,
                    outcome=outcome,
                    sanction_cents=sanction_cents,
                    motivation=motivation,
                    decided_by=actor.id,
                    decided_on=today,
                    court_until=term("appeal_term_weeks", today, self._law.rules),
                )
            )
            _publish_outcome(uow, "prosecutor", appeal, outcome, motivation, sanction_cents)
            uow.commit()

    def _check_outcome(self, decision: DecisionView, outcome: str, sanction_cents: int | None) -> None:
        if outcome not in OUTCOMES:
            raise InvalidInput("outcome-unknown", f"choose one of: {', '.join(OUTCOMES)}")
        if outcome == "amended" and not (sanction_cents and 0 < sanction_cents < decision.amounts.sanction):
            raise InvalidInput("sanction-not-lower", "an amended sanction lies between nothing and the old one")
        if outcome != "amended" and sanction_cents is not None:
            raise InvalidInput("sanction-not-expected", "only an amended decision has a new sanction")

    def go_to_court(self, actor: Actor, decision: DecisionView, grounds: str) -> AppealView:
        """Court appeal; the security test and the competent court are settled at once.

        Raises Conflict unless the prosecutor has decided, and not annulled, and there is none yet.
        """
        today = local_date(self._clock.now())
        with self._units.begin(actor) as uow:
            appeal = uow.session.scalars(select(Appeal).where(Appeal.decision_id == decision.id)).first()
            decided = _decision_of(uow.session, appeal.id) if appeal else None
            if appeal is None or decided is None or decided.outcome == "annulled":
                raise Conflict("no-court-appeal", "the court comes after a decision of the prosecutor")
            if uow.session.scalars(select(CourtAppeal).where(CourtAppeal.appeal_id == appeal.id)).first():
                raise Conflict("court-appeal-exists", "there is a court appeal already")
            timely = timeliness(decided.court_until, today, None, self._law.rules)
            deposit = security(decision, today, self._law.rules)
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
            self._fines.outcomes.suspend(uow, decision.id, f"court_appeal:{court_appeal.id}")
            if not deposit.cents:
                _order_dossier(uow, court_appeal)
            uow.commit()
        return self.appeal(appeal.id)

    def check_security(self, actor: Actor, court_appeal_id: str) -> str:
        """Has the deposit come in, or its term passed? Returns the state afterwards."""
        today = local_date(self._clock.now())
        with self._units.begin(actor) as uow:
            court_appeal = _load(uow, CourtAppeal, court_appeal_id)
            given = self._fines.decision(court_appeal.decision_id).amounts.security
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
        with self._units.read() as session:
            court_appeal = session.get_one(CourtAppeal, payload["courtAppealId"])
            appeal = session.get_one(Appeal, court_appeal.appeal_id)
            decided = _decision_of(session, appeal.id)
        decision = self._fines.decision(court_appeal.decision_id)
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
        with self._units.read() as session:
            records = audit.excerpt(session, subjects)
        content = DossierContent(
            decision=decision,
            evidence=self._ingest.evidence_files(evidence.id),
            photos=photos,
            letters={f"{kind}.pdf": self._fines.letter_pdf(decision.id, kind) for kind, _ in decision.letters},
            correspondence=_correspondence(appeal, decided, court_appeal),
            audit=records,
            court=court_appeal.court,
            authority=self._settings.authority_name,
            info={"Specimen": decision.specimen} if decision.specimen else {},
        )
        return self._blobs.put(DOCUMENTS, evidence.id, build(content))

    def store_dossier(self, uow: UnitOfWork, payload: dict[str, Any], sha256: str) -> None:
        """Job, quick half."""
        court_appeal = _load(uow, CourtAppeal, payload["courtAppealId"])
        uow.add(Dossier(court_appeal_id=court_appeal.id, sha256=sha256, made_at=self._clock.now()))
        COURT_APPEAL.fire(uow, court_appeal, "send", f"dossier {sha256}")

    def dossier(self, actor: Actor, court_appeal_id: str, purpose: str) -> DossierView:
        """The bag; it holds an original photo, so each view is in the audit log. Raises NotFound."""
        with self._units.begin(actor) as uow:
            dossier = uow.session.scalars(select(Dossier).where(Dossier.court_appeal_id == court_appeal_id)).first()
            if dossier is None:
                raise NotFound("dossier-unknown", "there is no dossier (yet)")
            decision_id = uow.session.get_one(CourtAppeal, court_appeal_id).decision_id
            uow.record("access", "dossier.viewed", "court_appeal", court_appeal_id, purpose, {})
            uow.commit()
        decision = self._fines.decision(decision_id)
        return DossierView(self._blobs.get(DOCUMENTS, decision.capture_id, dossier.sha256), decision.specimen)

    def record_ruling(
        self,
        actor: Actor,
        court_appeal_id: str,
        outcome: str,
        motivation: str,
        sanction_cents: int | None = None,
    ) -> None:
        """The court's ruling came in. Raises as `decide` does."""
        with self._units.begin(actor) as uow:
            court_appeal = _load(uow, CourtAppeal, court_appeal_id)
            self._check_outcome(self._fines.decision(court_appeal.decision_id), outcome, sanction_cents)
            COURT_APPEAL.fire(uow, court_appeal, "rule", outcome)
            uow.add(
                Ruling(
                    court_appeal_id=court_appeal.id,
                    outcome=outcome,
                    sanction_cents=sanction_cents,
                    motivation=motivation,
                    ruled_on=local_date(self._clock.now()),
                )
            )
            _publish_outcome(uow, "court", court_appeal, outcome, motivation, sanction_cents)
            uow.commit()

    def appeal(self, appeal_id: str) -> AppealView:
        """Raises NotFound."""
        with self._units.read() as session:
            appeal = session.get(Appeal, appeal_id)
            if appeal is None:
                raise NotFound("appeal-unknown", "no appeal with this id")
            return _view(session, appeal)

    def appeal_for_decision(self, decision_id: str) -> AppealView | None:
        """None when nobody appealed."""
        with self._units.read() as session:
            appeal = session.scalars(select(Appeal).where(Appeal.decision_id == decision_id)).first()
            return _view(session, appeal) if appeal else None

    def open_appeals(self) -> list[AppealView]:
        """The work list: what has to be decided first stands first."""
        with self._units.read() as session:
            rows = session.scalars(
                select(Appeal).where(Appeal.state != states.DECIDED).order_by(Appeal.decide_by, Appeal.filed_at)
            )
            return [_view(session, row) for row in rows]

    def at_court(self) -> list[AppealView]:
        """Cases before the district court that have no ruling yet."""
        with self._units.read() as session:
            rows = session.scalars(
                select(Appeal)
                .join(CourtAppeal, CourtAppeal.appeal_id == Appeal.id)
                .where(CourtAppeal.state != states.RULED)
                .order_by(CourtAppeal.filed_on)
            )
            return [_view(session, row) for row in rows]


def _load(uow: UnitOfWork, kind: type[_Row], key: str) -> _Row:
    row = uow.session.get(kind, key, with_for_update=True)
    if row is None:
        raise NotFound("appeal-unknown", "no appeal with this id")
    return row


def _decision_of(session: Session, appeal_id: str) -> AppealDecision | None:
    return session.scalars(select(AppealDecision).where(AppealDecision.appeal_id == appeal_id)).first()


def _order_dossier(uow: UnitOfWork, court_appeal: CourtAppeal) -> None:
    uow.publish(events.DOSSIER_DUE, court_appeal.id, {"courtAppealId": court_appeal.id})


def _publish_outcome(
    uow: UnitOfWork, stage: str, source: Appeal | CourtAppeal, outcome: str, motivation: str, sanction_cents: int | None
) -> None:
    payload = {
        "decisionId": source.decision_id,
        "outcome": outcome,
        "motivation": motivation,
        "sanctionCents": sanction_cents,
        "stage": stage,
        "source": f"{stage}:{source.id}",
    }
    uow.publish(OUTCOME_REACHED, source.decision_id, payload, version=stage)


def _correspondence(
    appeal: Appeal, decided: AppealDecision | None, court_appeal: CourtAppeal
) -> dict[str, dict[str, Any]]:
    letters: dict[str, dict[str, Any]] = {
        "1_appeal_to_prosecutor": {
            "received_on": appeal.received_on,
            "appellant": appeal.appellant,
            "grounds": appeal.grounds,
            "late_reason": appeal.late_reason,
            "admissibility": appeal.explanation,
        },
        "3_court_appeal": {
            "filed_on": court_appeal.filed_on,
            "grounds": court_appeal.grounds,
            "security_cents": court_appeal.security_cents,
            "admissibility": court_appeal.explanation,
        },
    }
    if decided is not None:
        letters["2_decision_on_appeal"] = {
            "decided_on": decided.decided_on,
            "outcome": decided.outcome,
            "motivation": decided.motivation,
            "sanction_cents": decided.sanction_cents,
        }
    return letters


def _view(session: Session, appeal: Appeal) -> AppealView:
    decided = _decision_of(session, appeal.id)
    court = session.scalars(select(CourtAppeal).where(CourtAppeal.appeal_id == appeal.id)).first()
    return AppealView(
        id=appeal.id,
        decision_id=appeal.decision_id,
        state=appeal.state,
        grounds=appeal.grounds,
        appellant=appeal.appellant,
        late_reason=appeal.late_reason,
        filed_at=appeal.filed_at,
        received_on=appeal.received_on,
        decide_by=appeal.decide_by,
        in_time=appeal.in_time,
        explanation=appeal.explanation,
        handler_id=appeal.handler_id,
        outcome=decided.outcome if decided else None,
        motivation=decided.motivation if decided else None,
        court_until=decided.court_until if decided else None,
        court=_court_view(session, court) if court else None,
    )


def _court_view(session: Session, court: CourtAppeal) -> CourtView:
    dossier = session.scalars(select(Dossier.id).where(Dossier.court_appeal_id == court.id)).first()
    ruling = session.scalars(select(Ruling.outcome).where(Ruling.court_appeal_id == court.id)).first()
    return CourtView(
        id=court.id,
        state=court.state,
        court=court.court,
        filed_on=court.filed_on,
        in_time=court.in_time,
        security_cents=court.security_cents,
        security_until=court.security_until,
        has_dossier=dossier is not None,
        ruling=ruling,
    )
