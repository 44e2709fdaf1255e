"""Reads ISO 20022 bank statements (camt.053, any version of the schema)."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from core.clock import local_date
from core.errors import InvalidInput
from core.money import parse_euro

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053."
_SIXTEEN_DIGITS = re.compile(r"(?<!\d)(?:\d[ .\-]?){15}\d(?!\d)")
_BOOKED = "BOOK"


@dataclass(frozen=True)
class Transfer:
    """One transfer behind an entry. `cents` is None where the bank names no amount of its own for it."""

    cents: int | None
    references: tuple[str, ...]
    remittance: str
    counterparty: str
    iban: str
    end_to_end_id: str


@dataclass(frozen=True)
class Entry:
    """One booking on the account: `cents` is above zero, `credit` says which way.

    `key` is the same whenever this very booking is read again. `transfers` add up to `cents`, or there is one without
    an amount; where the bank's details say otherwise there is one, and `disagrees`.
    """

    key: str
    credit: bool
    cents: int
    reversal: bool
    booked_on: date
    transfers: tuple[Transfer, ...]
    disagrees: bool


@dataclass(frozen=True)
class Statement:
    """A statement of one account; balances in cents, None where the bank gives none in euro.

    `pending` counts entries that the bank has not booked yet; they come again once it has.
    """

    account: str
    id: str
    opening_cents: int | None
    closing_cents: int | None
    entries: tuple[Entry, ...]
    pending: int

    @property
    def difference_cents(self) -> int:
        """What the balances say beyond what the entries add up to; zero where they agree or there are none."""
        if self.opening_cents is None or self.closing_cents is None:
            return 0
        moved = sum(entry.cents if entry.credit else -entry.cents for entry in self.entries)
        return self.closing_cents - self.opening_cents - moved


def read_camt053(document: bytes) -> list[Statement]:
    """Every statement of a file. Raises InvalidInput, with the place; entities are never resolved."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise InvalidInput("statement-not-xml", "send the bank's camt.053 file unchanged") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidInput("statement-doctype", "a bank's statement has no document type; send it unchanged")
    space = str(etree.QName(root).namespace)
    if not space.startswith(_NAMESPACE):
        raise InvalidInput("statement-not-camt053", "only camt.053 statements are taken in")
    reader = _Reader({"c": space})
    return [
        reader.statement(node, f"statement {number}")
        for number, node in enumerate(root.iterfind(".//c:Stmt", reader.names), 1)
    ]


