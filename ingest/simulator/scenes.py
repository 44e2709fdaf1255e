"""Draws what a speed camera sees: a road, vehicles, people; by day in colour or by night in infrared.

The faces are from the public-domain portrait of an astronaut (NASA) that scikit-image carries.
"""

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from ingest.simulator.plate_art import HEIGHT, WIDTH, Canvas, PlateSpec, draw, invent

_PAINTS = [(70, 60, 52), (120, 40, 30), (38, 38, 140), (150, 150, 150), (60, 90, 40), (205, 205, 200)]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Scene:
    """`size` is width and height in pixels; `blur` is motion blur in pixels, 0 for a sharp photo."""

    plate: PlateSpec
    night: bool = False
    blur: int = 0
    size: tuple[int, int] = (1280, 960)
    others: tuple[PlateSpec, ...] = ()
    people: int = 1
    seed: int = 1


@dataclass(frozen=True)
class Drawn:
    """The photo (H, W, 3 BGR uint8) and the truth: x, y, width, height of the offender's plate and each face."""

    photo: Canvas
    plate_box: Box
    other_plates: list[Box]
    faces: list[Box]


@cache
def _portrait() -> Canvas:
    """Head of the astronaut portrait, with its background's shape known well enough for an ellipse."""
    return np.ascontiguousarray(skimage.data.astronaut()[0:250, 130:320, ::-1])  # type: ignore[no-untyped-call]


def render(scene: Scene) -> Drawn:
    """Draw a scene; the same scene gives the same pixels."""
    chance = random.Random(scene.seed)  # noqa: S311 - art, not secrets
    width, height = scene.size
    unit = width / 1280
    photo = _road(scene, chance)
    faces = [_pedestrian(photo, unit, side) for side in ((0.93, 0.44), (0.85, 0.41))[: scene.people]]
    others = []
    for index, other in enumerate(scene.others):
        x, y, scale = ((0.13, 0.58, 0.40), (0.345, 0.40, 0.20))[index % 2]
        others.append(_car(photo, other, int(x * width), int(y * height), scale * unit, chance))
    plate_box = _car(photo, scene.plate, int(0.55 * width), int(0.66 * height), 0.8 * unit, chance)
    photo = _light(photo, scene, plate_box, chance)
    return Drawn(photo, plate_box, others, faces)


