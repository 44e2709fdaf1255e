"""Whatever happens to a case's money, in whatever order: the books hold, and nobody pays twice."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from appeals.service import Choice, Filing, Verdict
from core.clock import Clock, SettableClock, local_date
from core.database import Base
from core.errors import DomainError
from core.settings import Settings
from core.unit_of_work import SYSTEM, Actor
from fines.checkouts import Checkouts
from fines.ledger import Account
from fines.models import Decision
from fines.providers import Back, Change, Opened, Order, ProviderPayment, Seen
from fines.recovery import MeasureKind, WriteOff
from fines.releases import LiveLaw
from fines.service import DecisionView, Ground, Share, StatedKeeper
from tests.cases import IBAN, KEEPER, apply_outcomes, conduct, decide
from tests.conftest import NOON
from tests.statements import Line, camt053, on, statement
from tests.world import keeper_of
from workers.bootstrap import System, build
from workers.migrate import migrate

CASHIERS = [Actor("handler", f"cashier-{n}", frozenset({"cashier"})) for n in (1, 2)]
HANDLERS = [Actor("handler", f"handler-{n}", frozenset({"handler"})) for n in (1, 2)]
CITIZEN = Actor("citizen", "citizen", frozenset({"citizen"}))


@dataclass
class Bank:
    """The bank's own memory of the account: what it holds, and what it told."""

    holds: int = 0
    lines: list[Line] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)
    named: int = 0

    def name(self) -> str:
        self.named += 1
        return f"B{self.named}"


class Till:
    """A payment provider's own memory: what each payer did on its page, and what went back."""

    name = "till"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.payments: dict[str, ProviderPayment] = {}

    def open(self, order: Order) -> Opened:
        ref = f"tr_{order.id}"
        self.payments.setdefault(ref, ProviderPayment(ref, Seen.OPEN, order.cents, None))
        return Opened(ref, f"http://till/{ref}")

    def look(self, ref: str) -> ProviderPayment:
        return self.payments[ref]

    def changed(self) -> list[tuple[str, Change]]:
        return [(ref, change) for ref, payment in self.payments.items() for change in payment.changes]

    def finish(self, ref: str, seen: Seen) -> None:
        self.payments[ref] = replace(self.payments[ref], seen=seen, paid_at=self._clock.now())

    def goes_back(self, ref: str, kind: Back, cents: int) -> None:
        """Money went back, or what went back last came again; never more than is there."""
        payment = self.payments[ref]
        if kind is Back.CHARGEBACK_UNDONE:
            done = {change.id for change in payment.changes if change.kind is kind}
            gone = [c for c in payment.changes if c.kind is Back.CHARGEBACK and c.id not in done]
            if not gone:
                return
            change = replace(gone[-1], kind=kind, at=self._clock.now())
        else:
            cents = min(cents, self.left(payment))
            if cents == 0:
                return
            change = Change(f"{kind}-{ref}-{len(payment.changes)}", kind, cents, self._clock.now())
        self.payments[ref] = replace(payment, changes=[*payment.changes, change])

    @staticmethod
    def left(payment: ProviderPayment) -> int:
        """What of a payment the provider still holds for us, in cents."""
        if payment.seen is not Seen.PAID:
            return 0
        back = {Back.REFUND: 1, Back.CHARGEBACK: 1, Back.CHARGEBACK_UNDONE: -1}
        return payment.cents - sum(change.cents * back[change.kind] for change in payment.changes)


