"""What fines holds of a case, when the law lets it go, and who is named in the books and for how long."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, true
from sqlalchemy.orm import Session

from core.clock import Clock, local_date
from core.database import Base
from core.destruction import destroy_rows
from core.retention import Claim, LastDay, Terms, let_go_in_turn
from core.unit_of_work import UnitOfWork
from core.webhooks import CaseFollower
from fines import states
from fines.explanation import Explanation
from fines.models import (
    NAMES_A_PAYEE,
    NAMES_A_PAYER,
    Assessment,
    BankEntry,
    CorrectionRequest,
    Decision,
    Delivery,
    Handover,
    HirerList,
    KeeperStatement,
    LedgerTransaction,
    Letter,
    Measure,
    Payout,
    PayoutBatch,
    Referral,
)
from fines.releases import LiveLaw
from fines.rules import NoRule
from fines.states import DECISION
from fines.terms import day_after
from fines.views import amounts_of

_WITHOUT_DECISION = "retention_without_decision_days"
_CASE = "retention_case_years"
_REFERRAL = "retention_referral_years"
_BOOKS = "retention_books_years"
_HIRERS = "retention_hirer_list_years"

_CLOSED = (states.PAID, states.ANNULLED, states.WRITTEN_OFF)


class LawTerms:
    """Reads the terms of retention in the law's data. In production a rule that was not approved lets nothing go."""

    def __init__(self, law: LiveLaw, *, demonstration: bool) -> None:
        self._law = law
        self._demonstration = demonstration

    def last_day(self, rule: str, since: date) -> LastDay | None:
        explanation, rules = Explanation(), self._law.rules
        try:
            due_on = day_after(rule, since, rules, explanation)
        except NoRule:
            return None
        approved = self._demonstration or not rules.unapproved(explanation)
        return LastDay(due_on, explanation.as_json(), approved)


class FinesHolder:
    """A case is over once each decision in it is paid, annulled or written off and can no longer be contested, no money
    is owed either way, and nobody waits for an answer. Its term counts from the last of these days."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def claims(self, session: Session, case_ids: Sequence[str]) -> dict[str, list[Claim]]:
        found: defaultdict[str, list[Claim]] = defaultdict(list)
        for row in session.scalars(select(Assessment).where(Assessment.capture_id.in_(case_ids))):
            if row.outcome not in ("decision", "prosecutor"):
                found[row.capture_id].append(Claim(_WITHOUT_DECISION, local_date(row.assessed_at)))
        for referral, received_on in self._referrals(session, case_ids):
            found[referral.capture_id].append(Claim(_REFERRAL, received_on) if received_on else Claim())
        for decision in session.scalars(select(Decision).where(Decision.capture_id.in_(case_ids))):
            found[decision.capture_id].append(self._of_decision(session, decision))
        return found

    @staticmethod
    def _referrals(session: Session, case_ids: Sequence[str]) -> Iterator[tuple[Referral, date | None]]:
        """With the day the prosecutor was asked to take it over, once there is a receipt."""
        rows = session.execute(
            select(Referral, Handover.asked_at)
            .outerjoin(Handover, Handover.id == Referral.handover_id)
            .where(Referral.capture_id.in_(case_ids))
        )
        for referral, asked_at in rows.tuples():
            yield referral, local_date(asked_at) if referral.state == states.RECEIVED else None

    def _of_decision(self, session: Session, decision: Decision) -> Claim:
        today = local_date(self._clock.now())
        if decision.state not in _CLOSED or decision.final_on >= today or decision.holds:
            return Claim()
        amounts = amounts_of(session, decision)
        owed = 0 if decision.state == states.WRITTEN_OFF else amounts.open
        if owed or amounts.refundable or amounts.security or amounts.compensation or self._waits(session, decision.id):
            return Claim()
        booked = select(func.max(LedgerTransaction.booked_on)).where(LedgerTransaction.decision_id == decision.id)
        return Claim(_CASE, max(decision.final_on, session.scalar(booked) or decision.final_on))

    @staticmethod
    def _waits(session: Session, decision_id: str) -> bool:
        """Does anybody wait for an answer, a letter or money?"""
        waiting: list[tuple[type[Any], tuple[str, ...]]] = [
            (KeeperStatement, (states.FILED,)),
            (CorrectionRequest, (states.ASKED,)),
            (Payout, (states.ASKED, states.APPROVED, states.SENT)),
            (Measure, (states.PROPOSED, states.AT_COURT, states.DECIDED, states.EXECUTED)),
        ]
        questions = [
            select(model.id).where(model.decision_id == decision_id, model.state.in_(open_)) for model, open_ in waiting
        ]
        questions.append(
            select(Delivery.id)
            .join(Letter, Letter.id == Delivery.letter_id)
            .where(Letter.decision_id == decision_id, Delivery.state == states.WAITING)
        )
        return any(session.scalars(question.limit(1)).first() for question in questions)

    def destroy(self, uow: UnitOfWork, case_id: str, reason: str) -> Counter[str]:
        """All but the books; what a decision was and cost stays for statistics, without whom it was for."""
        decisions = list(uow.session.scalars(select(Decision).where(Decision.capture_id == case_id)))
        for decision in decisions:
            DECISION.fire(uow, decision, "destroy", reason)
        followed = [decision.id for decision in decisions]
        uow.session.execute(delete(CaseFollower).where(CaseFollower.subject.in_(followed)))
        assessments = uow.session.scalars(select(Assessment).where(Assessment.capture_id == case_id))
        return destroy_rows(uow, [*decisions, *assessments], reason)


@dataclass(frozen=True)
class BooksRows:
    """Who paid and who was paid: as long as books are kept, and not while money of theirs waits."""

    name: str
    model: type[Any]
    day: Any
    settled: ColumnElement[bool]
    named: ColumnElement[bool]

    def erase_due(self, uow: UnitOfWork, terms: Terms, today: date, limit: int) -> int:
        wanted = select(self.model).where(self.settled, self.named).order_by(self.day).limit(limit).with_for_update()
        rows: Sequence[Base] = uow.session.scalars(wanted).all()
        return let_go_in_turn(
            rows,
            terms,
            _BOOKS,
            today,
            lambda row: _day_of(getattr(row, self.day.key)),
            lambda row: uow.erase(row, _BOOKS),
        )


BOOKS_ROWS = (
    BooksRows("bank_entry", BankEntry, BankEntry.booked_on, BankEntry.state != states.HELD, NAMES_A_PAYER),
    BooksRows(
        "payout", Payout, Payout.asked_at,
        Payout.state.in_((states.PAID_OUT, states.REFUSED, states.RETURNED)), NAMES_A_PAYEE,
    ),
    BooksRows("payout_batch", PayoutBatch, PayoutBatch.made_at, true(), PayoutBatch.xml != ""),
)  # fmt: skip


class OldHirerLists:
    """Lists of hirers that were worked off: what was taken in is a statement in a case by then, what was refused names
    people for nothing."""

    name = "hirer_list"

    def erase_due(self, uow: UnitOfWork, terms: Terms, today: date, limit: int) -> int:
        worked_off = select(HirerList).where(HirerList.state == states.DONE).order_by(HirerList.sent_at).limit(limit)
        lists = uow.session.scalars(worked_off.with_for_update()).all()
        return let_go_in_turn(
            lists, terms, _HIRERS, today,
            lambda taken: local_date(taken.sent_at), lambda taken: destroy_rows(uow, [taken], _HIRERS),
        )  # fmt: skip


def _day_of(value: Any) -> date:
    return value if not hasattr(value, "hour") else local_date(value)
