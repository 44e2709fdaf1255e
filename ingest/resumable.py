"""Batches that come in pieces over a bad line: files, until they are whole and taken in."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.durable_files import write_json
from core.errors import DomainError, NotFound, TooMany, Unavailable
from ingest.batch import Batches, BatchReceipt, CaptureResult

_DAYS_KEPT = 14


class Resumable:
    """An upload is `<id>` with its bytes, `<id>.info` with how many there are, and `<id>.receipt` at the end."""

    def __init__(self, folder: Path, batches: Batches) -> None:
        self.folder = folder
        self._batches = batches

    def settle(self, upload_id: str) -> BatchReceipt:
        """What became of an upload; takes in what is whole and was not yet.

        Raises NotFound for one that is not there or not whole, and as `Batches.take_in` does, each time anew.
        """
        if not upload_id.isalnum():
            raise NotFound("upload-unknown", "there is no such upload")
        receipt, data, info = (self.folder / f"{upload_id}{kind}" for kind in (".receipt", "", ".info"))
        if not receipt.exists():
            if not data.exists() or not info.exists():
                raise NotFound("upload-unknown", "there is no such upload")
            state = json.loads(info.read_text())
            if state["offset"] != state["size"]:
                raise NotFound("upload-unfinished", f"{state['offset']} bytes are here: send the rest")
            write_json(receipt, self._taken_in(data))
            data.unlink(missing_ok=True)
        return _told(json.loads(receipt.read_text()))

    def forget_old(self) -> None:
        """What nobody went on with, and receipts that nobody fetched, go after a while."""
        oldest = time.time() - _DAYS_KEPT * 86_400
        for path in self.folder.glob("*") if self.folder.exists() else ():
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _taken_in(self, data: Path) -> dict[str, Any]:
        try:
            with data.open("rb") as file:
                return {"receipt": asdict(self._batches.take_in(file))}
        except (Unavailable, TooMany):
            raise
        except DomainError as refusal:
            return {"refusal": {"kind": type(refusal).__name__, "code": refusal.code, "detail": refusal.detail}}


def _told(kept: dict[str, Any]) -> BatchReceipt:
    refusal = kept.get("refusal")
    if refusal is not None:
        kinds: dict[str, type[DomainError]] = {kind.__name__: kind for kind in DomainError.__subclasses__()}
        raise kinds[refusal["kind"]](refusal["code"], refusal["detail"])
    receipt = kept["receipt"]
    results = [CaptureResult(**result) for result in receipt["results"]]
    return BatchReceipt(receipt["batch_id"], receipt["camera_id"], results)
