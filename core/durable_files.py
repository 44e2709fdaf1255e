"""Files that are there whole, and survive a power cut, or are not there at all."""

import json
import os
import secrets
from pathlib import Path
from typing import Any


def write_durably(path: Path, content: bytes) -> None:
    """Under its name once it is on disk. Raises OSError."""
    write_whole(path, content)
    flush(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """The same, but for the name, which is on disk once its folder was flushed."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    fresh.replace(path)


def write_json(path: Path, document: dict[str, Any]) -> None:
    """The same, of a document."""
    write_durably(path, json.dumps(document, indent=2, default=str).encode())


def flush(path: Path) -> None:
    """What is in a file, or the names in a folder, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
