"""No photo takes the worker with it: time and memory are bounded, and a process that dies is replaced."""

import signal
import threading
from contextlib import suppress

import cv2
import numpy as np
import psutil
import pytest

from core.settings import Settings
from imaging.isolation import IsolatedPipeline, isolated
from imaging.pipeline import Pipeline
from imaging.stages.encode import encode
from tests.world import drawn, jpeg

LARGE_WORK = 520 * 2**20
"""Memory that a process at work on a photo of 48 megapixels has, and one on a usual photo has not."""


def large() -> bytes:
    return encode(np.asarray(cv2.resize(drawn().photo, (8000, 6000)), np.uint8))


def own_processes() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children():
        with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            if "spawn_main" in " ".join(process.cmdline()):
                found.append(process)
    return found


def test_it_reads_and_redacts_as_the_pipeline_does() -> None:
    here, elsewhere = Pipeline(Settings()), isolated(Settings())
    (verdict, [frame]), (other, [light]) = here.read([jpeg()]), elsewhere.read([jpeg()])
    assert (other.plate, other.country, other.reasons) == (verdict.plate, verdict.country, verdict.reasons)
    assert light.size == frame.size == drawn().photo.shape[:2]
    assert light.photo is None
    assert elsewhere.redact(jpeg(), "GB001B").encoded == here.redact(jpeg(), "GB001B").encoded
    assert elsewhere.redaction_models == here.redaction_models


def test_what_takes_too_long_is_a_reason_and_the_next_photo_is_read() -> None:
    settings = Settings(photo_seconds=0.001)
    pipeline = IsolatedPipeline(settings)
    verdict, frames = pipeline.read([jpeg()])
    assert (verdict.decision, verdict.reasons, frames) == ("reject", ("photo-took-too-long",), [])
    assert pipeline.redact(jpeg(), None).failure == "photo-took-too-long"
    settings.photo_seconds = 120
    assert pipeline.read([jpeg()])[0].plate == "GB001B"


def test_what_takes_too_much_memory_is_a_reason() -> None:
    pipeline = IsolatedPipeline(Settings(photo_memory_mib=1000))
    assert pipeline.redact(large(), None).failure == "photo-took-too-much"
    assert pipeline.read([jpeg()])[0].plate == "GB001B"


def test_a_process_that_dies_is_replaced_and_the_photo_read_again() -> None:
    pipeline = IsolatedPipeline(Settings())
    before = {p.pid for p in own_processes()}
    pipeline.warm_up()
    [process] = [p for p in own_processes() if p.pid not in before]
    process.kill()
    process.wait()
    assert pipeline.read([jpeg()])[0].plate == "GB001B"


def test_a_photo_that_ends_every_process_is_given_up() -> None:
    pipeline = IsolatedPipeline(Settings())
    pipeline.warm_up()
    done = threading.Event()

    def end_what_works_on_a_large_photo() -> None:
        while not done.is_set():
            for process in own_processes():
                with suppress(psutil.NoSuchProcess):
                    if process.memory_info().rss > LARGE_WORK:
                        process.kill()

    killer = threading.Thread(target=end_what_works_on_a_large_photo)
    killer.start()
    try:
        assert pipeline.redact(large(), None).failure == "photo-broke-its-process"
    finally:
        done.set()
        killer.join()
    assert pipeline.read([jpeg()])[0].plate == "GB001B"


def test_a_process_that_cannot_start_is_an_operators_matter() -> None:
    with pytest.raises(RuntimeError, match="photo_memory_mib"):
        IsolatedPipeline(Settings(photo_memory_mib=300)).read([jpeg()])


class Interrupted(Exception):
    pass


def test_the_answer_to_an_interrupted_call_is_never_given_to_the_next_photo() -> None:
    pipeline = IsolatedPipeline(Settings())
    pipeline.warm_up()
    photo = large()

    def interrupt(*_: object) -> None:
        raise Interrupted

    earlier = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(Interrupted):
            pipeline.redact(photo, None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)
    assert pipeline.read([jpeg("X-885-FH")])[0].plate == "X885FH"
