"""Systems that call by themselves: known by a key of their own, they get a token that holds for minutes.

OAuth 2.0 client credentials (RFC 6749, 4.4) with an assertion signed by the client (private_key_jwt, RFC 7523, 2.2).
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwk, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jws import extract_compact
from sqlalchemy import ForeignKey, UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import Clock
from core.database import Base
from core.errors import InvalidInput, NotAuthenticated
from core.ids import new_id
from core.principals import Principal, actor_of
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork

ALGORITHMS = ["ES256", "ES384", "PS256", "PS384", "EdDSA"]
"""None that signs with a shared secret, and not PKCS #1 v1.5."""
TOKEN_SECONDS = 600
_LONGEST_ASSERTION = timedelta(minutes=5)
_SKEW = timedelta(seconds=30)
_LEAST_RSA_BITS = 2048
_SHORTEST_NAME, _LONGEST_NAME = 8, 200
"""Characters of an assertion's own name (jti)."""


class ClientKey(Base):
    """A system's public key (JWK). More than one holds at a time, so that keys can be changed without a gap."""

    __tablename__ = "client_key"
    __table_args__ = (UniqueConstraint("principal_id", "thumbprint"),)
    __sealed__ = ("id", "principal_id", "thumbprint", "added_at")
    __partition__ = "access"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    principal_id: Mapped[str] = mapped_column(ForeignKey("principal.id"))
    thumbprint: Mapped[str]
    """RFC 7638."""
    public: Mapped[dict[str, Any]]
    added_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class UsedAssertion(Base):
    """An assertion counts once, as long as it could be sent again."""

    __tablename__ = "used_assertion"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)


class AccessToken(Base):
    """A token that was given; only its digest is kept."""

    __tablename__ = "access_token"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    principal_id: Mapped[str] = mapped_column(ForeignKey("principal.id"))
    until: Mapped[datetime] = mapped_column(index=True)


