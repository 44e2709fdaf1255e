"""Fines' only door: decide, send letters, and the rooms for money, terms, recovery and who answers for it."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from core.blobs import DOCUMENTS, BlobStore
from core.canonical import canonical_json
from core.case_events import CaseEvents
from core.clock import AMSTERDAM, Clock, local_date
from core.errors import Conflict, InvalidInput, NotFound
from core.keys import Seal
from core.money import format_euro
from core.settings import Settings
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from fines import events, ledger, letters
from fines.access_codes import AccessCodes
from fines.assessment import Assessed, Outcome, without_evidence
from fines.bank import Bank, HeldEntry, Imported
from fines.books import Books
from fines.checkouts import NOTIFICATIONS, Checkouts, CheckoutView
from fines.conduct import Conduct, conduct_of
from fines.corrections import Corrections, CorrectionView
from fines.delivery import Deliveries
from fines.dunning import Dunning
from fines.events import OUTCOME_REACHED
from fines.explanation import Explanation, Step, sentences_of
from fines.hirer_lists import COLUMNS as HIRER_COLUMNS
from fines.hirer_lists import HirerLists, HirerListView, HirerRowView, Sender
from fines.increases import increase_on
from fines.issuing import issue
from fines.keepers import Keeper, VehicleRegister
from fines.law_diff import Case
from fines.ledger import Account
from fines.letters import dutch_date
from fines.liability import MOST_EVIDENCE, Ground, KeeperStatementView, Liability, StatedKeeper
from fines.mailbox import Mailbox
from fines.mandates import MOST_PROOFS, Capacity, Given, Mandates, MandateView
from fines.models import WITHOUT_DECISION, Assessment, Decision, KeeperStatement, Letter
from fines.notices import Notices
from fines.outcomes import Outcomes
from fines.payments import Payments, Share, SuspenseItem
from fines.payouts import Payouts
from fines.plans import Plans, PlanView, instalment_threshold
from fines.print_runs import PrintRuns
from fines.prosecution import Prosecution, refer
from fines.providers import PaymentProvider
from fines.recovery import MeasureKind, Recovery, WriteOff
from fines.references import case_numbers_in, grouped, unmistakable
from fines.releases import LiveLaw
from fines.rules import Rules
from fines.signing import LetterSigner
from fines.states import DESTROYED
from fines.telling import Telling
from fines.terms import term
from fines.views import (
    Amounts,
    AssessmentView,
    CaptureStanding,
    DecisionView,
    IncreaseView,
    MovementView,
    amounts_decided,
    amounts_of,
    assessment_view,
    increases_of,
    movements_of,
    standing_of,
    view_of,
)
from imaging.service import ImagingService, display, normalise
from ingest.service import IngestService

__all__ = [
    "HIRER_COLUMNS",
    "MOST_EVIDENCE",
    "MOST_PROOFS",
    "NOTIFICATIONS",
    "OUTCOME_REACHED",
    "Account",
    "Amounts",
    "AssessmentView",
    "Capacity",
    "CaptureStanding",
    "CheckoutView",
    "CorrectionView",
    "DecisionView",
    "Explanation",
    "FinesService",
    "Given",
    "Ground",
    "HeldEntry",
    "HirerListView",
    "HirerRowView",
    "Imported",
    "Keeper",
    "KeeperStatementView",
    "LiveLaw",
    "MandateView",
    "MeasureKind",
    "Outcome",
    "PlanView",
    "Rules",
    "Sender",
    "Share",
    "StatedKeeper",
    "Step",
    "SuspenseItem",
    "WriteOff",
    "dutch_date",
    "format_euro",
    "grouped",
    "sentences_of",
    "term",
]  # fmt: skip


@dataclass(frozen=True)
class _Rendered:
    """Digests of the signed letter, of its content and of its pages before the signature."""

    sha256: str
    content_sha256: str
    unsigned_sha256: str
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
        law: LiveLaw,
        seal: Seal,
        access_codes: AccessCodes,
        provider: PaymentProvider | None,
        mailbox: Mailbox | None,
        notices: Notices,
        case_events: CaseEvents,
        mandate_codes: AccessCodes,
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._ingest = ingest
        self._imaging = imaging
        self._register = register
        self._law = law
        self._signer = LetterSigner(seal)
        self._access_codes = access_codes
        self.payments = Payments(units, clock, law)
        self.checkouts = Checkouts(units, clock, settings, self.payments, provider)
        self.payouts = Payouts(units, clock, settings)
        self.bank = Bank(units, settings, self.payments, self.payouts)
        self.deliveries = Deliveries(units, blobs, clock, law, mailbox)
        self.print_runs = PrintRuns(units, blobs, clock, settings, self.deliveries)
        self.books = Books(units, clock)
        self.prosecution = Prosecution(units, blobs, clock, settings, ingest)
        self.plans = Plans(units, clock, law)
        self.notices = notices
        self.telling = Telling(case_events, notices)
        self.mandates = Mandates(units, blobs, clock, case_events, mandate_codes)
        self.corrections = Corrections(units, clock, law)
        self.outcomes = Outcomes(clock, law)
        self.liability = Liability(units, blobs, clock, settings, law, register)
        self.hirer_lists = HirerLists(units, clock, self.liability)
        self.recovery = Recovery(units, clock, law)
        self.dunning = Dunning(units, clock, settings, law)

    @property
    def _rules(self) -> Rules:
        return self._law.rules

    def today(self) -> date:
        """The day by the clock of the law, in Amsterdam."""
        return local_date(self._clock.now())

    # Deciding

    def prepare_decision(self, payload: dict[str, Any]) -> tuple[Conduct, Assessed]:
        """Job, slow half: ask the registers and the rules."""
        conduct = self._conduct(payload["captureId"])
        doubt = self._ingest.doubts(payload["captureId"])
        if doubt is not None:
            return conduct, without_evidence(doubt.detail)
        return conduct, self._law.assessor(self._register, self._settings).assess(conduct, self.today())

    def _conduct(self, capture_id: str) -> Conduct:
        reading = self._imaging.reading(capture_id)
        if not reading.settled or reading.plate is None or reading.country is None:
            raise InvalidInput("plate-not-settled", "no decision without an accepted or confirmed reading")
        evidence = self._ingest.evidence(capture_id)
        location = evidence.details["location"]
        return Conduct(
            capture_id,
            reading.plate,
            reading.country,
            evidence.captured_at,
            location["road"],
            location["municipality"],
            evidence.observed,
        )

    def store_decision(self, uow: UnitOfWork, _: dict[str, Any], prepared: tuple[Conduct, Assessed]) -> None:
        """Job, quick half: the assessment, and the decision with its first ledger entry."""
        conduct, assessed = prepared
        assessment = Assessment(
            capture_id=conduct.capture_id,
            outcome=assessed.outcome,
            reason=assessed.reason,
            explanation=assessed.explanation.as_json(),
            assessed_at=self._clock.now(),
        )
        uow.add(assessment)
        if assessed.outcome is Outcome.DECISION:
            issue(uow, conduct, assessed, self._rules.release.version)
        elif assessed.outcome is Outcome.PROSECUTOR:
            refer(uow, assessment, conduct, assessed)

    def past_cases(self, count: int) -> list[Case]:
        """The newest decisions as cases for a comparison of rule data."""
        with self._units.read() as session:
            newest = (
                select(Decision).where(Decision.state != DESTROYED).order_by(Decision.decided_on.desc(), Decision.id)
            )
            rows = session.scalars(newest.limit(count))
            return [
                Case(
                    row.case_number,
                    conduct_of(row).observed,
                    next(s["inputs"]["vehicle_category"] for s in row.explanation if "vehicle_category" in s["inputs"]),
                    local_date(row.conduct_at),
                    row.decided_on,
                )
                for row in rows
            ]

    # Letters

    def prepare_letter(self, payload: dict[str, Any]) -> _Rendered:
        """Job, slow half: render the PDF and store it."""
        with self._units.read() as session:
            decision = session.get_one(Decision, payload["decisionId"])
            # The decision's own letter says what was decided, also when it is made after a first payment.
            if payload["kind"] == "decision":
                amounts, dated, pay_until = amounts_decided(decision), decision.decided_on, decision.pay_until
            else:
                amounts, dated = amounts_of(session, decision), self.today()
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
            road=self._law.tariffs.place_nl(decision.road_type) if decision.road_type is not None else None,
            first_increase=increase_on("first", dated, self._rules),
            second_increase=increase_on("second", dated, self._rules),
            instalments_from_cents=instalment_threshold(self._rules, dated, Explanation()),
            outcome=payload["outcome"],
            motivation=payload["motivation"],
            access_code=self._access_codes.of(decision.id),
            words=payload.get("words", {}),
        )
        content = letters.content_of(self._settings, decision, facts)
        unsigned = letters.render(content)
        signed = self._signer.sign(unsigned, content["title"])
        return _Rendered(
            self._blobs.put(DOCUMENTS, decision.capture_id, signed),
            self._blobs.put(DOCUMENTS, decision.capture_id, canonical_json(content)),
            hashlib.sha256(unsigned).hexdigest(),
            dated,
        )

    def store_letter(self, uow: UnitOfWork, payload: dict[str, Any], rendered: _Rendered) -> None:
        """Job, quick half."""
        letter = Letter(
            decision_id=payload["decisionId"],
            kind=payload["kind"],
            number=payload["number"],
            sha256=rendered.sha256,
            content_sha256=rendered.content_sha256,
            unsigned_sha256=rendered.unsigned_sha256,
            dated=rendered.dated,
        )
        uow.add(letter)
        uow.publish(events.LETTER_MADE, letter.id, {"letterId": letter.id})
        self.deliveries.order(uow, letter, uow.session.get_one(Decision, letter.decision_id).keeper)

    def letter_pdf(self, decision_id: str, kind: str, number: int | None = None) -> bytes:
        """The signed letter, the newest of its kind unless a number is given. Raises NotFound while it is not made."""
        letter, capture_id = self._letter(decision_id, kind, number)
        return self._blobs.get(DOCUMENTS, capture_id, letter.sha256)

    def read_letter(self, actor: Actor, decision_id: str, kind: str, number: int | None, purpose: str) -> bytes:
        """The signed letter as its addressee reads it, the newest of its kind unless a number is given.

        That it was looked at, and what for, is in the audit log. Raises NotFound while it is not made.
        """
        letter, capture_id = self._letter(decision_id, kind, number)
        with self._units.begin(actor) as uow:
            uow.record("access", "letter.viewed", "letter", letter.id, purpose, {"decision": decision_id})
            uow.commit()
        return self._blobs.get(DOCUMENTS, capture_id, letter.sha256)

    def letter_again(self, decision_id: str, kind: str) -> bytes:
        """The letter's pages made anew from its kept content, without the signature.

        Raises NotFound, and Conflict where they are not what was signed then.
        """
        letter, capture_id = self._letter(decision_id, kind)
        if letter.content_sha256 is None:
            raise NotFound("content-unknown", "this letter was made before contents were kept")
        pages = letters.render(json.loads(self._blobs.get(DOCUMENTS, capture_id, letter.content_sha256)))
        if hashlib.sha256(pages).hexdigest() != letter.unsigned_sha256:
            raise Conflict("letter-differs", "the pages that come out now are not those that were signed")
        return pages

    def _letter(self, decision_id: str, kind: str, number: int | None = None) -> tuple[Letter, str]:
        wanted = select(Letter).where(Letter.decision_id == decision_id, Letter.kind == kind)
        if number is not None:
            wanted = wanted.where(Letter.number == number)
        with self._units.read() as session:
            letter = session.scalars(wanted.order_by(Letter.number.desc())).first()
            if letter is None:
                raise NotFound("letter-unknown", "this letter does not exist (yet)")
            return letter, session.get_one(Decision, decision_id).capture_id

    # Money

    def trial_balance(self) -> dict[str, int]:
        """Every account's balance in cents; they add up to zero."""
        with self._units.read() as session:
            return ledger.trial_balance(session)

    def money_of(self, decision_id: str) -> tuple[list[MovementView], list[IncreaseView]]:
        """A case's money from the first day on, and its increases with why."""
        with self._units.read() as session:
            return movements_of(session, decision_id), increases_of(session, decision_id)

    def run_due(self) -> int:
        """Pass the term of every decision and mandate whose last day has gone by; returns how many."""
        return self.dunning.run_due() + self.mandates.run_due()

    # Looking up

    def find(self, case_number: str, plate: str) -> DecisionView:
        """For who acts for somebody, or has his letter before him. Raises NotFound, the same for either wrong."""
        with self._units.read() as session:
            decision = _numbered(session, case_number)
            if decision is None or decision.plate != normalise(plate):
                raise NotFound("case-not-found", "check the case number and the plate on the letter")
            return view_of(session, decision)

    def open(self, case_number: str, plate: str, access_code: str) -> DecisionView:
        """For the citizen, by what only his letter says all of.

        Raises NotFound: the same answer after the same work, whatever is wrong and whether there is such a case or not.
        """
        with self._units.read() as session:
            decision = _numbered(session, case_number)
            code_right = self._access_codes.matches(decision.id if decision else _NOBODY, access_code)
            plate_right = hmac.compare_digest(
                (decision.plate if decision else _NOBODY).encode(), normalise(plate).encode()
            )
            if decision is None or not (code_right and plate_right):
                raise NotFound("case-not-found", "check the case number, the plate and the access code on the letter")
            return view_of(session, decision)

    def named_in(self, text: str) -> DecisionView | None:
        """The decision whose case number and plate both stand in a text, such as a machine reads on a letter."""
        plates = unmistakable(normalise(text))
        with self._units.read() as session:
            for number in case_numbers_in(text):
                decision = _numbered(session, number)
                if decision is not None and unmistakable(decision.plate) in plates:
                    return view_of(session, decision)
        return None

    def decision(self, decision_id: str) -> DecisionView:
        """Raises NotFound."""
        with self._units.read() as session:
            decision = session.get(Decision, decision_id)
            if decision is None:
                raise NotFound("decision-unknown", "no decision with this id")
            if decision.state == DESTROYED:
                raise NotFound("case-destroyed", "what was kept of this case was destroyed, as its term had passed")
            return view_of(session, decision)

    def of_person(self, person: str) -> list[DecisionView]:
        """The decisions on a keeper's vehicles, by his pseudonym; newest first."""
        with self._units.read() as session:
            rows = session.scalars(
                select(Decision)
                .where(Decision.person == person)
                .order_by(Decision.decided_on.desc(), Decision.id.desc())
                .limit(_MOST_OF_A_PERSON)
            )
            return [view_of(session, row) for row in rows]

    def case_names(self, decision_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Case number and capture of each decision, for lists."""
        with self._units.read() as session:
            rows = session.execute(
                select(Decision.id, Decision.case_number, Decision.capture_id).where(Decision.id.in_(decision_ids))
            )
            return {decision_id: (number, capture_id) for decision_id, number, capture_id in rows}

    def decisions_of(self, capture_ids: Sequence[str]) -> dict[str, str]:
        """Every decision that a capture led to, by its id, with the capture."""
        wanted = select(Decision.id, Decision.capture_id).where(Decision.capture_id.in_(capture_ids))
        with self._units.read() as session:
            return dict(session.execute(wanted).tuples().all())

    def captures_of(self, case_numbers: Sequence[str]) -> dict[str, str]:
        """The capture of each case, by its number, for links."""
        wanted = select(Decision.case_number, Decision.capture_id).where(Decision.case_number.in_(case_numbers))
        with self._units.read() as session:
            return dict(session.execute(wanted).tuples().all())

    def ended_without_decision(self, before: str = "", limit: int = 50) -> list[str]:
        """Captures that no decision came of, the newest assessed first; of those before one where it is given."""
        wanted = select(Assessment.capture_id).where(WITHOUT_DECISION).order_by(Assessment.id.desc()).limit(limit)
        if before:
            then = select(Assessment.id).where(Assessment.capture_id == before).scalar_subquery()
            wanted = wanted.where(Assessment.id < then)
        with self._units.read() as session:
            return list(session.scalars(wanted))

    def decision_for_capture(self, capture_id: str) -> DecisionView | None:
        """The one that stands now, if another took its place; None when the capture led to no decision (yet)."""
        with self._units.read() as session:
            decision = session.scalars(_standing([capture_id])).first()
            return view_of(session, decision) if decision else None

    def standings(self, capture_ids: Sequence[str]) -> dict[str, CaptureStanding]:
        """What became of those captures that were assessed, by capture."""
        with self._units.read() as session:
            assessed = session.scalars(select(Assessment).where(Assessment.capture_id.in_(capture_ids))).all()
            decided = session.scalars(_standing(capture_ids)).all()
            owed = ledger.balances(session, Account.RECEIVABLE, [one.id for one in decided])
        return {
            **{row.capture_id: CaptureStanding(row.outcome, row.reason) for row in assessed},
            **{one.capture_id: standing_of(one, owed.get(one.id, 0)) for one in decided},
        }

    def assessment(self, capture_id: str) -> AssessmentView | None:
        """None when the capture was not assessed yet."""
        with self._units.read() as session:
            row = session.scalars(select(Assessment).where(Assessment.capture_id == capture_id)).first()
        return assessment_view(row) if row else None


def _standing(capture_ids: Sequence[str]) -> Select[Decision]:
    """The decisions of these captures whose place no other took."""
    replaced = exists().where(KeeperStatement.decision_id == Decision.id, KeeperStatement.successor_id.is_not(None))
    return select(Decision).where(Decision.capture_id.in_(capture_ids), ~replaced, Decision.state != DESTROYED)


_MOST_OF_A_PERSON = 200

_NOBODY = "00000000-0000-0000-0000-000000000000"
"""Stands in for a case that is not there, so that looking for it takes as long."""


def _numbered(session: Session, case_number: str) -> Decision | None:
    return session.scalars(select(Decision).where(Decision.case_number == case_number)).first()


def _local_time(moment: datetime) -> str:
    local = moment.astimezone(AMSTERDAM)
    return f"{letters.dutch_date(local.date())}, {local:%H:%M} uur"
