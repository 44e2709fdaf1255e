"""Is a dossier genuine? Asked of its files and a published public key alone: no database, no network.

Checked: that every file is there, unchanged, and none is added; the seal over all of it; that the capture stood in the
evidence log, unchanged, when a head of it was signed (RFC 9162); the camera's own signature over what it measured and
over each original photo.
"""

import base64
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from core import merkle
from core.bag import CHECKSUMS, COPIES, PAYLOAD, SEAL, sealed
from core.errors import InvalidInput
from core.timestamps import stamped_at
from ingest.signature import is_valid

_LARGEST = 1 << 30
"""Bytes, unpacked."""
_FIRST = "bagit.txt"
_LEAF = f"{PAYLOAD}evidence/log_leaf.json"
_PROOF = f"{PAYLOAD}evidence/inclusion_proof.json"
_METADATA = f"{PAYLOAD}evidence/metadata.json"
_SIGNATURE = f"{PAYLOAD}evidence/signature.json"


def unpacked(path: Path) -> dict[str, bytes]:
    """The files of a bundle by their path in it, from a zip file or a folder. Raises InvalidInput."""
    if path.is_dir():
        if not (path / _FIRST).is_file():
            raise _no_dossier()
        return {part.relative_to(path).as_posix(): part.read_bytes() for part in path.rglob("*") if part.is_file()}
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if sum(one.file_size for one in members) > _LARGEST:
                raise InvalidInput("bundle-too-large", "more than a gigabyte: this is no dossier")
            found = {one.filename: archive.read(one) for one in members}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise InvalidInput("bundle-unreadable", f"no readable zip file: {type(error).__name__}") from error
    roots = {name.partition("/")[0] for name in found}
    if len(roots) != 1 or len(found) != len(members):
        raise InvalidInput("bundle-unreadable", "a dossier is one folder, with each name once")
    [root] = roots
    if f"{root}/{_FIRST}" not in found:
        raise _no_dossier()
    return {name.removeprefix(f"{root}/"): content for name, content in found.items()}


def _no_dossier() -> InvalidInput:
    return InvalidInput("bundle-unreadable", f"this is no dossier: it has no {_FIRST}")


def faults(
    files: Mapping[str, bytes], keys: Sequence[Ed25519PublicKey], timestamp_roots: bytes | None = None
) -> list[str]:
    """What is wrong with a bundle; an empty list for a genuine one. `keys` are those that were published.

    With `timestamp_roots` (PEM), a timestamp of an authority that they vouch for has to be there too.
    """
    found = [*_incomplete(files), *_unsealed(files, keys), *_not_in_the_log(files, keys), *_not_of_the_camera(files)]
    if timestamp_roots is not None and timestamped(files, timestamp_roots) is None:
        found.append("no trusted timestamp of the log's head")
    return found


def timestamped(files: Mapping[str, bytes], roots: bytes) -> datetime | None:
    """When the head of the log was there, as an authority says for which `roots` (PEM) vouch; None without."""
    try:
        proof = json.loads(files[_PROOF])
        response = base64.b64decode(proof["head_timestamp_base64"], validate=True)
        return stamped_at(response, proof["head"].encode(), roots)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _incomplete(files: Mapping[str, bytes]) -> Iterator[str]:
    payload = {name for name in files if name.startswith(PAYLOAD)}
    own = {name for name in files if not name.startswith((PAYLOAD, "tagmanifest-"))}
    for kind in CHECKSUMS:
        yield from _unlisted(files, f"manifest-{kind}.txt", "  ", kind, payload)
        yield from _unlisted(files, f"tagmanifest-{kind}.txt", " ", kind, own)


