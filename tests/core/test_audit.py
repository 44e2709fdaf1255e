"""The audit log names what was altered, down to one byte, in the log and in the sealed rows."""

import io

import pytest
from rich.console import Console
from sqlalchemy import text

from core.audit import seal
from core.canonical import digest
from fines.models import Decision
from tests.world import World
from workers.audit_report import verify_audit
from workers.chores import checkpoint


def report(world: World) -> tuple[bool, str]:
    output = io.StringIO()
    sound = verify_audit(world.system, Console(file=output, width=400))
    return sound, output.getvalue()


def tamper(world: World, statement: str) -> None:
    with world.system.database.engine.connect() as connection:
        assert connection.execute(text(statement)).rowcount == 1
        connection.commit()


@pytest.fixture
def used(world: World) -> World:
    world.fined()
    checkpoint(world.system)
    return world


def test_an_untouched_log_is_sound(used: World) -> None:
    sound, said = report(used)
    assert sound, said


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE audit_record SET reason = reason || 'x' WHERE partition = 'fines' AND seq = 2",
            "partition fines, record 2",
        ),
        ("UPDATE audit_record SET actor = 'x' WHERE partition = 'ingest' AND seq = 3", "partition ingest, record 3"),
        ("DELETE FROM audit_record WHERE partition = 'ingest' AND seq = 2", "a record is missing"),
        ("UPDATE decision SET sanction_cents = sanction_cents - 100", "the row in decision was altered"),
        ("UPDATE decision SET keeper = replace(keeper, 'Proefdorp', 'Proefdorq')", "the row in decision was altered"),
        ("UPDATE decision SET observed = replace(observed, '64.0', '74.0')", "the row in decision was altered"),
        ("UPDATE decision SET observed = NULL", "the row in decision was altered"),
        ("UPDATE capture SET details = replace(details, '64.0', '74.0')", "the row in capture was altered"),
        ("UPDATE reading SET plate = 'GB002B'", "the row in reading was altered"),
        ("UPDATE decision SET state = 'paid'", "its state is not the one last recorded"),
        ("DELETE FROM delivery", "the row in delivery is gone"),
        ("UPDATE audit_checkpoint SET hash = '00' WHERE partition = 'fines'", "signature is not valid"),
    ],
)
def test_one_change_by_hand_is_named(used: World, statement: str, named: str) -> None:
    tamper(used, statement)
    sound, said = report(used)
    assert not sound
    assert named in said


def test_cutting_off_the_end_of_the_log_is_noticed(used: World) -> None:
    tamper(
        used,
        "DELETE FROM audit_record WHERE partition = 'fines' AND seq = "
        "(SELECT max(seq) FROM audit_record WHERE partition = 'fines')",
    )
    sound, said = report(used)
    assert not sound
    assert "records are missing at the end" in said


def test_a_column_that_came_later_leaves_older_seals_as_they_were() -> None:
    # Only a row that has a value in it counts it: rows that were sealed before the column was there still verify.
    before = Decision(**{name: name for name in Decision.__sealed__})
    sealed = digest({name: name for name in Decision.__sealed__})
    assert seal(before) == sealed
    before.observed = {"offence": None}
    assert seal(before) != sealed
