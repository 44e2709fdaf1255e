"""A folder in which networks put batches (by SFTP, say): each is taken in once it is whole, and answered by a file.

Whoever delivers writes under another name (ending in `.part`) and renames, or is just done for some seconds. A batch
that was taken in goes, and its receipt is in `done/`; one that is refused is in `refused/`, with the reason beside it.
Any number of processes may watch the same folder.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

import structlog

from core.durable_files import write_json
from core.errors import DomainError, InvalidInput, TooMany, Unavailable
from ingest.batch import Batches

log = structlog.get_logger()

_SETTLED_SECONDS = 5.0
_PARTIAL = ".part"
_PROBLEM = ".problem.json"
_TAKEN = (".zip", ".tar")


class DropFolder:
    """See module."""

    def __init__(self, folder: Path, batches: Batches) -> None:
        self._folder = folder
        self._done = folder / "done"
        self._refused = folder / "refused"
        self._batches = batches
        for path in (folder, self._done, self._refused):
            path.mkdir(parents=True, exist_ok=True)

    def scan(self, settled_seconds: float = _SETTLED_SECONDS) -> int:
        """Take in what is there and whole; returns how many files were answered. What there is no room for stays."""
        return sum(self._answer(path) for path in sorted(self._folder.iterdir()) if _whole(path, settled_seconds))

    def refused(self) -> list[tuple[str, dict[str, str]]]:
        """Files that were refused, and why (`code` and `detail`): a person has to see to them."""
        return [
            (path.name.removesuffix(_PROBLEM), json.loads(path.read_text()))
            for path in sorted(self._refused.glob(f"*{_PROBLEM}"))
        ]

    def _answer(self, path: Path) -> bool:
        with _for_us_alone(path) as file:
            if file is None:
                return False
            try:
                if path.suffix not in _TAKEN:
                    raise InvalidInput("not-a-batch", "a delivery is a batch in a .zip or .tar file")
                receipt = self._batches.take_in(file)
            except (Unavailable, TooMany):
                return False
            except DomainError as refusal:
                write_json(self._refused / f"{path.name}{_PROBLEM}", {"code": refusal.code, "detail": refusal.detail})
                path.rename(self._refused / path.name)
                log.warning("delivery_refused", code=refusal.code)
            else:
                write_json(self._done / f"{path.name}.receipt.json", asdict(receipt))
                path.unlink()
            return True


def _whole(path: Path, settled_seconds: float) -> bool:
    try:
        state = path.lstat()
    except FileNotFoundError:
        return False
    regular = path.is_file() and not path.is_symlink()
    hidden = path.name.startswith(".") or path.name.endswith(_PARTIAL)
    return regular and not hidden and time.time() - state.st_mtime >= settled_seconds


@contextmanager
def _for_us_alone(path: Path) -> Iterator[IO[bytes] | None]:
    """The open file, or None where another process has it or had it already."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        yield None
        return
    with os.fdopen(handle, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        # Whoever had it before may have answered it between our looking and our locking.
        yield file if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())) else None
