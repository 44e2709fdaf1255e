"""Who acts in a case from outside is told that it moved, and that there is a letter."""

from collections.abc import Sequence
from typing import Any

from core.case_events import CaseEvents, Happening
from core.unit_of_work import UnitOfWork
from fines.models import Decision, HirerList, Letter
from fines.notices import Notices


class Telling:
    """Called at the end of the transaction in which something moved."""

    def __init__(self, events: CaseEvents, notices: Notices) -> None:
        self._events = events
        self._notices = notices

    def decisions_moved(self, uow: UnitOfWork, decisions: Sequence[Decision]) -> None:
        news = [
            Happening(decision.id, "case.changed", {"caseNumber": decision.case_number, "state": decision.state})
            for decision in decisions
        ]
        self._events.tell(uow, news)

    def hirer_lists_moved(self, uow: UnitOfWork, lists: Sequence[HirerList]) -> None:
        for taken in lists:
            if taken.person is None:
                data = {"listId": taken.id, "state": taken.state}
                self._events.webhooks.tell(uow, taken.sent_by, "hirer-list.changed", data)

    def letter_made(self, uow: UnitOfWork, payload: dict[str, Any], _: object) -> None:
        """Job: by webhook, and by e-mail to each address that was confirmed."""
        letter = uow.session.get_one(Letter, payload["letterId"])
        decision = uow.session.get_one(Decision, letter.decision_id)
        data = {"caseNumber": decision.case_number, "kind": letter.kind, "number": letter.number}
        self._events.tell(uow, [Happening(decision.id, "letter.made", data)])
        self._notices.order(uow, letter)
