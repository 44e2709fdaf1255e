"""A payment provider that behaves like Mollie: its payments API v2, its page to pay on, its notifications.

Notifications go out when `deliver` is called, as often as wished, so that a late, lost or doubled one can be played.
"""

import html
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, Form, Header, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from core.clock import Clock
from core.ids import new_id
from core.money import plain_euro

_STATES = ("paid", "failed", "expired", "canceled")


@dataclass
class SimulatedPayment:
    """A payment and what went back of it; `lists` has refunds and chargebacks as the API shows them."""

    id: str
    order: dict[str, Any]
    created_at: datetime
    status: str = "open"
    paid_at: datetime | None = None
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"refunds": [], "chargebacks": []})


class SimulatedProvider:
    """The provider's side of the world."""

    def __init__(self, clock: Clock, api_key: str, *, prompt: bool = True) -> None:
        self._clock = clock
        self._api_key = api_key
        self._prompt = prompt
        self._numbers = count(1)
        self._by_idempotency_key: dict[str, SimulatedPayment] = {}
        self.payments: dict[str, SimulatedPayment] = {}
        self.away = False
        """Answers 503 to everything while this is set."""

    def finish(self, payment_id: str, status: str) -> None:
        """The payer paid, gave up, or failed; tells at once, where the provider is a prompt one."""
        payment = self.payments[payment_id]
        payment.status = status
        if status == "paid":
            payment.paid_at = self._clock.now()
        self._tell(payment_id)

    def charge_back(self, payment_id: str, cents: int) -> str:
        """The payer had his bank take the money back; returns the chargeback's id."""
        row = {"id": f"chb_{next(self._numbers):06d}", "amount": _amount(cents), "reversedAt": None}
        return self._goes_back(payment_id, "chargebacks", row)

    def undo_chargeback(self, payment_id: str, chargeback_id: str) -> None:
        """The bank gave it to us again."""
        self._row(payment_id, "chargebacks", chargeback_id)["reversedAt"] = self._clock.now().isoformat()
        self._tell(payment_id)

    def refund(self, payment_id: str, cents: int, status: str = "refunded") -> str:
        """Someone refunded it in the provider's own screens; returns the refund's id."""
        row = {"id": f"re_{next(self._numbers):06d}", "amount": _amount(cents), "status": status}
        return self._goes_back(payment_id, "refunds", row)

    def fail_refund(self, payment_id: str, refund_id: str) -> None:
        """The payer's bank did not take the refund."""
        self._row(payment_id, "refunds", refund_id)["status"] = "failed"
        self._tell(payment_id)

    def deliver(self, payment_id: str) -> int:
        """Notify of a payment now; returns the answer's status."""
        url = self.payments[payment_id].order["webhookUrl"]
        return httpx.post(url, data={"id": payment_id}, timeout=30, trust_env=False).status_code

    def _goes_back(self, payment_id: str, kind: str, row: dict[str, Any]) -> str:
        row |= {"paymentId": payment_id, "createdAt": self._clock.now().isoformat()}
        self.payments[payment_id].lists[kind].append(row)
        self._tell(payment_id)
        return str(row["id"])

    def _row(self, payment_id: str, kind: str, row_id: str) -> dict[str, Any]:
        return next(row for row in self.payments[payment_id].lists[kind] if row["id"] == row_id)

    def _tell(self, payment_id: str) -> None:
        if self._prompt:
            self.deliver(payment_id)

    def app(self) -> FastAPI:
        """The provider's HTTP side."""
        app = FastAPI(title="A payment provider like Mollie", docs_url=None, redoc_url=None)

        @app.middleware("http")
        async def guard(request: Request, call_next: Any) -> Any:
            if self.away:
                return _problem(503, "Service Unavailable", "The service is down for maintenance")
            wanted = f"Bearer {self._api_key}"
            if request.url.path.startswith("/v2/") and request.headers.get("Authorization") != wanted:
                return _problem(401, "Unauthorized Request", "Missing or wrong authentication")
            return await call_next(request)

        @app.post("/v2/payments")
        def create(request: Request, body: dict[str, Any], idempotency_key: Annotated[str, Header()] = "") -> Response:
            for name in ("amount", "description", "redirectUrl"):
                if name not in body:
                    return _problem(422, "Unprocessable Entity", f"The {name} is missing", name)
            payment = self._by_idempotency_key.get(idempotency_key)
            if payment is None:
                payment = SimulatedPayment(f"tr_{new_id().replace('-', '')[-10:]}", body, self._clock.now())
                self.payments[payment.id] = payment
                if idempotency_key:
                    self._by_idempotency_key[idempotency_key] = payment
            return _hal(_shown(payment, str(request.base_url)), 201)

        @app.get("/v2/payments/{payment_id}")
        def get(request: Request, payment_id: str) -> Response:
            payment = self.payments.get(payment_id)
            if payment is None:
                return _problem(404, "Not Found", f"No payment exists with token {payment_id}.")
            return _hal(_shown(payment, str(request.base_url)))

        @app.get("/v2/payments/{payment_id}/{kind}")
        def get_list(payment_id: str, kind: str) -> Response:
            return _hal(_listed(kind, self.payments[payment_id].lists[kind]))

        @app.get("/v2/{kind}")
        def get_all(kind: str) -> Response:
            return _hal(_listed(kind, [row for p in self.payments.values() for row in p.lists[kind]]))

        @app.get("/checkout/{payment_id}")
        def page(payment_id: str) -> HTMLResponse:
            return HTMLResponse(_page(self.payments[payment_id]))

        @app.post("/checkout/{payment_id}")
        def choose(payment_id: str, status: Annotated[str, Form()]) -> RedirectResponse:
            self.finish(payment_id, status)
            return RedirectResponse(self.payments[payment_id].order["redirectUrl"], 303)

        return app


def _amount(cents: int) -> dict[str, str]:
    return {"currency": "EUR", "value": plain_euro(cents)}


def _shown(payment: SimulatedPayment, base_url: str) -> dict[str, Any]:
    links = {"self": {"href": f"{base_url}v2/payments/{payment.id}"}}
    if payment.status == "open":
        links["checkout"] = {"href": f"{base_url}checkout/{payment.id}"}
    links |= {
        kind: {"href": f"{base_url}v2/payments/{payment.id}/{kind}"} for kind, rows in payment.lists.items() if rows
    }
    shown = {
        "resource": "payment",
        "id": payment.id,
        "mode": "test",
        "createdAt": payment.created_at.isoformat(),
        "status": payment.status,
        "profileId": "pfl_simulated",
        **payment.order,
        "_links": links,
    }
    return shown | ({"paidAt": payment.paid_at.isoformat()} if payment.paid_at else {})


def _listed(kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(rows), "_embedded": {kind: rows}, "_links": {"previous": None, "next": None}}


def _hal(content: dict[str, Any], status: int = 200) -> JSONResponse:
    return JSONResponse(content, status, media_type="application/hal+json")


def _problem(status: int, title: str, detail: str, where: str | None = None) -> JSONResponse:
    content = {"status": status, "title": title, "detail": detail} | ({"field": where} if where else {})
    return _hal(content, status)


def _page(payment: SimulatedPayment) -> str:
    buttons = "".join(f'<button name="status" value="{state}">{state}</button> ' for state in _STATES)
    amount, description = payment.order["amount"]["value"], html.escape(payment.order["description"])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pay (simulated)</title></head><body>'
        f"<h1>Pay € {amount}</h1><p>{description}</p><p>A simulated provider: choose how it ends.</p>"
        f'<form method="post">{buttons}</form></body></html>'
    )
