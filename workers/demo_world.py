"""The made-up world around the demo: cameras, a vehicle register of people who do not exist, a bank."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from core.money import plain_euro
from imaging.service import countries_of, normalise
from ingest.simulator.network import CameraProfile, Photo

CAMERAS = (
    CameraProfile("utr-albatrosdreef", "Voorbeeld Radar 3", "Albatrosdreef", "Utrecht", 52.118, 5.106, "built-up", 50),
    CameraProfile("gro-n360", "Voorbeeld Radar 3", "N360 hm 8,2", "Groningen", 53.231, 6.612, "outside-built-up", 80),
    CameraProfile("ams-a10", "Voorbeeld Lus 2", "A10 hm 21,4", "Amsterdam", 52.354, 4.842, "motorway", 100),
    CameraProfile("ein-leostraat", "Voorbeeld Radar 3", "Leostraat", "Eindhoven", 51.448, 5.462, "built-up-30", 30),
)

PROVIDER_KEY = "test_demonstration"
PROVIDER_IBAN = "NL05DEMO0000000003"
"""The payment provider of the demonstration, and the account from which it pays out."""

_FIRST = ("A.", "B.", "C.", "D.", "E.", "F.", "G.", "H.", "J.", "K.")
_LAST = ("Voorbeeld", "Proefman", "Testers", "Fictief", "Verzonnen", "Denkbeeldig")
_CITIES = ("Voorbeeldstad", "Proefdorp", "Testerdam", "Fictiefveen")


def countries_for(photo: Photo) -> list[str]:
    """Where the vehicle may be registered: what the truth says, else every country whose syntax fits."""
    return [photo.country] if photo.country else countries_of(normalise(photo.plate))


def write_register(path: Path, photos: list[Photo]) -> None:
    """Every plate of the truth gets a keeper, but each eleventh is in no register."""
    vehicles = []
    for index, photo in enumerate(photos):
        if index % 11 == 10:
            continue
        for country in countries_for(photo):
            vehicles.append(
                {
                    "plate": normalise(photo.plate),
                    "country": country,
                    "category": 1,
                    "description": "personenauto",
                    "keepers": [
                        {
                            "from": "2020-01-01",
                            "to": None,
                            "keeper": {
                                "name": f"{_FIRST[index % 10]} {_LAST[index % 6]}",
                                "street": f"Proefstraat {index + 1}",
                                "postcode": f"{1000 + index} XX",
                                "city": _CITIES[index % 4],
                                "country": "Nederland" if country == "NL" else f"({country})",
                            },
                        }
                    ],
                }
            )
    path.write_text(json.dumps(vehicles, indent=1))


def bank_statement(iban: str, booked_on: date, payments: list[tuple[str, int]]) -> bytes:
    """A camt.053 statement with a credit for each (payment reference, cents)."""
    entries = "".join(
        f"""
    <Ntry><NtryRef>{number}</NtryRef><Amt Ccy="EUR">{plain_euro(cents)}</Amt>
     <CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{booked_on}</Dt></BookgDt>
     <AcctSvcrRef>DEMO{booked_on:%Y%m%d}{number:04d}</AcctSvcrRef>
     <NtryDtls><TxDtls><RmtInf><Ustrd>{reference}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""
        for number, (reference, cents) in enumerate(payments, 1)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
  <GrpHdr><MsgId>DEMO-{booked_on:%Y%m%d}</MsgId><CreDtTm>{booked_on}T18:00:00</CreDtTm></GrpHdr>
  <Stmt><Id>1</Id><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{entries}
  </Stmt></BkToCstmrStmt></Document>""".encode()


def all_fates(get: Callable[[str], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What became of every capture, asked of the API page after page."""
    found: list[dict[str, Any]] = []
    while page := get(f"/v1/handlers/captures?after={found[-1]['id'] if found else ''}"):
        found += page
    return found
