"""Random walks over an appeal, next to a small model of the law that shares no code with the product."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from appeals.service import AppealView, Filing, Verdict
from core.clock import SettableClock, local_date
from core.errors import DomainError
from core.settings import Settings
from core.unit_of_work import Actor
from fines.releases import LiveLaw
from fines.service import DecisionView
from tests.cases import KEEPER, apply_outcomes, conduct, decide
from tests.conftest import NOON, empty_database
from tests.world import keeper_of
from workers.bootstrap import build

CITIZEN = Actor("citizen", "citizen", frozenset({"citizen"}))
HANDLERS = [Actor("handler", f"handler-{n}", frozenset({"handler"})) for n in (1, 2)]
CASHIER = Actor("handler", "cashier", frozenset({"cashier"}))
OWED = 9300
"""12 km/h over, less the correction: 84 euro, and 9 euro of costs."""


Draw = Callable[[st.SearchStrategy[Any]], Any]

OPEN = ("filed", "in_handling", "awaiting_repair", "proposed")
NEXT = {
    "none": ("file",),
    "filed": ("take", "take", "take", "adjourn", "give_notice", "withdraw"),
    "in_handling": (
        "decide", "decide", "decide", "judge_lateness", "judge_lateness", "ask_repair", "invite", "report", "report",
        "cancel", "adjourn", "give_notice", "give_notice", "release",
    ),
    "awaiting_repair": ("repair", "repair", "adjourn", "withdraw"),
    "proposed": ("approve", "approve", "send_back", "give_notice", "withdraw"),
    "decided": ("decide", "withdraw", "adjourn", "file"),
    "withdrawn": ("take", "withdraw", "file"),
}  # fmt: skip


@dataclass
class Model:
    """What the law lets happen to one appeal, and the last day to decide it."""

    today: date
    state: str = "none"
    until: date | None = None
    late: bool = False
    excused: bool | None = None
    adjourned: bool = False
    asked_on: date | None = None
    repair_until: date | None = None
    hearing_on: date | None = None
    heard: bool = False
    proposer: int | None = None
    holder: int | None = None
    outcome: str | None = None
    manifest: bool = False
    notice_on: date | None = None
    penalty: int | None = None
    paid: bool = False

    def penalty_for(self, manifest: bool) -> int:
        assert self.notice_on is not None
        days = 0 if manifest else min(42, max(0, (self.today - self.notice_on).days - 14))
        return sum(2300 if day < 14 else 3500 if day < 28 else 4500 for day in range(days))


class Walk(RuleBasedStateMachine):
    """One case, from the letter to whatever becomes of the appeal."""

    folder: Path
    made = 0

    def __init__(self) -> None:
        super().__init__()
        Walk.made += 1
        folder = self.folder / str(Walk.made)
        folder.mkdir()
        (folder / "register.json").write_text(json.dumps([keeper_of("000000")]))
        (folder / "flitsketen.db").write_bytes(empty_database())
        self.clock = SettableClock(NOON)
        self.system = build(Settings(data_dir=folder, vehicle_register_file=folder / "register.json"), self.clock)
        self.fines, self.appeals = self.system.services.fines, self.system.services.appeals
        one = conduct(0, NOON - timedelta(days=5), 62)
        decide(self.system, LiveLaw(self.system.releases), local_date(NOON), [one])
        found = self.fines.decision_for_capture(one.capture_id)
        assert found is not None
        self.decision_id, self.appeal_until = found.id, found.appeal_until
        self.law = Model(local_date(NOON))

    def teardown(self) -> None:
        self.system.database.engine.dispose()

    @property
    def case(self) -> DecisionView:
        return self.fines.decision(self.decision_id)

    @property
    def appeal(self) -> AppealView:
        found = self.appeals.appeal_for_decision(self.decision_id)
        assert found is not None
        return found

    def attempt(self, allowed: bool, act: Any) -> None:
        """The product lets it happen exactly when the model does."""
        try:
            act()
        except DomainError as refusal:
            assert not allowed, refusal.detail
        else:
            assert allowed

    @rule(days=st.sampled_from([1, 3, 9, 15, 16, 28, 43, 60, 150, 150]))
    def wait(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))
        self.law.today += timedelta(days=days)
        self.appeals.run_due()
        law = self.law
        if law.state == "awaiting_repair" and law.repair_until is not None and law.today > law.repair_until:
            self.repair_ends(law.repair_until)
        if law.notice_on and law.penalty is None and (law.today - law.notice_on).days >= 14 + 42:
            law.penalty = law.penalty_for(manifest=False)

    def repair_ends(self, day: date) -> None:
        law = self.law
        assert law.asked_on is not None and law.until is not None
        law.until += timedelta(days=max(0, (day - law.asked_on).days - 1))
        law.state, law.asked_on, law.repair_until = "in_handling", None, None

    @precondition(lambda self: not self.law.paid and self.law.state == "none")
    @rule()
    def pay(self) -> None:
        self.fines.payments.book_payment(CASHIER, "p", self.case.payment_reference, OWED, self.law.today)
        self.law.paid = True

    def file(self, draw: Draw) -> None:
        law = self.law
        explained = draw(st.booleans())
        late = law.today > self.appeal_until
        allowed = law.state == "none" and (explained or not late)
        filing = Filing("Ik reed daar niet.", {"name": KEEPER.name}, late_reason="ziek" if explained else None)
        self.attempt(allowed, lambda: self.appeals.intake.file(CITIZEN, self.case, filing))
        if allowed:
            law.state, law.late = "filed", late
            law.until = max(self.appeal_until, law.today) + timedelta(weeks=16)

    def take(self, draw: Draw) -> None:
        who = draw(st.integers(0, 1))
        allowed = self.law.state == "filed"
        self.attempt(allowed, lambda: self.appeals.handling.take(HANDLERS[who], self.appeal.id))
        if allowed:
            self.law.state, self.law.holder = "in_handling", who

    def release(self, _: Draw) -> None:
        allowed = self.law.state == "in_handling"
        self.attempt(allowed, lambda: self.appeals.handling.release(HANDLERS[0], self.appeal.id, "ziek"))
        if allowed:
            self.law.state = "filed"

    def adjourn(self, _: Draw) -> None:
        law = self.law
        allowed = law.state in OPEN and not law.adjourned and law.until is not None and law.today <= law.until
        self.attempt(allowed, lambda: self.appeals.handling.adjourn(HANDLERS[0], self.appeal.id, "wacht op politie"))
        if allowed:
            assert law.until is not None
            law.until, law.adjourned = law.until + timedelta(weeks=10), True

    def judge_lateness(self, draw: Draw) -> None:
        excused, handling = draw(st.booleans()), self.appeals.handling
        allowed = self.law.late and self.law.state == "in_handling"
        self.attempt(
            allowed, lambda: handling.judge_lateness(HANDLERS[0], self.appeal.id, excused=excused, reason="gezien")
        )
        if allowed:
            self.law.excused = excused

    def ask_repair(self, _: Draw) -> None:
        law = self.law
        allowed = law.state == "in_handling"
        self.attempt(allowed, lambda: self.appeals.repairs.ask(HANDLERS[0], self.appeal.id, ["grounds"]))
        if allowed:
            law.state, law.asked_on = "awaiting_repair", law.today
            law.repair_until = self.appeal.repairs[-1].until
            # Four weeks, or as much later as the next working day is.
            assert 28 <= (law.repair_until - law.today).days <= 33

    def repair(self, _: Draw) -> None:
        allowed = self.law.state == "awaiting_repair"
        self.attempt(allowed, lambda: self.appeals.repairs.repaired(HANDLERS[1], self.appeal.id, "kwam binnen"))
        if allowed:
            self.repair_ends(self.law.today)

    def invite(self, draw: Draw) -> None:
        law, days = self.law, draw(st.integers(8, 30))
        allowed = law.state == "in_handling" and law.hearing_on is None and days > 10
        at = self.clock.now() + timedelta(days=days)
        self.attempt(allowed, lambda: self.appeals.hearings.invite(HANDLERS[0], self.appeal.id, at, "telefonisch"))
        if allowed:
            law.hearing_on = law.today + timedelta(days=days)

    def report(self, draw: Draw) -> None:
        law, came = self.law, draw(st.booleans())
        if law.hearing_on is None:
            return
        allowed = law.today >= law.hearing_on
        hearing = self.appeal.hearings[-1].id
        self.attempt(
            allowed, lambda: self.appeals.hearings.report(HANDLERS[0], hearing, appeared=came, report="Verslag.")
        )
        if allowed:
            law.hearing_on, law.heard = None, True

    def cancel(self, _: Draw) -> None:
        if self.law.hearing_on is not None:
            self.appeals.hearings.cancel(HANDLERS[0], self.appeal.hearings[-1].id, "ziek")
            self.law.hearing_on = None

    def give_notice(self, _: Draw) -> None:
        law = self.law
        running = law.state in ("filed", "in_handling", "proposed")
        allowed = running and law.until is not None and law.today > law.until and law.notice_on is None
        self.attempt(allowed, lambda: self.appeals.watch.give_notice(CITIZEN, self.appeal.id, law.today))
        if allowed:
            law.notice_on = law.today

    def decide(self, draw: Draw) -> None:
        law = self.law
        outcome = draw(st.sampled_from(["upheld", "amended", "annulled", "inadmissible"]))
        unheard = draw(st.sampled_from([None, "waived", "manifestly-unfounded"]))
        misread, who = draw(st.booleans()), draw(st.integers(0, 1))
        timely = not law.late or (law.excused is not None and (law.excused or outcome == "inadmissible"))
        said = law.heard or outcome == "annulled" or unheard is not None
        mine = law.state == "in_handling" and law.holder == who
        allowed = mine and timely and law.hearing_on is None and said
        verdict = Verdict(outcome, "Want.", 4000 if outcome == "amended" else None, unheard, misread)
        self.attempt(allowed, lambda: self.appeals.handling.decide(HANDLERS[who], self.appeal.id, verdict))
        if not allowed:
            return
        law.outcome, law.manifest = outcome, unheard == "manifestly-unfounded"
        if misread:
            law.state, law.proposer = "proposed", who
        else:
            self.decided()

    def decided(self) -> None:
        law = self.law
        law.state, law.hearing_on = "decided", None
        if law.notice_on and law.penalty is None:
            law.penalty = law.penalty_for(law.manifest)
        apply_outcomes(self.system)

    def approve(self, draw: Draw) -> None:
        who = draw(st.integers(0, 1))
        allowed = self.law.state == "proposed" and who != self.law.proposer
        self.attempt(allowed, lambda: self.appeals.handling.approve(HANDLERS[who], self.appeal.id))
        if allowed:
            self.decided()

    def send_back(self, _: Draw) -> None:
        allowed = self.law.state == "proposed"
        self.attempt(allowed, lambda: self.appeals.handling.send_back(HANDLERS[1], self.appeal.id, "nee"))
        if allowed:
            self.law.state, self.law.outcome = "in_handling", None

    def withdraw(self, _: Draw) -> None:
        law = self.law
        allowed = law.state in OPEN
        self.attempt(allowed, lambda: self.appeals.handling.withdraw(CITIZEN, self.appeal.id, "laat maar"))
        if allowed:
            law.state, law.outcome, law.hearing_on = "withdrawn", "withdrawn", None
            if law.notice_on and law.penalty is None:
                law.penalty = law.penalty_for(manifest=False)
            apply_outcomes(self.system)

    @rule(data=st.data())
    def what_comes_next(self, data: st.DataObject) -> None:
        """What somebody would do now, also where the law refuses it for a reason other than the state."""
        getattr(self, data.draw(st.sampled_from(NEXT[self.law.state])))(data.draw)

    @rule(data=st.data())
    def goes_on(self, data: st.DataObject) -> None:
        self.what_comes_next(data)

    @precondition(lambda self: self.law.state != "none")
    @rule(data=st.data(), name=st.sampled_from(sorted({name for names in NEXT.values() for name in names})))
    def anything(self, data: st.DataObject, name: str) -> None:
        """Whatever the state is."""
        getattr(self, name)(data.draw)

    @invariant()
    def product_and_model_agree(self) -> None:
        law = self.law
        if law.state == "none":
            return
        appeal, case = self.appeal, self.case
        assert appeal.state == law.state
        assert appeal.decide_until == law.until
        assert (appeal.default.penalty_cents if appeal.default else None) == law.penalty
        assert case.amounts.compensation == (law.penalty or 0)
        settled = law.state in ("decided", "withdrawn")
        annulled = law.state == "decided" and law.outcome == "annulled"
        owed = 0 if annulled else 4900 if settled and law.outcome == "amended" else OWED
        paid = OWED if law.paid else 0
        assert case.amounts.open == max(0, owed - paid)
        assert case.amounts.refundable == max(0, paid - owed)
        if not settled:
            assert case.state == "under_appeal"
        elif annulled:
            assert case.state == "annulled"
        else:
            assert case.state == ("paid" if paid >= owed else "issued")

    @invariant()
    def the_books_hold(self) -> None:
        assert self.fines.books.check() == []


def test_no_walk_leaves_the_law(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    Walk.folder = tmp_path
    many = request.config.getoption("hypothesis_profile") == "thousands"
    run_state_machine_as_test(
        Walk, settings=settings(max_examples=1000 if many else 25, stateful_step_count=25, deadline=None)
    )