def _road(scene: Scene, chance: random.Random) -> Canvas:
    width, height = scene.size
    noise = np.random.default_rng(scene.seed)
    photo = np.zeros((height, width, 3), np.float32)
    horizon = int(0.30 * height)
    photo[:horizon] = np.linspace((225, 190, 150), (235, 225, 210), horizon)[:, None, :]
    photo[horizon:] = (62, 112, 84)
    road = np.array(
        [[0.44 * width, horizon], [0.56 * width, horizon], [1.05 * width, height], [-0.05 * width, height]],
        np.int32,
    )
    cv2.fillPoly(photo, [road], (98, 98, 96))
    for step in range(7):
        near, far = (step / 7) ** 1.7, ((step + 0.45) / 7) ** 1.7
        ys = [int(horizon + t * (height - horizon)) for t in (near, far)]
        cv2.line(photo, (width // 2, ys[0]), (width // 2, ys[1]), (215, 215, 215), max(1, int(step * 1.5)))
    for _ in range(14):
        x, radius = chance.randint(0, width), chance.randint(int(0.02 * width), int(0.06 * width))
        cv2.circle(photo, (x, horizon - radius // 3), radius, (48, 84 + chance.randint(-18, 18), 58), -1)
    photo[horizon:] += noise.normal(0, 7, (height - horizon, width, 1))
    return np.clip(photo, 0, 255).astype(np.uint8)


def _pedestrian(photo: Canvas, unit: float, place: tuple[float, float]) -> Box:
    height, width = photo.shape[:2]
    x, y = int(place[0] * width), int(place[1] * height)
    face_w, face_h = int(58 * unit), int(76 * unit)
    cv2.ellipse(photo, (x, y + int(165 * unit)), (int(44 * unit), int(130 * unit)), 0, 0, 360, (92, 60, 40), -1)
    for leg in (-18, 18):
        cv2.rectangle(
            photo,
            (x + int((leg - 13) * unit), y + int(250 * unit)),
            (x + int((leg + 13) * unit), y + int(400 * unit)),
            (50, 40, 35),
            -1,
        )
    _paste_face(photo, x, y, face_w, face_h, 1.0)
    return x - face_w // 2, y - face_h // 2, face_w, face_h


def _paste_face(photo: Canvas, x: int, y: int, width: int, height: int, light: float) -> None:
    head = cv2.resize(_portrait(), (width * 2, int(height * 1.7)), interpolation=cv2.INTER_AREA)
    mask = np.zeros(head.shape[:2], np.uint8)
    cv2.ellipse(
        mask,
        (head.shape[1] // 2, head.shape[0] // 2),
        (int(width * 0.85), int(height * 0.83)),
        0,
        0,
        360,
        255,
        -1,
    )
    top, left = y - head.shape[0] // 2, x - head.shape[1] // 2
    area = photo[max(0, top) : top + head.shape[0], max(0, left) : left + head.shape[1]]
    cut = head[max(0, -top) :, max(0, -left) :][: area.shape[0], : area.shape[1]]
    keep = mask[max(0, -top) :, max(0, -left) :][: area.shape[0], : area.shape[1]] > 0
    area[keep] = (cut[keep] * light).astype(np.uint8)


def _car(photo: Canvas, plate: PlateSpec, x: int, y: int, scale: float, chance: random.Random) -> Box:
    """A car seen from the front, its bumper at (x, y); returns the plate's box."""
    paint = np.array(chance.choice(_PAINTS), np.float64)

    def at(dx: float, dy: float) -> tuple[int, int]:
        return int(x + dx * scale), int(y + dy * scale)

    def shape(points: list[tuple[float, float]], colour: tuple[float, ...]) -> None:
        cv2.fillPoly(photo, [np.array([at(*p) for p in points], np.int32)], colour, cv2.LINE_AA)

    dark, light = tuple(paint * 0.7), tuple(np.minimum(paint * 1.25 + 10, 255))
    cv2.ellipse(photo, at(0, 185), (int(400 * scale), int(45 * scale)), 0, 0, 360, (45, 45, 45), -1)
    for side in (-1, 1):
        cv2.rectangle(photo, at(side * 330, 60), at(side * 225, 190), (24, 24, 24), -1)
    shape([(-255, -330), (255, -330), (330, -150), (-330, -150)], tuple(paint))
    shape([(-232, -315), (232, -315), (300, -165), (-300, -165)], (92, 84, 74))
    shape([(-232, -315), (-120, -315), (-230, -165), (-300, -165)], (120, 112, 102))
    shape([(-350, -150), (350, -150), (370, 20), (350, 150), (-350, 150), (-370, 20)], tuple(paint))
    shape([(-340, -150), (340, -150), (300, -40), (-300, -40)], light)
    shape([(-190, -25), (190, -25), (170, 30), (-170, 30)], (30, 30, 30))
    shape([(-350, 100), (350, 100), (345, 150), (-345, 150)], dark)
    for side in (-1, 1):
        cv2.ellipse(photo, at(side * 275, 0), (int(62 * scale), int(34 * scale)), 0, 0, 360, (215, 225, 228), -1)
        cv2.ellipse(photo, at(side * 275, 0), (int(26 * scale), int(22 * scale)), 0, 0, 360, (150, 165, 170), -1)
    if scale > 0.45:
        _paste_face(photo, *at(-110, -228), int(46 * scale), int(60 * scale), 0.62)
    turn = chance.uniform(-5, 5)
    corners = np.array([at(-130, 60 - turn), at(130, 60 + turn), at(130, 115 + turn), at(-130, 115 - turn)], np.float32)
    _warp_onto(photo, draw(plate), corners)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def _warp_onto(photo: Canvas, art: Canvas, corners: np.ndarray) -> None:
    shrink = max(1, int(WIDTH / max(1.0, corners[1, 0] - corners[0, 0])))
    small = cv2.resize(art, (WIDTH // shrink, HEIGHT // shrink), interpolation=cv2.INTER_AREA)
    h, w = small.shape[:2]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    size = (photo.shape[1], photo.shape[0])
    warped = cv2.warpPerspective(small, matrix, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full((h, w), 255, np.uint8), matrix, size)
    photo[mask > 127] = warped[mask > 127]


def _light(photo: Canvas, scene: Scene, plate: Box, chance: random.Random) -> Canvas:
    noise = np.random.default_rng(scene.seed + 1)
    result = photo.astype(np.float32)
    if scene.night:
        luma = cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY).astype(np.float32)
        height, width = luma.shape
        ys, xs = np.mgrid[0:height, 0:width]
        x, y, w, h = plate
        away = np.hypot((xs - x - w / 2) / width, (ys - y - h / 2) / height)
        lamp = np.clip(0.9 - 1.1 * away, 0.28, 1.0)
        result = np.repeat((luma * lamp)[:, :, None], 3, axis=2)
    if scene.blur:
        kernel = np.zeros((scene.blur, scene.blur), np.float32)
        kernel[scene.blur // 2] = 1 / scene.blur
        result = np.asarray(cv2.filter2D(result, -1, kernel), np.float32)
    grain = noise.normal(0, 6 if scene.night else 3, result.shape)
    return np.clip((result + grain) * chance.uniform(0.94, 1.04), 0, 255).astype(np.uint8)


def sample_scenes(count: int, seed: int = 7) -> list[Scene]:
    """A day at the cameras: mostly Dutch cars, some foreign, some by night, a few photos that are no good."""
    chance = random.Random(seed)  # noqa: S311 - art, not secrets
    scenes = []
    for index in range(count):
        country = {5: "BE", 8: "DE", 11: "GB"}.get(index % 14, "NL")
        scenes.append(
            Scene(
                plate=invent(country, chance),
                night=index % 4 == 3,
                blur=26 if index % 12 == 9 else 0,
                others=tuple(invent("NL", chance) for _ in range(index % 3)),
                people=1 + index % 2,
                seed=seed * 1000 + index,
            )
        )
    return scenes


def write_folder(folder: Path, scenes: list[Scene], progress: Callable[[], None]) -> None:
    """Write each scene as a JPEG, and `truth.csv` in the form that the simulator reads."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.csv").open("w", newline="") as file:
        truth = csv.writer(file)
        truth.writerow(["file", "x", "y", "w", "h", "plate_as_annotated", "country"])
        for number, scene in enumerate(scenes, 1):
            drawn = render(scene)
            name = f"scene_{number:03d}.jpg"
            cv2.imwrite(str(folder / name), drawn.photo, [cv2.IMWRITE_JPEG_QUALITY, 92])
            truth.writerow([name, *drawn.plate_box, scene.plate.text, scene.plate.country])
            progress()
