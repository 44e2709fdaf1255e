"""Webhooks: whoever acts for others is told that something happened, and asks for the rest over the API.

Signed, named and timed as the Standard Webhooks specification wants it. A message says what changed and names no
person. It is sent until it is taken, for three days, and can be asked for again for thirty. Secrets are kept nowhere:
they are derived from an endpoint's id with a key of the installation.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import ForeignKey, Index, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from standardwebhooks.webhooks import Webhook

from core.clock import Clock
from core.database import Base
from core.errors import Conflict, InvalidInput, NotFound
from core.ids import new_id
from core.outbox import machine_now
from core.outgoing import Outgoing, Unreachable
from core.principals import Principal
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork

WEBHOOK_DUE = "core.webhook_due"
"""Payload: messageId, attempt."""

MessageType = Literal[
    "case.changed", "letter.made", "appeal.changed", "court-appeal.changed", "hirer-list.changed", "webhook.test"
]
"""What a message can be about."""

RETRY_AFTER = [
    timedelta(seconds=5),
    *[timedelta(minutes=minutes) for minutes in (5, 30)],
    *[timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)],
]
"""How long after a try that failed the next one comes."""
_KEPT = timedelta(days=30)
_OVERLAP = timedelta(hours=24)
"""How long an older secret still signs beside the new one."""
_MOST = 10
_PAGE = 100

WAITING = "waiting"
DELIVERED = "delivered"
GIVEN_UP = "given-up"


class WebhookEndpoint(Base):
    """Where somebody wants to be told, and of what; an empty list of types is all of them."""

    __tablename__ = "webhook_endpoint"
    __sealed__ = ("id", "principal_id", "url", "types", "added_at")
    __partition__ = "access"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    principal_id: Mapped[str] = mapped_column(ForeignKey("principal.id"), index=True)
    url: Mapped[str]
    types: Mapped[list[Any]]
    added_at: Mapped[datetime]
    secret_number: Mapped[int] = mapped_column(default=1)
    secret_since: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class WebhookMessage(Base):
    """A message to one endpoint, word for word as it is signed."""

    __tablename__ = "webhook_message"
    __table_args__ = (
        Index("ix_webhook_message_endpoint", "endpoint_id", "id"),
        Index("ix_webhook_message_made_at", "made_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoint.id"))
    type: Mapped[str]
    body: Mapped[str]
    made_at: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str | None]
    """The status of the newest answer, or why there was none."""
    settled_at: Mapped[datetime | None]


class CaseFollower(Base):
    """A professional is told of what happens to a case."""

    __tablename__ = "case_follower"
    __table_args__ = (UniqueConstraint("subject", "principal_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    subject: Mapped[str]
    principal_id: Mapped[str] = mapped_column(ForeignKey("principal.id"), index=True)


@dataclass(frozen=True)
class EndpointView:
    id: str
    url: str
    types: list[str]
    added_at: datetime


@dataclass(frozen=True)
class MessageView:
    """`body` is what is or was sent; `attempts` counts how often."""

    id: str
    type: str
    body: dict[str, Any]
    made_at: datetime
    state: str
    attempts: int
    last_answer: str | None


class Webhooks:
    """See module; `key` makes the secrets."""

    def __init__(self, units: UnitsOfWork, clock: Clock, key: bytes, outgoing: Outgoing) -> None:
        self._units = units
        self._clock = clock
        self._key = key
        self._outgoing = outgoing

    # Endpoints

    def add(self, actor: Actor, url: str, types: Sequence[str]) -> tuple[EndpointView, str]:
        """The endpoint and its secret. Raises InvalidInput, and Conflict for too many."""
        self._outgoing.check(url)
        if unknown := sorted(set(types) - set(get_args(MessageType))):
            raise InvalidInput("type-unknown", f"no message is about: {', '.join(unknown)}")
        with self._units.begin(actor) as uow:
            if len(_standing(uow.session, actor.id)) >= _MOST:
                raise Conflict("too-many-webhooks", f"at most {_MOST} addresses: remove one first")
            now = uow.clock.now()
            row = WebhookEndpoint(
                principal_id=actor.id,
                url=url,
                types=sorted(set(types)),
                added_at=now,
                secret_since=now,
                secret_number=1,
                removed_at=None,
            )
            uow.add(row)
            uow.commit()
            return _endpoint_view(row), self._secret(row.id, 1)

    def of(self, actor: Actor) -> list[EndpointView]:
        """The caller's own, oldest first."""
        with self._units.read() as session:
            return [_endpoint_view(row) for row in _standing(session, actor.id)]

    def remove(self, actor: Actor, endpoint_id: str) -> None:
        """Nothing is sent there any more. Raises NotFound."""
        with self._units.begin(actor) as uow:
            row = _own(uow.session, actor, endpoint_id)
            row.removed_at = uow.clock.now()
            uow.record("access", "webhook.removed", "webhook_endpoint", row.id, "not wanted any more", {})
            uow.commit()

    def new_secret(self, actor: Actor, endpoint_id: str) -> str:
        """For a day both the new and the older secret sign. Raises NotFound."""
        with self._units.begin(actor) as uow:
            row = _own(uow.session, actor, endpoint_id)
            row.secret_number += 1
            row.secret_since = uow.clock.now()
            told = {"number": row.secret_number}
            uow.record("access", "webhook.secret_changed", "webhook_endpoint", row.id, "asked for", told)
            uow.commit()
            return self._secret(row.id, row.secret_number)

    # Messages

    def messages(self, actor: Actor, endpoint_id: str, after: str = "") -> tuple[list[MessageView], str | None]:
        """Those of the last thirty days, as they were made, and the mark of the next page. Raises NotFound."""
        with self._units.read() as session:
            _own(session, actor, endpoint_id)
            rows = session.scalars(
                select(WebhookMessage)
                .where(WebhookMessage.endpoint_id == endpoint_id, WebhookMessage.id > after)
                .order_by(WebhookMessage.id)
                .limit(_PAGE + 1)
            ).all()
            following = rows[_PAGE - 1].id if len(rows) > _PAGE else None
            return [_message_view(row) for row in rows[:_PAGE]], following

    def send_again(self, actor: Actor, endpoint_id: str, message_id: str) -> None:
        """Raises NotFound, and Conflict for one that is still being tried."""
        with self._units.begin(actor) as uow:
            _own(uow.session, actor, endpoint_id)
            row = uow.session.get(WebhookMessage, message_id, with_for_update=True)
            if row is None or row.endpoint_id != endpoint_id:
                raise NotFound("message-unknown", "no message with this id")
            if row.state == WAITING:
                raise Conflict("message-waits", "this message is still being sent")
            row.state, row.settled_at = WAITING, None
            _due(uow, row, timedelta(0))
            uow.commit()

    def try_out(self, actor: Actor, endpoint_id: str) -> str:
        """A message that says nothing. Returns its id. Raises NotFound."""
        with self._units.begin(actor) as uow:
            row = _own(uow.session, actor, endpoint_id)
            made = self._message(uow, row, "webhook.test", {})
            uow.commit()
            return made

    def follow(self, uow: UnitOfWork, subject: str, principal_id: str) -> None:
        """From here on the professional is told of this case."""
        if _follower(uow.session, subject, principal_id) is None:
            uow.session.add(CaseFollower(subject=subject, principal_id=principal_id))

    def unfollow(self, uow: UnitOfWork, subject: str, principal_id: str) -> None:
        """And from here on not any more."""
        found = _follower(uow.session, subject, principal_id)
        if found is not None:
            uow.session.delete(found)

    def tell_followers(self, uow: UnitOfWork, news: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
        """Of each subject a kind and what is said, in the transaction in which it happened: one question for all."""
        wanted = select(CaseFollower.subject, CaseFollower.principal_id)
        followers: dict[str, list[str]] = {}
        for subject, principal_id in uow.session.execute(
            wanted.where(CaseFollower.subject.in_([subject for subject, _, _ in news]))
        ):
            followers.setdefault(subject, []).append(principal_id)
        for subject, kind, data in news:
            for principal_id in followers.get(subject, []):
                self.tell(uow, principal_id, kind, data)

    def tell(self, uow: UnitOfWork, principal_id: str, kind: str, data: dict[str, Any]) -> None:
        """Inside the transaction in which it happened."""
        for row in _standing(uow.session, principal_id):
            if not row.types or kind in row.types:
                self._message(uow, row, kind, data)

    def _message(self, uow: UnitOfWork, endpoint: WebhookEndpoint, kind: str, data: dict[str, Any]) -> str:
        now = uow.clock.now()
        body = {"type": kind, "timestamp": now.astimezone(UTC).isoformat(), "data": data}
        row = WebhookMessage(
            endpoint_id=endpoint.id,
            type=kind,
            body=json.dumps(body, separators=(",", ":")),
            made_at=now,
            state=WAITING,
            last_answer=None,
            settled_at=None,
            attempts=0,
        )
        uow.session.add(row)
        _due(uow, row, timedelta(0))
        return row.id

    # Jobs

    def prepare(self, payload: dict[str, Any]) -> str | None:
        """Job, slow half: send it. Returns what came of it, None where it is not to be sent any more."""
        with self._units.read() as session:
            row = session.get(WebhookMessage, payload["messageId"])
            named = row.endpoint_id if row is not None and row.state == WAITING else None
            endpoint = session.scalars(_IN_USE.where(WebhookEndpoint.id == named)).first()
        if row is None or endpoint is None:
            return None
        # By the machine's own time, by which the receiver judges how old it is.
        moment = machine_now()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "flitsketen-webhooks/1",
            "webhook-id": row.id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": " ".join(
                Webhook(secret).sign(row.id, moment, row.body) for secret in self._secrets(endpoint)
            ),
        }
        try:
            return str(self._outgoing.post(endpoint.url, row.body.encode(), headers))
        except Unreachable as error:
            return str(error)

    @staticmethod
    def apply(uow: UnitOfWork, payload: dict[str, Any], answer: str | None) -> None:
        """Job, quick half: it was taken, or it is tried again later."""
        row = uow.session.get(WebhookMessage, payload["messageId"], with_for_update=True)
        if row is None or row.state != WAITING or row.attempts != payload["attempt"]:
            return
        row.attempts += 1
        row.last_answer = answer
        if answer is not None and answer.startswith("2"):
            row.state, row.settled_at = DELIVERED, uow.clock.now()
            return
        tried = payload["attempt"] - payload["first"]
        if answer is None or tried >= len(RETRY_AFTER):
            row.state, row.settled_at = GIVEN_UP, uow.clock.now()
            return
        _due(uow, row, RETRY_AFTER[tried], first=payload["first"])

    def forget_old(self) -> None:
        """What is older than thirty days."""
        with self._units.begin(Actor("system", "chain", frozenset({"system"}))) as uow:
            uow.session.execute(delete(WebhookMessage).where(WebhookMessage.made_at < uow.clock.now() - _KEPT))
            uow.commit()

    def _secrets(self, endpoint: WebhookEndpoint) -> list[str]:
        """The newest first."""
        number = endpoint.secret_number
        found = [self._secret(endpoint.id, number)]
        if number > 1 and self._clock.now() < endpoint.secret_since + _OVERLAP:
            found.append(self._secret(endpoint.id, number - 1))
        return found

    def _secret(self, endpoint_id: str, number: int) -> str:
        digest = hmac.digest(self._key, f"{endpoint_id} {number}".encode(), hashlib.sha256)
        return f"whsec_{base64.b64encode(digest).decode()}"


