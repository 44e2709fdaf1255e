"""The pipeline in a process of its own, so that no photo can take its worker with it.

A photo is the one thing here that a stranger has written. What it makes a decoder or a network do is bounded in time
and memory, and where it ends the process all the same, the worker lives on, says so and starts another.
"""

import resource
import signal
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import cv2
import structlog

from core.settings import Settings
from imaging.enhancement import EnhancedView
from imaging.frame import Box, Frame, Quad, Region
from imaging.pipeline import Pipeline
from imaging.stages.decide import Verdict

log = structlog.get_logger()

_ATTEMPTS = 2
"""A process may end for reasons that are not the photo's: it is tried once more with a fresh one."""

_START_SECONDS = 120.0
_RELEVANT = {
    "max_pixels", "photo_seconds", "photo_memory_mib", "min_plate_confidence", "hide_passengers", "locator_weights",
    "recogniser_weights", "face_weights", "face_judge_weights",
}  # fmt: skip


_NO_MEMORY = ("Insufficient memory", "bad_alloc", "Failed to allocate")
"""What OpenCV and onnxruntime call it."""


class PhotoFailed(Exception):
    """A photo took too long (photo-took-too-long), too much memory (photo-took-too-much) or its process down
    (photo-broke-its-process)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IsolatedPipeline:
    """What `Pipeline` does, elsewhere; frames come back without their pixels. Thread-safe: one photo at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._process: Any = None
        self._connection: Connection | None = None

    def warm_up(self) -> None:
        """Start the process and load its networks now rather than at the first photo."""
        with self._lock:
            self._started()

    def read(self, photos: Sequence[bytes]) -> tuple[Verdict, list[Frame]]:
        """As `Pipeline.read`. A photo that fails is a reason for a person to look, and there is no frame then."""
        try:
            found: tuple[Verdict, list[Frame]] = self._ask("read", photos)
        except PhotoFailed as error:
            return Verdict(None, None, 0.0, (error.reason,), failed=True), []
        return found

    def redact(
        self,
        photo: bytes,
        keep_plate: str | None,
        by_hand: Sequence[Region] = (),
        lifted: Sequence[Box] = (),
        hide_passengers: bool = False,
    ) -> Frame:
        """As `Pipeline.redact`; `failure` is set also where the photo fails."""
        try:
            frame: Frame = self._ask("redact", photo, keep_plate, by_hand, lifted, hide_passengers)
        except PhotoFailed as error:
            return Frame(b"", failure=error.reason)
        return frame

    def enhance(self, photo: bytes, quad: Quad | None) -> EnhancedView:
        """As `Pipeline.enhance`. Raises PhotoFailed too."""
        view: EnhancedView = self._ask("enhance", photo, quad)
        return view

    @cached_property
    def reading_models(self) -> dict[str, str]:
        """Name, and version or SHA-256, of all that a reading rests on."""
        return dict(self._ask("reading_models"))

    @cached_property
    def redaction_models(self) -> dict[str, str]:
        """Name, and version or SHA-256, of all that a redaction rests on."""
        return dict(self._ask("redaction_models"))

    def _ask(self, name: str, *arguments: Any) -> Any:
        with self._lock:
            for _ in range(_ATTEMPTS):
                try:
                    connection = self._started()
                    connection.send((name, arguments))
                    in_time = connection.poll(self._settings.photo_seconds)
                    answer = connection.recv() if in_time else None
                except (EOFError, OSError):
                    self._end("photo-broke-its-process")
                    continue
                except BaseException:
                    # An answer that comes late must never be taken for the next photo's.
                    self._end("interrupted")
                    raise
                if not in_time:
                    self._end("photo-took-too-long")
                    raise PhotoFailed("photo-took-too-long")
                if isinstance(answer, MemoryError):
                    # What the failed attempt left behind is not worth keeping.
                    self._end("photo-took-too-much")
                    raise PhotoFailed("photo-took-too-much")
                if isinstance(answer, Exception):
                    raise answer
                return answer
            raise PhotoFailed("photo-broke-its-process")

    def _started(self) -> Connection:
        """The connection to a process that is ready. Raises RuntimeError when none can be started."""
        if self._connection is None:
            context = get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, self._settings), name="imaging", daemon=True)
            process.start()
            theirs.close()
            self._process, self._connection = process, ours
            if not self._ready(ours):
                self._end("start")
                raise RuntimeError("the imaging process did not start; is photo_memory_mib large enough?")
        return self._connection

    @staticmethod
    def _ready(connection: Connection) -> bool:
        try:
            return connection.poll(_START_SECONDS) and connection.recv() == "ready"
        except EOFError:
            return False

    def _end(self, reason: str) -> None:
        if self._connection is None:
            return
        log.warning("imaging_process_ended", reason=reason)
        self._connection.close()
        self._process.kill()
        self._process.join()
        self._process = self._connection = None


_pipelines: dict[str, IsolatedPipeline] = {}
_pipelines_lock = threading.Lock()


def isolated(settings: Settings) -> IsolatedPipeline:
    """The one for these settings in this process: networks are loaded once, whoever asks."""
    with _pipelines_lock:
        return _pipelines.setdefault(settings.model_dump_json(include=_RELEVANT), IsolatedPipeline(settings))


def _serve(connection: Connection, settings: Settings) -> None:
    """The other process: answers one call after another until its worker is gone."""
    # Ctrl-C is for the worker; this process ends with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    memory = settings.photo_memory_mib * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    pipeline = Pipeline(settings)
    pipeline.warm_up()
    connection.send("ready")
    while True:
        try:
            name, arguments = connection.recv()
        except EOFError:
            return
        connection.send(_answer(pipeline, name, arguments))


def _answer(pipeline: Pipeline, name: str, arguments: tuple[Any, ...]) -> Any:
    try:
        found = getattr(pipeline, name)
        answer = found(*arguments) if callable(found) else found
    except Exception as error:
        return MemoryError() if _out_of_memory(error) else error
    if isinstance(answer, Frame):
        return _without_pixels(answer)
    if isinstance(answer, tuple):
        verdict, frames = answer
        return verdict, [_without_pixels(frame) for frame in frames]
    return answer


def _out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or any(word in str(error) for word in _NO_MEMORY)


def _without_pixels(frame: Frame) -> Frame:
    return replace(frame, data=b"", photo=None, crops=(), copy=None)
