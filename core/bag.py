"""Files for somebody else as a sealed BagIt bag (RFC 8493), zipped: whoever gets it can see that it is whole and whose.

The seal is a signature of the installation over the bag's own files, which name each file of its payload by digest.
"""

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import bagit

from core.canonical import canonical_json

SEAL = "seal.json"
PAYLOAD = "data/"
COPIES = "photos.json"
"""In a bag of copies without their originals: of which original each is a copy, by SHA-256."""
CHECKSUMS = ("sha256", "sha512")
_SEALED = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt")
_CONTEXT = "flitsketen-bag-v1"


def bagged(name: str, files: Mapping[str, bytes], info: Mapping[str, str], seal: Callable[[bytes], str]) -> bytes:
    """The bag in a folder of this name, `seal` giving a signature in hexadecimal. It is validated before it leaves."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        for file, data in files.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        bag = bagit.make_bag(str(folder), dict(info), checksums=list(CHECKSUMS))
        own = {part: (folder / part).read_bytes() for part in _SEALED}
        told = f"Ed25519 (RFC 8032) over the line '{_CONTEXT}' and SHA-256 (hex) of {', '.join(_SEALED)}, by line"
        (folder / SEAL).write_bytes(readable_json({"algorithm": told, "signature_hex": seal(sealed(own))}))
        bag.save()
        bag.validate()
        return _zipped(folder)


def sealed(own: Mapping[str, bytes]) -> bytes:
    """What the seal is over, of the bag's own files by name. Raises KeyError where one is missing."""
    return "\n".join([_CONTEXT, *(hashlib.sha256(own[part]).hexdigest() for part in _SEALED)]).encode()


def member(bag: bytes, file: str) -> bytes:
    """One file of a zipped bag. Raises KeyError."""
    with zipfile.ZipFile(io.BytesIO(bag)) as archive:
        folder = archive.namelist()[0].split("/", 1)[0]
        return archive.read(f"{folder}/{PAYLOAD}{file}")


def readable_json(value: Any) -> bytes:
    """Indented, for people; dates and moments as ISO text."""
    return json.dumps(json.loads(canonical_json(value)), indent=2, ensure_ascii=False).encode()


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent))
    return buffer.getvalue()