def _unlisted(files: Mapping[str, bytes], listing: str, gap: str, kind: str, names: set[str]) -> Iterator[str]:
    """A list is compared to the byte, but for the order of its lines."""
    there = {name: hashlib.new(kind, files[name]).hexdigest() for name in names}
    lines = files.get(listing, b"").decode("utf-8", "replace").split("\n")
    said = {name: digest for digest, found, name in (line.partition(gap) for line in lines) if found}
    yield from (
        f"{name} was changed ({kind})" for name in sorted(said.keys() & there.keys()) if said[name] != there[name]
    )
    yield from (f"{name} is missing" for name in sorted(said.keys() - there.keys()))
    yield from (f"{name} was added" for name in sorted(there.keys() - said.keys()))
    if sorted(lines) != sorted(["", *(f"{digest}{gap}{name}" for name, digest in there.items())]):
        yield f"{listing} is not the list of what is there"


def _unsealed(files: Mapping[str, bytes], keys: Sequence[Ed25519PublicKey]) -> Iterator[str]:
    try:
        ours = _is_signed(keys, json.loads(files[SEAL])["signature_hex"], sealed(files))
    except (KeyError, TypeError, ValueError):
        ours = False
    if not ours:
        yield f"{SEAL} is not the seal of the key over this dossier"


def _is_signed(keys: Sequence[Ed25519PublicKey], signature: str, statement: bytes) -> bool:
    """By one of them. Raises TypeError and ValueError for what is no signature in hexadecimal."""
    for key in keys:
        with suppress(InvalidSignature):
            key.verify(bytes.fromhex(signature), statement)
            return True
    return False


def _not_in_the_log(files: Mapping[str, bytes], keys: Sequence[Ed25519PublicKey]) -> Iterator[str]:
    try:
        proof = json.loads(files[_PROOF])
        statement = proof["head"].encode()
        head = json.loads(statement)
        there = _is_signed(keys, proof["head_signature_hex"], statement)
        path = [bytes.fromhex(step) for step in proof["path_hex"]]
        there = there and merkle.includes(
            files[_LEAF], proof["leaf_number"], head["size"], path, bytes.fromhex(head["root"])
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        there = False
    if not there:
        yield "the evidence log does not hold this capture as it is told here"


def _not_of_the_camera(files: Mapping[str, bytes]) -> Iterator[str]:
    try:
        leaf, signed = json.loads(files[_LEAF]), json.loads(files[_SIGNATURE])
        digests = [str(one) for one in leaf["imageSha256"]]
        metadata = files[_METADATA]
        same = leaf["metadataSha256"] == hashlib.sha256(metadata).hexdigest()
        same = same and leaf["signature"] == signed["signature_base64"]
        genuine = same and is_valid(signed["public_key_base64"], signed["signature_base64"], metadata, digests)
    except (KeyError, TypeError, ValueError):
        yield "the camera's signature cannot be read"
        return
    if not genuine:
        yield "the camera did not sign this measurement with these photos"
    if f"{PAYLOAD}{COPIES}" in files:
        yield from _not_copies(files, digests)
        return
    there = {hashlib.sha256(content).hexdigest() for name, content in files.items() if "/photos/original_" in name}
    if there != set(digests):
        yield "the original photos are not those that the camera signed"


def _not_copies(files: Mapping[str, bytes], digests: Sequence[str]) -> Iterator[str]:
    """The originals are not in the bundle: each photo has to be a copy of one of them, as the seal says."""
    try:
        said = json.loads(files[f"{PAYLOAD}{COPIES}"])["photos"]
        told = {(f"{PAYLOAD}{one['file']}", one["sha256"]) for one in said}
        strangers = [one["file"] for one in said if one["made_of"] not in digests]
    except (KeyError, TypeError, ValueError):
        yield "it cannot be read which photos are copies of which"
        return
    photos = {name for name in files if name.startswith(f"{PAYLOAD}photos/")}
    there = {(name, hashlib.sha256(files[name]).hexdigest()) for name in photos}
    if told != there:
        yield "the photos are not those that are told of"
    yield from (f"{name} is no copy of a photo that the camera signed" for name in strangers)
