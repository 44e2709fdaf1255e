"""Mandates (machtiging, Awb art. 2:1): somebody lets another act in his case, or a guardian acts for him by law.

Whom it was given to comes in with a code, which is derived like that of a letter and kept nowhere. Whoever took it with
a login of his own is known from then on, and the code opens nothing any more. The person addressed gets a letter about
each mandate, so that nobody acts for him unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core.blobs import BlobStore
from core.case_events import CaseEvents
from core.clock import Clock, local_date
from core.errors import Conflict, InvalidInput, NotFound
from core.kept_files import described
from core.unit_of_work import SYSTEM, Actor, UnitOfWork, UnitsOfWork
from core.uploads import CheckedFile
from fines import states
from fines.access_codes import AccessCodes
from fines.case_files import CaseFiles
from fines.letters import dutch_date, order_letter
from fines.models import Decision, Mandate, MandateEvidence
from fines.states import MANDATE
from fines.waiting import PAGE, how_many

MOST_PROOFS = 5
"""Files that show that a guardian was appointed."""
_PAGE = 50
_NOBODY = "00000000-0000-0000-0000-000000000000"


class Capacity(StrEnum):
    """As what somebody acts for another."""

    LAWYER = "lawyer"
    """Or another who gives legal help for his work."""
    RELATIVE = "relative"
    """Or anybody else whom the person trusts."""
    GUARDIAN = "guardian"
    """Curator, bewindvoerder or mentor, appointed by the court (BW 1:381, 1:441, 1:453)."""


_DUTCH = {
    Capacity.LAWYER: "advocaat of andere rechtshulpverlener",
    Capacity.RELATIVE: "iemand die u vertrouwt",
    Capacity.GUARDIAN: "curator, bewindvoerder of mentor",
}


@dataclass(frozen=True)
class Given:
    """Who may act, as what, and until which day, which counts; None until it is ended."""

    name: str
    capacity: Capacity
    until: date | None


@dataclass(frozen=True)
class ProofView:
    """A file that goes with a guardian's mandate."""

    id: str
    name: str
    media_type: str


@dataclass(frozen=True)
class MandateView:
    """`taken` once somebody with a login of his own took it; `answer` is why a guardian's was granted or refused."""

    id: str
    decision_id: str
    capture_id: str
    case_number: str
    name: str
    capacity: str
    until: date | None
    given_on: date
    state: str
    answer: str | None
    proofs: list[ProofView]

    @property
    def standing(self) -> bool:
        """May somebody act by it?"""
        return self.state in states.STANDING_MANDATE


