"""Distribution: the most urgent appeal that nobody has, of the grounds and languages that a handler is good at."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from appeals import states
from appeals.desk import Desk
from appeals.grounds import ground
from appeals.models import Appeal, HandlerProfile
from appeals.states import APPEAL
from core.errors import Conflict, InvalidInput
from core.unit_of_work import Actor

LANGUAGES = ("nl", "en", "de", "fr", "fy", "pl", "tr", "ar")
"""In which appeals come, as ISO 639-1."""


@dataclass(frozen=True)
class Profile:
    """What a handler is given; an empty list is everything."""

    grounds: list[str]
    languages: list[str]


class Distribution:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def profile(self, handler_id: str) -> Profile:
        """Everything, for one of whom nothing was said."""
        with self._desk.units.read() as session:
            row = session.get(HandlerProfile, handler_id)
            return Profile(list(row.grounds), list(row.languages)) if row else Profile([], [])

    def set_profile(self, actor: Actor, handler_id: str, grounds: Sequence[str], languages: Sequence[str]) -> None:
        """What this handler is good at. Raises InvalidInput, NotAllowed."""
        for code in grounds:
            ground(code)
        if any(language not in LANGUAGES for language in languages):
            raise InvalidInput("language-unknown", f"the languages are: {', '.join(LANGUAGES)}")
        with self._desk.units.begin(actor) as uow:
            actor.require("senior", told="what a handler is given is said by a senior")
            row = uow.session.get(HandlerProfile, handler_id, with_for_update=True)
            if row is None:
                row = HandlerProfile(handler_id=handler_id, grounds=[], languages=[])
                uow.add(row)
            row.grounds, row.languages = list(grounds), list(languages)
            given = {"grounds": row.grounds, "languages": row.languages}
            uow.record("appeals", "handler.profiled", "handler", handler_id, "what this handler is given", given)
            uow.commit()

    def take_next(self, actor: Actor) -> str:
        """Take on the most urgent one that fits; two who ask at once get two. Returns its id.

        Raises NotAllowed, and Conflict when there is none.
        """
        profile = self.profile(actor.id)
        with self._desk.units.begin(actor) as uow:
            fitting = select(Appeal).where(Appeal.state == states.FILED, *_fits(profile))
            first = fitting.order_by(Appeal.decide_until, Appeal.id).limit(1).with_for_update(skip_locked=True)
            appeal = uow.session.scalars(first).first()
            if appeal is None:
                raise Conflict("nothing-for-you", "no appeal that you are given waits; the list shows the others")
            APPEAL.fire(uow, appeal, "take", "the next one")
            appeal.handler_id = actor.id
            uow.commit()
            return appeal.id


def _fits(profile: Profile) -> list[ColumnElement[bool]]:
    """An appeal whose ground or language nobody named is for everyone."""
    wanted: list[ColumnElement[bool]] = []
    if profile.grounds:
        wanted.append(or_(Appeal.ground.in_(profile.grounds), Appeal.ground.is_(None)))
    if profile.languages:
        wanted.append(or_(Appeal.language.in_(profile.languages), Appeal.language.is_(None)))
    return wanted
