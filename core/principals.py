"""People who work with the system: by a token of ours, stored as its digest, or by their organisation's own login."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.clock import Clock
from core.database import Base
from core.errors import NotAuthenticated, NotFound
from core.ids import new_id
from core.roles import OUTSIDE_ROLES
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork


class Principal(Base):
    """`name` is shown to those who work with the person; records carry the id.

    `roles` are those of the token. Who is known by another login has no token, and the roles of each login.
    """

    __tablename__ = "principal"
    __sealed__ = ("id", "name", "roles", "token_sha256")
    __sealed_if_set__ = ("identity",)
    __partition__ = "access"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    roles: Mapped[str]
    token_sha256: Mapped[str | None] = mapped_column(unique=True)
    identity: Mapped[str | None] = mapped_column(unique=True)
    """Who says who it is, and how he calls the person."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """From then on nobody is known by it."""


class Login(Base):
    """A person began to work on the pages, with these roles, until he logs out or the day is over."""

    __tablename__ = "login"
    __sealed__ = ("id", "principal_id", "roles", "begun_at")
    __partition__ = "access"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    principal_id: Mapped[str] = mapped_column(ForeignKey("principal.id"), index=True)
    roles: Mapped[str]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Principals:
    """Registers and recognises people. A login holds for `hours`."""

    def __init__(self, units: UnitsOfWork, clock: Clock, hours: int) -> None:
        self._units = units
        self._clock = clock
        self._holds = timedelta(hours=hours)

    def register(self, actor: Actor, name: str, roles: set[str]) -> str:
        """Returns the token, which is shown this once and kept nowhere."""
        token = secrets.token_urlsafe(32)
        with self._units.begin(actor) as uow:
            uow.add(
                Principal(
                    name=name,
                    roles=" ".join(sorted(roles)),
                    token_sha256=_digest(token),
                    identity=None,
                    created_at=uow.clock.now(),
                    ended_at=None,
                )
            )
            uow.commit()
        return token

    def recognise(self, token: str) -> Actor:
        """Raises NotAuthenticated for a token that nobody has."""
        with self._units.read() as session:
            found = session.scalars(select(Principal).where(Principal.token_sha256 == _digest(token))).first()
        if found is None or found.ended_at is not None:
            raise NotAuthenticated("token-unknown", "send a valid token: Authorization: Bearer <token>")
        return actor_of(found.id, found.roles)

    def log_in(self, person: Actor) -> str:
        """Returns the id of the login, under which the person is known until it ends."""
        with self._units.begin(person) as uow:
            login = Login(
                principal_id=person.id,
                roles=" ".join(sorted(person.roles)),
                begun_at=uow.clock.now(),
                ended_at=None,
            )
            uow.add(login)
            uow.commit()
            return login.id

    def log_in_by(self, identity: str, name: str, roles: set[str]) -> str:
        """Log in whom another vouches for; the first time, get to know him. Returns the id of the login.

        Raises NotAuthenticated for who is not known here any more.
        """
        person = self._by_identity(identity) or self._get_to_know(identity, name)
        if person.ended_at is not None:
            raise NotAuthenticated("person-ended", "this person is not known here any more")
        return self.log_in(actor_of(person.id, " ".join(roles)))

    def logged_in(self, login_id: str) -> Actor:
        """Who is behind a login. Raises NotAuthenticated once it ended."""
        with self._units.read() as session:
            found = session.get(Login, login_id)
            gone = found is not None and session.get_one(Principal, found.principal_id).ended_at is not None
        if found is None or gone or found.ended_at is not None or found.begun_at + self._holds <= self._clock.now():
            raise NotAuthenticated("login-ended", "log in again")
        return actor_of(found.principal_id, found.roles)

    def log_out(self, login_id: str, *, everywhere: bool = False) -> None:
        """From here on nobody is behind this login, wherever a copy of its cookie lies; `everywhere`: behind none."""
        try:
            person = self.logged_in(login_id)
        except NotAuthenticated:
            return
        if everywhere:
            self.end_logins(person, person.id, "logged out everywhere")
            return
        with self._units.begin(person) as uow:
            _end(uow, uow.session.get_one(Login, login_id), "logged out")
            uow.commit()

    def end(self, actor: Actor, principal_id: str, reason: str) -> None:
        """Nobody is known by this token or key from here on, and all logins end. Raises NotFound."""
        with self._units.begin(actor) as uow:
            found = uow.session.get(Principal, principal_id, with_for_update=True)
            if found is None:
                raise NotFound("person-unknown", "nobody has this id")
            found.ended_at = found.ended_at or uow.clock.now()
            uow.record("access", "principal.ended", "principal", principal_id, reason, {})
            uow.commit()
        self.end_logins(actor, principal_id, reason)

    def end_logins(self, actor: Actor, principal_id: str, reason: str) -> int:
        """End all logins of a person, as when somebody leaves the organisation; returns how many."""
        standing = select(Login).where(Login.principal_id == principal_id, Login.ended_at.is_(None))
        with self._units.begin(actor) as uow:
            found = uow.session.scalars(standing).all()
            for login in found:
                _end(uow, login, reason)
            uow.commit()
            return len(found)

    def _by_identity(self, identity: str) -> Principal | None:
        with self._units.read() as session:
            return session.scalars(select(Principal).where(Principal.identity == identity)).first()

    def _get_to_know(self, identity: str, name: str) -> Principal:
        principal = Principal(
            name=name, roles="", token_sha256=None, identity=identity, created_at=self._clock.now(), ended_at=None
        )
        with self._units.begin(actor_of(principal.id, "")) as uow:
            uow.add(principal)
            try:
                uow.commit()
            except IntegrityError:
                # The same person came in by another window at the same moment.
                return self._by_identity(identity) or principal
            return principal

    def with_role(self, role: str) -> list[tuple[str, str]]:
        """Id and name of each person who has it, by name; what the newest login gave counts."""
        with self._units.read() as session:
            rows = session.scalars(
                select(Principal).where(Principal.ended_at.is_(None)).order_by(Principal.name, Principal.id)
            )
            return [(row.id, row.name) for row in rows if role in _roles_now(session, row).split()]


def _end(uow: UnitOfWork, login: Login, reason: str) -> None:
    login.ended_at = uow.clock.now()
    uow.record("access", "login.ended", "login", login.id, reason, {})


def _roles_now(session: Session, principal: Principal) -> str:
    if principal.identity is None:
        return principal.roles
    newest = select(Login.roles).where(Login.principal_id == principal.id).order_by(Login.begun_at.desc()).limit(1)
    return session.scalar(newest) or ""


def actor_of(principal_id: str, roles: str) -> Actor:
    """Somebody who is known, with his roles."""
    named = frozenset(roles.split())
    return Actor("professional" if named & set(OUTSIDE_ROLES) else "handler", principal_id, named)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
