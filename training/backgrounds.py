"""Pieces of photographs that show no plate, for what a network must learn to pass over.

FLITSKETEN_BACKGROUNDS names folders of photographs (docs/models.md lists the free packages used); without it the
photographs that scikit-image and scikit-learn carry have to do.
"""

import os
import random
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from training.plate_renderer import Canvas

_LONG_SIDE = 1400


class Backgrounds:
    """All photographs, loaded once and shrunk to at most _LONG_SIDE pixels."""

    def __init__(self) -> None:
        self._photos = _load()

    def piece(self, size: tuple[int, int], chance: random.Random) -> Canvas:
        """A random piece, (height, width, 3) BGR uint8 of `size` (width, height)."""
        photo = chance.choice(self._photos)
        height, width = photo.shape[:2]
        wide = int(min(width, height * size[0] / size[1]) * chance.uniform(0.25, 1))
        high = int(wide * size[1] / size[0])
        x, y = chance.randint(0, width - wide), chance.randint(0, height - high)
        piece = photo[y : y + high, x : x + wide]
        if chance.random() < 0.5:
            piece = piece[:, ::-1]
        return np.ascontiguousarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), np.uint8)


@cache
def _load() -> list[Canvas]:
    folders = [Path(f) for f in os.environ.get("FLITSKETEN_BACKGROUNDS", "").split(":") if f]
    files = [f for folder in folders for f in sorted(folder.rglob("*")) if f.suffix in (".jpg", ".png", ".jpeg")]
    files += [
        Path(skimage.data.__file__).parent / name
        for name in (
            "coffee.png",
            "chelsea.png",
            "brick.png",
            "grass.png",
            "gravel.png",
            "rocket.jpg",
            "motorcycle_left.png",
        )
    ]
    photos = []
    for file in files:
        photo = cv2.imread(str(file), cv2.IMREAD_COLOR)
        if photo is None:
            continue
        factor = min(1.0, _LONG_SIDE / max(photo.shape[:2]))
        photos.append(np.asarray(cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8))
    return photos
