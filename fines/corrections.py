"""Requests to correct what is held about a person (AVG art. 16): asked on a case, answered by a handler in time."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select

from core.clock import Clock, local_date
from core.errors import Conflict, NotFound
from core.unit_of_work import Actor, UnitsOfWork
from fines import states
from fines.explanation import Explanation
from fines.models import CorrectionRequest, Decision
from fines.releases import LiveLaw
from fines.states import CORRECTION
from fines.terms import term
from fines.waiting import PAGE, how_many


@dataclass(frozen=True)
class CorrectionView:
    """A request, and the last day to answer it with why."""

    id: str
    decision_id: str
    capture_id: str
    case_number: str
    wrong: str
    asked_on: date
    answer_by: date
    explanation: list[dict[str, Any]]
    state: str
    answer: str | None


class Corrections:
    """See module."""

    def __init__(self, units: UnitsOfWork, clock: Clock, law: LiveLaw) -> None:
        self._units = units
        self._clock = clock
        self._law = law

    def ask(self, actor: Actor, decision_id: str, wrong: str) -> str:
        """Returns the request's id. Raises NotFound, and Conflict while another one waits."""
        today = local_date(self._clock.now())
        explanation = Explanation()
        answer_by = term("correction_answer_months", today, self._law.rules, explanation)
        with self._units.begin(actor) as uow:
            if uow.session.get(Decision, decision_id, with_for_update=True) is None:
                raise NotFound("decision-unknown", "no decision with this id")
            waits = select(CorrectionRequest.id).where(
                CorrectionRequest.decision_id == decision_id, CorrectionRequest.state == states.ASKED
            )
            if uow.session.scalars(waits).first() is not None:
                raise Conflict("correction-exists", "a request to correct something waits for an answer already")
            row = CorrectionRequest(
                decision_id=decision_id,
                wrong=wrong,
                asked_on=today,
                answer_by=answer_by,
                explanation=explanation.as_json(),
                state=states.ASKED,
                answer=None,
            )
            uow.add(row)
            CORRECTION.create(uow, row, "AVG art. 16")
            uow.commit()
            return row.id

    def honour(self, actor: Actor, request_id: str, answer: str) -> None:
        """It was right and is put right; `answer` says how. Raises NotFound, Conflict, NotAllowed."""
        self._answer(actor, request_id, "honour", answer)

    def refuse(self, actor: Actor, request_id: str, answer: str) -> None:
        """It stays as it is; `answer` says why. Raises NotFound, Conflict, NotAllowed."""
        self._answer(actor, request_id, "refuse", answer)

    def _answer(self, actor: Actor, request_id: str, event: str, answer: str) -> None:
        with self._units.begin(actor) as uow:
            row = uow.session.get(CorrectionRequest, request_id, with_for_update=True)
            if row is None:
                raise NotFound("correction-unknown", "no such request")
            CORRECTION.fire(uow, row, event, answer)
            row.answer = answer
            uow.commit()

    def waiting(self, after: str = "", limit: int = PAGE) -> list[CorrectionView]:
        """What has to be answered, oldest first, which is the most urgent; of those after one's id."""
        return self._views(CorrectionRequest.state == states.ASKED, CorrectionRequest.id > after, limit=limit)

    def count_waiting(self) -> int:
        """How many there are."""
        return how_many(self._units, CorrectionRequest.state == states.ASKED)

    def of_decision(self, decision_id: str) -> list[CorrectionView]:
        """All requests on a case, oldest first."""
        return self._views(CorrectionRequest.decision_id == decision_id)

    def _views(self, *which: ColumnElement[bool], limit: int | None = None) -> list[CorrectionView]:
        with self._units.read() as session:
            rows = session.execute(
                select(CorrectionRequest, Decision.capture_id, Decision.case_number)
                .join(Decision, Decision.id == CorrectionRequest.decision_id)
                .where(*which)
                .order_by(CorrectionRequest.id)
                .limit(limit)
            )
            return [
                CorrectionView(
                    row.id,
                    row.decision_id,
                    capture_id,
                    number,
                    row.wrong,
                    row.asked_on,
                    row.answer_by,
                    row.explanation,
                    row.state,
                    row.answer,
                )
                for row, capture_id, number in rows
            ]
