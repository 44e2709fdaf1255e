"""Files that are there whole, and survive a power cut, or are not there at all."""

import json
import os
from pathlib import Path
from typing import Any


def write_durably(path: Path, content: bytes) -> None:
    """Under its name once it is on disk. Raises OSError."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    flush(path.parent)


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
