"""What a camera took, on disk: from its folder, signed, until there is a receipt. Any line may be the last one.

`incoming/`: the device writes its photos, and last `NAME.json` (the metadata without cameraId, imageCount and images,
and `photos`: for each its `file`, and `offsetMs` where it has one). `spool/ID/`: signed, to be sent.
`receipts/ID.json`: was taken in. `refused/ID/`: is not taken in, with the reason; a person has to look.
"""

import fcntl
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from core import strict_json
from core.durable_files import flush, write_durably, write_json
from core.errors import Conflict
from ingest.agent.identity import Identity
from ingest.signature import sign

_CAPTURE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UNFINISHED = ".new-"


@dataclass(frozen=True)
class Spooled:
    """A signed capture that waits to be sent."""

    capture_id: str
    folder: Path

    @property
    def metadata(self) -> bytes:
        return (self.folder / "metadata.json").read_bytes()

    @property
    def signature(self) -> bytes:
        return (self.folder / "signature.txt").read_bytes()

    @property
    def images(self) -> list[Path]:
        """In their order."""
        return sorted(self.folder.glob("*.jpg"), key=lambda path: int(path.stem))


@dataclass(frozen=True)
class Counts:
    """Captures by where they are; `oldest_at` is since when the oldest waits."""

    waiting: int
    sent: int
    refused: int
    oldest_at: datetime | None


class Spool:
    """Of one camera; one process at a time. Raises Conflict where another one has it."""

    def __init__(self, folder: Path) -> None:
        self._incoming, self._spool, self._receipts, self._refused = (
            folder / name for name in ("incoming", "spool", "receipts", "refused")
        )
        for path in (self._incoming, self._spool, self._receipts, self._refused):
            path.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(folder / "agent.lock")
        for unfinished in self._spool.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(unfinished)
        self._sent = sum(1 for _ in self._receipts.glob("*.json"))

    def close(self) -> None:
        """Let another process have it."""
        self._lock.close()

    def take_up(self, identity: Identity) -> int:
        """Sign and spool what the device wrote; returns how many. What cannot be is set aside with the reason."""
        count = 0
        for path in sorted(self._incoming.glob("*.json")):
            try:
                said = strict_json.loads(path.read_bytes())
                files = [self._incoming / name for name in _photos_of(said)]
                count += self._spool_one(identity, said, files)
            except (ValueError, KeyError, TypeError, FileNotFoundError) as error:
                told = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
                self._set_aside(path, told)
                continue
            # The device's own files go last: after a power cut they are simply found again.
            for used in (path, *files):
                used.unlink(missing_ok=True)
        return count

    def waiting(self) -> Iterator[Spooled]:
        """What is to be sent, the oldest first; what has its receipt already is cleared away instead."""
        folders = (path for path in self._spool.iterdir() if not path.name.startswith("."))
        for folder in sorted(folders, key=lambda path: (path.stat().st_mtime, path.name)):
            spooled = Spooled(folder.name, folder)
            if self._receipt_of(spooled.capture_id).exists():
                self._clear(spooled)
            else:
                yield spooled

    def received(self, spooled: Spooled, receipt: dict[str, Any]) -> None:
        """It was taken in: the receipt is on disk before the capture goes."""
        signed = hashlib.sha256(spooled.metadata).hexdigest()
        write_json(self._receipt_of(spooled.capture_id), {**receipt, "metadataSha256": signed})
        self._sent += 1
        self._clear(spooled)

    def refused(self, spooled: Spooled, problem: dict[str, Any]) -> None:
        """It will not be taken in as it is: kept, for a person to look at."""
        write_json(spooled.folder / "problem.json", problem)
        spooled.folder.replace(self._refused / spooled.capture_id)
        flush(self._refused)

    def counts(self) -> Counts:
        """As it is now."""
        waiting = [path.stat().st_mtime for path in self._spool.iterdir() if not path.name.startswith(".")]
        return Counts(
            len(waiting),
            self._sent,
            sum(1 for path in self._refused.iterdir() if not path.name.startswith(".")),
            datetime.fromtimestamp(min(waiting), UTC) if waiting else None,
        )

    def _spool_one(self, identity: Identity, said: dict[str, Any], files: list[Path]) -> int:
        """How many more wait. Raises ValueError for an id that was used for something else."""
        capture_id = said["captureId"]
        contents = [file.read_bytes() for file in files]
        listed = [
            {"sha256": hashlib.sha256(content).hexdigest(), **_offset_of(photo)}
            for content, photo in zip(contents, said["photos"], strict=True)
        ]
        measured = {name: value for name, value in said.items() if name != "photos"}
        metadata = json.dumps(
            {**measured, "cameraId": identity.camera_id, "imageCount": len(listed), "images": listed}
        ).encode()
        known = self._known_as(capture_id)
        if known is not None:
            if known != hashlib.sha256(metadata).hexdigest():
                raise ValueError("this captureId was used for another capture: give it one of its own")
            return 0
        unfinished = self._spool / f"{_UNFINISHED}{capture_id}"
        unfinished.mkdir(exist_ok=True)
        for position, content in enumerate(contents):
            write_durably(unfinished / f"{position}.jpg", content)
        write_durably(unfinished / "metadata.json", metadata)
        signature = sign(identity.key, metadata, [image["sha256"] for image in listed])
        write_durably(unfinished / "signature.txt", signature.encode())
        unfinished.replace(self._spool / capture_id)
        flush(self._spool)
        return 1

    def _known_as(self, capture_id: str) -> str | None:
        """SHA-256 of the metadata under which it was signed before."""
        receipt = self._receipt_of(capture_id)
        if receipt.exists():
            return str(json.loads(receipt.read_text())["metadataSha256"])
        for folder in (self._spool, self._refused):
            signed = folder / capture_id / "metadata.json"
            if signed.exists():
                return hashlib.sha256(signed.read_bytes()).hexdigest()
        return None

    def _set_aside(self, path: Path, why: str) -> None:
        """Its photos stay where they are: they may be another capture's."""
        folder = self._refused / f"incoming-{path.stem}"
        folder.mkdir(exist_ok=True)
        write_json(folder / "problem.json", {"detail": why})
        path.replace(folder / path.name)

    def _receipt_of(self, capture_id: str) -> Path:
        return self._receipts / f"{capture_id}.json"

    def _clear(self, spooled: Spooled) -> None:
        gone = self._spool / f"{_UNFINISHED}{spooled.capture_id}"
        spooled.folder.replace(gone)
        shutil.rmtree(gone)


def _photos_of(said: Any) -> list[str]:
    """Names of the photos' files. Raises ValueError, KeyError or TypeError for what is no capture."""
    capture_id, photos = said["captureId"], said["photos"]
    if not isinstance(capture_id, str) or not _CAPTURE_ID.fullmatch(capture_id):
        raise ValueError("captureId is 1 to 64 letters, digits, points, dashes")
    names = [photo["file"] for photo in photos]
    if not names or any(not isinstance(name, str) or Path(name).name != name for name in names):
        raise ValueError("photos is a list of names of files beside it")
    return names


def _offset_of(photo: dict[str, Any]) -> dict[str, Any]:
    return {"offsetMs": photo["offsetMs"]} if "offsetMs" in photo else {}


def _locked(path: Path) -> IO[str]:
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise Conflict("agent-runs-already", f"another agent works in {path.parent}") from error
    return lock
