"""How letters reach people: by mailbox or by post, with proof; and what follows when one comes back.

A decision is made known by sending it (Wahv art. 4 par. 2), so no term passes for one that was not sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select

from core.blobs import DOCUMENTS, BlobStore
from core.clock import Clock, local_date
from core.errors import Conflict, NotFound
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from fines import events, states
from fines.keepers import Keeper
from fines.mailbox import Mailbox, Message, NoSuchMailbox
from fines.models import Decision, Delivery, Letter
from fines.payments import decision_numbered
from fines.releases import LiveLaw
from fines.settlement import release
from fines.states import DELIVERY
from fines.terms import term

POST = "post"
MAILBOX = "mailbox"


@dataclass(frozen=True)
class DeliveryView:
    """A letter on its way, without the address; `proof` is the mailbox's receipt or the print run."""

    id: str
    case_number: str
    capture_id: str
    kind: str
    attempt: int
    channel: str
    state: str
    sent_on: date | None
    proof: dict[str, Any] | None


class Deliveries:
    """See module. Without a mailbox all goes by post."""

    def __init__(
        self, units: UnitsOfWork, blobs: BlobStore, clock: Clock, law: LiveLaw, mailbox: Mailbox | None
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._law = law
        self._mailbox = mailbox

    def order(self, uow: UnitOfWork, letter: Letter, keeper: Mapping[str, Any]) -> None:
        """Inside a transaction: this letter goes out, by mailbox where the person has one."""
        digital = self._mailbox is not None and bool(keeper.get("mailbox"))
        delivery = _new(uow, letter, keeper, 1, MAILBOX if digital else POST)
        if digital:
            uow.publish(events.DELIVERY_DUE, delivery.id, {"deliveryId": delivery.id})

    def prepare(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Job, slow half: hand it to the mailbox; None where the person has none (any more)."""
        if self._mailbox is None:
            return None
        with self._units.read() as session:
            delivery = session.get_one(Delivery, payload["deliveryId"])
            letter = session.get_one(Letter, delivery.letter_id)
            decision = session.get_one(Decision, letter.decision_id)
        pdf = self._blobs.get(DOCUMENTS, decision.capture_id, letter.sha256)
        subject = f"Verkeersboete, zaak {decision.case_number}"
        try:
            return self._mailbox.deliver(Message(delivery.id, delivery.address["mailbox"], subject, pdf))
        except NoSuchMailbox:
            return None

    def apply(self, uow: UnitOfWork, payload: dict[str, Any], receipt: dict[str, Any] | None) -> None:
        """Job, quick half: keep the receipt, or send it by post."""
        delivery = uow.session.get_one(Delivery, payload["deliveryId"], with_for_update=True)
        letter = uow.session.get_one(Letter, delivery.letter_id)
        if receipt is None:
            DELIVERY.fire(uow, delivery, "redirect", "no mailbox: by post")
            _new(uow, letter, delivery.address, delivery.attempt + 1, POST)
            return
        delivery.proof = receipt
        self.sent(uow, delivery, letter, self._today(), f"mailbox receipt {receipt['receipt']}")

    def sent(self, uow: UnitOfWork, delivery: Delivery, letter: Letter, day: date, reason: str) -> None:
        """Inside a transaction: it went out on that day; from then on the terms of a decision run."""
        DELIVERY.fire(uow, delivery, "send", reason)
        delivery.sent_on = day
        if letter.kind != "decision":
            return
        decision = uow.session.get_one(Decision, letter.decision_id, with_for_update=True)
        first = decision.sent_on is None
        decision.sent_on = decision.sent_on or day
        if first and day > decision.decided_on and decision.state == states.ISSUED:
            # Awb art. 6:8: the term starts on the day after it was made known.
            decision.final_on = term("appeal_term_weeks", day, self._law.rules)
            decision.due_on = term("payment_term_weeks", decision.final_on, self._law.rules)

    def of_decision(self, decision_id: str) -> list[DeliveryView]:
        """A case's letters on their way, oldest first."""
        return self._views(Letter.decision_id == decision_id)

    def returned(self) -> list[DeliveryView]:
        """Letters that came back and about which nothing was done yet."""
        return self._views(Delivery.state == states.RETURNED)

    def _views(self, which: ColumnElement[bool]) -> list[DeliveryView]:
        with self._units.read() as session:
            rows = session.execute(
                select(Delivery, Letter, Decision)
                .join(Letter, Letter.id == Delivery.letter_id)
                .join(Decision, Decision.id == Letter.decision_id)
                .where(which)
                .order_by(Letter.dated, Letter.id, Delivery.attempt)
            )
            return [
                DeliveryView(
                    delivery.id,
                    decision.case_number,
                    decision.capture_id,
                    letter.kind,
                    delivery.attempt,
                    delivery.channel,
                    delivery.state,
                    delivery.sent_on,
                    delivery.proof,
                )
                for delivery, letter, decision in rows
            ]

    def came_back(self, actor: Actor, case_number: str, kind: str, reason: str) -> str:
        """The post could not deliver the newest letter of that kind: nothing is raised until a person has acted on it.

        Returns the delivery's id. Raises NotFound, Conflict, NotAllowed.
        """
        with self._units.begin(actor) as uow:
            decision = decision_numbered(uow.session, case_number)
            delivery = uow.session.scalars(
                select(Delivery)
                .join(Letter, Letter.id == Delivery.letter_id)
                .where(Letter.decision_id == decision.id, Letter.kind == kind)
                .where(Delivery.state == states.SENT, Delivery.channel == POST)
                .order_by(Letter.number.desc(), Delivery.attempt.desc())
                .with_for_update()
            ).first()
            if delivery is None:
                raise NotFound("letter-not-sent", "no letter of this kind was sent by post on this case")
            DELIVERY.fire(uow, delivery, "return", reason)
            decision.holds += 1
            uow.commit()
            return delivery.id

    def send_again(self, actor: Actor, delivery_id: str, address: Keeper, reason: str) -> None:
        """To the address in the register of persons, with time to pay from then on. Raises NotFound, Conflict."""
        with self._units.begin(actor) as uow:
            delivery, letter, decision = self._back(uow, delivery_id)
            DELIVERY.fire(uow, delivery, "resend", reason)
            _new(uow, letter, address.as_json(), delivery.attempt + 1, POST)
            release(decision, self._today(), self._law.rules)
            uow.commit()

    def count_as_known(self, actor: Actor, delivery_id: str, *, same_address: bool, reason: str) -> None:
        """It cannot be delivered there either: it counts as made known (Wahv art. 4 par. 2).

        Raises NotFound, NotAllowed, and Conflict while the address in the register of persons was not tried.
        """
        with self._units.begin(actor) as uow:
            delivery, _, decision = self._back(uow, delivery_id)
            if delivery.attempt == 1 and not same_address:
                told = "send it to the address in the register of persons first, unless that is the same"
                raise Conflict("address-not-tried", f"Wahv art. 4 par. 2: {told}")
            DELIVERY.fire(uow, delivery, "serve", reason)
            release(decision, self._today(), self._law.rules)
            uow.commit()

    def _today(self) -> date:
        return local_date(self._clock.now())

    @staticmethod
    def _back(uow: UnitOfWork, delivery_id: str) -> tuple[Delivery, Letter, Decision]:
        delivery = uow.session.get(Delivery, delivery_id, with_for_update=True)
        if delivery is None:
            raise NotFound("delivery-unknown", "there is no such letter on its way")
        letter = uow.session.get_one(Letter, delivery.letter_id)
        return delivery, letter, uow.session.get_one(Decision, letter.decision_id, with_for_update=True)


def _new(uow: UnitOfWork, letter: Letter, address: Mapping[str, Any], attempt: int, channel: str) -> Delivery:
    delivery = Delivery(
        letter_id=letter.id,
        attempt=attempt,
        channel=channel,
        address=dict(address),
        print_run_id=None,
        sent_on=None,
        proof=None,
        state=states.WAITING,
    )
    uow.add(delivery)
    DELIVERY.create(uow, delivery, f"{letter.kind} by {channel}")
    return delivery
