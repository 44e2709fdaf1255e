"""Many captures in one file: in one request, in pieces over a bad line (tus), or put into a folder."""

import io
import json
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from tusclient.client import TusClient

from ingest.batch import pack, sign_manifest
from ingest.drop_folder import DropFolder
from ingest.simulator.network import SignedCapture
from tests.conftest import embedded_world
from tests.ingest.camera_side import problem, signer
from tests.world import World, jpeg
from workers.server import running

Kind = Literal["zip", "tar"]
TYPES = {"zip": "application/zip", "tar": "application/x-tar"}


def packed(world: World, captures: list[SignedCapture], kind: Kind = "zip", name: str = "batch-1") -> bytes:
    file = io.BytesIO()
    pack(file, world.camera.key, "cam-1", name, [capture.package() for capture in captures], kind)
    return file.getvalue()


def sent(world: World, batch: bytes, kind: Kind = "zip") -> httpx.Response:
    headers = {"Content-Type": TYPES[kind]}
    return world.http.post("/v1/capture-batches", content=batch, headers=headers, auth=signer(world, world.camera))


def statuses(receipt: dict[str, Any]) -> list[str]:
    return [result["status"] for result in receipt["results"]]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_each_capture_of_a_batch_is_taken_in_and_counts_once(world: World, kind: Kind) -> None:
    batch = packed(world, [world.signed() for _ in range(3)], kind)
    answer = sent(world, batch, kind)
    assert answer.status_code == 200, answer.text
    assert statuses(answer.json()) == ["accepted"] * 3
    assert statuses(sent(world, batch, kind).json()) == ["duplicate"] * 3
    assert len(world.get("/v1/handlers/captures")) == 3


def test_one_bad_capture_does_not_keep_the_others_out(world: World) -> None:
    captures = [world.signed(), world.signed(images=[jpeg()[:-4000]]), world.signed()]
    receipt = sent(world, packed(world, captures)).json()
    assert statuses(receipt) == ["accepted", "refused", "accepted"]
    assert receipt["results"][1]["code"] == "jpeg-truncated"
    assert [item["code"] for item in world.get("/v1/handlers/quarantined-packages")] == ["jpeg-truncated"]


def test_a_batch_that_nobody_signed_is_refused(world: World) -> None:
    batch = packed(world, [world.signed()])
    answer = world.http.post("/v1/capture-batches", content=batch, headers={"Content-Type": TYPES["zip"]})
    assert problem(answer) == (401, "request-signature-invalid")


def test_a_batch_is_a_zip_or_tar_file(world: World) -> None:
    answer = world.http.post(
        "/v1/capture-batches",
        content=b"{}",
        headers={"Content-Type": "application/json"},
        auth=signer(world, world.camera),
    )
    assert problem(answer) == (400, "not-a-batch")


def test_when_there_is_no_room_half_way_the_rest_comes_with_the_batch_again(world: World) -> None:
    batch = packed(world, [world.signed() for _ in range(4)])
    world.system.settings.captures_per_minute = 2
    assert problem(sent(world, batch)) == (429, "camera-quota")
    world.system.settings.captures_per_minute = 100
    assert statuses(sent(world, batch).json()) == ["duplicate", "duplicate", "accepted", "accepted"]


# Archives that want something else


def rewritten(batch: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(batch)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_a_changed_member_is_refused_and_the_rest_taken_in(world: World) -> None:
    batch = packed(world, [world.signed(), world.signed()])

    def change(files: dict[str, bytes]) -> None:
        files["0/0.jpg"] = jpeg("X-885-FH")

    receipt = sent(world, rewritten(batch, change)).json()
    assert statuses(receipt) == ["refused", "accepted"]
    assert receipt["results"][0]["code"] == "member-changed"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a\\b", "a//b", "..", "a/../b", ".hidden", "a b", "é"]
)
def test_a_name_that_leads_out_is_refused(world: World, name: str) -> None:
    batch = rewritten(packed(world, [world.signed()]), lambda files: files.update({name: b"x"}))
    assert problem(sent(world, batch)) == (400, "archive-member-name")


