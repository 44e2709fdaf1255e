"""A dossier is genuine or not, by its files and a public key alone."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from core.bag import bagged
from core.clock import SettableClock
from ingest.verifier import faults, unpacked
from tests.appeals.test_dossier import fetched, to_court
from tests.commands import flitsketen
from tests.conftest import NOON, embedded_world
from tests.world import World

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """An installation, and a dossier for the court as it leaves it."""
    folder = tmp_path_factory.mktemp("installation")
    world = embedded_world(folder, SettableClock(NOON))
    path = to_court(world)
    dossier = folder / "dossier.zip"
    dossier.write_bytes(fetched(world, path, "dossier"))
    return world, dossier


@pytest.fixture(scope="module")
def keys(made: tuple[World, Path]) -> list[Ed25519PublicKey]:
    return [made[0].system.keys.signing.public_key()]


@pytest.fixture(scope="module")
def files(made: tuple[World, Path]) -> Files:
    return unpacked(made[1])


def changed(files: Files, choose: random.Random) -> tuple[str, Files]:
    """One byte of one file is another."""
    name = choose.choice(sorted(name for name, content in files.items() if content))
    content = bytearray(files[name])
    place = choose.randrange(len(content))
    content[place] ^= choose.randrange(1, 256)
    return name, {**files, name: bytes(content)}


def test_an_untouched_dossier_is_genuine(files: Files, keys: list[Ed25519PublicKey]) -> None:
    assert faults(files, keys) == []


@given(seed=st.integers(0, 2**32))
def test_a_changed_byte_is_found_and_its_file_named(files: Files, keys: list[Ed25519PublicKey], seed: int) -> None:
    name, other = changed(files, random.Random(seed))
    found = faults(other, keys)
    assert found
    assert name.startswith(("manifest", "tagmanifest")) or any(name in fault for fault in found)


def test_a_file_less_or_more_is_found(files: Files, keys: list[Ed25519PublicKey]) -> None:
    for name in files:
        assert faults({other: content for other, content in files.items() if other != name}, keys) != [], name
    assert "data/extra.txt was added" in faults({**files, "data/extra.txt": b"x"}, keys)


def test_a_dossier_made_anew_by_another_has_no_seal_of_ours(
    files: Files, keys: list[Ed25519PublicKey], tmp_path: Path
) -> None:
    """Whoever changes a file and makes all lists anew, as any bag is made, lacks the key."""
    payload = {name.removeprefix("data/"): content for name, content in files.items() if name.startswith("data/")}
    payload["decision.json"] = payload["decision.json"].replace(b"62", b"92")
    own = Ed25519PrivateKey.generate()
    forged = tmp_path / "forged.zip"
    forged.write_bytes(bagged("dossier", payload, {}, lambda content: own.sign(content).hex()))
    assert faults(unpacked(forged), keys) == ["seal.json is not the seal of the key over this dossier"]


def test_another_installations_key_does_not_fit(files: Files) -> None:
    assert len(faults(files, [Ed25519PrivateKey.generate().public_key()])) == 2


@pytest.fixture
def run(made: tuple[World, Path], keys: list[Ed25519PublicKey], tmp_path: Path) -> Callable[[Path], tuple[int, str]]:
    published = tmp_path / "key.pem"
    published.write_bytes(keys[0].public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return lambda bundle: flitsketen("verify", str(bundle), "--key", str(published), data_dir=str(tmp_path / "nothing"))


def test_the_command_says_genuine_without_an_installation(
    made: tuple[World, Path], run: Callable[[Path], tuple[int, str]], tmp_path: Path
) -> None:
    assert run(made[1]) == (0, "genuine\n")
    shutil.unpack_archive(made[1], tmp_path / "out")
    [folder] = (tmp_path / "out").iterdir()
    assert run(folder) == (0, "genuine\n")
    assert not (tmp_path / "nothing").exists()


def test_the_command_names_what_was_changed(
    made: tuple[World, Path], run: Callable[[Path], tuple[int, str]], tmp_path: Path
) -> None:
    shutil.unpack_archive(made[1], tmp_path / "out")
    [folder] = (tmp_path / "out").iterdir()
    (folder / "data" / "decision.json").write_text("{}")
    code, told = run(folder)
    assert code == 1
    assert "data/decision.json was changed" in told


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_dossier_is_refused_in_words(
    run: Callable[[Path], tuple[int, str]], tmp_path: Path, content: bytes
) -> None:
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(content)
    code, told = run(bundle)
    assert (code, "no readable zip file" in told) == (1, True)


def test_a_folder_or_zip_of_something_else_is_refused_in_words(
    run: Callable[[Path], tuple[int, str]], tmp_path: Path
) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "letter.txt").write_text("nothing")
    shutil.make_archive(str(tmp_path / "papers"), "zip", tmp_path, "papers")
    for bundle in (tmp_path / "papers", tmp_path / "papers.zip"):
        assert run(bundle) == (1, "this is no dossier: it has no bagit.txt\n")


def test_a_zip_that_was_cut_or_flipped_anywhere_is_refused_or_genuine(
    made: tuple[World, Path], keys: list[Ed25519PublicKey], tmp_path: Path
) -> None:
    """A flipped byte of the container itself may mean nothing (a time, a flag); of what it holds it is found."""
    content, choose = made[1].read_bytes(), random.Random(7)
    untouched = unpacked(made[1])
    for number in range(60):
        other = bytearray(content)
        other[choose.randrange(len(other))] ^= choose.randrange(1, 256)
        bundle = tmp_path / f"{number}.zip"
        bundle.write_bytes(bytes(other))
        try:
            found = unpacked(bundle)
        except Exception as error:
            assert type(error).__name__ == "InvalidInput"
            continue
        assert found == untouched or faults(found, keys) != []


def test_the_published_key_is_that_of_the_installation(made: tuple[World, Path]) -> None:
    world, _ = made
    code, told = flitsketen("evidence", "key", data_dir=str(world.folder))
    assert code == 0
    assert told.encode().endswith(world.system.services.ingest.evidence_log.public_keys())
