"""Each accepted capture is in the evidence log, and whoever has its proof needs nothing else to check that."""

import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import func, select, text

from core import merkle
from core.unit_of_work import SYSTEM
from ingest.models import EvidenceLeaf, TreeHead
from tests.commands import flitsketen
from tests.world import World

LEAF, PROOF = "evidence/log_leaf.json", "evidence/inclusion_proof.json"


@pytest.fixture
def captures(world: World) -> list[str]:
    """Ids of three captures that were accepted and entered, in this order."""
    found = [world.push(world.signed("62.0")).json()["id"] for _ in range(3)]
    for capture_id in found:
        enter(world, capture_id)
    return found


def enter(world: World, capture_id: str) -> None:
    """What the job does."""
    with world.system.units.begin(SYSTEM) as uow:
        world.system.services.ingest.evidence_log.enter(uow, {"captureId": capture_id}, None)
        uow.commit()


def files(world: World, capture_id: str) -> dict[str, bytes]:
    return world.system.services.ingest.evidence_files(capture_id)


def genuine(leaf: bytes, proof: dict[str, Any]) -> bool:
    """As a stranger checks it, with the public key that he knows."""
    key = load_pem_public_key(proof["public_key_pem"].encode())
    assert isinstance(key, Ed25519PublicKey)
    try:
        key.verify(bytes.fromhex(proof["head_signature_hex"]), proof["head"].encode())
    except InvalidSignature:
        return False
    head = json.loads(proof["head"])
    path = [bytes.fromhex(step) for step in proof["path_hex"]]
    return merkle.includes(leaf, proof["leaf_number"], head["size"], path, bytes.fromhex(head["root"]))


def count(world: World, table: type) -> int:
    with world.system.database.read_session() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def test_what_is_accepted_is_entered_by_a_job(world: World) -> None:
    world.push(world.signed("62.0"))
    world.drain()
    assert count(world, EvidenceLeaf) == 1


def test_the_proof_of_each_capture_holds(world: World, captures: list[str]) -> None:
    for capture_id in captures:
        found = files(world, capture_id)
        assert genuine(found[LEAF], json.loads(found[PROOF]))
        assert json.loads(found[LEAF])["captureId"] == capture_id


@pytest.mark.parametrize("field", ["head", "head_signature_hex", "leaf_number", "path_hex"])
def test_a_proof_that_was_changed_does_not_hold(world: World, captures: list[str], field: str) -> None:
    found = files(world, captures[1])
    proof = json.loads(found[PROOF])
    changed: dict[str, Any] = {
        "head": proof["head"].replace('"size":3', '"size":4'),
        "head_signature_hex": "00" * 64,
        "leaf_number": 0,
        "path_hex": proof["path_hex"][::-1],
    }
    assert not genuine(found[LEAF], {**proof, field: changed[field]})
    assert not genuine(found[LEAF].replace(b"cam-1", b"cam-2"), proof)


def test_a_capture_is_entered_once_however_often_the_job_runs(world: World, captures: list[str]) -> None:
    enter(world, captures[0])
    assert count(world, EvidenceLeaf) == 3


def test_one_head_vouches_for_all_before_it_and_is_given_again(world: World, captures: list[str]) -> None:
    first, again = files(world, captures[0]), files(world, captures[0])
    files(world, captures[2])
    assert first == again
    assert count(world, TreeHead) == 1


def test_what_is_entered_later_gets_a_head_of_its_own(world: World, captures: list[str]) -> None:
    files(world, captures[0])
    late = world.push(world.signed("62.0")).json()["id"]
    found = files(world, late)
    assert json.loads(json.loads(found[PROOF])["head"])["size"] == 4
    assert genuine(found[LEAF], json.loads(found[PROOF]))


def test_a_head_is_signed_once_for_what_came(world: World, captures: list[str]) -> None:
    log = world.system.services.ingest.evidence_log
    assert [log.sign_head(), log.sign_head()] == [True, False]
    more = world.push(world.signed("63.0")).json()["id"]
    enter(world, more)
    assert log.sign_head()
    assert [json.loads(one["head"])["size"] for one in log.heads()] == [3, 4]
    assert log.check() == []


def test_an_empty_log_has_no_head(world: World) -> None:
    log = world.system.services.ingest.evidence_log
    assert not log.sign_head()
    assert (log.heads(), log.check()) == ([], [])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE capture SET received_at = '2020-01-01 00:00:00'", "is not what was entered"),
        ("UPDATE merkle_node SET hash = zeroblob(32) WHERE level = 1", "does not fit the log"),
        ("UPDATE tree_head SET root = substr('00' || root, 1, 64)", "does not fit the log"),
        ("DELETE FROM merkle_node WHERE level = 0 AND number = 2", "does not fit the log"),
    ],
)
def test_a_changed_past_is_named(world: World, captures: list[str], change: str, told: str) -> None:
    log = world.system.services.ingest.evidence_log
    log.sign_head()
    with world.system.database.write_session() as session:
        session.execute(text(change))
        session.commit()
    assert any(told in fault for fault in log.check())


def test_the_commands_sign_publish_and_check(world: World, captures: list[str]) -> None:
    where = {"data_dir": str(world.folder)}
    assert flitsketen("evidence", "sign", **where)[1].endswith("signed\n")
    _, published = flitsketen("evidence", "heads", **where)
    assert json.loads(json.loads(published.splitlines()[-1])["head"])["size"] == 3
    code, told = flitsketen("evidence", "check", **where)
    assert (code, told.endswith("The evidence log is whole.\n")) == (0, True)
