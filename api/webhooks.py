"""Webhooks of professionals: add an address, see what was sent there, have it sent again."""

from fastapi import APIRouter

from api.dependencies import After, ServicesDep
from api.problems import PROBLEM_RESPONSES
from api.professionals import Professional
from api.schemas.common import CreatedOut
from api.schemas.webhooks import MessageOut, MessagesOut, NewWebhookOut, SecretOut, WebhookIn, WebhookOut

router = APIRouter(
    prefix="/v1/professionals/webhooks",
    tags=["webhooks"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404)},
)


@router.post("", status_code=201, responses={409: PROBLEM_RESPONSES[409]})
def add(body: WebhookIn, actor: Professional, doors: ServicesDep) -> NewWebhookOut:
    """Be told by `POST` at your address of cases in which you filed an appeal or hold a mandate.

    Signed as the Standard Webhooks specification says; tried for three days until you answer with 2xx. A message may
    come twice, under the same `webhook-id`.
    """
    endpoint, secret = doors.webhooks.add(actor, body.url, body.types)
    return NewWebhookOut(**vars(endpoint), secret=secret)


@router.get("")
def own(actor: Professional, doors: ServicesDep) -> list[WebhookOut]:
    """Your webhooks."""
    return [WebhookOut(**vars(one)) for one in doors.webhooks.of(actor)]


@router.delete("/{webhook_id}", status_code=204)
def remove(webhook_id: str, actor: Professional, doors: ServicesDep) -> None:
    """Nothing is sent there any more."""
    doors.webhooks.remove(actor, webhook_id)


@router.post("/{webhook_id}/secrets", status_code=201)
def change_secret(webhook_id: str, actor: Professional, doors: ServicesDep) -> SecretOut:
    """A new secret. For a day messages carry a signature of either, so that you can change over without a gap."""
    return SecretOut(secret=doors.webhooks.new_secret(actor, webhook_id))


@router.get("/{webhook_id}/messages")
def messages(webhook_id: str, actor: Professional, doors: ServicesDep, after: After = "") -> MessagesOut:
    """The messages of the last thirty days, by the page."""
    found, following = doors.webhooks.messages(actor, webhook_id, after)
    return MessagesOut(
        messages=[MessageOut(**vars(one)) for one in found],
        next=f"{router.prefix}/{webhook_id}/messages?after={following}" if following else None,
    )


@router.post("/{webhook_id}/messages", status_code=202)
def try_out(webhook_id: str, actor: Professional, doors: ServicesDep) -> CreatedOut:
    """Send a message that says nothing, to see whether it comes through."""
    return CreatedOut(id=doors.webhooks.try_out(actor, webhook_id))


@router.post("/{webhook_id}/messages/{message_id}/replays", status_code=202, responses={409: PROBLEM_RESPONSES[409]})
def send_again(webhook_id: str, message_id: str, actor: Professional, doors: ServicesDep) -> CreatedOut:
    """Send a message once more, under its own id."""
    doors.webhooks.send_again(actor, webhook_id, message_id)
    return CreatedOut(id=message_id)
