"""Lists of one's own: a view, a ground and a language under a name, for the person who keeps it."""

from dataclasses import dataclass

from sqlalchemy import func, select

from appeals.desk import Desk
from appeals.distribution import LANGUAGES
from appeals.grounds import ground as known_ground
from appeals.models import SavedList
from appeals.worklist import VIEWS
from core.errors import Conflict, InvalidInput, NotFound
from core.unit_of_work import Actor

MOST = 20
"""Lists of one person."""


@dataclass(frozen=True)
class SavedListView:
    """`ground` and `language` are None where the list shows every one."""

    id: str
    name: str
    view: str
    ground: str | None
    language: str | None


class SavedLists:
    """See module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of(self, actor: Actor) -> list[SavedListView]:
        """In the order in which they were kept."""
        with self._desk.units.read() as session:
            rows = session.scalars(select(SavedList).where(SavedList.owner_id == actor.id).order_by(SavedList.id))
            return [SavedListView(row.id, row.name, row.view, row.ground, row.language) for row in rows]

    def keep(self, actor: Actor, name: str, view: str, ground: str | None, language: str | None) -> str:
        """Returns its id. Raises InvalidInput, and Conflict for more than one keeps apart."""
        if not name.strip():
            raise InvalidInput("name-missing", "give the list a name")
        if view not in VIEWS:
            raise InvalidInput("list-unknown", f"the lists are: {', '.join(VIEWS)}")
        if ground is not None:
            known_ground(ground)
        if language is not None and language not in LANGUAGES:
            raise InvalidInput("language-unknown", f"the languages are: {', '.join(LANGUAGES)}")
        with self._desk.units.begin(actor) as uow:
            count = select(func.count()).select_from(SavedList).where(SavedList.owner_id == actor.id)
            if (uow.session.scalar(count) or 0) >= MOST:
                raise Conflict("too-many-lists", f"keep at most {MOST} lists: forget one first")
            row = SavedList(owner_id=actor.id, name=name.strip()[:60], view=view, ground=ground, language=language)
            uow.add(row)
            uow.commit()
            return row.id

    def forget(self, actor: Actor, list_id: str) -> None:
        """Raises NotFound, for another's as for none."""
        with self._desk.units.begin(actor) as uow:
            row = uow.session.get(SavedList, list_id)
            if row is None or row.owner_id != actor.id:
                raise NotFound("list-unknown", "you keep no list with this id")
            uow.session.delete(row)
            uow.commit()
