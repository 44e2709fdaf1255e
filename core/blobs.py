"""Content-addressed blob store on a folder or S3; every case has its own key (envelope encryption)."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Database
from core.durable_files import flush, write_whole
from core.errors import NotFound, Unavailable
from core.outbox import machine_now
from core.settings import Settings

ORIGINALS = "originals"
PUBLIC = "public"
DOCUMENTS = "documents"
_CHECKS = "check"


class CaseKey(Base):
    """A case's data key, wrapped with the master key. Destroying it destroys the case's blobs."""

    __tablename__ = "case_key"

    case_id: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(default=machine_now)
    destroyed_at: Mapped[datetime | None]


@dataclass(frozen=True)
class FreshKey:
    """A key for a new case: its row is for the transaction that makes the case, so that one does not come without the
    other; what was stored with it is unreadable for ever if that transaction fails."""

    case_id: str
    plain: bytes
    wrapped: bytes

    def fresh_row(self) -> CaseKey:
        """One for each try of the transaction."""
        return CaseKey(case_id=self.case_id, wrapped=self.wrapped)


class BlobStore:
    """Puts and gets bytes by area, case and SHA-256 of the plain content."""

    def __init__(self, settings: Settings, database: Database, master_key: bytes) -> None:
        self._database = database
        self._master = AESGCM(master_key)
        self._folder: Path | None = None
        self._store: LocalStore | S3Store
        if settings.blob_url.startswith("s3://"):
            self._store = S3Store.from_url(
                settings.blob_url,
                endpoint=settings.s3_endpoint,
                access_key_id=settings.s3_access_key,
                secret_access_key=settings.s3_secret_key.get_secret_value(),
                region=settings.s3_region,
                client_options={"allow_http": settings.s3_endpoint.startswith("http://")},
            )
        else:
            self._folder = Path(settings.blob_url.removeprefix("file://"))
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._store = LocalStore(self._folder)

    def put(self, area: str, case_id: str, content: bytes) -> str:
        """Store encrypted and durable; returns the SHA-256 of `content` (hexadecimal). Safe to repeat."""
        address = hashlib.sha256(content).hexdigest()
        self._put_all(area, case_id, self._case_key(case_id), [(address, content)])
        return address

    def fresh_key(self, case_id: str) -> FreshKey:
        """For a case that there is not yet."""
        nonce = secrets.token_bytes(12)
        plain = AESGCM.generate_key(256)
        wrapped = nonce + self._master.encrypt(nonce, plain, case_id.encode())
        return FreshKey(case_id, plain, wrapped)

    def put_all(self, area: str, key: FreshKey, contents: Iterable[tuple[str, bytes]]) -> None:
        """The contents of a new case, each by its SHA-256 (hexadecimal), one after the other and durable together.

        Raises Unavailable where there is no room.
        """
        self._put_all(area, key.case_id, key.plain, contents)

    def _put_all(self, area: str, case_id: str, key: bytes, contents: Iterable[tuple[str, bytes]]) -> None:
        cipher = AESGCM(key)
        try:
            for address, content in contents:
                path = f"{area}/{case_id}/{address}"
                nonce = secrets.token_bytes(12)
                self._write(path, nonce + cipher.encrypt(nonce, content, path.encode()))
            if self._folder is not None:
                # Finished files were renamed into place; a power cut could still lose the names without this.
                for folder in (f"{area}/{case_id}", area, "."):
                    flush(self._folder / folder)
        except (OSError, BaseError) as error:
            raise Unavailable("storage-away", "what is sent cannot be stored now: keep it and send it later") from error

    def _write(self, path: str, sealed: bytes) -> None:
        if self._folder is None:
            obstore.put(self._store, path, sealed)
            return
        # By hand: the library's local store does not wait for the disk.
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(target, sealed)

    def get(self, area: str, case_id: str, address: str) -> bytes:
        """The plain content. Raises NotFound when it is not there, was altered, or its key was destroyed."""
        path = f"{area}/{case_id}/{address}"
        # First the key: of what was destroyed nothing is looked for.
        key = self._known_key(case_id)
        if key is None:
            raise NotFound("blob-missing", f"no blob at {path}")
        try:
            sealed = bytes(obstore.get(self._store, path).bytes())
        except FileNotFoundError as error:
            raise NotFound("blob-missing", f"no blob at {path}") from error
        try:
            content = AESGCM(key).decrypt(sealed[:12], sealed[12:], path.encode())
        except InvalidTag as error:
            raise NotFound("blob-altered", f"the blob at {path} is not what was stored") from error
        return content

    def check(self) -> None:
        """Write a small object, read it and take it away. Raises Unavailable."""
        path = f"{_CHECKS}/{secrets.token_hex(8)}"
        try:
            obstore.put(self._store, path, b"check")
            obstore.get(self._store, path).bytes()
            obstore.delete(self._store, path)
        except (OSError, BaseError) as error:
            raise Unavailable("storage-away", "the store cannot be written to and read from") from error

    def copy_to(self, folder: Path) -> tuple[int, int]:
        """Copy what is stored, as it lies and encrypted, into a folder, but for what it has; returns new, and all.

        Raises OSError and Unavailable.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _copy_missing(self._store, LocalStore(folder))

    def copy_from(self, folder: Path) -> tuple[int, int]:
        """The way back: what such a folder has and the store lacks. Raises OSError and Unavailable."""
        return _copy_missing(LocalStore(folder), self._store)

    def opens(self, key: CaseKey) -> bool:
        """Was this key wrapped with our master key?"""
        try:
            self._unwrapped(key)
        except (InvalidTag, NotFound):
            return False
        return True

    def destroy_case(self, case_id: str) -> None:
        """Forget the case's key: its blobs can never be read again."""
        with self._database.write_session() as session:
            key = session.get(CaseKey, case_id)
            if key is not None:
                key.wrapped, key.destroyed_at = None, machine_now()
            session.commit()

    def _case_key(self, case_id: str) -> bytes:
        known = self._known_key(case_id)
        return self._unwrapped(self._new_case_key(case_id)) if known is None else known

    def _known_key(self, case_id: str) -> bytes | None:
        with self._database.read_session() as session:
            key = session.scalars(select(CaseKey).where(CaseKey.case_id == case_id)).first()
        return None if key is None else self._unwrapped(key)

    def _unwrapped(self, key: CaseKey) -> bytes:
        if key.wrapped is None:
            raise NotFound("case-destroyed", "the key of this case was destroyed")
        return self._master.decrypt(key.wrapped[:12], key.wrapped[12:], key.case_id.encode())

    def _new_case_key(self, case_id: str) -> CaseKey:
        key = self.fresh_key(case_id).fresh_row()
        with self._database.write_session() as session:
            session.add(key)
            try:
                session.commit()
            except IntegrityError:
                session.rollback()
                return session.get_one(CaseKey, case_id)
        return key


def _copy_missing(source: LocalStore | S3Store, target: LocalStore | S3Store) -> tuple[int, int]:
    """Names are made of the content: what has the name is the same."""
    new = count = 0
    try:
        there = set(_names(target))
        for name in _names(source):
            count += 1
            if name not in there:
                obstore.put(target, name, obstore.get(source, name).bytes())
                new += 1
    except BaseError as error:
        raise Unavailable("storage-away", "the store cannot be read from or written to") from error
    return new, count


def _names(store: LocalStore | S3Store) -> Iterator[str]:
    """Of what is stored to stay; a file that begins with a dot is still being written."""
    for page in obstore.list(store):
        for name in (one["path"] for one in page):
            if not name.startswith(f"{_CHECKS}/") and not name.rpartition("/")[2].startswith("."):
                yield name
