"""E-mail to whoever asked for it: that there is a new letter. An address counts once its reader has confirmed it."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, EmailStr, TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import Clock
from core.errors import Conflict, InvalidInput, NotFound
from core.mail import Email, Mailer
from core.settings import Settings
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from fines import events
from fines.models import Decision, EmailAddress, Letter

_TEXTS = Path(__file__).parent / "texts" / "emails.yaml"
_MOST = 5
"""Addresses of a case: enough for a household, too few to pester strangers with."""
_CONFIRM, _STOP = "confirm", "stop"


class _Text(BaseModel):
    subject: str
    text: str


@cache
def _texts() -> dict[str, dict[str, _Text]]:
    return TypeAdapter(dict[str, dict[str, _Text]]).validate_python(yaml.safe_load(_TEXTS.read_text()))


@dataclass(frozen=True)
class AddressView:
    """An address that was given for a case."""

    id: str
    decision_id: str
    address: str
    confirmed: bool


class Notices:
    """See module; `key` signs the links in e-mails. Without a mailer nobody is asked for an address."""

    def __init__(self, units: UnitsOfWork, clock: Clock, settings: Settings, key: bytes, mailer: Mailer | None) -> None:
        self._units = units
        self._clock = clock
        self._settings = settings
        self._key = key
        self._mailer = mailer

    @property
    def available(self) -> bool:
        """Is there a mail server?"""
        return self._mailer is not None

    def ask(self, actor: Actor, decision_ids: Sequence[str], address: str, language: str) -> None:
        """Tell this address of these cases' letters once it is confirmed, for which it is sent one link for all.

        Raises InvalidInput for what is no address, NotFound, Conflict for too many on a case.
        """
        try:
            plain = TypeAdapter(EmailStr).validate_python(address.strip())
        except ValidationError as error:
            raise InvalidInput("email-invalid", "write an e-mail address such as name@example.nl") from error
        with self._units.begin(actor) as uow:
            now = uow.clock.now()
            # In one order, so that two who ask at the same moment do not wait for each other.
            rows = [row for key in sorted(decision_ids) if (row := _new(uow, key, plain, language, now)) is not None]
            uow.session.flush()
            for row in rows:
                uow.record("fines", "email.asked", "decision", row.decision_id, "asked on the page", {"email": row.id})
            if rows:
                first = rows[0].id
                uow.publish(events.EMAIL_DUE, first, {"emailId": first, "kind": _CONFIRM, "letterId": None})
                uow.commit()

    def of_decision(self, decision_id: str) -> list[AddressView]:
        """A case's addresses, those too that are not confirmed yet."""
        with self._units.read() as session:
            return [
                AddressView(row.id, row.decision_id, row.address, row.confirmed_at is not None)
                for row in _of(session, decision_id)
            ]

    def confirm(self, actor: Actor, token: str) -> None:
        """Its reader wants the messages, of all cases that were asked for at once.

        Raises NotFound for a link that was never sent.
        """
        self._by_link(actor, token, _CONFIRM)

    def stop(self, actor: Actor, token: str) -> None:
        """Its reader wants no more of them, of whatever case. Raises NotFound for a link that was never sent."""
        self._by_link(actor, token, _STOP)

    def end(self, actor: Actor, decision_id: str, email_id: str) -> None:
        """Taken away on the page of the case. Raises NotFound."""
        with self._units.begin(actor) as uow:
            row = uow.session.get(EmailAddress, email_id, with_for_update=True)
            if row is None or row.decision_id != decision_id:
                raise NotFound("email-unknown", "no such address")
            self._end(uow, row)
            uow.commit()

    def _by_link(self, actor: Actor, token: str, what: str) -> None:
        email_id, _, mac = token.partition(".")
        if not hmac.compare_digest(mac, self._mac(email_id, what)):
            raise NotFound("link-expired", "this link is not right: ask for a new e-mail")
        with self._units.begin(actor) as uow:
            row = uow.session.get(EmailAddress, email_id, with_for_update=True)
            if row is None or (row.ended_at is not None and what == _CONFIRM):
                raise NotFound("link-expired", "this link is not right: ask for a new e-mail")
            same = select(EmailAddress).where(EmailAddress.address == row.address, EmailAddress.ended_at.is_(None))
            if what == _STOP:
                for other in uow.session.scalars(same).all():
                    self._end(uow, other)
            else:
                for other in uow.session.scalars(same.where(EmailAddress.asked_at == row.asked_at)).all():
                    if other.confirmed_at is None:
                        other.confirmed_at = uow.clock.now()
                        uow.record(
                            "fines", "email.confirmed", "decision", other.decision_id, "link", {"email": other.id}
                        )
            uow.commit()

    @staticmethod
    def _end(uow: UnitOfWork, row: EmailAddress) -> None:
        if row.ended_at is None:
            row.ended_at = uow.clock.now()
            row.address = ""
            uow.record("fines", "email.ended", "decision", row.decision_id, "not wanted any more", {"email": row.id})

    def link(self, email_id: str, what: str) -> str:
        """Of the page on which one confirms (`confirm`) or stops (`stop`)."""
        return f"{self._settings.site}/email/{what}/{email_id}.{self._mac(email_id, what)}"

    def _mac(self, email_id: str, what: str) -> str:
        return hmac.digest(self._key, f"{what} {email_id}".encode(), hashlib.sha256).hex()[:40]

    # Jobs

    def order(self, uow: UnitOfWork, letter: Letter) -> None:
        """Inside a transaction: each address that was confirmed is told of the letter, each by itself."""
        for row in _of(uow.session, letter.decision_id):
            if row.confirmed_at is not None:
                told = {"emailId": row.id, "kind": "letter", "letterId": letter.id}
                uow.publish(events.EMAIL_DUE, row.id, told, version=letter.id)

    def prepare(self, payload: dict[str, Any]) -> bool:
        """Job, slow half: hand it to the mail server. Raises MailAway."""
        with self._units.read() as session:
            row = session.get(EmailAddress, payload["emailId"])
        if self._mailer is None or row is None or row.ended_at is not None:
            return False
        text = _texts()[payload["kind"]][row.language]
        words = {
            "authority": self._settings.authority_name,
            "site": self._settings.public_url,
            "confirm": self.link(row.id, _CONFIRM),
            "stop": self.link(row.id, _STOP),
        }
        name = f"{payload['letterId'] or 'confirm'}.{row.id}"
        self._mailer.send(
            Email(name, row.address, text.subject, text.text.format_map(words), unsubscribe=words["stop"])
        )
        return True

    @staticmethod
    def apply(uow: UnitOfWork, payload: dict[str, Any], sent: bool) -> None:
        """Job, quick half: that it went."""
        if sent:
            uow.record("fines", "email.sent", "email", payload["emailId"], payload["kind"], {})


def _new(uow: UnitOfWork, decision_id: str, address: str, language: str, now: datetime) -> EmailAddress | None:
    """None where the case has this address already."""
    if uow.session.get(Decision, decision_id, with_for_update=True) is None:
        raise NotFound("decision-unknown", "no decision with this id")
    there = _of(uow.session, decision_id)
    if any(row.address == address for row in there):
        return None
    if len(there) >= _MOST:
        raise Conflict("too-many-emails", f"a case has at most {_MOST} e-mail addresses: take one away first")
    row = EmailAddress(
        decision_id=decision_id,
        address=address,
        language=language,
        asked_at=now,
        confirmed_at=None,
        ended_at=None,
    )
    uow.session.add(row)
    return row


def _of(session: Session, decision_id: str) -> list[EmailAddress]:
    wanted = select(EmailAddress).where(EmailAddress.decision_id == decision_id, EmailAddress.ended_at.is_(None))
    return list(session.scalars(wanted.order_by(EmailAddress.id)))
