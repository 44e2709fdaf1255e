"""The key with which the installation vouches for its own records, and the keys that did so before it.

A new key takes over by a statement that both sign: who knows one of them can trust the other. What the former signed
counts up to the moment at which it ended; its private half is needed no more then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from sqlalchemy import or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.canonical import canonical_json
from core.database import Base
from core.errors import Conflict


class KeyChange(Base):
    """That `successor` took over from `former` (public keys, hexadecimal), whose signatures count until `ends_at`."""

    __tablename__ = "signing_key_change"
    __sealed__ = ("former", "successor", "ends_at", "former_signature", "successor_signature")

    former: Mapped[str] = mapped_column(primary_key=True)
    successor: Mapped[str] = mapped_column(unique=True)
    ends_at: Mapped[datetime]
    former_signature: Mapped[str]
    successor_signature: Mapped[str]

    def statement(self) -> bytes:
        """What both sign."""
        return canonical_json({"former": self.former, "successor": self.successor, "endsAt": self.ends_at})

    def holds(self) -> bool:
        """Did both sign it?"""
        signatures = ((self.former, self.former_signature), (self.successor, self.successor_signature))
        return all(_is_signed(key, self.statement(), signature) for key, signature in signatures)


@dataclass(frozen=True)
class KnownKeys:
    """Public keys (hexadecimal) and until when each one's signatures count; the installation's own comes first."""

    until: Mapping[str, datetime | None]

    def who_signed(self, statement: bytes, signature: str, at: datetime) -> str | None:
        """The key under which a signature (hexadecimal) of that moment holds; None where it holds under none."""
        for key, until in self.until.items():
            if (until is None or at <= until) and _is_signed(key, statement, signature):
                return key
        return None


class InstallationKey:
    """The one that signs now."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.name = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, content: bytes) -> str:
        """A signature in hexadecimal (Ed25519, RFC 8032)."""
        return self._key.sign(content).hex()

    def sign_record(self, session: Session, statement: bytes, at: datetime) -> str:
        """A signature under a record of that moment. Raises Conflict when another key had taken over by then."""
        until = self.known(session).until[self.name]
        if until is not None and until < at:
            raise Conflict(
                "signing-key-ended",
                "another signing key has taken over: start this process with FLITSKETEN_SIGNING_KEY_FILE of that one",
            )
        return self.sign(statement)

    def known(self, session: Session) -> KnownKeys:
        """This key and all that are linked to it by changes that both sides signed."""
        until: dict[str, datetime | None] = {self.name: None}
        fresh = {self.name}
        while fresh:
            beside = or_(KeyChange.former.in_(fresh), KeyChange.successor.in_(fresh))
            changes = [change for change in session.scalars(select(KeyChange).where(beside)) if change.holds()]
            fresh = {key for change in changes for key in (change.former, change.successor)} - until.keys()
            until |= dict.fromkeys(sorted(fresh)) | {change.former: change.ends_at for change in changes}
        return KnownKeys(until)

    def succeeded_by(self, session: Session, successor: "InstallationKey", ends_at: datetime) -> KeyChange:
        """The row by which another key takes over, to be added; this one's signatures count until `ends_at` (UTC).

        Raises Conflict when this key has ended already, or the other one was used before.
        """
        known = self.known(session).until
        if known[self.name] is not None or successor.name in known:
            raise Conflict(
                "signing-key-used", "this key was replaced already, or the other was used before: make a new one"
            )
        change = KeyChange(former=self.name, successor=successor.name, ends_at=ends_at)
        change.former_signature = self.sign(change.statement())
        change.successor_signature = successor.sign(change.statement())
        return change


def public_pem(name: str) -> bytes:
    """A public key (hexadecimal) as it is published."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(name))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_key(path: Path) -> Ed25519PrivateKey:
    """From a file in PEM. Raises ValueError for another kind."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the signing key must be an Ed25519 private key in PEM")
    return key


def _is_signed(key: str, statement: bytes, signature: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), statement)
    except (InvalidSignature, ValueError):
        return False
    return True
