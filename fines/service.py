"""Fines' only door: decide, send letters, book payments, remind, and take in the outcome of an appeal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from core.blobs import DOCUMENTS, BlobStore
from core.clock import AMSTERDAM, Clock, local_date
from core.errors import InvalidInput, NotFound
from core.settings import Settings
from core.unit_of_work import SYSTEM, Actor, UnitOfWork, UnitsOfWork
from fines import events, ledger, letters, states
from fines.assessment import Assessed, Assessor, Outcome
from fines.bank_statement import read_camt053
from fines.events import OUTCOME_REACHED
from fines.explanation import Explanation, Step
from fines.increases import increase_on
from fines.keepers import VehicleRegister
from fines.ledger import Account
from fines.models import Assessment, Decision, Letter, Payment
from fines.references import new_case_number, new_payment_reference
from fines.rules import Rules
from fines.states import DECISION
from fines.tariffs import Tariffs
from fines.terms import term
from fines.views import (
    Amounts,
    AssessmentView,
    DecisionView,
    amounts_decided,
    amounts_of,
    assessment_view,
    view_of,
)
from imaging.service import ImagingService, display, normalise
from ingest.service import IngestService

__all__ = [
    "OUTCOME_REACHED", "Account", "Amounts", "AssessmentView", "DecisionView", "Explanation", "FinesService",
    "Outcome", "Rules", "Step", "term",
]  # fmt: skip


@dataclass(frozen=True)
class _Rendered:
    sha256: str
    dated: date


class FinesService:
    """See module."""

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        clock: Clock,
        settings: Settings,
        ingest: IngestService,
        imaging: ImagingService,
        register: VehicleRegister,
        rules: Rules,
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._ingest = ingest
        self._imaging = imaging
        self._rules = rules
        self._tariffs = Tariffs()
        self._assessor = Assessor(rules, self._tariffs, register, demonstration=settings.demonstration)

    # Deciding

    def prepare_decision(self, payload: dict[str, Any]) -> Assessed:
        """Job, slow half: ask the registers and the rules."""
        reading = self._imaging.reading(payload["captureId"])
        if not reading.settled or reading.plate is None or reading.country is None:
            raise InvalidInput("plate-not-settled", "no decision without an accepted or confirmed reading")
        evidence = self._ingest.evidence(payload["captureId"])
        return self._assessor.assess(evidence, reading.plate, reading.country, local_date(self._clock.now()))

    def store_decision(self, uow: UnitOfWork, payload: dict[str, Any], assessed: Assessed) -> None:
        """Job, quick half: the assessment, and the decision with its first ledger entry."""
        capture_id = payload["captureId"]
        uow.add(
            Assessment(
                capture_id=capture_id,
                outcome=assessed.outcome,
                reason=assessed.reason,
                explanation=assessed.explanation.as_json(),
                assessed_at=self._clock.now(),
            )
        )
        if assessed.outcome is Outcome.DECISION:
            self._issue(uow, capture_id, assessed)

    def _issue(self, uow: UnitOfWork, capture_id: str, assessed: Assessed) -> None:
        offence, vehicle, terms = assessed.offence, assessed.vehicle, assessed.terms
        if offence is None or vehicle is None or terms is None or offence.amount_cents is None:
            raise InvalidInput("assessment-incomplete", "a decision needs offence, vehicle and terms")
        evidence = self._ingest.evidence(capture_id)
        reading = self._imaging.reading(capture_id)
        decision = Decision(
            capture_id=capture_id,
            case_number=new_case_number(),
            payment_reference=new_payment_reference(),
            plate=reading.plate,
            plate_country=reading.country,
            keeper=vehicle.keeper.as_json(),
            vehicle=vehicle.description,
            offence_code=offence.code,
            offence_nl=offence.description_nl,
            violated_article=offence.violated_article,
            conduct_at=evidence.captured_at,
            place=evidence.details["location"]["road"],
            municipality=evidence.details["location"]["municipality"],
            road_type=evidence.details["road_type"],
            measured_kmh=evidence.details["measured_speed_kmh"],
            corrected_kmh=assessed.corrected_kmh,
            limit_kmh=evidence.details["speed_limit_kmh"],
            sanction_cents=offence.amount_cents,
            administration_cents=assessed.administration_cents,
            decided_on=terms.decided_on,
            appeal_until=terms.appeal_until,
            pay_until=terms.pay_until,
            explanation=assessed.explanation.as_json(),
            rules_version=self._rules.release.version,
            specimen=self._assessor.specimen_reason,
            state=states.ISSUED,
            due_on=terms.pay_until,
            current_sanction_cents=offence.amount_cents,
            resume_state=None,
        )
        uow.add(decision)
        DECISION.create(uow, decision, f"offence code {offence.code}")
        ledger.charge(
            uow,
            decision.id,
            terms.decided_on,
            "issue",
            "decision",
            decision.sanction_cents,
            decision.administration_cents,
        )
        uow.publish(events.DECISION_ISSUED, decision.id, {"decisionId": decision.id})
        self._order_letter(uow, decision.id, "decision")

    # Letters

    def _order_letter(self, uow: UnitOfWork, decision_id: str, kind: str, outcome: Sequence[str] = ()) -> None:
        payload = {"decisionId": decision_id, "kind": kind, "outcome": list(outcome)}
        uow.publish(events.LETTER_DUE, decision_id, payload, version=kind)

    def prepare_letter(self, payload: dict[str, Any]) -> _Rendered:
        """Job, slow half: render the PDF and store it."""
        with self._units.read() as session:
            decision = session.get_one(Decision, payload["decisionId"])
            # The decision's own letter says what was decided, also when it is made after a first payment.
            if payload["kind"] == "decision":
                amounts, dated, pay_until = amounts_decided(decision), decision.decided_on, decision.pay_until
            else:
                amounts, dated = amounts_of(session, decision), local_date(self._clock.now())
                pay_until = decision.due_on or decision.pay_until
        facts = letters.LetterFacts(
            kind=payload["kind"],
            dated=dated,
            sanction_cents=amounts.sanction,
            open_cents=amounts.open,
            paid_cents=amounts.paid,
            increase_cents=amounts.increase,
            pay_until=pay_until,
            local_time=_local_time(decision.conduct_at),
            plate=display(decision.plate, decision.plate_country),
            road=self._tariffs.place_nl(decision.road_type),
            first_increase=increase_on("first", dated, self._rules),
            second_increase=increase_on("second", dated, self._rules),
            outcome=payload["outcome"],
        )
        pdf = letters.render(self._settings, decision, facts)
        return _Rendered(self._blobs.put(DOCUMENTS, decision.capture_id, pdf), dated)

    def store_letter(self, uow: UnitOfWork, payload: dict[str, Any], rendered: _Rendered) -> None:
        """Job, quick half."""
        uow.add(
            Letter(
                decision_id=payload["decisionId"],
                kind=payload["kind"],
                sha256=rendered.sha256,
                dated=rendered.dated,
            )
        )

    def letter_pdf(self, decision_id: str, kind: str) -> bytes:
        """Raises NotFound while the letter is not made yet."""
        with self._units.read() as session:
            letter = session.scalars(
                select(Letter).where(Letter.decision_id == decision_id, Letter.kind == kind)
            ).first()
            if letter is None:
                raise NotFound("letter-unknown", "this letter does not exist (yet)")
            capture_id = session.get_one(Decision, decision_id).capture_id
        return self._blobs.get(DOCUMENTS, capture_id, letter.sha256)

    # Money

    def book_payment(
        self,
        actor: Actor,
        source_key: str,
        reference: str,
        cents: int,
        booked_on: date,
        purpose: str = "sanction",
    ) -> bool:
        """Book money that came in; False when this very payment was booked before.

        `purpose` is sanction or security (zekerheidstelling). A reference that nobody has goes to unallocated
        receipts, where a person looks. Raises InvalidInput for an amount that is not above zero.
        """
        if cents <= 0:
            raise InvalidInput("amount-not-positive", "a payment is more than zero cents")
        with self._units.begin(actor) as uow:
            known = uow.session.scalars(select(Payment).where(Payment.source_key == source_key)).first()
            if known is not None:
                return False
            decision = uow.session.scalars(
                select(Decision).where(Decision.payment_reference == reference).with_for_update()
            ).first()
            uow.add(
                Payment(
                    source_key=source_key,
                    reference=reference,
                    amount_cents=cents,
                    booked_on=booked_on,
                    decision_id=decision.id if decision else None,
                    purpose=purpose,
                )
            )
            key = f"payment:{source_key}"
            if decision is None:
                lines = {Account.BANK: cents, Account.UNALLOCATED: -cents}
                ledger.book(uow, key, "unallocated", booked_on, None, lines)
            elif purpose == "security":
                lines = {Account.BANK: cents, Account.SECURITY: -cents}
                ledger.book(uow, key, "security", booked_on, decision.id, lines)
            else:
                ledger.receive(uow, decision.id, booked_on, key, cents)
                self._close_if_paid(uow, decision)
            uow.commit()
        return True

    def import_statement(self, actor: Actor, camt053: bytes) -> dict[str, int]:
        """Book every credit of a bank statement; a statement may be sent again. Raises InvalidInput."""
        receipts = read_camt053(camt053)
        booked = sum(
            self.book_payment(actor, r.bank_reference, r.reference, r.amount_cents, r.booked_on) for r in receipts
        )
        return {"booked": booked, "known": len(receipts) - booked}

    def _close_if_paid(self, uow: UnitOfWork, decision: Decision) -> None:
        if ledger.balance(uow.session, Account.RECEIVABLE, decision.id) <= 0 and DECISION.allows(decision.state, "pay"):
            DECISION.fire(uow, decision, "pay", "paid in full")
            decision.due_on = None

    def trial_balance(self) -> dict[str, int]:
        """Every account's balance in cents; they add up to zero."""
        with self._units.read() as session:
            return ledger.trial_balance(session)

    # Terms that pass

    def run_due(self) -> int:
        """Increase or hand over every decision whose last day of payment has passed; returns how many."""
        today = local_date(self._clock.now())
        with self._units.read() as session:
            due = session.scalars(
                select(Decision.id).where(
                    Decision.due_on < today,
                    Decision.state.in_((states.ISSUED, states.INCREASED_ONCE, states.INCREASED_TWICE)),
                )
            ).all()
        return sum(self._pass_due(decision_id, today) for decision_id in due)

    def _pass_due(self, decision_id: str, today: date) -> bool:
        with self._units.begin(SYSTEM) as uow:
            decision = uow.session.get_one(Decision, decision_id, with_for_update=True)
            # Another scheduler may have been here first.
            if decision.due_on is None or decision.due_on >= today:
                return False
            amounts = amounts_of(uow.session, decision)
            if decision.state == states.INCREASED_TWICE:
                DECISION.fire(uow, decision, "collect", "second reminder not paid in time")
                decision.due_on = None
                uow.commit()
                return True
            first = decision.state == states.ISSUED
            rate = increase_on("first" if first else "second", today, self._rules)
            increase = rate.of(amounts.sanction + amounts.increase)
            kind = "first_reminder" if first else "second_reminder"
            ledger.charge(uow, decision.id, today, kind, kind, increase, 0)
            decision.due_on = term("reminder_term_weeks", today, self._rules)
            DECISION.fire(uow, decision, "increase", "not paid in time", increase_cents=increase, percent=rate.percent)
            self._order_letter(uow, decision.id, kind)
            uow.commit()
            return True

    # Appeals

    def suspend(self, uow: UnitOfWork, decision_id: str, reason: str) -> None:
        """An appeal was filed: until its outcome nothing is increased or collected."""
        decision = uow.session.get_one(Decision, decision_id, with_for_update=True)
        decision.resume_state = decision.state
        DECISION.fire(uow, decision, "appeal", reason)

    def apply_outcome(self, uow: UnitOfWork, payload: dict[str, Any], _: None) -> None:
        """Job: the outcome of an appeal flows back into the decision and the ledger."""
        decision = uow.session.get_one(Decision, payload["decisionId"], with_for_update=True)
        today = local_date(self._clock.now())
        key = payload["source"]
        outcome = payload["outcome"]
        if outcome in ("annulled", "amended"):
            new_sanction = payload["sanctionCents"] if outcome == "amended" else 0
            self._recharge(uow, decision, today, key, new_sanction)
        self._return_security(uow, decision, today, key)
        if outcome == "annulled":
            DECISION.fire(uow, decision, "annul", key)
            decision.due_on = None
        else:
            self._resume(uow, decision, today, key)
        letter = "ruling" if payload["stage"] == "court" else "outcome"
        text = [_OUTCOME_TEXT[letter, outcome], f"Motivering: {payload['motivation']}"]
        self._order_letter(uow, decision.id, letter, text)

    def _recharge(self, uow: UnitOfWork, decision: Decision, today: date, key: str, new_sanction: int) -> None:
        """Replace sanction and increases by a new sanction; costs go only when nothing is left."""
        amounts = amounts_of(uow.session, decision)
        costs = -amounts.administration if new_sanction == 0 else 0
        change = new_sanction - amounts.sanction - amounts.increase
        ledger.charge(uow, decision.id, today, f"outcome:{key}", "outcome", change, costs)
        decision.current_sanction_cents = new_sanction
        ledger.release_overpayment(uow, decision.id, today, f"outcome:{key}:{decision.id}")

    def _return_security(self, uow: UnitOfWork, decision: Decision, today: date, key: str) -> None:
        """The deposit pays what is still owed; the rest is given back."""
        held = -ledger.balance(uow.session, Account.SECURITY, decision.id)
        if held <= 0:
            return
        lines = {Account.SECURITY: held, Account.RECEIVABLE: -held}
        ledger.book(uow, f"security:{key}:{decision.id}", "security_settled", today, decision.id, lines)
        ledger.release_overpayment(uow, decision.id, today, f"security:{key}:{decision.id}")

    def _resume(self, uow: UnitOfWork, decision: Decision, today: date, key: str) -> None:
        owed = ledger.balance(uow.session, Account.RECEIVABLE, decision.id)
        if owed <= 0:
            DECISION.fire(uow, decision, "resume_paid", key)
            decision.due_on = None
            return
        before = decision.resume_state if decision.resume_state != states.PAID else states.ISSUED
        DECISION.fire(uow, decision, f"resume_{before}", key)
        # A further appeal may follow; payment is due two weeks after that term.
        decision.due_on = term("payment_term_weeks", term("appeal_term_weeks", today, self._rules), self._rules)

    # Looking up

    def find(self, case_number: str, plate: str) -> DecisionView:
        """For the citizen. Raises NotFound, the same for a wrong number and a wrong plate."""
        with self._units.read() as session:
            decision = session.scalars(
                select(Decision).where(Decision.case_number == case_number, Decision.plate == normalise(plate))
            ).first()
            if decision is None:
                raise NotFound("case-not-found", "check the case number and the plate on the letter")
            return view_of(session, decision)

    def decision(self, decision_id: str) -> DecisionView:
        """Raises NotFound."""
        with self._units.read() as session:
            decision = session.get(Decision, decision_id)
            if decision is None:
                raise NotFound("decision-unknown", "no decision with this id")
            return view_of(session, decision)

    def decision_for_capture(self, capture_id: str) -> DecisionView | None:
        """None when the capture led to no decision (yet)."""
        with self._units.read() as session:
            decision = session.scalars(select(Decision).where(Decision.capture_id == capture_id)).first()
            return view_of(session, decision) if decision else None

    def referrals(self) -> list[AssessmentView]:
        """Captures over the top of the administrative range: criminal law, for the prosecutor; oldest first."""
        with self._units.read() as session:
            rows = session.scalars(
                select(Assessment).where(Assessment.outcome == Outcome.PROSECUTOR).order_by(Assessment.assessed_at)
            )
            return [assessment_view(row) for row in rows]

    def assessment(self, capture_id: str) -> AssessmentView | None:
        """None when the capture was not assessed yet."""
        with self._units.read() as session:
            row = session.scalars(select(Assessment).where(Assessment.capture_id == capture_id)).first()
        return assessment_view(row) if row else None


