"""Earlier decisions on appeals that said something like it, so that like cases are decided alike."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from appeals.desk import Desk
from appeals.models import Appeal, AppealDecision
from core import fulltext
from core.errors import NotFound
from core.unit_of_work import UnitOfWork

INDEX = "precedent"
_SHOWN = 5


@dataclass(frozen=True)
class Precedent:
    """A decided appeal; `grounds` is what was said, `motivation` what was decided."""

    appeal_id: str
    case_number: str
    ground: str | None
    outcome: str
    decided_on: date
    grounds: str
    motivation: str


class Precedents:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def like(self, appeal_id: str, words: str = "") -> list[Precedent]:
        """The nearest ones to what the appellant wrote, or to these words instead. Raises NotFound."""
        with self._desk.units.read() as session:
            appeal = session.get(Appeal, appeal_id)
            if appeal is None:
                raise NotFound("appeal-unknown", "no appeal with this id")
            keys = fulltext.search(session, INDEX, words.strip() or appeal.grounds, _SHOWN + 1)
            nearest = [key for key in keys if key != appeal_id][:_SHOWN]
            rows = session.execute(
                select(Appeal, AppealDecision)
                .join(AppealDecision, AppealDecision.appeal_id == Appeal.id)
                .where(Appeal.id.in_(nearest))
            ).all()
        names = self._desk.fines.case_names([one.decision_id for one, _ in rows])
        found = {
            one.id: Precedent(
                one.id,
                names[one.decision_id][0],
                one.ground,
                decided.outcome,
                decided.decided_on,
                one.grounds,
                decided.motivation,
            )
            for one, decided in rows
        }
        return [found[key] for key in nearest if key in found]


def forget(uow: UnitOfWork, appeal_id: str) -> None:
    """Inside a transaction: have it found no more."""
    fulltext.remove(uow.session, INDEX, appeal_id)


def remember(uow: UnitOfWork, appeal: Appeal, motivation: str) -> None:
    """Inside a transaction: have the decision on this appeal found from now on."""
    fulltext.add(uow.session, INDEX, appeal.id, f"{appeal.grounds}\n{motivation}")