def references_in(*texts: str) -> tuple[str, ...]:
    """Runs of sixteen digits, in groups or not, each once, in the order of the texts."""
    found = (re.sub(r"\D", "", run) for text in texts for run in _SIXTEEN_DIGITS.findall(text))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class _Reader:
    names: dict[str, str]

    def text(self, node: etree._Element, *paths: str) -> str:
        """The first of the paths that has a text."""
        for path in paths:
            found = (node.findtext(path, default="", namespaces=self.names) or "").strip()
            if found:
                return found
        return ""

    def statement(self, node: etree._Element, where: str) -> Statement:
        account = self.text(node, "c:Acct/c:Id/c:IBAN", "c:Acct/c:Id/c:Othr/c:Id")
        own = self.text(node, "c:Id")
        if not account or not own:
            raise InvalidInput("statement-reference", f"{where} lacks its account or its number")
        entries, pending = [], 0
        seen: Counter[str] = Counter()
        for number, entry in enumerate(node.iterfind("c:Ntry", self.names), 1):
            if self.text(entry, "c:Sts/c:Cd", "c:Sts") not in ("", _BOOKED):
                pending += 1
                continue
            entries.append(self.entry(entry, account, own, seen, f"{where}, entry {number}"))
        return Statement(
            account,
            own,
            self.balance(node, ("OPBD", "PRCD")),
            self.balance(node, ("CLBD",)),
            tuple(entries),
            pending,
        )

    def balance(self, node: etree._Element, codes: tuple[str, ...]) -> int | None:
        for balance in node.iterfind("c:Bal", self.names):
            amount = balance.find("c:Amt", self.names)
            code = self.text(balance, "c:Tp/c:CdOrPrtry/c:Cd")
            if code in codes and amount is not None and amount.get("Ccy") == "EUR":
                try:
                    cents = parse_euro(amount.text or "")
                except ValueError:
                    return None
                return cents if self.text(balance, "c:CdtDbtInd") == "CRDT" else -cents
        return None

    def entry(self, node: etree._Element, account: str, statement: str, seen: Counter[str], where: str) -> Entry:
        direction = self.text(node, "c:CdtDbtInd")
        if direction not in ("CRDT", "DBIT"):
            raise InvalidInput("statement-entry", f"{where} says neither credit nor debit")
        cents = self.amount(node, where)
        booked_on = self.booking_date(node, where)
        nodes = node.findall("c:NtryDtls/c:TxDtls", self.names)
        credit = direction == "CRDT"
        transfers = tuple(self.transfer(detail, node, credit) for detail in nodes or [node])
        amounts = [transfer.cents for transfer in transfers]
        alone = len(transfers) == 1 and amounts[0] is None
        agrees = alone or (None not in amounts and sum(a for a in amounts if a is not None) == cents)
        return Entry(
            self.key(node, account, statement, seen),
            credit,
            cents,
            self.text(node, "c:RvslInd") in ("true", "1"),
            booked_on,
            transfers if agrees else (self.whole(transfers),),
            not agrees,
        )

    def key(self, node: etree._Element, account: str, statement: str, seen: Counter[str]) -> str:
        """By the bank's own reference; without one by content, told apart from its equals in the same statement."""
        own = self.text(node, "c:AcctSvcrRef", "c:NtryRef")
        if own:
            base = f"{account}:{own}"
        else:
            content = hashlib.sha256(etree.tostring(node, method="c14n", with_comments=False)).hexdigest()
            base = f"{account}:{statement}:{content[:32]}"
        seen[base] += 1
        return base if seen[base] == 1 else f"{base}:{seen[base]}"

    def amount(self, node: etree._Element, where: str) -> int:
        amount = node.find("c:Amt", self.names)
        if amount is None:
            raise InvalidInput("statement-entry", f"{where} has no amount")
        if amount.get("Ccy") != "EUR":
            raise InvalidInput("statement-currency", f"{where} is not in euro")
        try:
            cents = parse_euro(amount.text or "")
        except ValueError as error:
            raise InvalidInput("statement-entry", f"{where}: the amount is no whole number of cents") from error
        if cents < 0:
            raise InvalidInput("statement-entry", f"{where}: the amount is below zero")
        return cents

    def booking_date(self, node: etree._Element, where: str) -> date:
        written = self.text(node, "c:BookgDt/c:Dt", "c:BookgDt/c:DtTm", "c:ValDt/c:Dt", "c:ValDt/c:DtTm")
        try:
            if "T" not in written:
                return date.fromisoformat(written)
            moment = datetime.fromisoformat(written)
            return local_date(moment) if moment.tzinfo else moment.date()
        except ValueError as error:
            raise InvalidInput("statement-entry", f"{where}: the booking date cannot be read") from error

    def transfer(self, detail: etree._Element, entry: etree._Element, credit: bool) -> Transfer:
        party = "Dbtr" if credit else "Cdtr"
        structured = self.text(detail, "c:RmtInf/c:Strd/c:CdtrRefInf/c:Ref")
        free = " ".join(line.text or "" for line in detail.iterfind("c:RmtInf/c:Ustrd", self.names)).strip()
        extra = self.text(detail, "c:AddtlTxInf") or self.text(entry, "c:AddtlNtryInf")
        related = f"c:RltdPties/c:{party}"
        end_to_end = self.text(detail, "c:Refs/c:EndToEndId")
        return Transfer(
            self.own_amount(detail) if detail is not entry else None,
            references_in(structured, free, extra, end_to_end),
            " ".join(filter(None, (structured, free or extra)))[:500],
            self.text(detail, f"{related}/c:Pty/c:Nm", f"{related}/c:Nm")[:200],
            self.text(detail, f"{related}Acct/c:Id/c:IBAN", f"{related}Acct/c:Id/c:Othr/c:Id")[:40],
            end_to_end[:40],
        )

    def own_amount(self, detail: etree._Element) -> int | None:
        """The transfer's own amount in euro; None where it has none, or one in another currency."""
        for path in ("c:Amt", "c:AmtDtls/c:TxAmt/c:Amt"):
            amount = detail.find(path, self.names)
            if amount is not None and amount.get("Ccy") == "EUR":
                try:
                    return parse_euro(amount.text or "")
                except ValueError:
                    return None
        return None

    @staticmethod
    def whole(transfers: tuple[Transfer, ...]) -> Transfer:
        """All of an entry as one transfer, for a person to sort out."""
        first = transfers[0]
        return Transfer(None, (), first.remittance, first.counterparty, first.iban, "")
