"""Many captures in one file: a zip or tar archive with a manifest that a camera signed.

The manifest names each capture's metadata, signature and photos, and the SHA-256 of each file. Every capture is taken
in by itself, as if it had been pushed; sent again, a batch acts once.
"""

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, ValidationError

from core import strict_json
from core.errors import DomainError, InvalidInput, NotAuthenticated, TooLarge, TooMany, Unavailable
from core.settings import Settings
from ingest.acceptance import Accepted
from ingest.archives import Member, members
from ingest.metadata import Identifier, Part, Sha256Hex
from ingest.package import Package
from ingest.registry import Registry
from ingest.signature import is_signed

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
_CONTEXT = b"flitsketen-batch-v1"
_MOST_FILES = 20_000
_LARGEST_MANIFEST = 16 * 1024 * 1024
_FileName = Annotated[str, Field(min_length=1, max_length=410)]


class _Listed(Part):
    metadata: _FileName
    signature: Annotated[str, Field(max_length=200)]
    images: Annotated[list[_FileName], Field(min_length=1, max_length=100)]


class _Manifest(Part):
    batch_id: Identifier
    camera_id: Identifier
    captures: Annotated[list[_Listed], Field(min_length=1, max_length=_MOST_FILES)]
    digests: dict[_FileName, Sha256Hex]


@dataclass(frozen=True)
class CaptureResult:
    """What became of a capture in a batch; `id` where it was accepted, `code` and `detail` where it was refused."""

    metadata: str
    status: Literal["accepted", "duplicate", "refused"]
    id: str | None = None
    capture_id: str | None = None
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class BatchReceipt:
    """What became of each, in the order of the manifest."""

    batch_id: str
    camera_id: str
    results: Sequence[CaptureResult]


def manifest_input(manifest: bytes) -> bytes:
    """The bytes that are signed: a context word and SHA-256 of the manifest (hexadecimal), by line."""
    return _CONTEXT + b"\n" + hashlib.sha256(manifest).hexdigest().encode()


def sign_manifest(key: Ed25519PrivateKey, manifest: bytes) -> bytes:
    """What goes into the signature's file: base64."""
    return base64.b64encode(key.sign(manifest_input(manifest)))


def pack(
    file: IO[bytes],
    key: Ed25519PrivateKey,
    camera_id: str,
    batch_id: str,
    packages: Sequence[Package],
    kind: Literal["zip", "tar"] = "zip",
) -> None:
    """Write a batch as a sender does: photos are not compressed again."""
    files: dict[str, Callable[[], bytes]] = {}
    listed = []
    for number, package in enumerate(packages):
        names = [f"{number}/metadata.json", *(f"{number}/{position}.jpg" for position in range(len(package.images)))]
        files.update(zip(names, [partial(bytes, package.metadata), *package.images], strict=True))
        listed.append({"metadata": names[0], "signature": package.signature, "images": names[1:]})
    digests = {name: hashlib.sha256(read()).hexdigest() for name, read in files.items()}
    manifest = json.dumps({"batchId": batch_id, "cameraId": camera_id, "captures": listed, "digests": digests}).encode()
    signed: dict[str, Callable[[], bytes]] = {
        MANIFEST: lambda: manifest,
        SIGNATURE: lambda: sign_manifest(key, manifest),
    }
    (_write_zip if kind == "zip" else _write_tar)(file, {**signed, **files})


def _write_zip(file: IO[bytes], files: Mapping[str, Callable[[], bytes]]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, read in files.items():
            archive.writestr(name, read())


def _write_tar(file: IO[bytes], files: Mapping[str, Callable[[], bytes]]) -> None:
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, read in files.items():
            content = read()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


class Batches:
    """Takes them in, over the one acceptance function."""

    def __init__(self, accept: Callable[[Package], Accepted], registry: Registry, settings: Settings) -> None:
        self._accept = accept
        self._registry = registry
        self._settings = settings

    def take_in(self, file: IO[bytes]) -> BatchReceipt:
        """A batch in a file that can be sought in; what is accepted is durable when this returns.

        Raises InvalidInput or TooLarge for an archive or manifest that is none, NotAuthenticated for one that no camera
        signed, Unavailable or TooMany where there is no room: what was accepted until then is told as a duplicate when
        the batch comes again.
        """
        there = members(file, _MOST_FILES, self._settings.max_batch_bytes)
        manifest = self._manifest(there)
        named = {MANIFEST, SIGNATURE, *manifest.digests}
        if named != there.keys():
            odd = sorted(named ^ there.keys())[0]
            raise InvalidInput("batch-files", f"manifest and archive do not name the same files: {odd}")
        return BatchReceipt(
            manifest.batch_id, manifest.camera_id, [self._taken_in(one, manifest, there) for one in manifest.captures]
        )

    def _manifest(self, there: dict[str, Member]) -> _Manifest:
        if MANIFEST not in there or SIGNATURE not in there:
            raise InvalidInput("manifest-missing", f"a batch holds {MANIFEST} and {SIGNATURE}")
        if there[MANIFEST].size > _LARGEST_MANIFEST or there[SIGNATURE].size > 1024:
            raise TooLarge("manifest-too-large", f"{MANIFEST} is at most {_LARGEST_MANIFEST} bytes")
        content = there[MANIFEST].read()
        signature = there[SIGNATURE].read().decode("ascii", "replace").strip()
        try:
            document = strict_json.loads(content)
            parsed = _Manifest.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = "/" + "/".join(str(step) for step in first["loc"])
            raise InvalidInput("manifest-invalid", f"{MANIFEST}: {where}: {first['msg']}"[:300]) from error
        except ValueError as error:
            raise InvalidInput("manifest-invalid", f"{MANIFEST} is no JSON: {error}"[:300]) from error
        keys = self._registry.keys_of(parsed.camera_id)
        if not any(is_signed(key.public_key, signature, manifest_input(content)) for key in keys):
            raise NotAuthenticated("signature-invalid", "the camera is not registered or the signature is not its own")
        return parsed

    def _taken_in(self, listed: _Listed, manifest: _Manifest, there: dict[str, Member]) -> CaptureResult:
        try:
            read = {name: self._reader(name, manifest, there) for name in (listed.metadata, *listed.images)}
            package = Package(read[listed.metadata](), listed.signature, [read[name] for name in listed.images])
            accepted = self._accept(package)
        except (Unavailable, TooMany):
            raise
        except DomainError as refusal:
            return CaptureResult(listed.metadata, "refused", code=refusal.code, detail=refusal.detail)
        status: Literal["accepted", "duplicate"] = "duplicate" if accepted.duplicate else "accepted"
        return CaptureResult(listed.metadata, status, accepted.id, accepted.capture_id)

    def _reader(self, name: str, manifest: _Manifest, there: dict[str, Member]) -> Callable[[], bytes]:
        """Raises InvalidInput, also when it reads, for a file that is not the one in the manifest."""
        if name not in manifest.digests:
            raise InvalidInput("batch-files", "a capture names a file that the manifest has no digest of")
        member = there[name]
        if member.size > self._settings.max_image_bytes:
            raise TooLarge("image-too-large", f"{name} is over the limit of bytes")

        def read() -> bytes:
            content = member.read()
            if hashlib.sha256(content).hexdigest() != manifest.digests[name]:
                raise InvalidInput("member-changed", f"{name} is not the file that the manifest names; send it again")
            return content

        return read
