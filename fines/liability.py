"""Somebody says that he is not the one: hired out, sold, stolen, used against his will (Wahv art. 8).

A handler weighs it. Where it holds, the decision is annulled, and whoever is named instead gets a decision of his own
while the law still allows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.blobs import BlobStore
from core.clock import Clock, local_date
from core.errors import Conflict, InvalidInput, NotFound
from core.kept_files import described
from core.settings import Settings
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from core.uploads import CheckedFile
from fines import states
from fines.assessment import Outcome
from fines.case_files import CaseFiles
from fines.conduct import conduct_of
from fines.explanation import Explanation
from fines.issuing import issue
from fines.keepers import Keeper, VehicleRegister
from fines.letters import order_letter
from fines.models import Decision, KeeperEvidence, KeeperStatement
from fines.outcomes import annul, end_plan
from fines.releases import LiveLaw
from fines.settlement import lift_measures, release
from fines.states import DECISION, KEEPER_STATEMENT
from fines.terms import months_after
from fines.views import DecisionView
from fines.waiting import PAGE, how_many

MOST_EVIDENCE = 10
"""Files with one statement."""


class Ground(StrEnum):
    """Why the keeper says that he does not answer for it."""

    AGAINST_WILL = "against_will"
    """Used against his will, which he could not reasonably prevent (theft included), art. 8 sub a."""
    HIRED = "hired"
    """Hired out by a business, in writing, for three months at most; names the hirer, art. 8 sub b."""
    SOLD = "sold"
    """No longer owner or keeper at that moment, art. 8 sub c."""


@dataclass(frozen=True)
class StatedKeeper:
    """What is said: for a hire from the first to the last day of the contract, for a sale the day of it in `since`."""

    ground: Ground
    account: str
    since: date | None = None
    until: date | None = None
    person: Keeper | None = None


@dataclass(frozen=True)
class EvidenceView:
    """A file that goes with a statement."""

    id: str
    name: str
    media_type: str


@dataclass(frozen=True)
class KeeperStatementView:
    """A statement for the handler, with what the law says of it: `obstacles` stand in the way of accepting it."""

    id: str
    decision_id: str
    capture_id: str
    case_number: str
    ground: str
    account: str
    since: date | None
    until: date | None
    person: dict[str, Any] | None
    state: str
    stated_on: date
    obstacles: list[str]
    explanation: list[dict[str, Any]]
    successor_id: str | None
    evidence: list[EvidenceView]


class Liability:
    """See module."""

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        clock: Clock,
        settings: Settings,
        law: LiveLaw,
        register: VehicleRegister,
    ) -> None:
        self._units = units
        self._files = CaseFiles(units, blobs)
        self._clock = clock
        self._settings = settings
        self._law = law
        self._register = register

    @staticmethod
    def possible(decision: DecisionView, statements: Sequence[KeeperStatementView]) -> bool:
        """Can it still be said, after these statements, that another answers for it?"""
        waits = any(one.state == states.FILED for one in statements)
        return DECISION.allows(decision.state, "annul_keeper") and not waits

    def state(self, actor: Actor, decision_id: str, statement: StatedKeeper, files: Sequence[CheckedFile] = ()) -> str:
        """File it with its evidence; until it is decided nothing is increased or collected. Returns its id.

        Raises NotFound, InvalidInput where the law needs more than is said, Conflict while another one or an appeal
        is open or the case is over.
        """
        if len(files) > MOST_EVIDENCE:
            raise Conflict("too-many-attachments", f"send at most {MOST_EVIDENCE} files: join some of them")
        self._files.keep(decision_id, files)
        with self._units.begin(actor) as uow:
            decision = uow.session.get(Decision, decision_id, with_for_update=True)
            if decision is None:
                raise NotFound("decision-unknown", "no decision with this id")
            statement_id = self.state_within(uow, decision, statement, files)
            uow.commit()
            return statement_id

    def state_within(
        self, uow: UnitOfWork, decision: Decision, statement: StatedKeeper, files: Sequence[CheckedFile] = ()
    ) -> str:
        """As `state`, inside a transaction that has locked the decision; the files' content is kept already."""
        _check_complete(statement)
        if not DECISION.allows(decision.state, "annul_keeper"):
            raise Conflict("statement-not-now", f"this is not possible for a case that is {decision.state}")
        if _count_of(uow.session, decision.id, KeeperStatement.state == states.FILED):
            raise Conflict("statement-exists", "a statement about the keeper waits for a decision already")
        row = KeeperStatement(
            decision_id=decision.id,
            ground=statement.ground,
            account=statement.account,
            since=statement.since,
            until=statement.until,
            person=statement.person.as_json() if statement.person else None,
            stated_at=self._clock.now(),
            state=states.FILED,
            successor_id=None,
        )
        uow.add(row)
        KEEPER_STATEMENT.create(uow, row, f"Wahv art. 8: {statement.ground}")
        for number, file in enumerate(files, 1):
            kept = described(file, uow.actor.kind, self._clock.now())
            uow.add(KeeperEvidence(statement_id=row.id, number=number, **kept))
        decision.holds += 1
        return row.id

    def open_evidence(self, actor: Actor, evidence_id: str, purpose: str) -> CheckedFile:
        """The file; that it was looked at, and what for, is in the audit log. Raises NotFound."""
        return self._files.open(actor, KeeperEvidence, evidence_id, purpose)

    def of_decision(self, decision_id: str) -> list[KeeperStatementView]:
        """The statements on one decision, oldest first."""
        return self._views(KeeperStatement.decision_id == decision_id)

    def waiting(self, after: str = "", limit: int = PAGE) -> list[KeeperStatementView]:
        """What a handler has to decide, oldest first; of those after one's id."""
        return self._views(KeeperStatement.state == states.FILED, KeeperStatement.id > after, limit=limit)

    def count_waiting(self) -> int:
        """How many there are."""
        return how_many(self._units, KeeperStatement.state == states.FILED)

    def of_capture(self, capture_id: str) -> list[KeeperStatementView]:
        """The statements on every decision that a capture led to, oldest first."""
        return self._views(Decision.capture_id == capture_id)

    def _views(self, *which: ColumnElement[bool], limit: int | None = None) -> list[KeeperStatementView]:
        with self._units.read() as session:
            rows = session.execute(
                select(KeeperStatement, Decision)
                .join(Decision, Decision.id == KeeperStatement.decision_id)
                .where(*which)
                .order_by(KeeperStatement.id)
                .limit(limit)
            ).all()
            sent = _evidence(session, [row.id for row, _ in rows])
        return [self._view(row, decision, sent.get(row.id, [])) for row, decision in rows]

    def _view(self, row: KeeperStatement, decision: Decision, sent: list[EvidenceView]) -> KeeperStatementView:
        explanation = Explanation()
        obstacles = self._weigh(row, decision, explanation)
        return KeeperStatementView(
            row.id,
            decision.id,
            decision.capture_id,
            decision.case_number,
            row.ground,
            row.account,
            row.since,
            row.until,
            row.person,
            row.state,
            local_date(row.stated_at),
            obstacles,
            explanation.as_json(),
            row.successor_id,
            sent,
        )

    def _weigh(self, row: KeeperStatement, decision: Decision, explanation: Explanation) -> list[str]:
        """What in the dates stands in the way of accepting it; the papers are for the handler's eyes."""
        day, rules = local_date(decision.conduct_at), self._law.rules
        found: list[str] = []
        if row.ground == Ground.HIRED and row.since is not None and row.until is not None:
            months = rules.value(
                "hire_contract_longest_months",
                day,
                explanation,
                since=row.since.isoformat(),
                until=row.until.isoformat(),
            )
            if row.until >= months_after(row.since, months):
                found.append(f"the contract is for more than {months} months (Wahv art. 8 sub b)")
            if not row.since <= day <= row.until:
                found.append("the contract does not cover the day of the conduct (Wahv art. 8 sub b)")
        if row.ground == Ground.SOLD and row.since is not None and row.since > day:
            found.append("it was sold after the day of the conduct (Wahv art. 8 sub c)")
        return found

    def accept(self, actor: Actor, statement_id: str, reason: str) -> str | None:
        """It holds: the decision is annulled and paid back, and who is named gets a decision; returns that one's id.

        None where nobody is named, or where the law has no decision for him any more. Raises NotFound, NotAllowed, and
        Conflict with what stands in its way.
        """
        with self._units.begin(actor) as uow:
            row, decision = self._locked(uow, statement_id)
            if obstacles := self._weigh(row, decision, Explanation()):
                raise Conflict("statement-refuted", "; ".join(obstacles))
            KEEPER_STATEMENT.fire(uow, row, "accept", reason)
            decision.holds -= 1
            today = local_date(self._clock.now())
            end_plan(uow, decision, "the keeper does not answer for it")
            annul(uow, decision, today, f"keeper:{row.id}", "annul_keeper", f"Wahv art. 8: {row.ground}")
            lift_measures(uow, decision.id, "the decision was annulled")
            order_letter(uow, decision.id, "keeper", "accepted", reason, _count_of(uow.session, decision.id))
            if row.person is not None:
                row.successor_id = self._issue_to(uow, decision, row.person, today)
            uow.commit()
            return row.successor_id

    def _issue_to(self, uow: UnitOfWork, decision: Decision, person: Mapping[str, str], today: date) -> str | None:
        conduct = conduct_of(decision)
        assessor = self._law.assessor(self._register, self._settings)
        assessed = assessor.assess(conduct, today, instead=Keeper(**person))
        if assessed.outcome is not Outcome.DECISION:
            uow.record("fines", "keeper.not_succeeded", "decision", decision.id, assessed.reason, {})
            return None
        return issue(uow, conduct, assessed, self._law.rules.release.version).id

    def refuse(self, actor: Actor, statement_id: str, reason: str) -> None:
        """It does not hold: the decision stands, with time to pay. Raises NotFound, Conflict, NotAllowed."""
        with self._units.begin(actor) as uow:
            row, decision = self._locked(uow, statement_id)
            KEEPER_STATEMENT.fire(uow, row, "refuse", reason)
            release(decision, local_date(self._clock.now()), self._law.rules)
            outcome = "refused_paid" if decision.due_on is None else "refused"
            order_letter(uow, decision.id, "keeper", outcome, reason, _count_of(uow.session, decision.id))
            uow.commit()

    @staticmethod
    def _locked(uow: UnitOfWork, statement_id: str) -> tuple[KeeperStatement, Decision]:
        row = uow.session.get(KeeperStatement, statement_id, with_for_update=True)
        if row is None:
            raise NotFound("statement-unknown", "no such statement")
        return row, uow.session.get_one(Decision, row.decision_id, with_for_update=True)


