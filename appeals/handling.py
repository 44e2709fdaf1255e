"""Handling: an appeal is taken on, adjourned, withdrawn and decided; by two where the photo was read wrongly."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import select

from appeals import states
from appeals.costs import Costs, grant
from appeals.desk import Desk, locked, next_number
from appeals.grounds import grounds
from appeals.models import Appeal, AppealDecision, Hearing, Inquiry, Proposal, RepairRequest
from appeals.precedents import remember
from appeals.states import APPEAL, HEARING, INQUIRY, REPAIR
from appeals.views import standing_proposal
from appeals.watch import settle_default
from core.errors import Conflict, InvalidInput, NotAllowed
from core.unit_of_work import Actor, UnitOfWork
from fines.service import OUTCOME_REACHED, dutch_date, format_euro, term

OUTCOMES = ("upheld", "amended", "annulled", "inadmissible")

UNHEARD = {
    "manifestly-inadmissible": "Awb art. 7:17 sub a",
    "manifestly-unfounded": "Awb art. 7:17 sub b",
    "waived": "Awb art. 7:17 sub c",
    "no-reply": "Awb art. 7:17 sub d",
}
"""Why a hearing may be left out; the decision says which (Awb art. 7:26 par. 1)."""


@dataclass(frozen=True)
class Verdict:
    """What a handler decides; `sanction_cents` is the new sanction of an amended one, `unheard` one of UNHEARD.

    `against_reading` says that the photo was read wrongly: then another handler has to agree. `costs` are those that
    the appellant asked for.
    """

    outcome: str
    motivation: str
    sanction_cents: int | None = None
    unheard: str | None = None
    against_reading: bool = False
    costs: Costs | None = None


class Handling:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def take(self, actor: Actor, appeal_id: str) -> None:
        """A handler takes the appeal on. Raises NotFound, Conflict when someone has it."""
        with self._desk.units.begin(actor) as uow:
            self.take_within(uow, appeal_id)
            uow.commit()

    def take_within(self, uow: UnitOfWork, appeal_id: str) -> None:
        """As `take`, inside a transaction."""
        appeal = locked(uow, Appeal, appeal_id)
        APPEAL.fire(uow, appeal, "take", "taken on")
        appeal.handler_id = uow.actor.id

    def release(self, actor: Actor, appeal_id: str, reason: str) -> None:
        """Give it back to the work list."""
        with self._desk.units.begin(actor) as uow:
            self.release_within(uow, appeal_id, reason)
            uow.commit()

    def release_within(self, uow: UnitOfWork, appeal_id: str, reason: str) -> None:
        """As `release`, inside a transaction."""
        appeal = locked(uow, Appeal, appeal_id)
        APPEAL.fire(uow, appeal, "release", reason)
        appeal.handler_id = None

    def adjourn(self, actor: Actor, appeal_id: str, reason: str) -> None:
        """Put the decision off, once, by as much as the law allows, and tell the appellant (Awb art. 7:24 par. 4, 7).

        Raises NotFound, NotAllowed, Conflict when it was adjourned before, is decided, or its term has passed.
        """
        with self._desk.units.begin(actor) as uow:
            self.adjourn_within(uow, appeal_id, reason)
            uow.commit()

    def adjourn_within(self, uow: UnitOfWork, appeal_id: str, reason: str) -> None:
        """As `adjourn`, inside a transaction."""
        desk = self._desk
        uow.actor.require("handler", told="an appeal is adjourned by a handler")
        appeal = locked(uow, Appeal, appeal_id)
        if appeal.state not in states.OPEN or appeal.adjourned or appeal.decide_until < desk.today:
            raise Conflict("adjournment-too-late", "adjourned once, while the term runs and the appeal is open")
        weeks = desk.rules.value("prosecutor_adjournment_weeks", desk.today)
        appeal.adjourned = True
        appeal.decide_until += timedelta(weeks=weeks)
        uow.record(
            "appeals", "appeal.adjourned", "appeal", appeal.id, reason, {"until": appeal.decide_until.isoformat()}
        )
        desk.tell(uow, appeal, "adjourned", decide_by=dutch_date(appeal.decide_until), reason=reason)

    def judge_lateness(self, actor: Actor, appeal_id: str, *, excused: bool, reason: str) -> None:
        """Is who was late not to blame for it (Awb art. 6:11)? Raises NotFound, NotAllowed, Conflict."""
        with self._desk.units.begin(actor) as uow:
            actor.require("handler", told="lateness is judged by a handler")
            appeal = locked(uow, Appeal, appeal_id)
            if appeal.in_time or appeal.state != states.IN_HANDLING:
                raise Conflict("lateness-not-asked", "only a late appeal that is being handled is judged for lateness")
            appeal.lateness_excused = excused
            uow.record("appeals", "appeal.lateness_judged", "appeal", appeal.id, reason, {"excused": excused})
            uow.commit()

    def withdraw(self, actor: Actor, appeal_id: str, reason: str) -> None:
        """The appellant gives up; the decision stands. Raises NotFound, NotAllowed, Conflict."""
        with self._desk.units.begin(actor) as uow:
            appeal = locked(uow, Appeal, appeal_id)
            APPEAL.fire(uow, appeal, "withdraw", reason)
            self._close(uow, appeal)
            # What was forfeited by now stays owed; from now on nobody waits for a decision.
            settle_default(self._desk, uow, appeal, self._desk.today, manifest=False)
            _publish(uow, appeal, "withdrawn", "", None)
            uow.commit()

    def decide(self, actor: Actor, appeal_id: str, verdict: Verdict) -> None:
        """The prosecutor's decision (Wahv art. 7); it flows back into the fine as an event.

        One that says that the photo was read wrongly is a proposal until another handler approves it. Raises
        InvalidInput for a verdict that does not fit the law or the case, NotFound, NotAllowed, Conflict when it was not
        taken on, is decided, or something that was asked is still open.
        """
        desk = self._desk
        with desk.units.begin(actor) as uow:
            appeal = locked(uow, Appeal, appeal_id)
            if appeal.state == states.IN_HANDLING and appeal.handler_id != actor.id:
                raise Conflict("appeal-of-another", "another handler has it: take it on when it is given back")
            sanction = desk.fines.decision(appeal.decision_id).amounts.sanction
            check_outcome(verdict.outcome, verdict.sanction_cents, sanction)
            self._check(uow, appeal, verdict)
            if self._against_reading(appeal, verdict):
                APPEAL.fire(uow, appeal, "propose", verdict.outcome)
                uow.add(
                    Proposal(
                        appeal_id=appeal.id,
                        number=next_number(uow, Proposal, appeal.id),
                        verdict=asdict(verdict),
                        proposed_by=actor.id,
                        proposed_on=desk.today,
                    )
                )
            else:
                self._decide(uow, appeal, verdict)
            uow.commit()

    def approve(self, actor: Actor, appeal_id: str) -> None:
        """Another handler agrees with what was proposed. Raises NotFound, NotAllowed, Conflict."""
        with self._desk.units.begin(actor) as uow:
            appeal = locked(uow, Appeal, appeal_id)
            proposal = standing_proposal(uow.session, appeal)
            if appeal.state != states.PROPOSED or proposal is None:
                raise Conflict("nothing-proposed", "no decision on this appeal waits for approval")
            if proposal.proposed_by == actor.id:
                raise NotAllowed("four-eyes", "another handler than who proposed it has to agree")
            costs = proposal.verdict["costs"]
            verdict = Verdict(**{**proposal.verdict, "costs": Costs(**costs) if costs else None})
            self._decide(uow, appeal, verdict)
            uow.commit()

    def send_back(self, actor: Actor, appeal_id: str, reason: str) -> None:
        """Another handler does not agree. Raises NotFound, NotAllowed, Conflict."""
        with self._desk.units.begin(actor) as uow:
            APPEAL.fire(uow, locked(uow, Appeal, appeal_id), "send_back", reason)
            uow.commit()

    def _check(self, uow: UnitOfWork, appeal: Appeal, verdict: Verdict) -> None:
        if verdict.costs is not None and verdict.outcome not in ("annulled", "amended"):
            raise InvalidInput("costs-not-due", "costs are given back where the sanction is (Awb art. 7:28 par. 2)")
        if not appeal.in_time and appeal.lateness_excused is None:
            raise Conflict("lateness-open", "this appeal is late: say first whether that is excused (Awb art. 6:11)")
        if not appeal.in_time and not appeal.lateness_excused and verdict.outcome != "inadmissible":
            raise InvalidInput("outcome-late", "late without excuse is inadmissible (Awb art. 6:11)")
        planned = select(Hearing.id).where(Hearing.appeal_id == appeal.id, Hearing.state == states.PLANNED)
        if uow.session.scalars(planned).first() is not None:
            raise Conflict("hearing-open", "a hearing is planned: report on it or cancel it first")
        heard = select(Hearing.id).where(
            Hearing.appeal_id == appeal.id, Hearing.state.in_((states.HELD, states.MISSED))
        )
        if uow.session.scalars(heard).first() is not None or verdict.outcome == "annulled":
            return
        if verdict.unheard not in UNHEARD:
            raise InvalidInput("hearing-missing", f"hear the appellant, or say why not: {', '.join(UNHEARD)}")
        if appeal.wants_hearing and verdict.unheard in ("waived", "no-reply"):
            raise InvalidInput("hearing-asked", "the appellant asked to be heard (Awb art. 7:17)")

    @staticmethod
    def _against_reading(appeal: Appeal, verdict: Verdict) -> bool:
        """The appeal's own ground may say so, whatever the handler ticked."""
        named = grounds().get(appeal.ground or "")
        return verdict.against_reading or (
            named is not None and named.against_reading and verdict.outcome in ("annulled", "amended")
        )

    def _decide(self, uow: UnitOfWork, appeal: Appeal, verdict: Verdict) -> None:
        today = self._desk.today
        APPEAL.fire(uow, appeal, "decide", verdict.outcome)
        self._close(uow, appeal)
        given = grant(self._desk, uow, appeal.decision_id, appeal.id, verdict.costs, verdict.outcome)
        uow.add(
            AppealDecision(
                appeal_id=appeal.id,
                outcome=verdict.outcome,
                sanction_cents=verdict.sanction_cents,
                motivation=verdict.motivation,
                unheard=verdict.unheard,
                award=given.as_json() if given else None,
                decided_by=uow.actor.id,
                decided_on=today,
                court_until=term("appeal_term_weeks", today, self._desk.rules),
            )
        )
        remember(uow, appeal, verdict.motivation)
        settle_default(self._desk, uow, appeal, today, manifest=(verdict.unheard or "").startswith("manifestly"))
        motivation = verdict.motivation
        if verdict.unheard is not None:
            motivation += f" (Niet gehoord: {UNHEARD[verdict.unheard]}.)"
        if given is not None:
            motivation += f" Vergoeding van kosten: € {format_euro(given.cents)} (Wahv, artikel 13a)."
        _publish(uow, appeal, verdict.outcome, motivation, verdict.sanction_cents)

    def _close(self, uow: UnitOfWork, appeal: Appeal) -> None:
        """Nothing that was asked about it is waited for any more."""
        today = self._desk.today
        for repair in uow.session.scalars(
            select(RepairRequest).where(RepairRequest.appeal_id == appeal.id, RepairRequest.state == states.ASKED)
        ):
            REPAIR.fire(uow, repair, "end", "the appeal is over")
            repair.ended_on = today
        for hearing in uow.session.scalars(
            select(Hearing).where(Hearing.appeal_id == appeal.id, Hearing.state == states.PLANNED)
        ):
            HEARING.fire(uow, hearing, "cancel", "the appeal is over")
        for inquiry in uow.session.scalars(
            select(Inquiry).where(Inquiry.appeal_id == appeal.id, Inquiry.state == states.ASKED)
        ):
            INQUIRY.fire(uow, inquiry, "drop", "the appeal is over")


