"""Files for somebody else as a BagIt bag (RFC 8493), zipped: whoever gets it can see that nothing is missing."""

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bagit

from core.canonical import canonical_json


def bagged(name: str, files: Mapping[str, bytes], info: Mapping[str, str]) -> bytes:
    """The bag in a folder of this name. It is validated before it leaves."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        for file, data in files.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        bagit.make_bag(str(folder), dict(info), checksums=["sha256", "sha512"]).validate()
        return _zipped(folder)


def member(bag: bytes, file: str) -> bytes:
    """One file of a zipped bag. Raises KeyError."""
    with zipfile.ZipFile(io.BytesIO(bag)) as archive:
        folder = archive.namelist()[0].split("/", 1)[0]
        return archive.read(f"{folder}/data/{file}")


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