def test_a_file_more_or_less_than_the_manifest_names_is_refused(world: World) -> None:
    batch = packed(world, [world.signed()])
    assert problem(sent(world, rewritten(batch, lambda files: files.update({"more": b"x"})))) == (400, "batch-files")
    assert problem(sent(world, rewritten(batch, lambda files: files.pop("0/0.jpg")))) == (400, "batch-files")
    assert problem(sent(world, rewritten(batch, lambda files: files.pop("manifest.sig")))) == (400, "manifest-missing")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"batchId"', b'"batchId": "x", "batchId"'),
        (b'"captures": [', b'"captures": [NaN, '),
        (b'"captures": [', b'"captures": [' + b"[" * 100_000 + b"]" * 100_000 + b", "),
        (b'"batch-1"', b"1e999"),
        (b'"batch-1"', b'"\\ud800"'),
        (b'"batch-1"', b'"../x"'),
        (b'"cameraId"', b'"camera"'),
    ],
)
def test_a_manifest_that_says_two_things_or_nothing_is_refused(world: World, old: bytes, new: bytes) -> None:
    def change(files: dict[str, bytes]) -> None:
        assert old in files["manifest.json"]
        files["manifest.json"] = files["manifest.json"].replace(old, new, 1)
        files["manifest.sig"] = sign_manifest(world.camera.key, files["manifest.json"])

    batch = rewritten(packed(world, [world.signed()]), change)
    assert problem(sent(world, batch)) == (400, "manifest-invalid")


def test_a_manifest_of_another_key_is_refused(world: World) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["manifest.json"] += b" "

    batch = rewritten(packed(world, [world.signed()]), change)
    assert problem(sent(world, batch)) == (401, "signature-invalid")


def test_a_bomb_is_refused_by_what_it_says_of_itself(world: World) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(200 * 2**20))
    world.system.settings.max_batch_bytes = 100 * 2**20
    assert problem(sent(world, file.getvalue())) == (413, "archive-too-large")


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(world: World) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(50 * 2**20))
        archive.writestr("manifest.sig", b"x")
    data = bytearray(file.getvalue())
    for signature, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = data.index(signature) + place
        data[at : at + 4] = struct.pack("<L", 100)
    assert problem(sent(world, bytes(data))) == (400, "archive-member-broken")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, b"x", b"L"])
def test_links_devices_and_long_headers_in_a_tar_file_are_refused(world: World, kind: bytes) -> None:
    info = tarfile.TarInfo("manifest.json")
    info.type, info.linkname = kind, "/etc/passwd"
    batch = info.tobuf(tarfile.USTAR_FORMAT) + bytes(1024)
    assert problem(sent(world, batch, "tar")) == (400, "archive-member-kind")


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_batch_that_is_cut_off_is_refused_or_taken_in_up_to_there(world: World, kind: Kind, kept: float) -> None:
    batch = packed(world, [world.signed()], kind)
    answer = sent(world, batch[: int(len(batch) * kept)], kind)
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 200:
        assert statuses(answer.json()) in (["refused"], ["accepted"])


# The drop folder


@pytest.fixture
def drop(world: World, tmp_path: Path) -> DropFolder:
    return DropFolder(tmp_path / "drop", world.system.services.ingest.batches)


def delivered(folder: DropFolder, name: str, content: bytes, path: Path) -> Path:
    target = path / "drop" / name
    target.write_bytes(content)
    return target


def test_a_delivery_is_taken_in_and_its_receipt_lies_there(world: World, drop: DropFolder, tmp_path: Path) -> None:
    file = delivered(drop, "night.zip", packed(world, [world.signed(), world.signed()]), tmp_path)
    assert drop.scan(0) == 1
    assert not file.exists()
    receipt = json.loads((tmp_path / "drop/done/night.zip.receipt.json").read_text())
    assert statuses(receipt) == ["accepted", "accepted"]
    assert len(world.get("/v1/handlers/captures")) == 2


def test_what_is_still_being_written_is_left_alone(world: World, drop: DropFolder, tmp_path: Path) -> None:
    batch = packed(world, [world.signed()])
    for name in ("night.zip.part", ".night.zip"):
        delivered(drop, name, batch, tmp_path)
    (tmp_path / "drop/link.zip").symlink_to(delivered(drop, "x.part", batch, tmp_path))
    assert drop.scan(0) == 0
    delivered(drop, "night.zip", batch, tmp_path)
    assert drop.scan(60) == 0