class Office:
    """A year of work on a few cases; the bank and the payment provider keep their own count."""

    def __init__(self, folder: Path) -> None:
        self.clock = SettableClock(NOON)
        register = folder / "register.json"
        register.write_text(json.dumps([keeper_of(f"{number:06d}") for number in (0, 1)]))
        config = Settings(data_dir=folder, vehicle_register_file=register)
        migrate(config)
        self.system: System = build(config, self.clock)
        self.law = LiveLaw(self.system.releases)
        self.fines, self.appeals = self.system.services.fines, self.system.services.appeals
        self.settings = config
        self.open_tills()

    def open_tills(self) -> None:
        self.bank, self.till = Bank(), Till(self.clock)
        self.checkouts = Checkouts(self.system.units, self.clock, self.settings, self.fines.payments, self.till)

    def begin(self, speeds: list[int]) -> None:
        """Empty all books, and issue a decision for each speed in km/h."""
        with self.system.database.write_session() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(table.delete())
            session.commit()
        self.clock.set(NOON)
        self.open_tills()
        at = NOON - timedelta(days=5)
        decide(self.system, self.law, self.today, [conduct(n, at, speed) for n, speed in enumerate(speeds)])

    @property
    def today(self) -> date:
        return local_date(self.clock.now())

    def case(self, number: int) -> DecisionView:
        """The decision that stands on a capture."""
        found = self.fines.decision_for_capture(f"capture-{number}")
        assert found is not None
        return found

    def cases(self) -> list[DecisionView]:
        """Every decision, the ones that another took the place of too."""
        with self.system.units.read() as session:
            ids = session.scalars(select(Decision.id)).all()
        return [self.fines.decision(decision_id) for decision_id in ids]

    def tell(self, *lines: Line) -> None:
        """The bank sends a statement."""
        self.bank.holds += sum(line.cents for line in lines)
        self.bank.told.append(camt053(statement(lines, f"S{len(self.bank.told)}")))
        self.fines.bank.import_statement(CASHIERS[0], self.bank.told[-1])

    # What may happen; each is tried, and what the law or the state of the case forbids is refused.

    def pay(self, number: int, percent: int, days_ago: int, reference: str) -> None:
        case = self.case(number)
        whole = case.amounts.open or case.amounts.sanction
        text = {"right": case.payment_reference, "wrong": case.payment_reference[:-1] + "?", "none": ""}[reference]
        name = self.bank.name()
        day = max(self.today - timedelta(days=days_ago), case.decided_on)
        self.bank.lines.append(Line(max(1, whole * percent // 100), text, name, f"E{name}", day=on(day)))
        self.tell(self.bank.lines[-1])

    def pay_together(self, _: int) -> None:
        cases = [self.case(number) for number in (0, 1)]
        name = self.bank.name()
        text = " ".join(case.payment_reference for case in cases)
        cents = sum(case.amounts.open for case in cases)
        if cents:
            self.bank.lines.append(Line(cents, text, name, f"E{name}", day=on(self.today)))
            self.tell(self.bank.lines[-1])

    def hear_again(self, number: int) -> None:
        if self.bank.told:
            self.fines.bank.import_statement(CASHIERS[0], self.bank.told[number % len(self.bank.told)])

    def bounce(self, number: int) -> None:
        """The bank takes back a payment that it did not take back before."""
        if self.bank.lines:
            line = self.bank.lines.pop(number % len(self.bank.lines))
            reference = f"R{line.bank_reference}"
            self.tell(Line(-line.cents, line.text, reference, line.end_to_end, reversal=True, day=on(self.today)))

    def wait(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))
        self.fines.run_due()

    def match(self, number: int) -> None:
        for item in self.fines.payments.suspense():
            share = Share(self.case(number).case_number, item.cents)
            self.fines.payments.allocate(CASHIERS[0], item.payment_id, [share], "the payer said so")

    def send_back(self, _: int) -> None:
        for item in self.fines.payments.suspense():
            self.fines.payouts.give_back(CASHIERS[0], item.payment_id, "for no case")

    def clear(self, _: int) -> None:
        for held in self.fines.bank.held_entries():
            for payment_id, _, _ in held.payments:
                self.fines.bank.clear_against(CASHIERS[0], held.entry_id, payment_id, "it was this one")
                return

    def ask_back(self, number: int) -> None:
        self.fines.payouts.ask(CASHIERS[0], self.case(number).case_number, IBAN, KEEPER.name)

    def send_payouts(self, _: int) -> None:
        for payout in self.fines.payouts.under_way():
            with suppress(DomainError):
                self.fines.payouts.approve(CASHIERS[1], payout.id)
        self.fines.payouts.export(CASHIERS[0])

    def bank_pays_out(self, _: int) -> None:
        for payout in self.fines.payouts.under_way():
            if payout.state == "sent":
                name = payout.id.replace("-", "")
                self.tell(Line(-payout.cents, "", f"P{name}", name, day=on(self.today)))

    def bank_returns_payouts(self, _: int) -> None:
        for payout in self.fines.payouts.under_way():
            if payout.state == "sent":
                name = payout.id.replace("-", "")
                self.tell(Line(-payout.cents, "", f"P{name}", name, day=on(self.today)))
                self.tell(Line(payout.cents, "", f"T{name}", name, reversal=True, day=on(self.today)))

    def appeal(self, number: int) -> None:
        filing = Filing("Ik reed daar niet.", {"name": KEEPER.name}, late_reason="ziek")
        self.appeals.intake.file(CITIZEN, self.case(number), filing)

    def give_security(self, number: int) -> None:
        case = self.case(number)
        name = f"security-{case.id}-{self.bank.holds}"
        cents = case.amounts.sanction
        if self.fines.payments.book_payment(CASHIERS[0], name, case.payment_reference, cents, self.today, "security"):
            self.bank.holds += cents

    def rule_on_appeals(self, outcome: int) -> None:
        for item in self.appeals.work_list.page(Choice())[0]:
            self.appeals.handling.take(HANDLERS[0], item.id)
            name = ("upheld", "amended", "annulled", "inadmissible")[outcome]
            verdict = Verdict(name, "Want.", 1000 if name == "amended" else None, "manifestly-unfounded")
            self.appeals.handling.decide(HANDLERS[0], item.id, verdict)
        apply_outcomes(self.system)

    def pay_on_page(self, number: int, percent: int, end: Seen) -> None:
        case = self.case(number)
        page = self.checkouts.start(CITIZEN, case.id, max(1, case.amounts.open * percent // 100))
        self.till.finish(f"tr_{page.id}", end)
        self.checkouts.show(page.id)

    def goes_back(self, number: int, kind: Back, cents: int) -> None:
        """The provider takes money back, or gives it again, and tells of it, twice."""
        paid = [ref for ref, payment in self.till.payments.items() if payment.seen is Seen.PAID]
        if paid:
            ref = paid[number % len(paid)]
            self.till.goes_back(ref, kind, cents)
            for _ in range(2):
                with self.system.units.begin(SYSTEM) as uow:
                    payload = {"checkoutId": ref.removeprefix("tr_")}
                    self.checkouts.apply_look(uow, payload, self.till.look(ref))
                    uow.commit()

    def not_the_keeper(self, number: int, holds: bool) -> None:
        day = self.case(number).conduct_at.date()
        said = StatedKeeper(Ground.HIRED, "contract", day, day, KEEPER)
        statement_id = self.fines.liability.state(CITIZEN, self.case(number).id, said)
        decide_it = self.fines.liability.accept if holds else self.fines.liability.refuse
        decide_it(HANDLERS[0], statement_id, "papers seen")

    def plan(self, number: int) -> None:
        plan = self.fines.plans.ask(HANDLERS[0], self.case(number).case_number, 3)
        self.fines.plans.grant(HANDLERS[0], plan, "granted")

    def coerce(self, number: int) -> None:
        step = self.fines.recovery.propose(HANDLERS[0], self.case(number).case_number, MeasureKind.WRIT)
        self.fines.recovery.decide(HANDLERS[1], step, "no reason against it")
        self.fines.recovery.execute(HANDLERS[0], step, "served")

    def stop(self, number: int) -> None:
        until = self.today + timedelta(days=60)
        self.fines.recovery.stop(HANDLERS[0], self.case(number).case_number, until, "no money for food")

    def give_up(self, number: int) -> None:
        self.fines.recovery.write_off(HANDLERS[0], self.case(number).case_number, WriteOff.NO_PURPOSE, "no purpose")

    def close_books(self, _: int) -> None:
        self.fines.books.close(CASHIERS[0], self.today - timedelta(days=1))


def step(name: str, *more: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(st.just(name), *more)


CASE = st.integers(0, 1)
PAY = step(
    "pay", CASE, st.sampled_from([100, 100, 100, 50, 34, 200, 1]), st.integers(0, 40),
    st.sampled_from(["right", "right", "right", "wrong", "none"]),
)  # fmt: skip
STEPS = st.one_of(
    PAY, PAY, PAY, PAY,
    step("wait", st.integers(1, 70)), step("wait", st.integers(50, 70)), step("wait", st.integers(50, 70)),
    step("pay_together", CASE), step("hear_again", st.integers(0, 9)), step("bounce", st.integers(0, 9)),
    step("match", CASE), step("send_back", CASE), step("clear", CASE),
    step("ask_back", CASE), step("send_payouts", CASE), step("bank_pays_out", CASE), step("bank_returns_payouts", CASE),
    step("appeal", CASE), step("give_security", CASE), step("rule_on_appeals", st.integers(0, 3)),
    step("pay_on_page", CASE, st.sampled_from([100, 100, 50]), st.sampled_from([Seen.PAID, Seen.PAID, Seen.EXPIRED])),
    step("goes_back", CASE, st.sampled_from([Back.CHARGEBACK, Back.REFUND, Back.CHARGEBACK_UNDONE]),
         st.sampled_from([100, 100_000])),
    step("not_the_keeper", CASE, st.booleans()),
    step("plan", CASE), step("coerce", CASE), step("stop", CASE), step("give_up", CASE), step("close_books", CASE),
)  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    yield Office(tmp_path_factory.mktemp("office"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(speeds=st.lists(st.integers(58, 80), min_size=2, max_size=2), steps=st.lists(STEPS, min_size=3, max_size=14))
def test_no_sequence_of_events_breaks_the_books_or_charges_anyone_twice(
    office: Office, speeds: list[int], steps: list[tuple[Any, ...]]
) -> None:
    office.begin(speeds)
    for name, *arguments in steps:
        with suppress(DomainError):
            getattr(office, name)(*arguments)
    assert office.fines.books.check() == []
    balances = office.fines.trial_balance()
    assert balances.get(Account.BANK, 0) == office.bank.holds
    assert balances.get(Account.PROVIDER, 0) == sum(map(Till.left, office.till.payments.values()))
    for case in office.cases():
        charged = case.amounts.sanction + case.amounts.increase
        assert charged <= 3 * case.amounts.sanction
        assert case.amounts.administration in (0, 900)
        owed = charged + case.amounts.administration - case.amounts.paid
        written_off = sum(m.lines.get("written_off", 0) for m in office.fines.money_of(case.id)[0])
        assert case.amounts.open - case.amounts.refundable == owed - written_off
        assert 0 in (case.amounts.open, case.amounts.refundable)


IN_TIME = st.lists(st.tuples(CASE, st.integers(1, 30_000), st.integers(0, 50)), min_size=2, max_size=5)
WHENEVER = st.lists(st.tuples(CASE, st.integers(1, 30_000), st.integers(0, 120)), min_size=2, max_size=5)


def end_of(office: Office, arrivals: Iterable[tuple[int, int, int]], *, reminded_first: bool) -> list[Any]:
    """Where two cases end after these payments (case, cents, day), which the bank tells of on day 121."""
    office.begin([62, 70])
    issued_on = office.today
    office.clock.advance(timedelta(days=121))
    if reminded_first:
        office.fines.run_due()
    for number, cents, day in arrivals:
        reference = office.case(number).payment_reference
        office.tell(Line(cents, reference, office.bank.name(), day=on(issued_on + timedelta(days=day))))
    office.fines.run_due()
    return [(case.state, case.amounts) for case in map(office.case, (0, 1))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30)
@given(arrivals=WHENEVER, data=st.data())
def test_payments_lead_to_the_same_end_in_whatever_order_the_bank_tells_of_them(
    office: Office, arrivals: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    in_order = end_of(office, arrivals, reminded_first=True)
    assert end_of(office, data.draw(st.permutations(arrivals)), reminded_first=True) == in_order


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30)
@given(arrivals=IN_TIME)
def test_money_paid_in_time_counts_the_same_whether_the_reminder_or_the_bank_comes_first(
    office: Office, arrivals: list[tuple[int, int, int]]
) -> None:
    assert end_of(office, arrivals, reminded_first=True) == end_of(office, arrivals, reminded_first=False)
