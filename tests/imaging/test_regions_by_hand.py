"""A person's word on what the citizen's copy hides."""

import numpy as np
import pytest

from core import audit
from imaging.frame import Frame
from imaging.stages.decode import Decode
from tests.world import World, drawn

PIECE = (40, 30, 120, 90)


@pytest.fixture
def capture(world: World) -> str:
    """A capture whose copy exists."""
    capture_id = world.push(world.signed()).json()["id"]
    world.drain()
    return str(capture_id)


def change(world: World, capture_id: str, status: int = 204, **fields: object) -> object:
    body = {"action": "add", "box": PIECE, "reason": "a child behind the window", **fields}
    return world.post(f"/v1/handlers/captures/{capture_id}/region-changes", status, **body)


def copy_of(world: World, capture_id: str) -> np.ndarray:
    photo = Decode(50_000_000)(Frame(world.system.services.imaging.redacted_photo(capture_id, 0))).photo
    assert photo is not None
    return photo


def hidden(photo: np.ndarray, box: tuple[int, int, int, int]) -> bool:
    """A mosaic of at most nine tiles has hardly any edges."""
    left, top, right, bottom = box
    piece = photo[top:bottom, left:right].astype(int)
    return float((np.abs(np.diff(piece, axis=1)).max(axis=2) > 6).mean()) < 0.12


def test_an_added_region_is_hidden_in_a_new_revision(world: World, capture: str) -> None:
    before = copy_of(world, capture)
    change(world, capture)
    world.drain()
    [record] = world.get(f"/v1/handlers/captures/{capture}/redactions")
    assert record["revision"] == 2
    assert {"kind": "by-hand", "box": list(PIECE), "score": 1.0, "by": "person"} in record["hidden"]
    assert hidden(copy_of(world, capture), PIECE)
    assert not np.array_equal(before, copy_of(world, capture))


def test_a_lifted_region_is_visible_again(world: World, capture: str) -> None:
    [record] = world.get(f"/v1/handlers/captures/{capture}/redactions")
    x, y, w, h = drawn().faces[0]
    faces = [
        r["box"]
        for r in record["hidden"]
        if r["kind"] == "face" and r["box"][0] < x + w / 2 < r["box"][2] and r["box"][1] < y + h / 2 < r["box"][3]
    ]
    assert faces
    for face in faces:
        change(world, capture, action="lift", box=face, reason="a face on a billboard")
    world.drain()
    [record] = world.get(f"/v1/handlers/captures/{capture}/redactions")
    assert not [face for face in faces if face in [r["box"] for r in record["hidden"]]]


def test_the_later_word_holds(world: World, capture: str) -> None:
    change(world, capture)
    change(world, capture, action="lift", reason="no child after all")
    world.drain()
    [record] = world.get(f"/v1/handlers/captures/{capture}/redactions")
    assert "by-hand" not in [r["kind"] for r in record["hidden"]]


def test_a_change_makes_no_second_decision(world: World, capture: str) -> None:
    decisions = [fate["decisionId"] for fate in world.get("/v1/handlers/captures")]
    change(world, capture)
    world.drain()
    assert [fate["decisionId"] for fate in world.get("/v1/handlers/captures")] == decisions


def test_each_change_is_in_the_audit_log_with_its_reason(world: World, capture: str) -> None:
    change(world, capture)
    with world.system.database.read_session() as session:
        records = [r for r in audit.excerpt(session, {capture}) if r["action"] == "region.add"]
    assert [r["reason"] for r in records] == ["a child behind the window"]


def test_the_networks_behind_a_copy_are_on_record(world: World, capture: str) -> None:
    [record] = world.get(f"/v1/handlers/captures/{capture}/redactions")
    assert {"locator.onnx", "recogniser.onnx", "faces.onnx", "face_judge.onnx"} <= set(record["models"])


@pytest.mark.parametrize(
    "fields",
    [{"box": (120, 30, 40, 90)}, {"box": (-1, 0, 5, 5)}, {"action": "blur"}, {"reason": "  "}, {"position": 9}],
    ids=["inside out", "outside", "unknown action", "no reason", "no such photo"],
)
def test_a_change_that_makes_no_sense_is_refused(world: World, capture: str, fields: dict) -> None:
    answer = world.http.post(
        f"/v1/handlers/captures/{capture}/region-changes", json={"action": "add", "box": PIECE, "reason": "x", **fields}
    )
    assert 400 <= answer.status_code < 500