def check_outcome(outcome: str, sanction_cents: int | None, below_cents: int) -> None:
    """Raises InvalidInput for an outcome that does not exist, or a new sanction that does not lie below the limit."""
    if outcome not in OUTCOMES:
        raise InvalidInput("outcome-unknown", f"choose one of: {', '.join(OUTCOMES)}")
    if outcome == "amended" and not (sanction_cents and 0 < sanction_cents < below_cents):
        raise InvalidInput("sanction-not-lower", "an amended sanction lies between nothing and the old one")
    if outcome != "amended" and sanction_cents is not None:
        raise InvalidInput("sanction-not-expected", "only an amended decision has a new sanction")


def _publish(uow: UnitOfWork, appeal: Appeal, outcome: str, motivation: str, sanction_cents: int | None) -> None:
    publish_outcome(
        uow,
        "prosecutor",
        appeal.id,
        appeal.decision_id,
        outcome,
        motivation,
        sanction_cents,
        final=outcome == "withdrawn",
    )


def publish_outcome(
    uow: UnitOfWork,
    stage: str,
    source_id: str,
    decision_id: str,
    outcome: str,
    motivation: str,
    sanction_cents: int | None,
    *,
    final: bool,
    number: int = 1,
) -> None:
    """Inside a transaction: the outcome will flow back into the decision, once for each stage and number.

    `final`: no further appeal is open, so that what is owed is due.
    """
    payload = {
        "decisionId": decision_id,
        "outcome": outcome,
        "motivation": motivation,
        "sanctionCents": sanction_cents,
        "stage": stage,
        "final": final,
        "number": number,
        "source": f"{stage}:{source_id}",
    }
    uow.publish(OUTCOME_REACHED, decision_id, payload, version=f"{stage}:{number}")