class Mandates:
    """See module. `codes` makes the code of a mandate from its id."""

    def __init__(
        self, units: UnitsOfWork, blobs: BlobStore, clock: Clock, events: CaseEvents, codes: AccessCodes
    ) -> None:
        self._units = units
        self._files = CaseFiles(units, blobs)
        self._clock = clock
        self._events = events
        self._codes = codes

    def give(self, actor: Actor, decision_id: str, given: Given, proofs: Sequence[CheckedFile] = ()) -> str:
        """Let another act; a guardian's has to be looked at by a handler first. Returns its id.

        Raises NotFound, InvalidInput for a last day that has passed or a guardian without proof, Conflict while another
        mandate stands.
        """
        if given.until is not None and given.until < self._today:
            raise InvalidInput("mandate-over", "the last day of the mandate has passed already")
        guardian = given.capacity is Capacity.GUARDIAN
        if guardian and not proofs:
            raise InvalidInput("proof-missing", "send the court's decision that appoints the guardian")
        if len(proofs) > MOST_PROOFS:
            raise Conflict("too-many-attachments", f"send at most {MOST_PROOFS} files: join some of them")
        self._files.keep(decision_id, proofs)
        with self._units.begin(actor) as uow:
            decision = uow.session.get(Decision, decision_id, with_for_update=True)
            if decision is None:
                raise NotFound("decision-unknown", "no decision with this id")
            if _newest(uow.session, decision_id, Mandate.state.in_(states.OPEN_MANDATE)) is not None:
                raise Conflict("mandate-exists", "somebody may act in this case already: end that first")
            row = Mandate(
                decision_id=decision_id,
                name=given.name,
                capacity=given.capacity,
                until=given.until,
                given_at=uow.clock.now(),
                state=states.ASKED if guardian else states.GIVEN,
                holder=None,
                answer=None,
            )
            uow.add(row)
            MANDATE.create(uow, row, f"Awb art. 2:1: {given.capacity}")
            for number, file in enumerate(proofs, 1):
                kept = described(file, actor.kind, uow.clock.now())
                uow.add(MandateEvidence(mandate_id=row.id, number=number, **kept))
            self._tell(uow, row, "asked" if guardian else "given")
            uow.commit()
            return row.id

    def code(self, mandate_id: str) -> str:
        """What the one who may act comes in with: two groups of four."""
        return self._codes.of(mandate_id)

    def open(self, case_number: str, code: str) -> MandateView:
        """The mandate of a case by its code, which nobody took with a login.

        Raises NotFound: the same answer after the same work, whatever is wrong.
        """
        with self._units.read() as session:
            row = self._coded(session, case_number, code)
            return self._view(session, row)

    def take(self, actor: Actor, holder: str, case_number: str, code: str) -> MandateView:
        """From here on it is of the one who is known as `holder`, and the code opens nothing. Raises NotFound."""
        with self._units.begin(actor) as uow:
            row = self._coded(uow.session, case_number, code)
            uow.session.refresh(row, with_for_update=True)
            MANDATE.fire(uow, row, "take", "the code was right")
            row.holder = holder
            if "professional" in actor.roles:
                self._events.webhooks.follow(uow, row.decision_id, holder)
            uow.commit()
            return self._view(uow.session, row)

    def acting(self, decision_id: str, mandate_ids: frozenset[str], holder: str | None) -> MandateView | None:
        """The mandate by which one who came in by these, or is known as `holder`, may act; None where he may not."""
        with self._units.read() as session:
            found = _newest(session, decision_id, self._standing, _whose(mandate_ids, holder))
            return self._view(session, found) if found else None

    def cases(self, mandate_ids: frozenset[str], holder: str | None) -> list[str]:
        """The decisions in which he may act, newest mandate first."""
        wanted = select(Mandate.decision_id).where(self._standing, _whose(mandate_ids, holder))
        with self._units.read() as session:
            return list(dict.fromkeys(session.scalars(wanted.order_by(Mandate.id.desc()))))

    def held_by(self, holder: str, after: str = "") -> tuple[list[MandateView], str | None]:
        """Those that were taken and stand, as they were given, and the mark of the next page."""
        with self._units.read() as session:
            wanted = select(Mandate).where(Mandate.holder == holder, self._standing, Mandate.id > after)
            rows = session.scalars(wanted.order_by(Mandate.id).limit(_PAGE + 1)).all()
            following = rows[_PAGE - 1].id if len(rows) > _PAGE else None
            return _seen(session, rows[:_PAGE]), following

    def held(self, holder: str, mandate_id: str) -> MandateView:
        """One of them. Raises NotFound, for another's as for none."""
        with self._units.read() as session:
            return self._view(session, self._own(session, holder, mandate_id))

    def lay_down(self, actor: Actor, holder: str, mandate_id: str) -> None:
        """Who held it acts no longer. Raises NotFound."""
        with self._units.begin(actor) as uow:
            row = self._own(uow.session, holder, mandate_id)
            self._end(uow, row, "end", "laid down")
            uow.commit()

    def end(self, actor: Actor, decision_id: str, reason: str) -> None:
        """The person himself, or a handler who was told so, ends the mandate of a case. Raises NotFound."""
        with self._units.begin(actor) as uow:
            uow.session.get(Decision, decision_id, with_for_update=True)
            row = _newest(uow.session, decision_id, Mandate.state.in_(states.OPEN_MANDATE))
            if row is None:
                raise NotFound("mandate-unknown", "nobody may act in this case")
            self._end(uow, row, "end", reason)
            uow.commit()

    def grant(self, actor: Actor, mandate_id: str, reason: str) -> None:
        """What shows that the guardian was appointed is right. Raises NotFound, Conflict, NotAllowed."""
        self._decide(actor, mandate_id, "grant", "granted", reason)

    def refuse(self, actor: Actor, mandate_id: str, reason: str) -> None:
        """It is not. Raises NotFound, Conflict, NotAllowed."""
        self._decide(actor, mandate_id, "refuse", "refused", reason)

    def _decide(self, actor: Actor, mandate_id: str, event: str, told: str, reason: str) -> None:
        with self._units.begin(actor) as uow:
            row = uow.session.get(Mandate, mandate_id, with_for_update=True)
            if row is None:
                raise NotFound("mandate-unknown", "no mandate with this id")
            MANDATE.fire(uow, row, event, reason)
            row.answer = reason
            self._tell(uow, row, told, reason)
            uow.commit()

    def open_proof(self, actor: Actor, proof_id: str, purpose: str) -> CheckedFile:
        """The file; that it was looked at, and what for, is in the audit log. Raises NotFound."""
        return self._files.open(actor, MandateEvidence, proof_id, purpose)

    def of_decision(self, decision_id: str) -> list[MandateView]:
        """All that were ever given in a case, oldest first."""
        return self._views(Mandate.decision_id == decision_id)

    def of_capture(self, capture_id: str) -> list[MandateView]:
        """Of every decision that a capture led to, oldest first."""
        return self._views(Decision.capture_id == capture_id)

    def waiting(self, after: str = "", limit: int = PAGE) -> list[MandateView]:
        """What a handler has to look at, oldest first; of those after one's id."""
        return self._views(Mandate.state == states.ASKED, Mandate.id > after, limit=limit)

    def count_waiting(self) -> int:
        """How many there are."""
        return how_many(self._units, Mandate.state == states.ASKED)

    def run_due(self) -> int:
        """End those whose last day has passed; returns how many."""
        over = select(Mandate.id).where(Mandate.state.in_(states.STANDING_MANDATE), Mandate.until < self._today)
        with self._units.read() as session:
            ids = session.scalars(over.limit(_PAGE)).all()
        for mandate_id in ids:
            with self._units.begin(SYSTEM) as uow:
                row = uow.session.get_one(Mandate, mandate_id, with_for_update=True)
                if row.state in states.STANDING_MANDATE:
                    self._end(uow, row, "lapse", "its last day has passed")
                    uow.commit()
        return len(ids)

    @property
    def _today(self) -> date:
        return local_date(self._clock.now())

    @property
    def _standing(self) -> ColumnElement[bool]:
        in_time = or_(Mandate.until.is_(None), Mandate.until >= self._today)
        return Mandate.state.in_(states.STANDING_MANDATE) & in_time

    def _coded(self, session: Session, case_number: str, code: str) -> Mandate:
        found = session.scalars(
            select(Mandate)
            .join(Decision, Decision.id == Mandate.decision_id)
            .where(Decision.case_number == case_number, self._standing, Mandate.holder.is_(None))
            .order_by(Mandate.id.desc())
        ).first()
        right = self._codes.matches(found.id if found else _NOBODY, code)
        if found is None or not right:
            raise NotFound("mandate-not-found", "check the case number and the code of the mandate")
        return found

    def _own(self, session: Session, holder: str, mandate_id: str) -> Mandate:
        row = session.scalars(select(Mandate).where(Mandate.id == mandate_id, self._standing)).first()
        if row is None or row.holder != holder:
            raise NotFound("mandate-unknown", "no mandate with this id")
        return row

    def _end(self, uow: UnitOfWork, row: Mandate, event: str, reason: str) -> None:
        MANDATE.fire(uow, row, event, reason)
        if row.holder is not None:
            self._events.webhooks.unfollow(uow, row.decision_id, row.holder)

    def _tell(self, uow: UnitOfWork, row: Mandate, outcome: str, reason: str = "") -> None:
        words = {
            "name": row.name,
            "capacity": _DUTCH[Capacity(row.capacity)],
            "given_on": dutch_date(local_date(row.given_at)),
            "until": f" tot en met {dutch_date(row.until)}" if row.until else "",
        }
        number = _count(uow.session, row.decision_id)
        order_letter(uow, row.decision_id, "mandate", outcome, reason, number=number, words=words)

    def _views(self, *which: ColumnElement[bool], limit: int | None = None) -> list[MandateView]:
        with self._units.read() as session:
            rows = session.scalars(
                select(Mandate)
                .join(Decision, Decision.id == Mandate.decision_id)
                .where(*which)
                .order_by(Mandate.id)
                .limit(limit)
            ).all()
            return _seen(session, rows)

    @staticmethod
    def _view(session: Session, row: Mandate) -> MandateView:
        return _seen(session, [row])[0]


