"""The one object that travels through the stages: a photo and all that was found out about it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.jpeg import JpegInfo

Photo = NDArray[np.uint8]
"""(H, W, 3) BGR uint8."""

Quad = NDArray[np.float32]
"""Four corners (4, 2), x and y in pixels, clockwise from the top left of the text."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom not included."""


@dataclass(frozen=True)
class Quality:
    """Sharpness is the variance of the Laplacian, exposure the mean luma and glare the share of luma over 250."""

    sharpness: float
    exposure: float
    glare: float


@dataclass(frozen=True)
class LocatedPlate:
    """Where a plate seems to be. `score` from 0 to 1; `by` names the network that saw it."""

    quad: Quad
    score: float
    by: str

    @property
    def width(self) -> float:
        """Length of the upper edge in pixels."""
        return float(np.linalg.norm(self.quad[1] - self.quad[0]))

    @property
    def box(self) -> Box:
        """Upright box around the corners."""
        low, high = np.floor(self.quad.min(axis=0)), np.ceil(self.quad.max(axis=0))
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])


@dataclass(frozen=True)
class Hypothesis:
    """One way to read a plate. `country` is None when the text follows no syntax; `probability` over all hypotheses."""

    plate: str
    country: str | None
    probability: float


@dataclass(frozen=True)
class PlateReading:
    """What was read on one located plate.

    `hypotheses` come likeliest first. `hidden` is the highest probability that one of the characters is covered,
    `covered` the share of the plate's width whose rim something lies over, `cover` the probability that something lies
    over it or keeps an end of it out of sight; `presence` that there is a plate at all. `looks_from` are the countries
    that its look allows, whatever its text says.
    `second` is what the second reader, which knows no syntax, made of the same crop, with its own confidence.
    """

    located: LocatedPlate
    hypotheses: tuple[Hypothesis, ...]
    looks_from: tuple[str, ...]
    presence: float
    hidden: float
    covered: float
    cover: float
    second: str
    second_confidence: float
    quality: Quality

    @property
    def plate(self) -> str:
        return self.hypotheses[0].plate

    @property
    def confidence(self) -> float:
        """Probability of the likeliest plate, whatever its country."""
        return sum(h.probability for h in self.hypotheses if h.plate == self.plate)

    @property
    def country(self) -> str | None:
        return self.hypotheses[0].country

    @property
    def country_confidence(self) -> float:
        return sum(h.probability for h in self.hypotheses if h.country == self.country)


@dataclass(frozen=True)
class Region:
    """Something to hide. `kind` is face, plate, windscreen or by-hand."""

    kind: str
    box: Box
    score: float
    by: str


@dataclass(frozen=True)
class Frame:
    """State of one photo between two stages; each stage returns a new frame and never changes the one it got.

    `keep_plate` is the plate that stays readable, `lifted` where a person wants nothing hidden; `hide_passengers` asks
    for all windows of its vehicle to be hidden.
    `size` is height and width of the upright photo in pixels. `presence` says of each of `plates` how likely it is one,
    as the plate reader sees it.
    `reasons` say why a person has to look, `failure` why nothing further can be done. `ms` is the time of each stage.
    """

    data: bytes
    info: JpegInfo | None = None
    photo: Photo | None = None
    size: tuple[int, int] = (0, 0)
    quality: Quality | None = None
    plates: tuple[LocatedPlate, ...] = ()
    crops: tuple[Photo, ...] = ()
    presence: tuple[float, ...] = ()
    readings: tuple[PlateReading, ...] = ()
    keep_plate: str | None = None
    hide_passengers: bool = False
    regions: tuple[Region, ...] = ()
    lifted: tuple[Box, ...] = ()
    kept: LocatedPlate | None = None
    copy: Photo | None = None
    encoded: bytes | None = None
    reasons: tuple[str, ...] = ()
    failure: str | None = None
    ms: dict[str, float] = field(default_factory=dict)

    @property
    def pixels(self) -> Photo:
        """The decoded photo. Raises ValueError where the decode stage did not run or failed."""
        if self.photo is None:
            raise ValueError(f"no decoded photo: {self.failure or 'the decode stage has not run'}")
        return self.photo
