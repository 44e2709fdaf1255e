"""Photos with faces at known places, composed from photographs that scikit-image carries: bench input, not a model.

Fifty persons of Labeled Faces in the Wild (25 x 25 pixels each, glasses, moustaches, half profiles, shadows; another
fifty served to choose the thresholds), the public-domain portrait of an astronaut and the cameraman's profile (CC0) are
set into scenes as photographs of people would be: in many sizes, tilted, in poor light, in infrared, behind a
reflecting windscreen.
"""

import random
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

Canvas = NDArray[np.uint8]
CONDITIONS = ("day", "dusk", "infrared", "windscreen", "tilted", "blurred", "sunglasses")
WIDTHS = (16, 20, 25, 32, 48, 72)
SIZE = (1280, 960)
PERSONS = slice(50, 100)
"""Those of the bench; the others serve `training/face_evidence.py`."""


@dataclass(frozen=True)
class FaceScene:
    """`photo` (H, W, 3) BGR uint8; `faces` as x, y, width, height of each face without hair and neck."""

    photo: Canvas
    faces: list[tuple[int, int, int, int]]


@dataclass(frozen=True)
class _Head:
    image: Canvas
    face: tuple[float, float, float, float]
    """Left, top, width, height of the face in `image`."""


@cache
def _heads(first: int, last: int) -> list[_Head]:
    people = (np.clip(skimage.data.lfw_subset()[first:last], 0, 1) * 255).astype(np.uint8)
    heads = [_Head(cv2.cvtColor(face, cv2.COLOR_GRAY2BGR), (2, 1, 21, 23)) for face in people]
    astronaut = np.ascontiguousarray(skimage.data.astronaut()[0:250, 130:320, ::-1])
    cameraman = cv2.cvtColor(np.ascontiguousarray(skimage.data.camera()[50:220, 150:290]), cv2.COLOR_GRAY2BGR)
    return [*heads, *[_Head(astronaut, (45, 55, 95, 125))] * 5, *[_Head(cameraman, (52, 78, 55, 68))] * 3]


@cache
def _scenery() -> list[Canvas]:
    found = [skimage.data.coffee(), skimage.data.rocket(), skimage.data.chelsea(), skimage.data.stereo_motorcycle()[0]]
    return [np.ascontiguousarray(cv2.resize(photo, SIZE)[:, :, ::-1]) for photo in found]


def compose(
    condition: str, width: int, seed: int, persons: slice = PERSONS, scenery: Canvas | None = None
) -> FaceScene:
    """A scene with up to seventy faces `width` pixels wide; the same arguments give the same pixels.

    `scenery` is a (960, 1280, 3) BGR photo without faces; without it, one of those that scikit-image carries.
    """
    chance = random.Random(f"{condition} {width} {seed}")
    photo = (chance.choice(_scenery()) if scenery is None else scenery).copy()
    heads = _heads(persons.start, persons.stop)
    faces = []
    columns, rows = min(10, SIZE[0] * 10 // (width * 24)), min(7, SIZE[1] * 10 // (width * 32))
    for row in range(rows):
        for column in range(columns):
            place = (int((column + 0.5) * SIZE[0] / columns), int((row + 0.5) * SIZE[1] / rows))
            faces.append(_set(photo, chance.choice(heads), width, place, condition, chance))
    return FaceScene(_expose(photo, condition, chance), faces)


def _set(
    photo: Canvas, head: _Head, width: int, place: tuple[int, int], condition: str, chance: random.Random
) -> tuple[int, int, int, int]:
    factor = width / head.face[2]
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(head.image, None, fx=factor, fy=factor, interpolation=method), np.uint8)
    if chance.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
        left = head.image.shape[1] - head.face[0] - head.face[2]
    else:
        left = head.face[0]
    x, y, w, h = (round(v * factor) for v in (left, *head.face[1:]))
    if condition == "sunglasses":
        cv2.rectangle(image, (x, y + int(h * 0.28)), (x + w, y + int(h * 0.47)), (25, 25, 25), -1)
    if condition == "windscreen":
        # Glass lowers the contrast and lays a bright, slanting reflection over the head.
        sky = np.linspace(40, 150, image.shape[1], dtype=np.float32)[None, :, None]
        image = np.clip(image * 0.55 + sky * 0.45, 0, 255).astype(np.uint8)
    if condition == "tilted":
        turn = cv2.getRotationMatrix2D((x + w / 2, y + h / 2), chance.uniform(-20, 20), 1)
        image = np.asarray(cv2.warpAffine(image, turn, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE), np.uint8)
    high, wide = image.shape[:2]
    top, start = place[1] - high // 2, place[0] - wide // 2
    # An oval of the head's own tone around it, so that no face is a bare square.
    tone = tuple(int(v) for v in image.reshape(-1, 3).mean(axis=0))
    cv2.ellipse(photo, place, (int(wide * 0.62), int(high * 0.78)), 0, 0, 360, tone, -1, cv2.LINE_AA)
    area = photo[max(top, 0) : top + high, max(start, 0) : start + wide]
    area[:] = image[max(-top, 0) :, max(-start, 0) :][: area.shape[0], : area.shape[1]]
    return start + x, top + y, w, h


def _expose(photo: Canvas, condition: str, chance: random.Random) -> Canvas:
    noise = np.random.default_rng(chance.getrandbits(32))
    image = photo.astype(np.float32)
    if condition == "infrared":
        image = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2) * 0.7
    if condition == "dusk":
        image *= 0.3
    if condition == "blurred":
        image = cv2.GaussianBlur(image, (0, 0), 1.0)
    image += noise.normal(0, 6 if condition in ("dusk", "infrared") else 3, image.shape)
    _, data = cv2.imencode(".jpg", np.clip(image, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
