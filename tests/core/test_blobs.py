"""Blobs are encrypted per case, checked when read, and gone when the case's key is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.blobs import ORIGINALS, BlobStore
from core.database import Database
from core.errors import NotFound
from core.settings import Settings
from core.wrapping import key_ring
from workers.migrate import migrate


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    more = request.getfixturevalue("s3") if request.param == "s3" else {}
    settings = Settings(data_dir=tmp_path, **more)
    migrate(settings)
    return BlobStore(settings, Database(settings.database_url), key_ring(settings, bytes(32)))


def test_what_was_put_is_got(blobs: BlobStore) -> None:
    address = blobs.put(ORIGINALS, "case", b"face")
    assert blobs.get(ORIGINALS, "case", address) == b"face"


def test_putting_twice_gives_the_same_address(blobs: BlobStore) -> None:
    assert blobs.put(ORIGINALS, "case", b"x") == blobs.put(ORIGINALS, "case", b"x")


def test_a_missing_blob_is_named(blobs: BlobStore) -> None:
    with pytest.raises(NotFound, match="blob-missing"):
        blobs.get(ORIGINALS, "case", "0" * 64)


def test_destroying_the_key_destroys_the_case(blobs: BlobStore) -> None:
    address = blobs.put(ORIGINALS, "case", b"face")
    blobs.destroy_case("case")
    with pytest.raises(NotFound, match="case-destroyed"):
        blobs.get(ORIGINALS, "case", address)


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[], Path]:
    return lambda: next(path for path in (tmp_path / "blobs").rglob("*") if path.is_file())


def test_nothing_readable_lies_on_the_disk(tmp_path: Path, stored: Callable[[], Path]) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    store = BlobStore(settings, Database(settings.database_url), key_ring(settings, bytes(32)))
    address = store.put(ORIGINALS, "case", b"a bystander's face")
    content = stored().read_bytes()
    assert b"face" not in content
    stored().write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(NotFound, match="blob-altered"):
        store.get(ORIGINALS, "case", address)
