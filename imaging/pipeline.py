"""The stages in their order, over one frame per photo; which network stands behind a stage is a matter of settings."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from core.settings import Settings
from imaging.enhancement import EnhancedView, enhance
from imaging.faces import FaceFinder
from imaging.frame import Box, Frame, Quad, Region
from imaging.networks.locator import PlateLocator
from imaging.networks.recogniser import PlateRecogniser
from imaging.networks.second_reader import SecondReader
from imaging.stages.decide import Decide, Verdict
from imaging.stages.decode import Decode
from imaging.stages.encode import Encode
from imaging.stages.locate import Locate
from imaging.stages.read import Read
from imaging.stages.rectify import Rectify
from imaging.stages.redact import Redact
from imaging.stages.validate import Validate

Stage = Callable[[Frame], Frame]


class Pipeline:
    """Loads its networks at first use and keeps them. One per worker; not thread-safe.

    Reading goes decode, validate, locate, rectify, read, and decide over all photos of a capture; the citizen's copy
    goes decode, validate, locate, rectify, read, redact, encode, where the photo is not one of those just read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._just_read: dict[bytes, Frame] = {}

    @cached_property
    def _locator(self) -> PlateLocator:
        return PlateLocator(self._settings.locator_weights)

    @cached_property
    def _recogniser(self) -> PlateRecogniser:
        return PlateRecogniser(self._settings.recogniser_weights)

    @cached_property
    def _second(self) -> SecondReader:
        return SecondReader()

    @cached_property
    def _faces(self) -> FaceFinder:
        return FaceFinder(self._settings.face_weights, self._settings.face_judge_weights)

    @cached_property
    def _seeing(self) -> list[Stage]:
        return [Locate(self._locator, self._second), Rectify(), Read(self._recogniser, self._second)]

    @cached_property
    def _reading(self) -> list[Stage]:
        return [Decode(self._settings.max_pixels), Validate(), *self._seeing]

    @cached_property
    def _hiding(self) -> list[Stage]:
        return [Redact(self._faces), Encode()]

    @property
    def reading_models(self) -> dict[str, str]:
        """Name, and version or SHA-256, of all that a reading rests on."""
        own = {network.name: network.sha256 for network in (self._locator.network, self._recogniser.network)}
        return {**own, **self._second.models}

    @property
    def redaction_models(self) -> dict[str, str]:
        """Name, and version or SHA-256, of all that a redaction rests on."""
        return {**self.reading_models, **{network.name: network.sha256 for network in self._faces.networks}}

    def warm_up(self) -> None:
        """Load every network and run it once, so that the first photo waits no longer than the next."""
        grey = np.full((240, 320, 3), 128, np.uint8)
        frame = Frame(b"", photo=grey)
        _run([*self._seeing, Redact(self._faces)], frame)

    def read(self, photos: Sequence[bytes]) -> tuple[Verdict, list[Frame]]:
        """What plate the photos of one capture show, and whether that may stand without a person."""
        self._just_read = {}
        frames = [_run(self._reading, Frame(data)) for data in photos]
        self._just_read = {frame.data: frame for frame in frames if frame.failure is None}
        return Decide(self._settings.min_plate_confidence)(frames), frames

    def redact(
        self,
        photo: bytes,
        keep_plate: str | None,
        by_hand: Sequence[Region] = (),
        lifted: Sequence[Box] = (),
        hide_passengers: bool = False,
    ) -> Frame:
        """The citizen's copy; `failure` of the frame is set when the photo cannot be decoded."""
        known = self._just_read.pop(photo, None)
        frame = replace(
            known or Frame(photo),
            keep_plate=keep_plate,
            hide_passengers=hide_passengers or self._settings.hide_passengers,
            regions=tuple(by_hand),
            lifted=tuple(lifted),
        )
        return _run(self._hiding if known else [*self._reading, *self._hiding], frame)

    def enhance(self, photo: bytes, quad: Quad | None) -> EnhancedView:
        """The court's second view, with the plate at `quad`. Raises ValueError when the photo cannot be decoded."""
        return enhance(_run(self._reading[:1], Frame(photo)), quad)


def _run(stages: Sequence[Stage], frame: Frame) -> Frame:
    for stage in stages:
        start = time.perf_counter()
        frame = stage(frame)
        spent = (time.perf_counter() - start) * 1000
        frame = replace(frame, ms={**frame.ms, type(stage).__name__.lower(): spent})
        if frame.failure:
            break
    return frame
