"""A year of money on a clock: issue, pay, remind, appeal, refund, by a stated mix, on PostgreSQL.

Everything goes through the rooms' own services. Left out are photos, and the making of PDF letters, which is the work
of other processes. Ends with the check of the ledger, and with what the daily run of terms costs.
"""

import argparse
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from sqlalchemy import Row, func, select

from api.services import Services
from appeals.service import Filing, Verdict
from bench.postgres import own_postgres
from core.clock import SettableClock, local_date
from core.logging import configure_logging
from core.settings import Settings
from core.unit_of_work import Actor
from fines.ledger import Account
from fines.models import Decision, LedgerPosting
from fines.releases import LiveLaw
from tests.cases import IBAN, KEEPER, apply_outcomes, conduct, decide
from tests.statements import Line, camt053, on, statement
from workers.bootstrap import System, build

YEAR = 2026
PROCESSES = 2
"""As workers on two cores; PostgreSQL shares these with them."""
HANDFUL = 250
"""Decisions in one transaction, as a worker takes them off a full queue."""
MIX = (
    # of a thousand, what the keeper does
    (780, "pays in time"),
    (110, "pays after the first reminder"),
    (50, "pays after the second reminder"),
    (10, "pays twice"),
    (5, "pays under a wrong reference"),
    (45, "never pays"),
)
APPEALS = 40
"""Of a thousand of those who pay in time; one in four of these is annulled, and the money goes back."""

CASHIERS = [Actor("handler", f"cashier-{n}", frozenset({"cashier"})) for n in (1, 2)]
HANDLER = Actor("handler", "handler-1", frozenset({"handler"}))
CITIZEN = Actor("citizen", "citizen", frozenset({"citizen"}))


