"""Shapes of webhooks: where a professional wants to be told, and what was sent there."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.common import Shape
from core.webhooks import MessageType


class WebhookIn(Shape):
    """`url`: https, on the open internet, port 443 or 8443. No `types` is all of them."""

    url: Annotated[str, Field(min_length=8, max_length=2000, examples=["https://kantoor.example.nl/flitsketen"])]
    types: list[MessageType] = Field(default_factory=list, max_length=10)


class WebhookOut(Shape):
    id: str
    url: str
    types: list[MessageType]
    added_at: datetime


class SecretOut(Shape):
    """Shown this once. Each message is signed with it (Standard Webhooks)."""

    secret: Annotated[str, Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])]


class NewWebhookOut(WebhookOut, SecretOut):
    """A webhook with its secret."""


class MessageOut(Shape):
    """A message as it is or was sent. `lastAnswer` is the status of the newest answer, or why there was none."""

    id: str
    type: MessageType
    body: dict[str, Any]
    made_at: datetime
    state: Literal["waiting", "delivered", "given-up"]
    attempts: int
    last_answer: str | None


class MessagesOut(Shape):
    """By the order in which they were made. `next` is the address of what follows, if more does."""

    messages: list[MessageOut]
    next: str | None
