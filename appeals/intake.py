"""Intake: an appeal comes in, by the portal, by API or by letter, and nothing is collected from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from appeals import states
from appeals.admissibility import timeliness
from appeals.attachments import Attachments
from appeals.desk import Desk
from appeals.grounds import ground
from appeals.models import Appeal
from appeals.states import APPEAL
from core.errors import Conflict, InvalidInput
from core.unit_of_work import Actor, UnitOfWork
from core.uploads import CheckedFile
from fines.service import DecisionView, dutch_date, term


@dataclass(frozen=True)
class Filing:
    """What an appellant sends in (Wahv art. 6): grounds, who he is, why he is late if he is.

    `ground` is a code of `law/grounds.yaml`; `received_on` is another day than today for a letter that lay in the post
    room; `representative` acts for the person addressed.
    """

    grounds: str
    appellant: dict[str, str]
    late_reason: str | None = None
    posted_on: date | None = None
    ground: str | None = None
    channel: str = "portal"
    representative: dict[str, Any] | None = None
    wants_hearing: bool | None = None
    received_on: date | None = None
    language: str | None = None


class Intake:
    """See module."""

    def __init__(self, desk: Desk, attachments: Attachments) -> None:
        self._desk = desk
        self._attachments = attachments

    def file(self, actor: Actor, decision: DecisionView, filing: Filing, files: Sequence[CheckedFile] = ()) -> str:
        """File an administrative appeal; the decision's collection stops in the same transaction. Returns its id.

        Late appeals are taken in too: a handler judges the reason (Awb art. 6:11). Raises InvalidInput, and Conflict
        for a second appeal or when the decision is annulled.
        """
        self._attachments.keep(decision, files)
        with self._desk.units.begin(actor) as uow:
            appeal_id = self.file_within(uow, decision, filing, files)
            uow.commit()
            return appeal_id

    def file_within(
        self, uow: UnitOfWork, decision: DecisionView, filing: Filing, files: Sequence[CheckedFile] = ()
    ) -> str:
        """As `file`, inside a transaction; the files' content is kept already."""
        desk = self._desk
        received_on = filing.received_on or desk.today
        desk.check_received(received_on)
        if filing.ground is not None:
            ground(filing.ground)
        timely = timeliness(decision.appeal_until, received_on, filing.posted_on, desk.rules)
        if not timely.in_time and not filing.late_reason:
            raise InvalidInput(
                "appeal-late",
                f"the term ended on {decision.appeal_until.isoformat()}; say why the appeal is late (lateReason)",
            )
        known = uow.session.scalars(select(Appeal.id).where(Appeal.decision_id == decision.id)).first()
        if known is not None:
            raise Conflict("appeal-exists", "there is an appeal against this decision already")
        start = max(decision.appeal_until, received_on)
        decide_by = term("prosecutor_term_weeks", start, desk.rules, timely.explanation)
        appeal = Appeal(
            decision_id=decision.id,
            ground=filing.ground,
            grounds=filing.grounds,
            channel=filing.channel,
            language=filing.language,
            appellant=filing.appellant,
            representative=filing.representative,
            filed_by=uow.actor.id if "professional" in uow.actor.roles else None,
            wants_hearing=filing.wants_hearing,
            late_reason=filing.late_reason,
            filed_at=desk.clock.now(),
            received_on=received_on,
            decide_by=decide_by,
            decide_until=decide_by,
            in_time=timely.in_time,
            explanation=timely.explanation.as_json(),
            state=states.FILED,
            handler_id=None,
            lateness_excused=None,
            adjourned=False,
            letters=0,
        )
        uow.add(appeal)
        APPEAL.create(uow, appeal, "filed in time" if timely.in_time else "filed late")
        self._attachments.write(uow, appeal, files)
        if appeal.filed_by is not None:
            desk.events.webhooks.follow(uow, decision.id, appeal.filed_by)
        desk.fines.outcomes.suspend(uow, decision.id, f"appeal:{appeal.id}")
        desk.tell(uow, appeal, "received", received_on=dutch_date(received_on), decide_by=dutch_date(appeal.decide_by))
        return appeal.id
