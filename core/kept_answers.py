"""Answers to calls that carry a key of their own, for a day: the same call sent again gets the same answer, and acts
once (draft-ietf-httpapi-idempotency-key-header). What is kept is encrypted; who called and with which key is a digest.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Database
from core.errors import Conflict
from core.outbox import machine_now

_KEPT = timedelta(hours=24)
_PATIENCE = timedelta(minutes=2)
"""After so long a call that gave no answer counts as one that died, and may be made anew."""
_NONCE_BYTES = 12


class KeptAnswer(Base):
    """`id` is the digest of caller and key; without an answer the call is still being worked on."""

    __tablename__ = "kept_answer"

    id: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[str]
    begun_at: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[bytes | None]


@dataclass(frozen=True)
class Answer:
    """What was answered; headers as latin-1 text."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class KeptAnswers:
    """See module; `key` is 32 bytes."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._cipher = AESGCM(key)

    def begin(self, call_id: str, request_sha256: str) -> Answer | None:
        """The answer from before; None where the call is to be made now.

        Raises Conflict where the key belongs to another call, and while this one is being made.
        """
        now = machine_now()
        with self._database.write_session() as session:
            row = session.get(KeptAnswer, call_id, with_for_update=True)
            if row is not None and row.begun_at < now - _KEPT:
                session.delete(row)
                session.flush()
                row = None
            if row is None:
                session.add(KeptAnswer(id=call_id, request_sha256=request_sha256, begun_at=now, answer=None))
                try:
                    session.commit()
                except IntegrityError as error:
                    raise _still_running() from error
                return None
            if row.request_sha256 != request_sha256:
                raise Conflict("key-used", "this Idempotency-Key was sent with another call before: take a new one")
            if row.answer is not None:
                return self._opened(row)
            if row.begun_at > now - _PATIENCE:
                raise _still_running()
            row.begun_at = now
            session.commit()
            return None

    def keep(self, call_id: str, answer: Answer) -> None:
        """The call was made and answered."""
        plain = json.dumps([answer.status, answer.headers, answer.body.decode("latin-1")]).encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        with self._database.write_session() as session:
            row = session.get(KeptAnswer, call_id, with_for_update=True)
            if row is not None:
                row.answer = nonce + self._cipher.encrypt(nonce, plain, call_id.encode())
                session.commit()

    def forget(self, call_id: str) -> None:
        """The call did nothing: it may be made again."""
        with self._database.write_session() as session:
            session.execute(delete(KeptAnswer).where(KeptAnswer.id == call_id))
            session.commit()

    def forget_old(self) -> None:
        """What is older than a day."""
        with self._database.write_session() as session:
            session.execute(delete(KeptAnswer).where(KeptAnswer.begun_at < machine_now() - _KEPT))
            session.commit()

    def _opened(self, row: KeptAnswer) -> Answer:
        sealed = row.answer or b""
        plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row.id.encode())
        status, headers, body = json.loads(plain)
        return Answer(status, [(name, value) for name, value in headers], body.encode("latin-1"))


def _still_running() -> Conflict:
    return Conflict("call-running", "this call is being worked on: ask again in a moment")
