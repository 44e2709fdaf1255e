"""The books: what the check finds, days that are closed, the month in numbers, by HTTP and by command."""

import contextlib
import sqlite3
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from core.errors import Conflict, InvalidInput
from core.unit_of_work import Actor
from fines.ledger import last_closed
from tests.cases import fined
from tests.commands import flitsketen
from tests.statements import Line, camt053, on, statement
from tests.world import World

CASHIER = Actor("handler", "cashier-1", frozenset({"cashier"}))


def kinds(world: World) -> set[str]:
    return {finding["kind"] for finding in world.get("/v1/handlers/ledger-findings")}


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("UPDATE ledger_posting SET amount_cents = amount_cents + 1 WHERE account = 'receivable'", "unbalanced"),
        ("UPDATE ledger_posting SET amount_cents = amount_cents * 2", "altered"),
        ("UPDATE decision SET state = 'paid'", "state"),
        ("UPDATE decision SET current_sanction_cents = 1", "sanction"),
        ("UPDATE allocation SET reversed = true", "payment"),
        ("UPDATE payment SET state = 'suspense'", "suspense"),
        ("INSERT INTO ledger_posting SELECT 'x', 'none', NULL, 'bank', 5", "orphan"),
    ],
)
def test_the_check_finds_what_was_changed_behind_its_back(world: World, damage: str, kind: str) -> None:
    world.pay(fined(world), 100, "p1")
    assert kinds(world) == set()
    # Another program, which knows nothing of foreign keys, writes in the file.
    with contextlib.closing(sqlite3.connect(world.folder / "flitsketen.db", isolation_level=None)) as connection:
        connection.execute(damage)
    assert kind in kinds(world)


def close(world: World, day: date) -> None:
    world.post("/v1/handlers/day-closes", 204, day=day.isoformat())


def test_what_is_dated_on_a_closed_day_is_booked_on_the_first_open_one(world: World) -> None:
    case = fined(world)
    day = world.clock.now().date()
    world.clock.advance(timedelta(days=3))
    close(world, day + timedelta(days=1))
    line = Line(9300, case["paymentReference"], day=on(day))
    world.http.post("/v1/handlers/bank-statements", content=camt053(statement([line])))
    movements = world.get(f"/v1/handlers/decisions/{case['decisionId']}/money")["movements"]
    assert [(m["bookedOn"], m["kind"]) for m in movements] == [
        (day.isoformat(), "decision"), ((day + timedelta(days=2)).isoformat(), "payment"),
    ]  # fmt: skip
    assert kinds(world) == set()
    with world.system.database.read_session() as session:
        assert last_closed(session) == day + timedelta(days=1)


def test_only_a_day_that_is_over_is_closed_and_only_once(world: World) -> None:
    fined(world)
    books, today = world.system.services.fines.books, world.clock.now().date()
    with pytest.raises(InvalidInput, match="over"):
        books.close(CASHIER, today)
    books.close(CASHIER, today - timedelta(days=1))
    with pytest.raises(Conflict, match="closed up to"):
        books.close(CASHIER, today - timedelta(days=2))


def test_books_that_do_not_hold_are_not_closed(world: World) -> None:
    fined(world)
    with world.system.database.write_session() as session:
        session.execute(text("UPDATE decision SET current_sanction_cents = 1"))
        session.commit()
    with pytest.raises(Conflict, match="findings"):
        world.system.services.fines.books.close(CASHIER, world.clock.now().date() - timedelta(days=1))


def test_the_month_counts_what_was_issued_paid_appealed_annulled_and_is_owed(world: World) -> None:
    paid = fined(world)
    world.clock.advance(timedelta(minutes=30))
    appealed = fined(world, 65)
    world.clock.advance(timedelta(minutes=30))
    fined(world, 66)
    world.pay(paid, 9300, "p1")
    world.appeal(appealed)
    world.decide_appeal(appealed, "annulled")
    rows = {row["what"]: (row["count"], row["cents"]) for row in world.get("/v1/handlers/monthly-reports/2026-09")}
    owed = world.get("/v1/handlers/trial-balance")["receivable"]
    assert rows["paid, up to 14 days"] == (1, 9300)
    assert (rows["issued"][0], rows["appealed"], rows["annulled"]) == (3, (1, None), (1, None))
    assert rows["outstanding"] == (1, owed)
    assert world.get("/v1/handlers/monthly-reports/2026-10")[0]["count"] == 0


def test_the_commands_check_close_and_report(world: World) -> None:
    world.pay(fined(world), 9300, "p1")
    (world.folder / "clock").write_text((world.clock.now() + timedelta(days=2)).isoformat())

    def run(*words: str) -> tuple[int, str]:
        return flitsketen("ledger", *words, data_dir=str(world.folder), clock_file=str(world.folder / "clock"))

    assert run("check") == (0, "The ledger is in order.\n")
    assert run("close", "2026-09-14") == (0, "Closed up to 2026-09-14.\n")
    assert "issued,1,9300" in run("report", "2026-09", "--csv")[1]
    with world.system.database.write_session() as session:
        session.execute(text("UPDATE decision SET state = 'issued'"))
        session.commit()
    code, output = run("check")
    assert (code, output.startswith("state ")) == (1, True)