def _check_complete(statement: StatedKeeper) -> None:
    if statement.ground is Ground.HIRED and None in (statement.since, statement.until, statement.person):
        raise InvalidInput("hire-incomplete", "a hire needs the contract's first and last day, and who hired it")
    if statement.ground is Ground.SOLD and statement.since is None:
        raise InvalidInput("sale-incomplete", "a sale needs the day on which it was sold")
    if statement.since is not None and statement.until is not None and statement.until < statement.since:
        raise InvalidInput("days-reversed", "the last day is before the first")


def _evidence(session: Session, statement_ids: Sequence[str]) -> dict[str, list[EvidenceView]]:
    """The files of each statement that has any, in order."""
    found: dict[str, list[EvidenceView]] = {}
    if statement_ids:
        wanted = select(KeeperEvidence).where(KeeperEvidence.statement_id.in_(statement_ids))
        for file in session.scalars(wanted.order_by(KeeperEvidence.number)):
            found.setdefault(file.statement_id, []).append(EvidenceView(file.id, file.name, file.media_type))
    return found


def _count_of(session: Session, decision_id: str, *which: ColumnElement[bool]) -> int:
    counted = select(func.count()).where(KeeperStatement.decision_id == decision_id, *which)
    return int(session.scalar(counted) or 0)
