"""Reads text on a photo: PP-OCRv4 detector and recogniser (onnx, CPU), and a second look at each plate."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import rapidocr_onnxruntime
from numpy.typing import NDArray
from rapidocr_onnxruntime import RapidOCR

from imaging.plates import countries_of, look_alikes, normalise
from imaging.validation import Photo

Quad = NDArray[np.float32]
"""Four corners (4, 2), x and y in pixels, clockwise from top left."""

_CROP_HEIGHT = 64


@dataclass(frozen=True)
class TextRegion:
    """Something that looks like text, read or not."""

    quad: Quad
    text: str
    confidence: float

    @property
    def area(self) -> float:
        return float(cv2.contourArea(self.quad))


@dataclass(frozen=True)
class PlateCandidate:
    """A text region that may be a plate. `agreed`: the second look read the same."""

    region: TextRegion
    plate: str
    countries: tuple[str, ...]
    suggestions: tuple[str, ...]
    confidence: float
    agreed: bool


class PlateReader:
    """Loads its models once; not thread-safe."""

    def __init__(self) -> None:
        self._ocr: Any = RapidOCR()

    @cache  # noqa: B019 - one reader lives as long as its process
    def models(self) -> dict[str, str]:
        """Package version and SHA-256 of each weight file, to be recorded with each reading."""
        folder = Path(rapidocr_onnxruntime.__file__).parent / "models"
        weights = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.glob("*.onnx"))}
        return {"rapidocr-onnxruntime": version("rapidocr-onnxruntime"), **weights}

    def regions(self, photo: Photo) -> list[TextRegion]:
        """Every text region of a (H, W, 3) BGR photo, also those that could not be read."""
        # A text score of zero keeps what the recogniser doubts: it may be a bystander's plate.
        found, _ = self._ocr(photo, text_score=0.0, use_cls=False)
        return [
            TextRegion(np.array(quad, dtype=np.float32), str(text), float(score)) for quad, text, score in (found or [])
        ]

    def candidates(self, photo: Photo, regions: list[TextRegion]) -> list[PlateCandidate]:
        """Regions that fit a plate's shape and syntax, or nearly do; largest first."""
        found = []
        for region in regions:
            plate = normalise(region.text)
            countries = countries_of(plate)
            suggestions = look_alikes(plate) if 4 <= len(plate) <= 8 else []
            if not countries and not suggestions:
                continue
            second, score = self._second_look(photo, region)
            found.append(
                PlateCandidate(
                    region,
                    plate,
                    tuple(countries),
                    tuple(suggestions),
                    min(region.confidence, score),
                    normalise(second) == plate,
                )
            )
        return sorted(found, key=lambda c: c.region.area, reverse=True)

    def _second_look(self, photo: Photo, region: TextRegion) -> tuple[str, float]:
        """Read the region anew: rectified with a margin, scaled up, contrast evened out."""
        quad = expand(region.quad, 0.06)
        width = max(float(np.linalg.norm(quad[1] - quad[0])), 1.0)
        height = max(float(np.linalg.norm(quad[3] - quad[0])), 1.0)
        size = (int(_CROP_HEIGHT * width / height), _CROP_HEIGHT)
        corners = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=np.float32)
        crop = cv2.warpPerspective(
            photo,
            cv2.getPerspectiveTransform(quad, corners),
            size,
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        luma = cv2.createCLAHE(2.0, (4, 4)).apply(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY))
        result, _ = self._ocr.text_rec([cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR)])
        text, score = result[0][0], float(result[0][1])
        return str(text), score


def expand(quad: Quad, share: float) -> Quad:
    """Move the corners outward from the centre by `share` of their distance."""
    centre = quad.mean(axis=0)
    return np.asarray(centre + (quad - centre) * (1 + share), dtype=np.float32)
