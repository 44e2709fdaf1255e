"""Criminal cases: out of this chain in an export, and done with only when the prosecutor receipts it."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import bagit
import pytest

from core import audit
from core.unit_of_work import Actor
from tests.world import World, jpeg


def speeding(world: World) -> str:
    """A capture of 90 km/h where 50 is allowed; its id."""
    pushed = world.push(world.signed("90.0")).json()["id"]
    world.drain()
    return str(pushed)


def handed_over(world: World) -> tuple[str, str]:
    """Capture and export."""
    capture = speeding(world)
    export = world.post("/v1/handlers/prosecutor-exports", 202)["id"]
    world.drain()
    return capture, export


def fetched(world: World, export: str) -> zipfile.ZipFile:
    answer = world.post(f"/v1/handlers/prosecutor-exports/{export}/fetches", 200)
    return zipfile.ZipFile(io.BytesIO(answer.content))


def manifest_digest(world: World) -> str:
    return str(world.get("/v1/handlers/prosecutor-exports")[0]["manifestSha256"])


def receipt(world: World, export: str, status: int, numbers: dict[str, str], digest: str = "") -> Any:
    cases = [{"captureId": capture, "prosecutorNumber": number} for capture, number in numbers.items()]
    path = f"/v1/handlers/prosecutor-exports/{export}/receipts"
    return world.post(path, status, manifestSha256=digest or manifest_digest(world), cases=cases)


def states(world: World) -> list[str]:
    return [item["state"] for item in world.get("/v1/handlers/prosecutor-referrals")]


def test_the_export_holds_a_sound_bag_with_untouched_photos_and_what_the_camera_signed(
    world: World, tmp_path: Path
) -> None:
    capture, export = handed_over(world)
    archive = fetched(world, export)
    manifest = archive.read("manifest.json")
    assert hashlib.sha256(manifest).hexdigest() == manifest_digest(world)
    [entry] = json.loads(manifest)
    bag = archive.read(f"cases/{capture}.zip")
    assert entry == {"capture": capture, "sha256": hashlib.sha256(bag).hexdigest()}
    zipfile.ZipFile(io.BytesIO(bag)).extractall(tmp_path / "bag")
    folder = tmp_path / "bag" / f"case-{capture}"
    bagit.Bag(str(folder)).validate()
    assert (folder / "data/photos/original_0.jpg").read_bytes() == jpeg()
    assert json.loads((folder / "data/case.json").read_text())["corrected_kmh"] == 87
    assert (folder / "data/evidence/signature.json").exists()


def test_each_look_at_the_untouched_photos_is_recorded(world: World) -> None:
    capture, export = handed_over(world)
    fetched(world, export)
    with world.system.units.read() as session:
        records = audit.excerpt(session, {capture, export})
    looks = [r["action"] for r in records if r["partition"] == "access" and "prosecutor" in r["reason"]]
    assert looks == ["original.viewed", "handover.fetched"]


def test_a_receipt_for_what_was_sent_closes_the_cases(world: World) -> None:
    capture, export = handed_over(world)
    assert states(world) == ["handed_over"]
    receipt(world, export, 204, {capture: "16/123456-26"})
    [item] = world.get("/v1/handlers/prosecutor-referrals")
    assert (item["state"], item["prosecutorNumber"]) == ("received", "16/123456-26")
    assert receipt(world, export, 409, {capture: "16/123456-26"})["type"].endswith("transition-refused")


@pytest.mark.parametrize(
    ("digest", "numbers", "code"),
    [
        ("0" * 64, {"it": "16/1"}, "receipt-differs"),
        ("", {}, "receipt-incomplete"),
        ("", {"it": "16/1", "another": "16/2"}, "receipt-incomplete"),
    ],
)
def test_a_receipt_for_something_else_closes_nothing(
    world: World, digest: str, numbers: dict[str, str], code: str
) -> None:
    capture, export = handed_over(world)
    named = {capture if name == "it" else name: number for name, number in numbers.items()}
    assert receipt(world, export, 400, named, digest)["type"].endswith(code)
    assert states(world) == ["handed_over"]


def test_a_case_is_in_one_export_only(world: World) -> None:
    handed_over(world)
    assert world.post("/v1/handlers/prosecutor-exports", 409)["type"].endswith("nothing-waits")
    speeding(world)
    world.post("/v1/handlers/prosecutor-exports", 202)
    world.drain()
    assert [item["cases"] for item in world.get("/v1/handlers/prosecutor-exports")] == [1, 1]


def test_an_export_that_is_not_prepared_yet_says_so(world: World) -> None:
    speeding(world)
    export = world.post("/v1/handlers/prosecutor-exports", 202)["id"]
    answer = world.post(f"/v1/handlers/prosecutor-exports/{export}/fetches", 409)
    assert answer["type"].endswith("export-not-ready")


def test_only_a_handler_hands_over(world: World) -> None:
    cashier = world.system.services.principals.register(
        Actor("handler", "test", frozenset({"operator"})), "C", {"cashier"}
    )
    answer = world.http.post("/v1/handlers/prosecutor-exports", headers={"Authorization": f"Bearer {cashier}"})
    assert answer.status_code == 403
