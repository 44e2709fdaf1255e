"""Nothing is kept longer than a rule has it kept: the key goes, the rows that name a person, then the blobs; and a
proof stays. What is open, contested or held is kept."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from api.app import create_app
from core.clock import SettableClock
from core.database import Base
from core.errors import Conflict, NotAllowed, NotFound
from core.settings import Mode, Settings
from core.unit_of_work import Actor
from tests.conftest import named_in
from tests.core.test_audit import report
from tests.fines.test_hirer_lists import as_csv, row, rows_of, send
from tests.statements import Line, camt053, statement
from tests.world import APPELLANT, OPERATOR, World
from workers.bootstrap import build
from workers.chores import checkpoint
from workers.migrate import migrate

SENIOR = Actor("handler", "senior", frozenset({"senior"}))
CLERK = Actor("handler", "clerk", frozenset({"handler"}))
BOOKS = {"decision", "payment", "allocation", "increase", "payout", "ledger_transaction", "ledger_posting"}


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock) -> World:
    url = request.getfixturevalue("postgres")() if request.param == "postgresql" else ""
    settings = Settings(data_dir=tmp_path, database_url=url, vehicle_register_file=tmp_path / "register.json")
    migrate(settings)
    return World(build(settings, clock), clock, tmp_path)


def paid(world: World) -> dict[str, Any]:
    """A case that is over once nobody can contest it any more."""
    case = world.fined()
    world.pay(case, case["amounts"]["open"], f"pay-{case['id']}")
    world.drain()
    return case


def years_on(world: World, years: float) -> int:
    """How many cases go when retention has run each month until then."""
    count = 0
    for _ in range(round(years * 12)):
        world.clock.advance(timedelta(days=365 / 12))
        world.system.services.fines.run_due()
        count += world.system.services.retention.run()
    return count


def blobs_of(world: World, case_id: str) -> list[Path]:
    return list((world.folder / "blobs").glob(f"*/{case_id}/*"))


def everything_in(world: World) -> str:
    """Every row of every table but the log, as text."""
    found = []
    with world.system.database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(select(table)).all()
            found.append(f"{table.name}: {rows}")
        found.append(str(connection.execute(text("SELECT * FROM search_precedent")).all()))
    return "\n".join(found)


def held(world: World) -> dict[str, int]:
    return {row.kept_by: row.cases for row in world.system.services.retention.held()}


def test_a_paid_case_is_kept_for_its_term_and_then_destroyed(world: World) -> None:
    case = paid(world)
    assert years_on(world, 4.9) == 0
    assert held(world) == {"retention_case_years": 1}
    assert blobs_of(world, case["id"])
    assert years_on(world, 0.4) == 1
    assert blobs_of(world, case["id"]) == []
    assert held(world) == {}


def test_after_that_nobody_is_named_anywhere(world: World) -> None:
    case = paid(world)
    world.system.relay.forget_done(-1)
    assert named_in(everything_in(world))
    years_on(world, 5.5)
    left = everything_in(world)
    assert named_in(left) == []
    for word in (case["caseNumber"], case["paymentReference"], case["plate"]):
        assert word not in left


def test_the_log_is_sound_afterwards_and_says_what_was_done(world: World) -> None:
    paid(world)
    checkpoint(world.system)
    years_on(world, 5.5)
    sound, said = report(world)
    assert sound, said
    assert world.system.services.ingest.evidence_log.check() == []
    assert world.system.services.ingest.originals_check.unreadable() == []


def test_the_books_still_balance(world: World) -> None:
    paid(world)
    before = world.system.services.fines.trial_balance()
    years_on(world, 5.5)
    assert world.system.services.fines.trial_balance() == before
    assert world.system.services.fines.books.check() == []


def test_a_proof_says_by_which_rule_and_how_much_went(world: World) -> None:
    case = paid(world)
    years_on(world, 5.5)
    [proof] = world.system.services.retention.proofs()
    assert (proof.case_id, proof.rule) == (case["id"], "retention_case_years")
    assert proof.explanation[0]["article"].startswith("Selectielijst")
    assert proof.rows["letter"] == 1
    assert proof.blobs is not None
    assert proof.blobs["originals"] == 2
    assert {"public", "documents"} <= set(proof.blobs)


def test_an_altered_row_cannot_hide_behind_its_destruction(world: World) -> None:
    paid(world)
    with world.system.database.engine.connect() as connection:
        connection.execute(text("UPDATE letter SET dated = '2026-01-01'"))
        connection.execute(text("UPDATE decision SET sanction_cents = sanction_cents - 100"))
        connection.commit()
    years_on(world, 5.5)
    sound, said = report(world)
    assert not sound
    assert "the row in" in said


def test_a_row_that_just_vanished_is_still_a_fault(world: World) -> None:
    paid(world)
    with world.system.database.engine.connect() as connection:
        connection.execute(text("DELETE FROM delivery"))
        connection.commit()
    sound, said = report(world)
    assert not sound
    assert "the row in delivery is gone" in said


def test_a_capture_without_a_decision_goes_within_three_days(world: World) -> None:
    world.register = []
    answer = world.push(world.signed())
    world.drain()
    retention = world.system.services.retention
    assert retention.run() == 0
    world.clock.advance(timedelta(days=2))
    assert retention.run() == 0
    world.clock.advance(timedelta(days=1))
    assert retention.run() == 1
    assert blobs_of(world, answer.json()["id"]) == []
    [fate] = world.get("/v1/handlers/captures")
    assert (fate["fate"], fate["plate"]) == ("destroyed", None)


def test_what_is_not_paid_is_kept_however_old(world: World) -> None:
    world.fined()
    assert years_on(world, 12) == 0
    assert held(world) == {"open": 1}


def test_an_appeal_that_is_not_decided_keeps_its_case(world: World) -> None:
    case = world.fined()
    world.appeal(case)
    world.drain()
    assert years_on(world, 8) == 0


def test_a_case_with_an_appeal_goes_with_all_that_was_said(world: World) -> None:
    case = world.fined()
    world.appeal(case)
    world.decide_appeal(case, "annulled")
    world.post_letters()
    assert years_on(world, 6) == 1
    left = everything_in(world)
    assert named_in(left) == []
    assert APPELLANT["birthDate"] not in left
    assert "Niet mijn auto" not in left
    sound, said = report(world)
    assert sound, said


def test_money_that_waits_to_go_back_keeps_its_case(world: World) -> None:
    case = paid(world)
    world.pay(case, 500, "too-much")
    assert years_on(world, 8) == 0


def test_a_legal_hold_keeps_a_case_until_it_is_lifted(world: World) -> None:
    case = paid(world)
    retention = world.system.services.retention
    hold = retention.hold(SENIOR, case["id"], "complaint at the ombudsman")
    assert years_on(world, 8) == 0
    assert held(world) == {"legal_hold": 1}
    retention.lift(SENIOR, hold, "the ombudsman has spoken")
    assert retention.run() == 1


def test_who_may_hold_and_what_cannot_be_held(world: World) -> None:
    case = paid(world)
    retention = world.system.services.retention
    with pytest.raises(NotAllowed):
        retention.hold(CLERK, case["id"], "why not")
    with pytest.raises(NotFound):
        retention.hold(SENIOR, "nothing", "a typing error")
    retention.hold(SENIOR, case["id"], "once")
    with pytest.raises(Conflict, match="case-held"):
        retention.hold(SENIOR, case["id"], "twice")
    [standing] = retention.holds()
    with pytest.raises(NotAllowed):
        retention.lift(CLERK, standing.id, "no reason of mine")
    retention.lift(SENIOR, standing.id, "over")
    years_on(world, 6)
    with pytest.raises(Conflict, match="case-destroyed"):
        retention.hold(SENIOR, case["id"], "too late")


def test_a_destroyed_case_is_found_by_nobody(world: World) -> None:
    case = paid(world)
    years_on(world, 6)
    assert world.http.get(f"/v1/handlers/decisions/{case['decisionId']}").json()["type"].endswith("case-destroyed")
    said = {"caseNumber": case["caseNumber"], "plate": case["plate"], "accessCode": case["accessCode"]}
    assert world.http.post("/v1/case-lookups", json=said).status_code == 404
    assert world.http.get(f"/v1/handlers/captures/{case['id']}/photos/0").status_code == 404
    assert world.http.get("/v1/handlers/captures").status_code == 200


def test_in_production_a_rule_that_was_not_approved_lets_nothing_go(world: World) -> None:
    paid(world)
    strict = build(world.system.settings.model_copy(update={"mode": Mode.PRODUCTION, **_keys(world)}), world.clock)
    world.clock.advance(timedelta(days=365 * 8))
    assert strict.services.retention.run() == 0
    assert held(world) == {"no_rule": 1}


def _keys(world: World) -> dict[str, Path]:
    folder = world.folder / "keys"
    names = {
        "master_key_file": "master.key", "signing_key_file": "signing.pem", "session_secret_file": "session.secret",
        "seal_key_file": "seal.pem", "seal_certificate_file": "seal.crt",
    }  # fmt: skip
    return {setting: folder / name for setting, name in names.items()}


def test_one_case_that_cannot_be_destroyed_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.register = []
    captures = [world.push(world.signed()).json()["id"] for _ in range(3)]
    world.drain()
    world.clock.advance(timedelta(days=3))
    retention = world.system.services.retention
    holder = retention._holders[2]
    real = holder.destroy

    def stubborn(uow: Any, case_id: str, reason: str) -> Any:
        if case_id == captures[1]:
            raise ValueError("no")
        return real(uow, case_id, reason)

    monkeypatch.setattr(type(holder), "destroy", lambda _, *args: stubborn(*args))
    with pytest.raises(ValueError, match="no"):
        retention.run()
    assert [bool(blobs_of(world, one)) for one in captures] == [False, True, False]
    monkeypatch.undo()
    world.clock.advance(timedelta(days=1))
    assert retention.run() == 1


def test_a_store_that_was_away_is_cleared_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.register = []
    capture = world.push(world.signed()).json()["id"]
    world.drain()
    world.clock.advance(timedelta(days=3))
    retention, blobs = world.system.services.retention, world.system.blobs
    monkeypatch.setattr(blobs, "remove", _away)
    with pytest.raises(ConnectionError):
        retention.run()
    monkeypatch.undo()
    [proof] = retention.proofs()
    assert proof.removed_at is None
    assert blobs_of(world, capture)
    retention.run()
    assert retention.proofs()[0].removed_at is not None
    assert blobs_of(world, capture) == []


def _away(_: str) -> dict[str, int]:
    raise ConnectionError


def test_a_backups_photos_go_with_the_next_backup(world: World, tmp_path: Path) -> None:
    world.register = []
    capture = world.push(world.signed()).json()["id"]
    world.drain()
    kept = tmp_path / "backup"
    world.system.blobs.copy_to(kept)
    world.clock.advance(timedelta(days=3))
    world.system.services.retention.run()
    other = world.push(world.signed()).json()["id"]
    world.system.blobs.copy_to(kept)
    assert not [path for path in kept.glob(f"*/{capture}/*") if path.is_file()]
    assert list(kept.glob(f"*/{other}/*"))


def test_a_refused_package_goes_once_it_was_seen_to(world: World) -> None:
    foreign = world.signed()
    world.clock.advance(timedelta(days=60))
    assert world.push(foreign).status_code == 400
    [package] = world.get("/v1/handlers/quarantined-packages")
    assert years_on(world, 1) == 0
    assert blobs_of(world, package["id"])
    world.post(f"/v1/handlers/quarantined-packages/{package['id']}/discards", 204, reason="too late")
    world.clock.advance(timedelta(days=20))
    assert world.system.services.retention.run() == 1
    assert blobs_of(world, package["id"]) == []


def test_whoever_paid_is_named_in_the_books_for_seven_years(world: World) -> None:
    case = world.fined()
    line = Line(case["amounts"]["open"], case["paymentReference"], payer="T. Testpersoon")
    sent = world.http.post("/v1/handlers/bank-statements", content=camt053(statement([line])))
    assert sent.status_code == 201, sent.text
    world.drain()
    years_on(world, 6.5)
    assert "T. Testpersoon" in everything_in(world)
    years_on(world, 1)
    assert named_in(everything_in(world)) == []
    sound, said = report(world)
    assert sound, said


def test_who_had_been_there_is_forgotten_a_year_later(world: World) -> None:
    case = world.fined()
    with TestClient(create_app(world.system.services), base_url="https://testserver") as citizen:
        [token] = set(re.findall(r'name="csrf" value="([^"]+)"', citizen.get("/").text))
        said = {"case_number": case["caseNumber"], "plate": case["plate"], "access_code": case["accessCode"]}
        assert citizen.post("/enter", data={"csrf": token, **said}, follow_redirects=False).status_code == 303

    def visits() -> int:
        with world.system.database.engine.connect() as connection:
            return connection.scalar(text("SELECT count(*) FROM visit")) or 0

    years_on(world, 0.9)
    assert visits() == 1
    years_on(world, 0.2)
    assert visits() == 0
    sound, told = report(world)
    assert sound, told


def test_a_firms_list_of_hirers_goes_a_year_later(world: World) -> None:
    case = world.fined()
    token = world.system.services.principals.register(OPERATOR, "Lease", {"professional"})
    with TestClient(create_app(world.system.services)) as firm:
        firm.headers["Authorization"] = f"Bearer {token}"
        said = as_csv([row({**case, "plate": "XX-99-XX"}, name="H. Huurder-Geweigerd")])
        list_id = send(firm, said)["id"]
        world.drain()
        assert rows_of(firm, list_id, "refused")
        assert years_on(world, 0.9) == 0
        assert "Huurder-Geweigerd" in everything_in(world)
        years_on(world, 0.2)
        assert "Huurder-Geweigerd" not in everything_in(world)
        assert firm.get(f"/v1/professionals/hirer-lists/{list_id}").status_code == 404
    sound, told = report(world)
    assert sound, told


def test_every_table_that_outlives_a_case_refers_only_to_what_stays() -> None:
    models: dict[str, type[Base]] = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}
    outliving = {name for name, model in models.items() if model.__outlives_case__}
    assert outliving == BOOKS
    gone = _reached_from({"decision", "assessment", "reading", "redacted_photo", "region_change", "appeal"}, models)
    for name in outliving | {"bank_entry", "print_run", "handover"}:
        targets = {key.column.table.name for key in models[name].__table__.foreign_keys}
        assert targets & (gone - outliving) == set(), name


def _reached_from(roots: set[str], models: dict[str, type[Base]]) -> set[str]:
    found = set(roots)
    while more := {
        name for name, model in models.items()
        if name not in found and any(key.column.table.name in found for key in model.__table__.foreign_keys)
    }:  # fmt: skip
        found |= more
    return found


def test_every_personal_column_exists_and_is_sealed_with_its_row() -> None:
    for mapper in Base.registry.mappers:
        model: type[Base] = mapper.class_
        assert set(model.__personal__) <= set(model.__sealed__) | set(model.__sealed_if_set__), model.__tablename__


def test_what_is_held_is_counted_by_rule(world: World) -> None:
    paid(world)
    world.fined()
    world.clock.advance(timedelta(days=80))
    world.system.services.retention.run()
    assert held(world) == {"retention_case_years": 1, "open": 1}
    first = {row.kept_by: row.first_look for row in world.system.services.retention.held()}
    assert first["retention_case_years"] > date(2031, 9, 1)
