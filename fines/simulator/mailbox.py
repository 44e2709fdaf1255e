"""A government mailbox that behaves like the real one: it knows some people, and gives a receipt once a message."""

import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import FastAPI, File, Form, Header
from fastapi.responses import JSONResponse, Response

from core.clock import Clock
from core.ids import new_id


@dataclass
class SimulatedMailbox:
    """`people` are the recipients who take letters here; `taken` is what was delivered, by message id."""

    clock: Clock
    token: str
    people: set[str] = field(default_factory=set)
    taken: dict[str, bytes] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    away: bool = False

    def app(self) -> FastAPI:
        """The mailbox's HTTP side."""
        app = FastAPI(title="A government mailbox", docs_url=None, redoc_url=None)

        @app.post("/messages")
        def deliver(
            message_id: Annotated[str, Form(alias="id")],
            recipient: Annotated[str, Form()],
            subject: Annotated[str, Form()],
            document: Annotated[bytes, File()],
            authorization: Annotated[str, Header()] = "",
        ) -> Response:
            if self.away:
                return JSONResponse({"title": "Service Unavailable", "status": 503}, 503)
            if authorization != f"Bearer {self.token}":
                return JSONResponse({"title": "Unauthorized", "status": 401}, 401)
            if recipient not in self.people:
                return JSONResponse({"title": "Not Found", "status": 404}, 404)
            if message_id not in self.receipts:
                self.taken[message_id] = document
                self.receipts[message_id] = {
                    "receipt": new_id(),
                    "messageId": message_id,
                    "subject": subject,
                    "sha256": hashlib.sha256(document).hexdigest(),
                    "deliveredAt": self.clock.now().isoformat(),
                }
            return JSONResponse(self.receipts[message_id], 201)

        return app
