"""A reader of another make: PP-OCRv4 (onnx, CPU), a general text reader that knows nothing of plates.

It gives a second opinion on each plate, and finds text where the locator saw no plate.
"""

import hashlib
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import rapidocr_onnxruntime
from rapidocr_onnxruntime import RapidOCR

from imaging.frame import LocatedPlate, Photo

NAME = "rapidocr-onnxruntime"


class SecondReader:
    """Not thread-safe."""

    def __init__(self) -> None:
        self._ocr: Any = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    @cached_property
    def models(self) -> dict[str, str]:
        """Package version and SHA-256 of each weight file."""
        folder = Path(rapidocr_onnxruntime.__file__).parent / "models"
        weights = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.glob("*.onnx"))}
        return {NAME: version(NAME), **weights}

    def read(self, crops: list[Photo]) -> list[tuple[str, float]]:
        """Text and confidence of each crop (H, W, 3) BGR uint8 that holds one line."""
        if not crops:
            return []
        results, _ = self._ocr.text_rec(crops)
        return [(str(result[0]), float(result[1])) for result in results]

    def text(self, photo: Photo) -> list[LocatedPlate]:
        """Lines of text on a (H, W, 3) BGR photo, as places where a plate might be."""
        boxes, _ = self._ocr.text_det(photo)
        return [LocatedPlate(np.array(quad, np.float32), 0.0, NAME) for quad in ([] if boxes is None else boxes)]