class Clients:
    """Registers systems, gives them tokens and recognises those."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    def register(self, actor: Actor, name: str, roles: set[str], keys: bytes) -> str:
        """A system with its public keys (a JWK set); returns its client id. Raises InvalidInput."""
        known = _public_keys(keys)
        with self._units.begin(actor) as uow:
            client = Principal(
                name=name,
                roles=" ".join(sorted(roles)),
                token_sha256=None,
                identity=None,
                created_at=uow.clock.now(),
                ended_at=None,
            )
            uow.add(client)
            _add(uow, client.id, known)
            uow.commit()
            return client.id

    def change_keys(self, actor: Actor, client_id: str, keys: bytes) -> None:
        """From now on these keys count, and no others. Raises InvalidInput."""
        known = _public_keys(keys)
        thumbprints = {key.thumbprint() for key in known}
        with self._units.begin(actor) as uow:
            rows = uow.session.scalars(select(ClientKey).where(ClientKey.principal_id == client_id)).all()
            for row in rows:
                row.revoked_at = None if row.thumbprint in thumbprints else row.revoked_at or uow.clock.now()
            had = {row.thumbprint for row in rows}
            _add(uow, client_id, [key for key in known if key.thumbprint() not in had])
            uow.record("access", "client.keys_changed", "principal", client_id, "keys", {"keys": len(known)})
            uow.commit()

    def give_token(self, assertion: str, audience: str) -> tuple[str, int]:
        """The token and for how many seconds it holds. Raises NotAuthenticated, the same whatever is wrong."""
        refused = NotAuthenticated("client-unknown", "send a signed assertion of a registered client, each but once")
        claims = self._claims(assertion, audience)
        if claims is None:
            raise refused
        client_id, jti, until = claims
        token = secrets.token_urlsafe(32)
        actor = Actor("professional", client_id, frozenset())
        with self._units.begin(actor) as uow:
            now = uow.clock.now()
            uow.session.execute(delete(UsedAssertion).where(UsedAssertion.until < now))
            uow.session.execute(delete(AccessToken).where(AccessToken.until < now))
            uow.session.add(UsedAssertion(client_id=client_id, jti=jti, until=until + _SKEW))
            held = now + timedelta(seconds=TOKEN_SECONDS)
            uow.session.add(AccessToken(sha256=_digest(token), principal_id=client_id, until=held))
            uow.record("access", "token.given", "principal", client_id, "client credentials", {})
            try:
                uow.commit()
            except IntegrityError as error:
                raise refused from error
        return token, TOKEN_SECONDS

    def recognise(self, token: str) -> Actor | None:
        """Who was given this token; None where nobody was, or it does not hold any more."""
        with self._units.read() as session:
            found = session.get(AccessToken, _digest(token))
            if found is None or found.until <= self._clock.now():
                return None
            client = session.get_one(Principal, found.principal_id)
            if client.ended_at is not None:
                return None
            return actor_of(client.id, client.roles)

    def _claims(self, assertion: str, audience: str) -> tuple[str, str, datetime] | None:
        """Whose it is, its name, and until when it holds; None for one that proves nothing."""
        try:
            client_id = str(json.loads(extract_compact(assertion.encode()).payload)["sub"])
            claims = self._signed(assertion, client_id)
            until = datetime.fromtimestamp(float(claims["exp"]), tz=UTC)
            begun = datetime.fromtimestamp(float(claims.get("nbf", 0)), tz=UTC)
            jti = str(claims["jti"])
        except (JoseError, ValueError, KeyError, TypeError, OverflowError, OSError):
            return None
        now = self._clock.now()
        named = claims.get("aud")
        right = (
            claims.get("iss") == client_id
            and audience in (named if isinstance(named, list) else [named])
            and begun - _SKEW <= now < until + _SKEW
            and until - now <= _LONGEST_ASSERTION + _SKEW
            and _SHORTEST_NAME <= len(jti) <= _LONGEST_NAME
        )
        return (client_id, jti, until) if right else None

    def _signed(self, assertion: str, client_id: str) -> dict[str, Any]:
        """What one of the client's keys signed. Raises JoseError where none did."""
        for key in self._keys_of(client_id):
            try:
                return jwt.decode(assertion, key, algorithms=ALGORITHMS).claims
            except (JoseError, ValueError):
                continue
        raise BadSignatureError

    def _keys_of(self, client_id: str) -> list[jwk.Key]:
        with self._units.read() as session:
            rows = session.scalars(
                select(ClientKey)
                .join(Principal, Principal.id == ClientKey.principal_id)
                .where(ClientKey.principal_id == client_id, ClientKey.revoked_at.is_(None))
                .where(Principal.ended_at.is_(None))
            )
            return [jwk.import_key(row.public) for row in rows]


def _public_keys(document: bytes) -> list[jwk.Key]:
    """Those of a JWK set that may be used here. Raises InvalidInput."""
    try:
        keys = [jwk.import_key(one) for one in json.loads(document)["keys"]]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("keys-unreadable", "a set of public keys (JWK set, RFC 7517) was expected") from error
    weak = [key for key in keys if isinstance(key, jwk.RSAKey) and key.public_key.key_size < _LEAST_RSA_BITS]
    unfit = [key for key in keys if key.is_private or isinstance(key, jwk.OctKey)]
    if not keys or weak or unfit:
        told = f"public keys only: EC, Ed25519, or RSA of {_LEAST_RSA_BITS} bits and more"
        raise InvalidInput("keys-unfit", told)
    return keys


def _add(uow: UnitOfWork, client_id: str, keys: Sequence[jwk.Key]) -> None:
    uow.session.flush()
    for key in keys:
        uow.add(
            ClientKey(
                principal_id=client_id,
                thumbprint=key.thumbprint(),
                public=dict(key.as_dict(private=False)),
                added_at=uow.clock.now(),
                revoked_at=None,
            )
        )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
