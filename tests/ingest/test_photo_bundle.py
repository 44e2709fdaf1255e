"""A citizen's photos with the proof of where they are from, and a trusted timestamp of the evidence log."""

import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from sqlalchemy import select

from core.audit import AuditRecord
from core.bag import bagged
from core.clock import SettableClock
from ingest.verifier import faults, unpacked
from tests.commands import flitsketen
from tests.conftest import NOON, embedded_world
from tests.ingest.test_verifier import changed
from tests.world import World, lookup
from workers.server import serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """An installation, and the bundle of a case as its citizen gets it."""
    folder = tmp_path_factory.mktemp("installation")
    world = embedded_world(folder, SettableClock(NOON))
    bundle = folder / "photos.zip"
    bundle.write_bytes(fetched(world, world.fined()))
    return world, bundle


def fetched(world: World, case: dict[str, Any]) -> bytes:
    answer = world.http.post("/v1/photo-bundles", json=lookup(case))
    assert answer.status_code == 200, answer.text
    return answer.content


def test_a_citizens_photos_are_genuine_by_the_published_key_alone(made: tuple[World, Path], tmp_path: Path) -> None:
    world, bundle = made
    key = tmp_path / "key.pem"
    key.write_bytes(world.system.services.ingest.evidence_log.public_keys())
    assert flitsketen("verify", str(bundle), "--key", str(key)) == (0, "genuine\n")


def test_the_untouched_photo_is_not_in_it(made: tuple[World, Path]) -> None:
    world, bundle = made
    originals = {image.sha256 for one in world.system.services.ingest.captures() for image in one.images}
    files = unpacked(bundle)
    assert [name for name in files if name.endswith(".jpg")] == ["data/photos/redacted_0.jpg"]
    said = json.loads(files["data/photos.json"])["photos"]
    assert {one["made_of"] for one in said} <= originals
    assert {one["sha256"] for one in said}.isdisjoint(originals)


def test_any_changed_byte_is_found(made: tuple[World, Path]) -> None:
    world, bundle = made
    files, keys = unpacked(bundle), [world.system.keys.signing.public_key()]
    assert faults(files, keys) == []
    for seed in range(60):
        _, other = changed(files, random.Random(seed))
        assert faults(other, keys)


def test_a_photo_of_something_else_under_a_seal_of_ours_is_found(made: tuple[World, Path]) -> None:
    """Even who could seal cannot make a copy of what no camera signed."""
    world, bundle = made
    payload = {name[5:]: content for name, content in unpacked(bundle).items() if name.startswith("data/")}
    said = json.loads(payload["photos.json"])
    said["photos"][0]["made_of"] = "0" * 64
    payload["photos.json"] = json.dumps(said).encode()
    forged = bundle.with_name("forged.zip")
    log = world.system.services.ingest.evidence_log
    forged.write_bytes(bagged("photos", payload, {}, log.seal))
    found = faults(unpacked(forged), [world.system.keys.signing.public_key()])
    assert found == ["photos/redacted_0.jpg is no copy of a photo that the camera signed"]


def test_that_it_was_fetched_is_recorded(made: tuple[World, Path]) -> None:
    world, _ = made
    case = world.fined("63.0")
    fetched(world, case)
    with world.system.database.read_session() as session:
        looks = session.scalars(select(AuditRecord.reason).where(AuditRecord.subject_id == case["id"])).all()
    assert "citizens' API" in looks


def test_who_does_not_have_the_letter_gets_nothing(made: tuple[World, Path]) -> None:
    world, _ = made
    case = {**lookup(world.fined("65.0")), "accessCode": "AAAA AAAA"}
    assert world.http.post("/v1/photo-bundles", json=case).status_code == 404


# A timestamp authority (RFC 3161)


def openssl(folder: Path, words: str) -> bytes:
    program = shutil.which("openssl")
    assert program, "no OpenSSL: run scripts/system-packages --tests"
    return subprocess.run([program, *words.split()], cwd=folder, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of OpenSSL's timestamp authority, with a root of its own."""
    folder = tmp_path_factory.mktemp("authority")
    root = "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign"
    openssl(folder, f"req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj /CN=Root {root}")
    openssl(folder, "req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=Authority")
    (folder / "extensions").write_text(
        "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\nbasicConstraints=CA:FALSE\n"
    )
    signed_by = "-CA root.pem -CAkey root.key -CAcreateserial -extfile extensions"
    openssl(folder, f"x509 -req -in tsa.csr -out tsa.pem {signed_by}")
    (folder / "serial").write_text("01")
    (folder / "tsa.cnf").write_text(
        "[tsa]\ndefault_tsa=one\n[one]\nserial=serial\ncrypto_device=builtin\nsigner_cert=tsa.pem\nsigner_key=tsa.key\n"
        "signer_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\n"
        "ess_cert_id_chain=no\ness_cert_id_alg=sha256\n"
    )
    return folder


@pytest.fixture
def stamped_world(authority: Path, tmp_path: Path) -> Iterator[World]:
    """An installation that asks it."""
    app = FastAPI()

    @app.post("/")
    async def answer(request: Request) -> Response:
        (authority / "query").write_bytes(await request.body())
        answered = openssl(authority, "ts -reply -queryfile query -config tsa.cnf -section one")
        return Response(answered, media_type="application/timestamp-reply")

    with serving(app) as url:
        yield embedded_world(
            tmp_path, SettableClock(NOON), timestamp_url=url, timestamp_roots_file=authority / "root.pem"
        )


def test_the_proof_carries_a_trusted_timestamp(stamped_world: World, authority: Path, tmp_path: Path) -> None:
    world = stamped_world
    bundle, key = tmp_path / "photos.zip", tmp_path / "key.pem"
    bundle.write_bytes(fetched(world, world.fined()))
    key.write_bytes(world.system.services.ingest.evidence_log.public_keys())
    roots = ("--timestamp-roots", str(authority / "root.pem"))
    done, said = flitsketen("verify", str(bundle), "--key", str(key), *roots)
    assert done == 0, said
    assert said.startswith(f"genuine, and there on {datetime.now(UTC):%Y-%m-%d}")


def test_a_timestamp_of_somebody_else_is_not_trusted(stamped_world: World, tmp_path: Path) -> None:
    world = stamped_world
    bundle, key, other = tmp_path / "photos.zip", tmp_path / "key.pem", tmp_path / "other.pem"
    bundle.write_bytes(fetched(world, world.fined()))
    key.write_bytes(world.system.services.ingest.evidence_log.public_keys())
    openssl(tmp_path, "req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -subj /CN=Other")
    done, said = flitsketen("verify", str(bundle), "--key", str(key), "--timestamp-roots", str(other))
    assert (done, said) == (1, "no trusted timestamp of the log's head\n")


def test_heads_that_were_signed_while_it_was_away_are_stamped_later(
    authority: Path, tmp_path: Path, stamped_world: World
) -> None:
    world = stamped_world
    log = world.system.services.ingest.evidence_log
    world.push(world.signed())
    world.drain()
    assert log.sign_head()
    config = authority / "tsa.cnf"
    config.rename(authority / "away")
    assert log.stamp_heads() == 0
    (authority / "away").rename(config)
    assert log.stamp_heads() == 1
    assert log.stamp_heads() == 0
