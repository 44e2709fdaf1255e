"""Content-addressed blob store on a folder or S3; every case has its own key (envelope encryption)."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store
from sqlalchemy import Boolean, ColumnElement, Index, func, literal_column, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.database import Base, Database
from core.durable_files import flush, write_whole
from core.errors import NotFound, Unavailable
from core.outbox import machine_now
from core.settings import Settings
from core.wrapping import KeyRing, WrongKey

ORIGINALS = "originals"
PUBLIC = "public"
DOCUMENTS = "documents"
AREAS = (ORIGINALS, PUBLIC, DOCUMENTS)
_CHECKS = "check"
_PAGE = 500

# Written out, for an index over some of the rows serves only a question that says which.
KEPT: ColumnElement[bool] = literal_column("wrapped IS NOT NULL", Boolean)
_TO_SWEEP: ColumnElement[bool] = literal_column("destroyed_at IS NOT NULL AND swept_at IS NULL", Boolean)


class CaseKey(Base):
    """A case's data key, wrapped with a key of the installation. Destroying it destroys the case's blobs.

    `wrapped_by` names the key that wrapped it, none where it was the master key before there were others. `look_on` is
    the day on which it is to be looked at whether the case is still to be kept, `kept_by` what it was kept by when it
    was looked at last. `swept_at` is when its blobs, unreadable since `destroyed_at`, were removed as well.
    """

    __tablename__ = "case_key"
    __table_args__ = (
        Index("ix_case_key_look_on", "look_on", "case_id", postgresql_where=KEPT, sqlite_where=KEPT),
        Index("ix_case_key_to_sweep", "case_id", postgresql_where=_TO_SWEEP, sqlite_where=_TO_SWEEP),
    )

    case_id: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes | None]
    wrapped_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=machine_now)
    look_on: Mapped[date] = mapped_column(default=date.min)
    kept_by: Mapped[str | None]
    destroyed_at: Mapped[datetime | None]
    swept_at: Mapped[datetime | None]

    def destroy(self) -> None:
        """Inside a transaction: from its end on the case's blobs can never be read again."""
        self.wrapped, self.destroyed_at = None, machine_now()


@dataclass(frozen=True)
class FreshKey:
    """A key for a new case: its row is for the transaction that makes the case, so that one does not come without the
    other; what was stored with it is unreadable for ever if that transaction fails."""

    case_id: str
    plain: bytes
    wrapped: bytes
    wrapped_by: str

    def fresh_row(self) -> CaseKey:
        """One for each try of the transaction."""
        return CaseKey(case_id=self.case_id, wrapped=self.wrapped, wrapped_by=self.wrapped_by)


class BlobStore:
    """Puts and gets bytes by area, case and SHA-256 of the plain content."""

    def __init__(self, settings: Settings, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
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
        """For a case that there is not yet. Raises Unavailable where a service keeps the keys and is away."""
        plain = AESGCM.generate_key(256)
        return FreshKey(case_id, plain, self._ring.wrap(plain, case_id), self._ring.current)

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

        What it has of cases that were destroyed since is taken out of it. Raises OSError and Unavailable.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        copies = LocalStore(folder)
        counts = _copy_missing(self._store, copies)
        self._remove_destroyed(copies)
        return counts

    def _remove_destroyed(self, copies: LocalStore) -> None:
        by_case: dict[str, list[str]] = {}
        for name in _names(copies):
            by_case.setdefault(name.split("/")[1], []).append(name)
        cases = sorted(by_case)
        for start in range(0, len(cases), _PAGE):
            destroyed = select(CaseKey.case_id).where(
                CaseKey.case_id.in_(cases[start : start + _PAGE]), CaseKey.destroyed_at.is_not(None)
            )
            with self._database.read_session() as session:
                for case_id in session.scalars(destroyed).all():
                    obstore.delete(copies, by_case[case_id])

    def copy_from(self, folder: Path) -> tuple[int, int]:
        """The way back: what such a folder has and the store lacks. Raises OSError and Unavailable."""
        return _copy_missing(LocalStore(folder), self._store)

    def opens(self, key: CaseKey) -> bool:
        """Was this key wrapped with one of ours? Raises Unavailable."""
        try:
            self._unwrapped(key)
        except (WrongKey, NotFound):
            return False
        return True

    @property
    def current_key(self) -> str:
        """The name of the key that wraps now."""
        return self._ring.current

    def wrapped_by(self) -> dict[str, int]:
        """How many keys of cases each key of the installation wrapped, by name; the master key's from before names as
        an empty one."""
        name = func.coalesce(CaseKey.wrapped_by, "")
        with self._database.read_session() as session:
            return dict(session.execute(select(name, func.count()).where(KEPT).group_by(name)).tuples().all())

    def rewrap(self) -> int:
        """Wrap with the current key what another wrapped; returns how many. What is stored is not touched.

        Raises WrongKey where a key is missing, and Unavailable; what was wrapped until then stays so.
        """
        current, count, after = self._ring.current, 0, ""
        wanted = select(CaseKey).where(KEPT, CaseKey.wrapped_by.is_distinct_from(current)).order_by(CaseKey.case_id)
        while True:
            with self._database.write_session() as session:
                keys = session.scalars(wanted.where(CaseKey.case_id > after).limit(_PAGE).with_for_update()).all()
                for key in keys:
                    key.wrapped = self._ring.wrap(self._unwrapped(key), key.case_id)
                    key.wrapped_by = current
                session.commit()
            if not keys:
                return count
            count, after = count + len(keys), keys[-1].case_id

    def destroy_case(self, case_id: str) -> None:
        """Forget the case's key: its blobs can never be read again, and are removed by and by."""
        with self._database.write_session() as session:
            key = session.get(CaseKey, case_id, with_for_update=True)
            if key is not None:
                key.destroy()
            session.commit()

    def to_sweep(self, limit: int) -> list[str]:
        """Cases whose key was destroyed and whose blobs are still there."""
        with self._database.read_session() as session:
            wanted = select(CaseKey.case_id).where(_TO_SWEEP).order_by(CaseKey.case_id).limit(limit)
            return list(session.scalars(wanted))

    def remove(self, case_id: str) -> dict[str, int]:
        """Take away the blobs of a case whose key was destroyed; how many there were, by area. Safe to repeat.

        Raises Unavailable.
        """
        removed: Counter[str] = Counter()
        try:
            for area in AREAS:
                names = [one["path"] for page in obstore.list(self._store, f"{area}/{case_id}") for one in page]
                for start in range(0, len(names), _PAGE):
                    obstore.delete(self._store, names[start : start + _PAGE])
                removed[area] += len(names)
                if self._folder is not None:
                    with suppress(OSError):
                        (self._folder / area / case_id).rmdir()
        except (OSError, BaseError) as error:
            raise Unavailable("storage-away", "the store cannot be written to and read from") from error
        return dict(+removed)

    @staticmethod
    def swept(session: Session, case_id: str) -> None:
        """Inside a transaction: its blobs are gone."""
        session.get_one(CaseKey, case_id).swept_at = machine_now()

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
        return self._ring.unwrap(key.wrapped, key.wrapped_by, key.case_id)

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
