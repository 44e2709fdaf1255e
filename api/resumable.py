"""For camera networks with a bad line: a batch in pieces, by the tus protocol (1.0.0)."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any

from fastapi import APIRouter, FastAPI, Request
from starlette.concurrency import run_in_threadpool
from tuspyserver import create_tus_router
from tuspyserver.storage.local import LocalFileStorage

from api import presenters
from api.camera_requests import signed_sender
from api.dependencies import ServicesDep
from api.problems import PROBLEM_RESPONSES
from api.schemas.cameras import BatchReceiptOut
from api.services import Services

UPLOADS = "/v1/uploads"
_DAYS_KEPT = 7

router = APIRouter(prefix="/v1", tags=["cameras"])


@router.get(
    "/upload-receipts/{upload_id}",
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 404, 413, 429, 503)},
)
def upload_receipt(upload_id: str, doors: ServicesDep) -> BatchReceiptOut:
    """What became of each capture in an upload that is whole, or the problem with it."""
    return presenters.batch_receipt(doors.ingest.resumable.settle(upload_id))


class _Storage(LocalFileStorage):
    """Bytes go to disk as they come, and what a process that died left beyond its last word is cut off.

    An upload that was taken in is still known, without its bytes.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._open: dict[str, IO[bytes]] = {}

    async def exists(self, uid: str) -> bool:
        return await asyncio.to_thread(os.path.exists, self._info_path(uid))

    async def append(self, uid: str, chunk: bytes) -> None:
        await asyncio.to_thread(self._open[uid].write, chunk)

    async def flush(self, uid: str) -> None:
        def to_disk() -> None:
            self._open[uid].flush()
            os.fsync(self._open[uid].fileno())

        await asyncio.to_thread(to_disk)

    @asynccontextmanager
    async def lock(self, uid: str) -> AsyncIterator[None]:  # type: ignore[override]
        async with super().lock(uid):
            info = await self.read_info(uid)
            path = Path(self._path(uid))
            if info is None or not path.exists():
                yield
                return
            with path.open("r+b") as file:
                file.truncate(info["offset"])
                file.seek(info["offset"])
                self._open[uid] = file
                try:
                    yield
                finally:
                    del self._open[uid]


def add_uploads(app: FastAPI, doors: Services) -> None:
    """At `UPLOADS`. Who begins an upload signs for it; its address is then the secret."""
    resumable = doors.ingest.resumable

    async def of_a_camera(request: Request) -> Callable[[dict[Any, Any], dict[Any, Any]], None]:
        await signed_sender(request)
        doors.ingest.capacity.check_room()
        return lambda *_: None

    async def on_complete() -> Callable[..., Any]:
        return lambda path, _: run_in_threadpool(resumable.settle, Path(path).name)

    resumable.folder.mkdir(parents=True, exist_ok=True)
    tus = create_tus_router(
        prefix=UPLOADS.lstrip("/"),
        files_dir=str(resumable.folder),
        max_size=doors.settings.max_batch_bytes,
        days_to_keep=_DAYS_KEPT,
        pre_create_dep=of_a_camera,  # type: ignore[arg-type]  # it may be awaited for
        upload_complete_dep=on_complete,  # type: ignore[arg-type]
        storage=_Storage(resumable.folder),
    )
    app.include_router(tus, include_in_schema=False)
