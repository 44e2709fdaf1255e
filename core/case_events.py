"""What happened to a case, told to who is outside: to professionals by webhook, to other systems as a notification of
the Dutch standard for case-oriented work (ZGW, Notificaties API 1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from core import zgw
from core.ids import new_id
from core.settings import Settings
from core.unit_of_work import UnitOfWork
from core.webhooks import Webhooks

NOTIFICATION_DUE = "core.notification_due"
"""Payload: the notification as it is sent."""


@dataclass(frozen=True)
class Happening:
    """Something happened in the case of a decision: `type` is a type of webhook message, `data` what it says."""

    decision_id: str
    type: str
    data: dict[str, Any]


class CaseEvents:
    """See module. Without an address in the settings nothing is notified."""

    def __init__(self, webhooks: Webhooks, settings: Settings) -> None:
        self.webhooks = webhooks
        self._settings = settings

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=20, trust_env=False)

    def tell(self, uow: UnitOfWork, news: Sequence[Happening]) -> None:
        """Inside the transaction in which it happened."""
        self.webhooks.tell_followers(uow, [(one.decision_id, one.type, one.data) for one in news])
        for happened in news if self._settings.zgw_notificaties_url else ():
            made = self._notification(uow, happened)
            uow.publish(NOTIFICATION_DUE, happened.decision_id, made, version=new_id())

    def _notification(self, uow: UnitOfWork, happened: Happening) -> dict[str, Any]:
        case = f"{self._settings.site}/v1/handlers/decisions/{happened.decision_id}"
        said = {name: str(value) for name, value in happened.data.items() if name in ("state", "kind")}
        return {
            "kanaal": self._settings.zgw_kanaal,
            "hoofdObject": case,
            "resource": happened.type.partition(".")[0],
            "resourceUrl": case,
            "actie": "create" if happened.type == "letter.made" else "update",
            "aanmaakdatum": uow.clock.now().isoformat(),
            "kenmerken": {"bronorganisatie": self._settings.zgw_rsin, **said},
        }

    # Jobs

    def notify(self, payload: dict[str, Any]) -> None:
        """Job, slow half: hand it to the component that tells all subscribers. Raises httpx.HTTPError."""
        settings = self._settings
        headers = zgw.bearer(settings.zgw_client_id, settings.zgw_secret.get_secret_value())
        url = f"{settings.zgw_notificaties_url}/notificaties"
        self._client.post(url, json=payload, headers=headers).raise_for_status()

    @staticmethod
    def notified(uow: UnitOfWork, payload: dict[str, Any], _: object) -> None:
        """Job, quick half."""
        uow.record("core", "case.notified", "notification", payload["hoofdObject"].rpartition("/")[2], "ZGW", {})
