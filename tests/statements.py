"""Bank statements for tests, in the forms that banks use."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from core.money import plain_euro as euro

ACCOUNT = "NL52DEMO0000000001"


@dataclass
class Line:
    """One entry. `cents` below zero is a debit; `details` are (cents or None, remittance) each."""

    cents: int
    text: str = ""
    bank_reference: str = ""
    end_to_end: str = ""
    reversal: bool = False
    status: str = "<Sts>BOOK</Sts>"
    day: str = "<BookgDt><Dt>2026-09-20</Dt></BookgDt>"
    payer: str = "P. Betaler"
    iban: str = "NL91ABNA0417164300"
    currency: str = "EUR"
    amount: str = ""
    details: Sequence[tuple[int | None, str]] = field(default_factory=list)

    def xml(self) -> str:
        party = "Dbtr" if self.cents >= 0 else "Cdtr"
        details = self.details or [(None, self.text)]
        return f"""<Ntry>
<Amt Ccy="{self.currency}">{self.amount or euro(abs(self.cents))}</Amt>
<CdtDbtInd>{"CRDT" if self.cents >= 0 else "DBIT"}</CdtDbtInd>
{"<RvslInd>true</RvslInd>" if self.reversal else ""}{self.status}{self.day}
{f"<AcctSvcrRef>{self.bank_reference}</AcctSvcrRef>" if self.bank_reference else ""}
<NtryDtls>{"".join(self._detail(cents, text, party) for cents, text in details)}</NtryDtls></Ntry>"""

    def _detail(self, cents: int | None, text: str, party: str) -> str:
        amount = "" if cents is None else f'<AmtDtls><TxAmt><Amt Ccy="EUR">{euro(cents)}</Amt></TxAmt></AmtDtls>'
        refs = f"<Refs><EndToEndId>{self.end_to_end}</EndToEndId></Refs>" if self.end_to_end else ""
        return f"""<TxDtls>{refs}{amount}<RltdPties><{party}><Nm>{self.payer}</Nm></{party}>
<{party}Acct><Id><IBAN>{self.iban}</IBAN></Id></{party}Acct></RltdPties>
<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"""


def statement(
    lines: Sequence[Line],
    number: str = "S1",
    account: str = f"<IBAN>{ACCOUNT}</IBAN>",
    opening: int | None = None,
    closing: int | None = None,
) -> str:
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{euro(abs(cents))}</Amt>"
        f"<CdtDbtInd>{'CRDT' if cents >= 0 else 'DBIT'}</CdtDbtInd></Bal>"
        for code, cents in (("OPBD", opening), ("CLBD", closing))
        if cents is not None
    )
    entries = "".join(line.xml() for line in lines)
    return f"<Stmt><Id>{number}</Id><Acct><Id>{account}</Id></Acct>{balances}{entries}</Stmt>"


def camt053(*statements: str, version: str = "02") -> bytes:
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    return f'<Document xmlns="{space}"><BkToCstmrStmt>{"".join(statements)}</BkToCstmrStmt></Document>'.encode()


def on(day: date) -> str:
    """A booking date."""
    return f"<BookgDt><Dt>{day.isoformat()}</Dt></BookgDt>"