def _seen(session: Session, rows: Sequence[Mandate]) -> list[MandateView]:
    """Two questions, however many they are."""
    decided = session.scalars(select(Decision).where(Decision.id.in_({row.decision_id for row in rows})))
    decisions = {decision.id: decision for decision in decided}
    proofs: dict[str, list[ProofView]] = {row.id: [] for row in rows}
    sent = select(MandateEvidence).where(MandateEvidence.mandate_id.in_(proofs))
    for one in session.scalars(sent.order_by(MandateEvidence.mandate_id, MandateEvidence.number)):
        proofs[one.mandate_id].append(ProofView(one.id, one.name, one.media_type))
    return [
        MandateView(
            row.id,
            row.decision_id,
            decisions[row.decision_id].capture_id,
            decisions[row.decision_id].case_number,
            row.name,
            row.capacity,
            row.until,
            local_date(row.given_at),
            row.state,
            row.answer,
            proofs[row.id],
        )
        for row in rows
    ]


def _whose(mandate_ids: frozenset[str], holder: str | None) -> ColumnElement[bool]:
    """Those that he came in by the code of, and those that he took."""
    by_code = Mandate.id.in_(mandate_ids) & Mandate.holder.is_(None)
    return or_(by_code, Mandate.holder == holder) if holder else by_code


def _newest(session: Session, decision_id: str, *which: ColumnElement[bool]) -> Mandate | None:
    wanted = select(Mandate).where(Mandate.decision_id == decision_id, *which).order_by(Mandate.id.desc())
    return session.scalars(wanted).first()


def _count(session: Session, decision_id: str) -> int:
    """The number of the next letter about mandates: two for each that a handler looked at, one for each other."""
    session.flush()
    in_all = session.scalar(select(func.count()).where(Mandate.decision_id == decision_id)) or 0
    answered = session.scalar(
        select(func.count()).where(Mandate.decision_id == decision_id, Mandate.answer.is_not(None))
    )
    return int(in_all) + int(answered or 0)