@pytest.mark.parametrize(
    ("name", "content", "code"), [("a.zip", b"x", "archive-unreadable"), ("a.txt", b"x", "not-a-batch")]
)
def test_a_refused_delivery_is_kept_with_the_reason(
    drop: DropFolder, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    delivered(drop, name, content, tmp_path)
    assert drop.scan(0) == 1
    assert (tmp_path / "drop/refused" / name).read_bytes() == content
    [(found, why)] = drop.refused()
    assert (found, why["code"]) == (name, code)


def test_what_there_is_no_room_for_waits_in_the_folder(world: World, drop: DropFolder, tmp_path: Path) -> None:
    file = delivered(drop, "night.zip", packed(world, [world.signed()]), tmp_path)
    world.system.settings.captures_per_minute = 0
    assert drop.scan(0) == 0
    assert file.exists()
    world.system.settings.captures_per_minute = 9
    assert drop.scan(0) == 1


# Resumable upload


@pytest.fixture
def served(tmp_path: Path, clock: Any) -> Iterator[tuple[World, str]]:
    world = embedded_world(tmp_path, clock)
    with running(world.system) as url:
        yield world, url


def begun(world: World, url: str, size: int) -> str:
    """The address of a new upload, for which the camera signed."""
    headers = {
        "Tus-Resumable": "1.0.0", "Upload-Length": str(size),
        "Upload-Metadata": "filename bmlnaHQuemlw,filetype YXBwbGljYXRpb24vemlw",
    }  # fmt: skip
    answer = httpx.post(f"{url}/v1/uploads", headers=headers, auth=signer(world, world.camera), trust_env=False)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def test_an_upload_that_breaks_off_is_gone_on_with_by_any_tus_client(served: tuple[World, str], tmp_path: Path) -> None:
    world, url = served
    file = tmp_path / "night.zip"
    file.write_bytes(packed(world, [world.signed() for _ in range(3)]))
    address = begun(world, url, file.stat().st_size)
    client = TusClient(url)
    first = client.uploader(str(file), url=address, chunk_size=50_000)
    first.upload(stop_at=100_000)
    # A process that died left more on disk than it had said.
    upload_id = address.rsplit("/", 1)[1]
    with (world.folder / "uploads" / upload_id).open("ab") as data:
        data.write(b"half a piece")
    second = client.uploader(str(file), url=address, chunk_size=70_000)
    assert second.offset == 100_000
    second.upload()
    receipt = httpx.get(f"{url}/v1/upload-receipts/{upload_id}", trust_env=False)
    assert statuses(receipt.json()) == ["accepted"] * 3
    assert len(world.get("/v1/handlers/captures")) == 3
    assert httpx.get(f"{url}/v1/upload-receipts/{upload_id}", trust_env=False).json() == receipt.json()


def test_nobody_begins_an_upload_without_a_cameras_key(served: tuple[World, str]) -> None:
    _, url = served
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    assert problem(httpx.post(f"{url}/v1/uploads", headers=headers, trust_env=False)) == (
        401,
        "request-signature-invalid",
    )


def test_an_upload_that_is_no_batch_is_told_so_and_again_to_who_asks(served: tuple[World, str]) -> None:
    world, url = served
    address = begun(world, url, 5)
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = httpx.patch(address, content=b"hello", headers=headers, trust_env=False)
    assert problem(answer) == (400, "archive-unreadable")
    upload_id = address.rsplit("/", 1)[1]
    again = httpx.get(f"{url}/v1/upload-receipts/{upload_id}", trust_env=False)
    assert problem(again) == (400, "archive-unreadable")


@pytest.mark.parametrize("upload_id", ["unknown", "..", "a.info"])
def test_there_is_no_receipt_of_what_never_came(world: World, upload_id: str) -> None:
    assert world.http.get(f"/v1/upload-receipts/{upload_id}").status_code == 404


def test_half_an_upload_has_no_receipt_yet(served: tuple[World, str]) -> None:
    world, url = served
    upload_id = begun(world, url, 5).rsplit("/", 1)[1]
    answer = httpx.get(f"{url}/v1/upload-receipts/{upload_id}", trust_env=False)
    assert problem(answer) == (404, "upload-unfinished")


def test_what_nobody_went_on_with_goes_after_a_while(served: tuple[World, str]) -> None:
    world, url = served
    upload_id = begun(world, url, 5).rsplit("/", 1)[1]
    for path in (world.folder / "uploads").glob(f"{upload_id}*"):
        os.utime(path, (0, 0))
    world.system.services.ingest.resumable.forget_old()
    assert list((world.folder / "uploads").glob(f"{upload_id}*")) == []
