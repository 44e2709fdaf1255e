"""Every question that is asked again and again finds its rows by an index: none reads a table that grows, whole.

Each is planned by PostgreSQL with whole reads forbidden: one that is left in the plan has no index to go by, however
many rows there will be.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from core.clock import SettableClock
from core.schedule import Schedule
from core.settings import Settings
from tests.conftest import NOON
from tests.statements import Line, camt053, statement
from tests.world import World, lookup
from workers.bootstrap import build
from workers.chores import chores
from workers.migrate import migrate

SMALL = {
    "alembic_version", "audit_checkpoint", "audit_head", "bank_statement", "calibration_certificate", "camera",
    "camera_key", "chore", "client_key", "day_close", "deployment", "enrolment_code", "handler_profile", "handover",
    "heartbeat", "held_count", "hirer_list", "legal_hold", "payout_batch", "principal", "print_run",
    "reference_certificate", "registry_version", "rule_release", "saved_list", "seen_nonce", "speed_limit", "tree_head",
    "type_approval", "webhook_endpoint",
}  # fmt: skip
"""Tables that grow with what an installation is, not with what it does; or are emptied all the time."""

_PARTIAL = "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indpred IS NOT NULL"

Statements = dict[str, Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, postgres: Callable[[], str]) -> World:
    folder = tmp_path_factory.mktemp("plans")
    clock = SettableClock(NOON)
    settings = Settings(data_dir=folder, database_url=postgres(), vehicle_register_file=folder / "register.json")
    migrate(settings)
    return World(build(settings, clock), clock, folder)


@pytest.fixture(scope="module")
def case(world: World) -> dict[str, Any]:
    found = world.fined()
    world.appeal(found)
    world.drain()
    return found


@contextmanager
def asked(engine: Engine) -> Iterator[Statements]:
    """What is asked of the database meanwhile, each with the values it was asked with first."""
    found: Statements = {}

    def note(_c: Any, _u: Any, said: str, values: Any, _x: Any, many: bool) -> None:
        if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", said):
            found.setdefault(said, values[0] if many else values)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def whole_reads(engine: Engine, statements: Statements) -> list[str]:
    """Statements that go through a table that grows, and which; each is planned, not carried out."""
    found = []
    with engine.connect() as connection:
        partial = set(connection.scalars(text(_PARTIAL)))
        for setting in ("enable_seqscan = off", "enable_bitmapscan = on", "jit = off"):
            connection.exec_driver_sql(f"SET {setting}")
        for said, values in statements.items():
            [[plan]] = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {said}", values).scalars().all()
            plan = json.loads(plan) if isinstance(plan, str) else plan
            for table in _read_whole(plan["Plan"], partial, limited=False):
                found.append(f"{table}: {' '.join(said.split())}")
        connection.rollback()
    return found


def _read_whole(node: dict[str, Any], partial: set[str], *, limited: bool) -> Iterator[str]:
    kind = node["Node Type"]
    table = re.sub(r"_(begin|other|\d+|\d+_\d+)$", "", node.get("Relation Name", ""))
    if table and table not in SMALL and not table.startswith("pg_"):
        by_index = "Index Cond" in node or node.get("Index Name") in partial
        if kind == "Seq Scan" or (kind in ("Index Scan", "Index Only Scan") and not by_index and not limited):
            yield table
    if kind == "Bitmap Index Scan" and "Index Cond" not in node and node["Index Name"] not in partial:
        yield str(node["Index Name"]).removeprefix("ix_")
    for part in node.get("Plans", ()):
        yield from _read_whole(part, partial, limited=limited or kind == "Limit")


def _page(world: World, path: str) -> None:
    assert world.http.get(path).status_code == 200


def _log_in(world: World) -> None:
    token = world.http.headers["Authorization"].removeprefix("Bearer ")
    world.http.post("/handlers/login", data={"token": token})


HOT: dict[str, Callable[[World, dict[str, Any]], Any]] = {
    "a capture comes in, and once more": lambda world, case: (
        world.push(world.signed(capture_id="same")), world.push(world.signed(capture_id="same")),
    ),
    "everything that follows from it": lambda world, case: (world.push(world.signed()), world.drain()),
    "the relay looks what is due": lambda world, case: world.system.relay.dispatch(),
    "letters are printed and posted": lambda world, case: world.post_letters(),
    "terms pass": lambda world, case: (
        world.system.services.fines.dunning.run_due(), world.system.services.appeals.run_due(),
    ),
    "the citizen looks up a case": lambda world, case: world.case(case),
    "the citizen sees the photo": lambda world, case: world.post("/v1/photo-links", 201, **lookup(case)),
    "a payment by API": lambda world, case: world.pay(case, 100, "one"),
    "a bank statement": lambda world, case: world.http.post(
        "/v1/handlers/bank-statements", content=camt053(statement([Line(100, case["paymentReference"])]))
    ),
    "captures by the page": lambda world, case: world.get("/v1/handlers/captures"),
    "the case as the handler sees it": lambda world, case: world.get(f"/v1/handlers/decisions/{case['decisionId']}"),
    "the handler's page of a case": lambda world, case: _page(world, f"/handlers/cases/{case['id']}"),
    "appeals, most urgent first": lambda world, case: world.get("/v1/handlers/appeals"),
    "the work list": lambda world, case: _page(world, "/handlers"),
    "what waits about cases, by the page": lambda world, case: [
        world.get(f"/v1/handlers/{path}?after={case['id']}")
        for path in ("keeper-statements", "correction-requests", "mandates", "plans", "measures")
    ],
    "the review desk": lambda world, case: _page(world, "/handlers/review"),
    "readings that wait, by the page": lambda world, case: world.get(f"/v1/handlers/readings?after={case['id']}"),
    "the page of captures": lambda world, case: _page(world, "/handlers/captures"),
    "the page of captures without decision": lambda world, case: _page(
        world, f"/handlers/captures/no-decision?before={case['id']}"
    ),
    "cameras, and how they do": lambda world, case: world.get("/v1/handlers/cameras"),
    "how the installation does": lambda world, case: world.get("/v1/handlers/installation"),
    "is it ready": lambda world, case: world.http.get("/v1/readiness"),
    "all chores": lambda world, case: Schedule(world.system.database, chores(world.system)).tick(),
}  # fmt: skip


@pytest.mark.parametrize("what", HOT)
def test_no_table_that_grows_is_read_whole(world: World, case: dict[str, Any], what: str) -> None:
    _log_in(world)
    world.clock.advance(timedelta(minutes=1))
    with asked(world.system.database.engine) as statements:
        HOT[what](world, case)
    assert statements
    assert whole_reads(world.system.database.engine, statements) == []


def test_a_question_without_an_index_is_found(world: World) -> None:
    planted = {"SELECT id FROM decision WHERE place = %(place)s": {"place": "x"}, "SELECT count(*) FROM payment": {}}
    found = whole_reads(world.system.database.engine, planted)
    assert [one.split(":")[0] for one in found] == ["decision", "payment_state"]
