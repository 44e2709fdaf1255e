"""Settings, clock, money, logging, JPEG structure, transition tables."""

import errno
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from appeals.states import APPEAL, COURT_APPEAL
from core.clock import FileClock, SettableClock, local_date
from core.errors import Conflict, NotAllowed
from core.jpeg import NotAJpeg, inspect_jpeg
from core.keys import load_keys
from core.logging import configure_logging
from core.money import format_euro, parse_euro, percent_of
from core.settings import Mode, Settings
from core.states import TransitionTable
from core.unit_of_work import Actor, UnitsOfWork
from fines.states import DECISION
from imaging.states import READING
from ingest.states import CAMERA, QUARANTINE
from tests.world import World, jpeg

TABLES = [APPEAL, COURT_APPEAL, DECISION, READING, CAMERA, QUARANTINE]


def test_production_refuses_to_start_on_stand_ins(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="production needs these settings: master_key_file"):
        Settings(mode=Mode.PRODUCTION, data_dir=tmp_path)


def test_processes_that_start_together_share_one_set_of_keys(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load_keys(settings), range(32)))
    assert len({(keys.master, keys.session_secret) for keys in found}) == 1
    assert {path.name for path in (tmp_path / "keys").iterdir()} == {
        "master.key", "signing.pem", "session.secret", "seal.pem", "seal.crt",
    }  # fmt: skip


def test_a_key_whose_writing_was_cut_short_is_never_taken_for_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(handle: int, _: str) -> None:
        os.close(handle)
        raise OSError(errno.ENOSPC, "no space left on device")

    settings = Settings(data_dir=tmp_path)
    with monkeypatch.context() as broken, pytest.raises(OSError, match="no space"):
        broken.setattr(os, "fdopen", full_disk)
        load_keys(settings)
    assert list((tmp_path / "keys").iterdir()) == []
    assert len(load_keys(settings).master) == 32


def test_a_deadline_is_a_day_in_amsterdam() -> None:
    assert local_date(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)).isoformat() == "2026-07-01"


def test_a_clock_in_a_file_is_shared(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    FileClock(tmp_path / "clock").set(moment)
    assert FileClock(tmp_path / "clock").now() == moment


def test_a_clock_refuses_a_moment_without_zone() -> None:
    with pytest.raises(ValueError, match="timezone"):
        SettableClock(datetime(2026, 1, 1))  # noqa: DTZ001


@given(st.integers(min_value=0, max_value=10**12))
def test_an_amount_written_is_the_amount_read(cents: int) -> None:
    assert parse_euro(format_euro(cents, decimal_comma=False).replace(",", "")) == cents


@pytest.mark.parametrize("text", ["1.005", "NaN", "Infinity", "abc", ""])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        parse_euro(text)


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=100))
def test_a_percentage_never_rounds_up(cents: int, percent: int) -> None:
    assert percent_of(cents, percent) * 100 <= cents * percent < (percent_of(cents, percent) + 1) * 100


def test_what_a_caller_sends_makes_no_line_of_its_own_in_the_log(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = 'x\n{"event": "all is well", "level": "info"}\r\n'
    http = world.http
    configure_logging()
    try:
        http.post("/v1/case-lookups", json={"caseNumber": evil, "plate": evil, "accessCode": evil})
        http.get("/v1/handlers/decisions/" + quote(evil, safe=""))
        http.get("/v1/handlers/appeals", headers={"Authorization": "Bearer all-is-well"})
        world.push(world.signed(capture_id=evil))
    finally:
        structlog.reset_defaults()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert lines
    assert "all is well" not in {line["event"] for line in lines}
    assert {"refused"} <= {line["event"] for line in lines}


def test_logs_drop_every_field_that_is_not_on_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    structlog.get_logger().info("refused", plate="GB-001-B", name="T. Testpersoon", code="x")
    line = capsys.readouterr().err
    assert json.loads(line)["code"] == "x"
    assert "GB-001-B" not in line
    assert "Testpersoon" not in line
    structlog.reset_defaults()


@given(st.binary(max_size=400))
def test_any_bytes_are_either_a_jpeg_or_refused(data: bytes) -> None:
    try:
        inspect_jpeg(b"\xff\xd8\xff" + data)
    except NotAJpeg as error:
        assert error.code in {"not-jpeg", "jpeg-truncated", "jpeg-malformed"}


@given(st.integers(min_value=3, max_value=2000))
def test_a_jpeg_cut_anywhere_is_never_taken_for_whole(cut: int) -> None:
    with pytest.raises(NotAJpeg):
        inspect_jpeg(jpeg()[:-cut])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.aggregate)
@given(data=st.data())
def test_only_what_the_table_says_is_possible(table: TransitionTable, data: st.DataObject) -> None:
    states = sorted({t.source for t in table.transitions.values()} | {t.target for t in table.transitions.values()})
    events = sorted({t.event for t in table.transitions.values()})
    state, event = data.draw(st.sampled_from(states)), data.draw(st.sampled_from(events))
    assert table.allows(state, event) == ((state, event) in table.transitions)


class Thing:
    id = "1"
    state = "held"


def test_a_refused_transition_says_what_is_possible(world: World) -> None:
    units = UnitsOfWork(world.system.database, world.clock, {})
    with (
        units.begin(Actor("handler", "h", frozenset({"operator"}))) as uow,
        pytest.raises(Conflict, match="possible: release, discard"),
    ):
        QUARANTINE.fire(uow, Thing(), "forget", "")


def test_a_transition_needs_the_role(world: World) -> None:
    units = UnitsOfWork(world.system.database, world.clock, {})
    with (
        units.begin(Actor("handler", "h", frozenset({"reviewer"}))) as uow,
        pytest.raises(NotAllowed, match="operator"),
    ):
        QUARANTINE.fire(uow, Thing(), "discard", "")
