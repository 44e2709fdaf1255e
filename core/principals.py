"""People who work with the system: a token each, stored as its digest, and roles."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.errors import NotAuthenticated
from core.ids import new_id
from core.unit_of_work import Actor, UnitsOfWork


class Principal(Base):
    """`name` is shown to those who work with the person; records carry the id."""

    __tablename__ = "principal"
    __sealed__ = ("id", "name", "roles", "token_sha256")
    __partition__ = "access"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    roles: Mapped[str]
    token_sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Principals:
    """Registers and recognises people."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def register(self, actor: Actor, name: str, roles: set[str]) -> str:
        """Returns the token, which is shown this once and kept nowhere."""
        token = secrets.token_urlsafe(32)
        with self._units.begin(actor) as uow:
            uow.add(
                Principal(
                    name=name,
                    roles=" ".join(sorted(roles)),
                    token_sha256=_digest(token),
                    created_at=uow.clock.now(),
                )
            )
            uow.commit()
        return token

    def recognise(self, token: str) -> Actor:
        """Raises NotAuthenticated for a token that nobody has."""
        with self._units.read() as session:
            found = session.scalars(select(Principal).where(Principal.token_sha256 == _digest(token))).first()
        if found is None:
            raise NotAuthenticated("token-unknown", "send a valid token: Authorization: Bearer <token>")
        return _actor(found)

    def known(self, principal_id: str) -> Actor:
        """The person behind a session that began with his token. Raises NotAuthenticated."""
        with self._units.read() as session:
            found = session.get(Principal, principal_id)
        if found is None:
            raise NotAuthenticated("session-unknown", "log in again")
        return _actor(found)

    def with_role(self, role: str) -> list[tuple[str, str]]:
        """Id and name of each person who has it, by name."""
        with self._units.read() as session:
            rows = session.scalars(select(Principal).order_by(Principal.name, Principal.id))
            return [(row.id, row.name) for row in rows if role in row.roles.split()]


def _actor(principal: Principal) -> Actor:
    return Actor("handler", principal.id, frozenset(principal.roles.split()))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