class Year:
    """One process's share of a year of `cases` decisions, day by day; `share` is its number, of `PROCESSES`."""

    def __init__(self, system: System, clock: SettableClock, cases: int, share: int) -> None:
        self.system, self.clock, self.cases, self.share = system, clock, cases, share
        self.law = LiveLaw(system.releases)
        self.random = random.Random(YEAR + share)
        self.payers: dict[date, list[tuple[str, str]]] = defaultdict(list)
        """By day: payment reference, and the manner of paying."""
        self.appellants: dict[date, list[str]] = defaultdict(list)
        self.verdicts: dict[date, list[str]] = defaultdict(list)
        self.to_pay_back: list[str] = []
        self.transfers: list[Line] = []
        """What the bank paid out for us, on the next statement."""
        self.seconds: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    @property
    def services(self) -> Services:
        return self.system.services

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[what] += time.perf_counter() - start

    def run(self, day_done: Barrier) -> None:
        """Terms are run at the end of the day, by all of them; what one does for all is done then as well."""
        issued = 0
        for number in range(365):
            self.clock.set(datetime(YEAR, 1, 1, 10, tzinfo=UTC) + timedelta(days=number))
            today = local_date(self.clock.now())
            until = self.cases * (number + 1) // 365
            with self.timed("issue"):
                self.issue(range(issued + (self.share - issued) % PROCESSES, until, PROCESSES), today)
            issued = until
            with self.timed("import statements"):
                self.pay(today)
            with self.timed("appeals"):
                self.appeal(today)
            with self.timed("payouts"):
                self.ask_back()
            with self.timed("waiting for each other"):
                day_done.wait()
            if self.share == 0 and today.weekday() == 0:
                with self.timed("payouts"):
                    self.pay_back()
            with self.timed("terms"):
                self.counts["terms passed"] += self.services.fines.run_due()
            with self.timed("waiting for each other"):
                day_done.wait()

    def issue(self, numbers: range, today: date) -> None:
        for start in range(0, len(numbers), HANDFUL):
            handful = numbers[start : start + HANDFUL]
            conducts = [
                conduct(
                    number,
                    self.clock.now() - timedelta(days=self.random.randint(3, 20)),
                    self.random.randint(58, 80),
                )
                for number in handful
            ]
            decide(self.system, self.law, today, conducts)
            with self.system.units.read() as session:
                captures = [one.capture_id for one in conducts]
                columns = (Decision.id, Decision.payment_reference, Decision.decided_on, Decision.pay_until)
                made = select(*columns, Decision.appeal_until).where(Decision.capture_id.in_(captures))
                for decision in session.execute(made):
                    self.plan(decision)
                    self.counts["decisions"] += 1

    def plan(self, decision: Row[tuple[str, str, date, date, date]]) -> None:
        [manner] = self.random.choices([name for _, name in MIX], [weight for weight, _ in MIX])
        day = decision.decided_on + timedelta(days=self.random.randint(3, 50))
        if manner == "pays after the first reminder":
            day = decision.pay_until + timedelta(days=self.random.randint(3, 12))
        elif manner == "pays after the second reminder":
            day = decision.pay_until + timedelta(days=self.random.randint(35, 40))
        elif manner == "never pays":
            return
        self.payers[day].append((decision.payment_reference, manner))
        if manner == "pays in time" and self.random.randrange(1000) < APPEALS:
            self.appellants[decision.appeal_until - timedelta(days=self.random.randint(0, 20))].append(decision.id)

    def pay(self, today: date) -> None:
        """The day's bank statement: payers pay what is open by now, and payouts show as paid."""
        lines, self.transfers = self.transfers, []
        payers = self.payers.pop(today, [])
        owed = self.owed([reference for reference, _ in payers])
        for reference, manner in payers:
            self.counts[manner] += 1
            text = reference if manner != "pays under a wrong reference" else reference[:-1] + "?"
            for _ in range(2 if manner == "pays twice" else 1):
                lines.append(
                    Line(owed[reference], text, bank_reference=f"{today}-{self.share}-{len(lines)}", day=on(today))
                )
        if lines:
            self.services.fines.bank.import_statement(CASHIERS[0], camt053(statement(lines, f"{today}-{self.share}")))

    def owed(self, references: list[str]) -> dict[str, int]:
        query = (
            select(Decision.payment_reference, func.sum(LedgerPosting.amount_cents))
            .join(LedgerPosting, LedgerPosting.decision_id == Decision.id)
            .where(LedgerPosting.account == Account.RECEIVABLE, Decision.payment_reference.in_(references))
            .group_by(Decision.payment_reference)
        )
        with self.system.units.read() as session:
            return {reference: int(cents) for reference, cents in session.execute(query)}

    def appeal(self, today: date) -> None:
        appeals = self.services.appeals
        for decision_id in self.appellants.pop(today, []):
            filing = Filing("Ik reed daar niet.", {"name": KEEPER.name})
            appeal_id = appeals.intake.file(CITIZEN, self.services.fines.decision(decision_id), filing)
            self.verdicts[today + timedelta(days=42)].append(appeal_id)
            self.counts["appeals"] += 1
        for appeal_id in self.verdicts.pop(today, []):
            annulled = self.random.randrange(4) == 0
            appeals.handling.take(HANDLER, appeal_id)
            verdict = Verdict("annulled" if annulled else "upheld", "Zie het dossier.", unheard="manifestly-unfounded")
            appeals.handling.decide(HANDLER, appeal_id, verdict)
            if annulled:
                self.to_pay_back.append(appeals.appeal(appeal_id).decision_id)
                self.counts["annulled"] += 1
        apply_outcomes(self.system)

    def ask_back(self) -> None:
        payouts = self.services.fines.payouts
        cases, self.to_pay_back = self.to_pay_back, []
        for decision_id in cases:
            case = self.services.fines.decision(decision_id)
            if case.amounts.refundable:
                payouts.ask(CASHIERS[0], case.case_number, IBAN, KEEPER.name)

    def pay_back(self) -> None:
        payouts = self.services.fines.payouts
        for payout in payouts.under_way():
            payouts.approve(CASHIERS[1], payout.id)
            end_to_end = payout.id.replace("-", "")
            tomorrow = on(local_date(self.clock.now()) + timedelta(days=1))
            self.transfers.append(
                Line(-payout.cents, bank_reference=end_to_end, end_to_end=end_to_end, iban=IBAN, day=tomorrow)
            )
            self.counts["paid back"] += 1
        payouts.export(CASHIERS[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    cases = parser.parse_args().cases
    with own_postgres() as settings:
        report(cases, settings)


@dataclass(frozen=True)
class Share:
    """What one process found of its share."""

    seconds: Counter[str]
    counts: Counter[str]
    mebibytes: int


def work(settings: Settings, cases: int, share: int, day_done: Barrier, shares: "Queue[Share]") -> None:
    """One process."""
    configure_logging("ERROR")
    clock = SettableClock(datetime(YEAR, 1, 1, 10, tzinfo=UTC))
    year = Year(build(settings, clock), clock, cases, share)
    year.run(day_done)
    shares.put(Share(year.seconds, year.counts, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


def report(cases: int, settings: Settings) -> None:
    clock = SettableClock(datetime(YEAR, 12, 31, 10, tzinfo=UTC))
    system = build(settings, clock)
    processes = get_context("spawn")
    day_done, queue = processes.Barrier(PROCESSES), processes.Queue()
    workers = [processes.Process(target=work, args=(settings, cases, n, day_done, queue)) for n in range(PROCESSES)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    shares = [queue.get() for _ in workers]
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - start
    print(f"{cases} cases in {seconds:.0f} s by {PROCESSES} processes: {cases / seconds:.0f} a second")
    for what, part in sum((share.seconds for share in shares), Counter()).most_common():
        print(f"  {what}: {part:.0f} s of process time")
    print("  " + ", ".join(f"{n} {what}" for what, n in sorted(sum((s.counts for s in shares), Counter()).items())))
    print(f"memory at most: {' and '.join(str(share.mebibytes) for share in shares)} MiB")
    for day in ("with what is due", "again, with nothing due"):
        if day == "with what is due":
            clock.advance(timedelta(days=1))
        start = time.perf_counter()
        passed = system.services.fines.run_due()
        print(f"daily run {day}: {passed} terms passed in {(time.perf_counter() - start) * 1000:.0f} ms")
    start = time.perf_counter()
    findings = system.services.fines.books.check()
    print(f"ledger check: {len(findings)} findings, {time.perf_counter() - start:.0f} s")
    for finding in findings[:10]:
        print(f"  {finding.kind} {finding.subject}: {finding.detail}")


if __name__ == "__main__":
    main()