_OUTCOME_TEXT = {
    (
        "outcome",
        "upheld",
    ): "Uw beroep is ongegrond verklaard. De beschikking blijft in stand. Tegen deze beslissing "
    "kunt u binnen zes weken beroep instellen bij de kantonrechter (Wahv, artikel 9).",
    (
        "outcome",
        "inadmissible",
    ): "Uw beroep is niet-ontvankelijk verklaard. De beschikking blijft in stand. Tegen "
    "deze beslissing kunt u binnen zes weken beroep instellen bij de kantonrechter (Wahv, artikel 9).",
    (
        "outcome",
        "amended",
    ): "Uw beroep is gedeeltelijk gegrond verklaard. Het bedrag van de sanctie is gewijzigd. "
    "Tegen deze beslissing kunt u binnen zes weken beroep instellen bij de kantonrechter (Wahv, artikel 9).",
    ("outcome", "annulled"): "Uw beroep is gegrond verklaard. De beschikking is vernietigd. U hoeft niets te "
    "betalen; wat u al betaald hebt, krijgt u terug.",
    (
        "ruling",
        "upheld",
    ): "De kantonrechter heeft uw beroep ongegrond verklaard. De beschikking blijft in stand.",
    (
        "ruling",
        "inadmissible",
    ): "De kantonrechter heeft uw beroep niet-ontvankelijk verklaard. De beschikking blijft in stand.",
    (
        "ruling",
        "amended",
    ): "De kantonrechter heeft uw beroep gedeeltelijk gegrond verklaard. Het bedrag van de sanctie is gewijzigd.",
    (
        "ruling",
        "annulled",
    ): "De kantonrechter heeft de beschikking vernietigd. U hoeft niets te betalen; wat u al "
    "betaald hebt, krijgt u terug.",
}


def _local_time(moment: datetime) -> str:
    local = moment.astimezone(AMSTERDAM)
    return f"{letters.dutch_date(local.date())}, {local:%H:%M} uur"
