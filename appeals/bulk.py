"""The same act for many appeals at once: shown before it is done, each by itself, and undone where the law allows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from appeals.desk import Desk, locked
from appeals.handling import Handling
from appeals.models import Appeal, BulkAct
from core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from core.unit_of_work import Actor, UnitOfWork

MOST = 100
"""Appeals in one go."""

_Act = Callable[[UnitOfWork, str, str], None]

UNDOABLE = {"take": True, "release": True, "adjourn": False}
"""The acts, and whether they can be undone: a letter that says that a decision is put off cannot be unsaid."""


@dataclass(frozen=True)
class BulkRow:
    """What would become, or became, of one appeal; `refusal` says why nothing did."""

    appeal_id: str
    case_number: str
    refusal: DomainError | None


@dataclass(frozen=True)
class BulkView:
    """`undoable` while it can still be undone by whoever did it."""

    id: str
    act: str
    rows: list[BulkRow]
    undoable: bool
    undone: bool


class Bulk:
    """See module."""

    def __init__(self, desk: Desk, handling: Handling) -> None:
        self._desk = desk
        self._acts: dict[str, _Act] = {
            "take": lambda uow, appeal_id, _: handling.take_within(uow, appeal_id),
            "release": handling.release_within,
            "adjourn": handling.adjourn_within,
        }

    def preview(self, actor: Actor, act: str, appeal_ids: Sequence[str], reason: str) -> list[BulkRow]:
        """What would become of each; nothing is done. Raises InvalidInput."""
        return self._each(actor, act, appeal_ids, reason, done=False)

    def perform(self, actor: Actor, act: str, appeal_ids: Sequence[str], reason: str) -> BulkView:
        """Do it for each by itself: one that is refused holds up none of the others. Raises InvalidInput."""
        holders = self._holders(appeal_ids)
        rows = self._each(actor, act, appeal_ids, reason, done=True)
        results = [
            {
                "appealId": row.appeal_id,
                "refusal": _kept(row.refusal),
                "handlerBefore": holders.get(row.appeal_id),
            }
            for row in rows
        ]
        with self._desk.units.begin(actor) as uow:
            done = BulkAct(
                act=act,
                reason=reason,
                results=results,
                done_by=actor.id,
                done_at=self._desk.clock.now(),
                undone=None,
            )
            uow.add(done)
            uow.commit()
            return self._view(actor, done)

    def view(self, actor: Actor, bulk_id: str) -> BulkView:
        """Raises NotFound."""
        with self._desk.units.read() as session:
            found = session.get(BulkAct, bulk_id)
            if found is None:
                raise NotFound("bulk-act-unknown", "there is nothing with this id")
            return self._view(actor, found)

    def undo(self, actor: Actor, bulk_id: str) -> BulkView:
        """Each that is still as it was left becomes what it was. Raises NotFound, NotAllowed, Conflict."""
        with self._desk.units.begin(actor) as uow:
            found = uow.session.get(BulkAct, bulk_id, with_for_update=True)
            if found is None:
                raise NotFound("bulk-act-unknown", "there is nothing with this id")
            if found.done_by != actor.id:
                raise NotAllowed("bulk-act-of-another", "it is undone by who did it")
            if not UNDOABLE[found.act] or found.undone is not None:
                raise Conflict("not-undoable", "it cannot be undone, or was before")
            # First that it is undone, then what: twice pressed, it acts once.
            found.undone = []
            uow.record("appeals", "bulk.undone", "bulk_act", found.id, found.act, {})
            uow.commit()
            act, results = found.act, [one for one in found.results if one["refusal"] is None]
        back = [(one["appealId"], self._undone(actor, act, one)) for one in results]
        with self._desk.units.begin(actor) as uow:
            found = uow.session.get_one(BulkAct, bulk_id)
            found.undone = [[key, _kept(refusal)] for key, refusal in back]
            uow.commit()
            return self._view(actor, found)

    def _undone(self, actor: Actor, act: str, result: dict[str, Any]) -> DomainError | None:
        def undo(uow: UnitOfWork) -> None:
            appeal = locked(uow, Appeal, result["appealId"])
            if act == "take":
                if appeal.handler_id != actor.id:
                    raise Conflict("appeal-of-another", "another handler has it: take it on when it is given back")
                self._acts["release"](uow, appeal.id, "undone")
            else:
                self._acts["take"](uow, appeal.id, "undone")
                appeal.handler_id = result["handlerBefore"]

        return self._tried(actor, undo)

    def _each(self, actor: Actor, act: str, appeal_ids: Sequence[str], reason: str, *, done: bool) -> list[BulkRow]:
        if act not in UNDOABLE:
            raise InvalidInput("action-unknown", f"the acts are: {', '.join(UNDOABLE)}")
        if not 1 <= len(appeal_ids) <= MOST or len(set(appeal_ids)) != len(appeal_ids):
            raise InvalidInput("choice-unfit", f"choose from one to {MOST} appeals, each once")
        if act != "take" and not reason.strip():
            raise InvalidInput("because-missing", "say why")
        perform = self._acts[act]

        def one(appeal_id: str) -> DomainError | None:
            return self._tried(actor, lambda uow: perform(uow, appeal_id, reason), done=done)

        refusals = [(key, one(key)) for key in appeal_ids]
        names = self._case_numbers(appeal_ids)
        return [BulkRow(key, names.get(key, ""), refusal) for key, refusal in refusals]

    def _tried(self, actor: Actor, act: Callable[[UnitOfWork], None], *, done: bool = True) -> DomainError | None:
        """Why it was refused, if it was; kept only where it is to be `done`."""
        try:
            with self._desk.units.begin(actor) as uow:
                act(uow)
                if done:
                    uow.commit()
        except DomainError as refusal:
            return refusal
        return None

    def _holders(self, appeal_ids: Sequence[str]) -> dict[str, str | None]:
        with self._desk.units.read() as session:
            return {key: appeal.handler_id for key in appeal_ids if (appeal := session.get(Appeal, key)) is not None}

    def _case_numbers(self, appeal_ids: Sequence[str]) -> dict[str, str]:
        with self._desk.units.read() as session:
            found = [appeal for key in appeal_ids if (appeal := session.get(Appeal, key)) is not None]
        names = self._desk.fines.case_names([appeal.decision_id for appeal in found])
        return {appeal.id: names[appeal.decision_id][0] for appeal in found}

    def _view(self, actor: Actor, row: BulkAct) -> BulkView:
        """Of what was undone: what could not be; else what was not done."""
        told = {one["appealId"]: one["refusal"] for one in row.results}
        if row.undone is not None:
            told = dict(row.undone)
        names = self._case_numbers(list(told))
        return BulkView(
            id=row.id,
            act=row.act,
            rows=[BulkRow(key, names.get(key, ""), Conflict(*why) if why else None) for key, why in told.items()],
            undoable=UNDOABLE[row.act] and row.undone is None and row.done_by == actor.id,
            undone=row.undone is not None,
        )


def _kept(refusal: DomainError | None) -> list[str] | None:
    """As it is written down."""
    return [refusal.code, refusal.detail] if refusal else None
