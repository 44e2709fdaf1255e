"""Reads ISO 20022 bank statements (camt.053, any version of the schema)."""

from dataclasses import dataclass
from datetime import date

from lxml import etree

from core.errors import InvalidInput
from core.money import parse_euro


@dataclass(frozen=True)
class Receipt:
    """One credit entry: the bank's own reference, the remittance reference, cents, booking date."""

    bank_reference: str
    reference: str
    amount_cents: int
    booked_on: date


def read_camt053(document: bytes) -> list[Receipt]:
    """All credit transactions in euro. Raises InvalidInput; external entities are never resolved."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise InvalidInput("statement-not-xml", "send the bank's camt.053 file unchanged") from error
    space = str(etree.QName(root).namespace)
    if not space.startswith("urn:iso:std:iso:20022:tech:xsd:camt.053."):
        raise InvalidInput("statement-not-camt053", "only camt.053 statements are taken in")
    reader = _Reader({"c": space})
    return [
        receipt
        for statement in root.iterfind(".//c:Stmt", reader.names)
        for entry in statement.iterfind("c:Ntry", reader.names)
        if reader.text(entry, "c:CdtDbtInd") == "CRDT"
        for receipt in reader.receipts(entry, reader.text(statement, "c:Acct/c:Id/c:IBAN"))
    ]


@dataclass(frozen=True)
class _Reader:
    names: dict[str, str]

    def text(self, node: etree._Element, path: str) -> str:
        return (node.findtext(path, default="", namespaces=self.names) or "").strip()

    def receipts(self, entry: etree._Element, account: str) -> list[Receipt]:
        own = self.text(entry, "c:AcctSvcrRef") or self.text(entry, "c:NtryRef")
        if not own:
            raise InvalidInput("statement-reference", "an entry lacks the bank's reference; it could be booked twice")
        details = entry.findall("c:NtryDtls/c:TxDtls", self.names) or [entry]
        booked = self.text(entry, "c:BookgDt/c:Dt") or self.text(entry, "c:BookgDt/c:DtTm")[:10]
        try:
            return [
                Receipt(
                    f"{account}:{own}:{number}",
                    self._reference(detail),
                    parse_euro(self._amount(entry, detail)),
                    date.fromisoformat(booked),
                )
                for number, detail in enumerate(details)
            ]
        except ValueError as error:
            raise InvalidInput("statement-entry", "an entry's amount or booking date cannot be read") from error

    def _amount(self, entry: etree._Element, detail: etree._Element) -> str:
        for node, path in ((detail, "c:Amt"), (detail, "c:AmtDtls/c:TxAmt/c:Amt"), (entry, "c:Amt")):
            amount = node.find(path, self.names)
            if amount is not None:
                if amount.get("Ccy") != "EUR":
                    raise InvalidInput("statement-currency", "an entry is not in euro")
                return amount.text or ""
        raise InvalidInput("statement-entry", "an entry has no amount")

    def _reference(self, detail: etree._Element) -> str:
        structured = self.text(detail, "c:RmtInf/c:Strd/c:CdtrRefInf/c:Ref")
        return "".join((structured or self.text(detail, "c:RmtInf/c:Ustrd")).split())
