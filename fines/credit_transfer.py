"""Credit transfers for the bank as ISO 20022 pain.001."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sepaxml import SepaTransfer

from core.clock import local_date
from core.settings import Settings

_SCHEMA = "pain.001.001.09"


@dataclass(frozen=True)
class CreditTransfer:
    """`end_to_end_id` (at most 35 characters) comes back on the statement; euro cents."""

    end_to_end_id: str
    cents: int
    iban: str
    holder: str
    description: str


@dataclass(frozen=True)
class Batch:
    """The file for the bank and the id that it carries."""

    id: str
    xml: bytes


def pain001(settings: Settings, transfers: Sequence[CreditTransfer], now: datetime) -> Batch:
    """One file with all transfers, each booked by itself, checked against the standard's schema."""
    document = SepaTransfer(
        {
            "name": settings.authority_name,
            "IBAN": settings.authority_iban,
            "batch": False,
            "currency": "EUR",
        },
        schema=_SCHEMA,
    )
    for transfer in transfers:
        document.add_payment(
            {
                "name": transfer.holder,
                "IBAN": transfer.iban,
                "amount": transfer.cents,
                "execution_date": local_date(now),
                "description": transfer.description,
                "endtoend_id": transfer.end_to_end_id,
            }
        )
    return Batch(document.msg_id, document.export(validate=True))
