"""The court dossier: a bag that validates, a binder that opens, and a registry that knows only the ZGW standard."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bagit
import pytest
from pypdf import PdfReader

from appeals.simulator.registry import SimulatedRegistry
from core.clock import SettableClock
from tests.conftest import embedded_world
from tests.ingest.test_evidence_log import genuine
from tests.world import World, lookup
from workers.server import serving

RSIN = "000000012"


def to_court(world: World) -> str:
    """Path of a court appeal whose dossier is made, from a real capture."""
    case = world.fined("62.0")
    world.appeal(case)
    world.decide_appeal(case, "upheld")
    world.post("/v1/court-appeals", 201, **lookup(case), grounds="Toch niet.")
    world.drain()
    [found] = world.get("/v1/handlers/court-appeals")
    return f"/v1/handlers/court-appeals/{found['id']}"


def fetched(world: World, path: str, what: str) -> bytes:
    return bytes(world.post(f"{path}/{what}-views", 200, purpose="test").content)


def unpacked(bag: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(bag)) as archive:
        archive.extractall(folder)
    [found] = folder.iterdir()
    return found


@pytest.fixture
def registry() -> Iterator[SimulatedRegistry]:
    found = SimulatedRegistry("flitsketen-test", "a-secret-of-thirty-two-characters", "WAHV-BEROEP")
    with serving(found.app()) as url:
        found.base = url
        yield found


@pytest.fixture
def connected(tmp_path: Path, clock: SettableClock, registry: SimulatedRegistry) -> World:
    """A world whose dossiers go to that registry."""
    urls = {f"zgw_{name}_url": url for name, url in registry.access().items()}
    return embedded_world(
        tmp_path,
        clock,
        zgw_client_id="flitsketen-test",
        zgw_secret="a-secret-of-thirty-two-characters",
        zgw_rsin=RSIN,
        retry_base_seconds=0.0,
        **urls,
    )


def test_the_bag_validates_and_its_binder_names_every_file_with_its_checksum(world: World, tmp_path: Path) -> None:
    path = to_court(world)
    folder = unpacked(fetched(world, path, "dossier"), tmp_path / "bag")
    bagit.Bag(str(folder)).validate()
    binder = fetched(world, path, "binder")
    assert binder == (folder / "data" / "binder.pdf").read_bytes()
    pages = PdfReader(io.BytesIO(binder)).pages
    contents = re.sub(r"\s", "", "".join(page.extract_text() for page in pages[:4]))
    for file in (folder / "data").rglob("*"):
        if file.is_file() and file.name != "binder.pdf":
            assert hashlib.sha256(file.read_bytes()).hexdigest() in contents, file.name


def test_the_bag_proves_that_its_capture_is_in_the_evidence_log(world: World, tmp_path: Path) -> None:
    folder = unpacked(fetched(world, to_court(world), "dossier"), tmp_path / "bag") / "data" / "evidence"
    leaf, proof = (folder / "log_leaf.json").read_bytes(), json.loads((folder / "inclusion_proof.json").read_text())
    assert genuine(leaf, proof)
    signed = hashlib.sha256((folder / "metadata.json").read_bytes()).hexdigest()
    photo = hashlib.sha256((folder.parent / "photos" / "original_0.jpg").read_bytes()).hexdigest()
    assert (json.loads(leaf)["metadataSha256"], json.loads(leaf)["imageSha256"]) == (signed, [photo])


def test_every_page_of_the_binder_is_numbered_and_each_document_is_in_its_outline(world: World) -> None:
    reader = PdfReader(io.BytesIO(fetched(world, to_court(world), "binder")))
    total = len(reader.pages)
    for number, page in enumerate(reader.pages, start=1):
        assert f"blad {number} van {total}" in page.extract_text()
    titles = [item["/Title"] for item in reader.outline if not isinstance(item, list)]
    assert titles[:3] == ["Inhoud", "De zaak", "Foto 1"]
    assert {"Brief: Beschikking 1", "Beroep bij de kantonrechter", "Tijdlijn"} <= set(titles)


def test_without_a_registry_a_person_hands_it_over_and_records_what_the_court_calls_it(world: World) -> None:
    path = to_court(world)
    assert world.get(path)["delivery"] is None
    world.post(f"{path}/acknowledgements", 409, courtNumber="x")
    world.post(f"{path}/hand-overs", 204, how="met de bode")
    world.post(f"{path}/hand-overs", 409, how="again")
    world.post(f"{path}/acknowledgements", 204, courtNumber="UTR 26/4711")
    delivery = world.get(path)["delivery"]
    assert (delivery["channel"], delivery["courtNumber"]) == ("hand", "UTR 26/4711")


def test_a_registry_that_knows_only_the_standard_files_it(connected: World, registry: SimulatedRegistry) -> None:
    path = to_court(connected)
    found = connected.get(path)
    [zaak] = registry.kept["zaken"]
    assert (zaak["identificatie"], zaak["bronorganisatie"]) == (found["caseNumber"], RSIN)
    related = [row for kind in ("rollen", "statussen", "zaakinformatieobjecten") for row in registry.kept[kind]]
    assert {row["zaak"] for row in related} == {zaak["url"]}
    receipt = found["delivery"]["receipt"]
    assert receipt["zaak"] == zaak["url"]
    filed = {document["name"]: registry.files[document["url"]] for document in receipt["documents"]}
    assert filed["binder.pdf"] == fetched(connected, path, "binder")
    assert filed["dossier.zip"] == fetched(connected, path, "dossier")


def counts(registry: SimulatedRegistry) -> dict[str, int]:
    return {kind: len(rows) for kind, rows in registry.kept.items()}


def test_a_registry_that_fails_half_way_files_each_thing_once(connected: World, registry: SimulatedRegistry) -> None:
    registry.dies_after = 2
    path = to_court(connected)
    assert connected.get(path)["delivery"] is None
    registry.dies_after = None
    for message in connected.get("/v1/handlers/dead-letters"):
        connected.post(f"/v1/handlers/dead-letters/{message['id']}/replays", 204, reason="it is back")
    connected.drain()
    assert connected.get(path)["delivery"]["channel"] == "registry"
    assert counts(registry) == {
        "zaken": 1, "enkelvoudiginformatieobjecten": 2, "zaakinformatieobjecten": 2, "rollen": 1, "statussen": 1,
    }  # fmt: skip


def test_filing_twice_files_once(connected: World, registry: SimulatedRegistry) -> None:
    path = to_court(connected)
    before = counts(registry)
    payload: dict[str, Any] = {"courtAppealId": path.rsplit("/", 1)[-1]}
    connected.system.services.appeals.dossiers.deliver(payload)
    assert counts(registry) == before
