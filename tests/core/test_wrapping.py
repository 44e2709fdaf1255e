"""The keys of cases are wrapped with a key of the installation, which is changed without a photo being touched."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from core.blobs import ORIGINALS, BlobStore, CaseKey
from core.database import Database
from core.errors import Unavailable
from core.settings import Settings
from core.wrapping import WrongKey, key_ring
from workers.migrate import migrate

MASTER = bytes(32)
Opened = Callable[..., BlobStore]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """The same store, with other keys each time."""
    migrate(Settings(data_dir=tmp_path))

    def open_with(**keys: Any) -> BlobStore:
        settings = Settings(data_dir=tmp_path, **keys)
        return BlobStore(settings, Database(settings.database_url), key_ring(settings, MASTER))

    return open_with


@pytest.fixture
def key_file(tmp_path: Path) -> Callable[[str], Path]:
    def made(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(secrets.token_bytes(32))
        return path

    return made


@pytest.fixture
def kms(s3: dict[str, str]) -> dict[str, str]:
    """Settings of a key management service on loopback, with a key."""
    reached = {"kms_endpoint": s3["s3_endpoint"], "kms_access_key": "k", "kms_secret_key": "s"}
    client = boto3.client(
        "kms", endpoint_url=s3["s3_endpoint"], region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    return {**reached, "kms_key": client.create_key()["KeyMetadata"]["Arn"]}


def test_a_new_key_takes_over_and_the_former_opens_what_it_wrapped(opened: Opened, key_file: Any) -> None:
    address = opened().put(ORIGINALS, "old", b"photo")
    new = opened(wrapping_key_files=[key_file("new")])
    assert new.get(ORIGINALS, "old", address) == b"photo"
    new.put(ORIGINALS, "new", b"photo")
    assert sorted(new.wrapped_by().values()) == [1, 1]
    with pytest.raises(WrongKey):
        opened().get(ORIGINALS, "new", address)


def test_after_rewrapping_the_former_key_opens_nothing_and_is_not_needed(opened: Opened, key_file: Any) -> None:
    first, second = key_file("first"), key_file("second")
    address = opened(wrapping_key_files=[first]).put(ORIGINALS, "case", b"photo")
    assert opened(wrapping_key_files=[second, first]).rewrap() == 1
    assert opened(wrapping_key_files=[second, first]).rewrap() == 0
    assert opened(wrapping_key_files=[second]).get(ORIGINALS, "case", address) == b"photo"
    with pytest.raises(WrongKey):
        opened(wrapping_key_files=[first]).get(ORIGINALS, "case", address)


def test_rewrapping_goes_through_all_pages_and_leaves_what_was_destroyed(opened: Opened, key_file: Any) -> None:
    store = opened()
    with store._database.write_session() as session:
        session.add_all(store.fresh_key(f"case-{number:04}").fresh_row() for number in range(1201))
        session.commit()
    store.destroy_case("case-0007")
    assert opened(wrapping_key_files=[key_file("new")]).rewrap() == 1200


def test_a_missing_key_is_said_and_nothing_is_lost(opened: Opened, key_file: Any) -> None:
    first, second = key_file("first"), key_file("second")
    address = opened(wrapping_key_files=[first]).put(ORIGINALS, "case", b"photo")
    with pytest.raises(WrongKey, match="file:"):
        opened(wrapping_key_files=[second]).rewrap()
    assert opened(wrapping_key_files=[first]).get(ORIGINALS, "case", address) == b"photo"


def test_keys_from_before_there_were_names_are_the_master_keys(opened: Opened) -> None:
    store = opened()
    address = store.put(ORIGINALS, "case", b"photo")
    with store._database.write_session() as session:
        session.get_one(CaseKey, "case").wrapped_by = None
        session.commit()
    assert store.wrapped_by() == {"": 1}
    assert store.get(ORIGINALS, "case", address) == b"photo"
    assert store.rewrap() == 1


def test_a_key_file_of_another_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"too short")
    with pytest.raises(ValueError, match="short must be 32 bytes"):
        key_ring(Settings(data_dir=tmp_path, wrapping_key_files=[tmp_path / "short"]), MASTER)


def test_a_key_management_service_wraps_and_opens(opened: Opened, kms: dict[str, str]) -> None:
    before = opened().put(ORIGINALS, "before", b"one")
    store = opened(**kms)
    after = store.put(ORIGINALS, "after", b"two")
    assert store.get(ORIGINALS, "before", before) == b"one"
    assert store.get(ORIGINALS, "after", after) == b"two"
    assert store.rewrap() == 1
    assert store.wrapped_by() == {f"kms:{kms['kms_key']}": 2}


def test_what_the_service_wrapped_for_one_case_opens_no_other(opened: Opened, kms: dict[str, str]) -> None:
    store = opened(**kms)
    store.put(ORIGINALS, "mine", b"one")
    address = store.put(ORIGINALS, "other", b"two")
    with store._database.write_session() as session:
        session.get_one(CaseKey, "other").wrapped = session.get_one(CaseKey, "mine").wrapped
        session.commit()
    with pytest.raises(WrongKey):
        store.get(ORIGINALS, "other", address)


def test_a_service_that_is_away_is_said_to_be(opened: Opened, kms: dict[str, str]) -> None:
    with pytest.raises(Unavailable, match="keys-away"):
        opened(**{**kms, "kms_endpoint": "http://127.0.0.1:9"}).fresh_key("case")
