"""A government mailbox (as MijnOverheid's Berichtenbox): letters delivered as data, with a proof of delivery."""

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

import httpx


@dataclass(frozen=True)
class Message:
    """A letter for the mailbox. The same `id` is delivered once, however often it is sent."""

    id: str
    recipient: str
    subject: str
    pdf: bytes


class MailboxAway(Exception):
    """The mailbox cannot be reached, or did not answer as agreed; try again later."""


class NoSuchMailbox(Exception):
    """The person has no mailbox, or does not take letters there any more."""


class Mailbox(Protocol):
    """Both methods of failing are exceptions of this module."""

    def deliver(self, message: Message) -> dict[str, Any]:
        """Deliver; returns the mailbox's receipt, which names the digest of what it took. Raises as above."""
        ...


class HttpMailbox:
    """A mailbox behind HTTP: the letter goes up as a form, the receipt comes back as JSON."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )

    def deliver(self, message: Message) -> dict[str, Any]:
        form = {"id": message.id, "recipient": message.recipient, "subject": message.subject}
        file = {"document": ("letter.pdf", message.pdf, "application/pdf")}
        try:
            answer = self._client.post("/messages", data=form, files=file)
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise NoSuchMailbox
            receipt: dict[str, Any] = answer.raise_for_status().json()
            sound = receipt["messageId"] == message.id and receipt["sha256"] == hashlib.sha256(message.pdf).hexdigest()
        except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
            raise MailboxAway(type(error).__name__) from error
        if not sound:
            raise MailboxAway("the receipt is for something else")
        return receipt