def _due(uow: UnitOfWork, row: WebhookMessage, after: timedelta, first: int | None = None) -> None:
    """`first` is the number of the attempt from which the waiting began anew."""
    begun = row.attempts if first is None else first
    payload = {"messageId": row.id, "attempt": row.attempts, "first": begun}
    uow.publish(WEBHOOK_DUE, row.id, payload, version=str(row.attempts), after=after)


_IN_USE = (
    select(WebhookEndpoint)
    .join(Principal, Principal.id == WebhookEndpoint.principal_id)
    .where(WebhookEndpoint.removed_at.is_(None), Principal.ended_at.is_(None))
)
"""Not removed, and of somebody who is still known here."""


def _standing(session: Session, principal_id: str) -> list[WebhookEndpoint]:
    wanted = _IN_USE.where(WebhookEndpoint.principal_id == principal_id)
    return list(session.scalars(wanted.order_by(WebhookEndpoint.id)))


def _own(session: Session, actor: Actor, endpoint_id: str) -> WebhookEndpoint:
    """Raises NotFound, for another's as for none."""
    row = session.get(WebhookEndpoint, endpoint_id)
    if row is None or row.principal_id != actor.id or row.removed_at is not None:
        raise NotFound("webhook-unknown", "no webhook with this id")
    return row


def _follower(session: Session, subject: str, principal_id: str) -> CaseFollower | None:
    wanted = select(CaseFollower).where(CaseFollower.subject == subject, CaseFollower.principal_id == principal_id)
    return session.scalars(wanted).first()


def _endpoint_view(row: WebhookEndpoint) -> EndpointView:
    return EndpointView(row.id, row.url, list(row.types), row.added_at)


def _message_view(row: WebhookMessage) -> MessageView:
    return MessageView(row.id, row.type, json.loads(row.body), row.made_at, row.state, row.attempts, row.last_answer)
