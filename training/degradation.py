"""From a drawn plate to what a camera would have made of it: perspective, light, dirt, blur, noise, JPEG."""

import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.stages.rectify import CROP_SIZE, PLATE_CORNERS
from training.plate_renderer import Canvas, RenderedPlate

Quad = NDArray[np.float32]
Mask = NDArray[np.uint8]

_HIDDEN = 0.38
"""A character of which more than this share lies behind something cannot be named."""

_GONE = 0.15
"""A character of which less than this share is in the picture has left no trace in it."""

_NOTICED = 0.02
"""A cover of a smaller share of the plate than this is a screw cap or a speck: neither clean nor covered."""

_LIKE_GROUND = 30.0
"""A cover whose tone is as near as this to the ground's cannot be seen where no character ends at it."""


@dataclass(frozen=True)
class SoiledPlate:
    """A plate with dirt, and perhaps something over it.

    `hidden` is the share of each character that lies behind something. `seen` is the part of the plate's width, from 0
    to 1, that a locator would take for the whole. `covered` is None where no eye could tell.
    """

    image: Canvas
    hidden: tuple[float, ...]
    seen: tuple[float, float]
    covered: bool | None

    def signs(self, plate: RenderedPlate, unnamed: str) -> list[str]:
        """The characters that the seen part shows, `unnamed` for those of which too little is left."""
        low, width = plate.surround, plate.image.shape[1] - 2 * plate.surround
        left, right = (low + share * width for share in self.seen)
        found = []
        for sign, (x, _, wide, _), hidden in zip(plate.text, plate.chars, self.hidden, strict=True):
            inside = max(min(x + wide, right) - max(x, left), 0) / wide
            if inside > _GONE:
                found.append(sign if 1 - inside + hidden < _HIDDEN else unnamed)
        return found


def corners_of(plate: RenderedPlate) -> Quad:
    """The plate's corners in its own image (4, 2), clockwise from top left."""
    low, height, width = plate.surround, plate.image.shape[0], plate.image.shape[1]
    return np.array([[low, low], [width - low, low], [width - low, height - low], [low, height - low]], np.float32)


def soil(plate: RenderedPlate, chance: random.Random) -> SoiledPlate:
    """Dirt and shadow on the plate, and in a quarter of the cases something that lies over it or cuts it off."""
    image = plate.image.copy()
    hidden = np.zeros(image.shape[:2], np.uint8)
    seen, visible = (0.0, 1.0), True
    kind = chance.random()
    if kind < 0.08:
        seen = _cut_off(plate, image, hidden, chance)
    elif kind < 0.18:
        visible = _strap(plate, image, hidden, chance)
    elif kind < 0.25:
        _patches(plate, image, hidden, chance)
    image = _dirt(image, chance)
    parts = tuple(float(hidden[y : y + h, x : x + w].mean() / 255) for x, y, w, h in plate.chars)
    covered: bool | None = seen != (0.0, 1.0) or kind < 0.25
    low = plate.surround
    if seen == (0.0, 1.0) and covered:
        share = float(hidden[low:-low, low:-low].mean() / 255)
        covered = True if share > _NOTICED and (visible or max(parts) > _GONE) else None
    return SoiledPlate(image, parts, seen, covered)


def _tone(plate: RenderedPlate, chance: random.Random) -> tuple[int, int, int]:
    """Of a cover: like the plate's ground, black rubber, or anything."""
    kind = chance.random()
    if kind < 0.3:
        ground = np.median(plate.image[plate.surround : -plate.surround, plate.surround : -plate.surround], axis=(0, 1))
        blue, green, red = (min(max(int(v) + chance.randint(-40, 40), 0), 255) for v in ground)
        return blue, green, red
    if kind < 0.6:
        return (chance.randint(10, 90),) * 3
    return chance.randint(0, 255), chance.randint(0, 255), chance.randint(0, 255)


def _lay(image: Canvas, hidden: Mask, points: NDArray[np.int32], tone: tuple[int, int, int]) -> None:
    cv2.fillPoly(image, [points], tone, cv2.LINE_AA)
    cv2.fillPoly(hidden, [points], (255,))


def _strap(plate: RenderedPlate, image: Canvas, hidden: Mask, chance: random.Random) -> bool:
    """A strap, bar or cable from top to bottom or along the plate. Says whether it stands out from the ground."""
    low, height, width = plate.surround, image.shape[0], image.shape[1]
    tone = _tone(plate, chance)
    if chance.random() < 0.8:
        wide = chance.uniform(0.03, 0.22) * (width - 2 * low)
        x = chance.uniform(low - 0.3 * wide, width - low - 0.7 * wide)
        lean = chance.gauss(0, 0.12) * height
        points = [(x + lean, 0), (x + wide + lean, 0), (x + wide - lean, height), (x - lean, height)]
    else:
        thick = chance.uniform(0.15, 0.5) * (height - 2 * low)
        y = chance.choice([low - 0.1 * thick, chance.uniform(low, height - low - thick), height - low - 0.9 * thick])
        lean = chance.gauss(0, 0.06) * height
        start = chance.choice([0.0, chance.uniform(low, width / 2)])
        points = [(start, y + lean), (width, y - lean), (width, y + thick - lean), (start, y + thick + lean)]
    corners = np.array(points, np.int32)
    _lay(image, hidden, corners, tone)
    if chance.random() < 0.3:
        cv2.polylines(image, [corners], True, (chance.randint(0, 120),) * 3, chance.randint(1, 3), cv2.LINE_AA)
        return True
    ground = np.median(plate.image[low:-low, low:-low], axis=(0, 1))
    return bool(np.abs(ground - tone).max() > _LIKE_GROUND)


def _patches(plate: RenderedPlate, image: Canvas, hidden: Mask, chance: random.Random) -> None:
    """Leaves, stickers, mud: one or two patches on characters."""
    for _ in range(chance.randint(1, 2)):
        x, y, w, h = chance.choice(plate.chars)
        tone = _tone(plate, chance)
        middle = (x + w * chance.uniform(0, 1), y + h * chance.uniform(0, 1))
        reach = (w * chance.uniform(0.35, 1.2), h * chance.uniform(0.25, 0.8))
        corners = chance.choice([4, 5, 7, 24])
        turn = chance.uniform(0, 2 * np.pi)
        angles = turn + np.arange(corners) * 2 * np.pi / corners
        rough = np.array([chance.uniform(0.75, 1.2) if corners == 7 else 1.0 for _ in range(corners)])
        out = np.stack([np.cos(angles) * reach[0], np.sin(angles) * reach[1]], axis=1) * rough[:, None]
        _lay(image, hidden, (np.array(middle) + out).astype(np.int32), tone)


def _cut_off(plate: RenderedPlate, image: Canvas, hidden: Mask, chance: random.Random) -> tuple[float, float]:
    """An end of the plate is out of sight: behind something, past the edge of the photo, or past the locator's corners.

    Says what part of the width a locator takes for the plate: what is left, or all where it saw the covered end too.
    """
    low, width = plate.surround, image.shape[1] - 2 * plate.surround
    share = chance.uniform(0.06, 0.4)
    at_left = chance.random() < 0.5
    edge = low + round((share if at_left else 1 - share) * width)
    away = slice(0, edge) if at_left else slice(edge, image.shape[1])
    seen = (share, 1.0) if at_left else (0.0, 1 - share)
    how = chance.random()
    if how < 0.25:
        return seen
    if how < 0.5:
        image[:, away] = image[:, edge : edge + 1]
        hidden[:, away] = 255
        return seen
    image[:, away] = _tone(plate, chance)
    hidden[:, away] = 255
    return seen if chance.random() < 0.7 else (0.0, 1.0)


def _dirt(image: Canvas, chance: random.Random) -> Canvas:
    height, width = image.shape[:2]
    if chance.random() < 0.3:
        stain = np.random.default_rng(chance.getrandbits(32)).random((6, 20)).astype(np.float32)
        stain = cv2.resize(stain, (width, height), interpolation=cv2.INTER_CUBIC)[:, :, None]
        strength = chance.uniform(0.1, 0.55)
        mask = np.clip((stain - 0.45) * 2, 0, 1) * strength
        image = (image * (1 - mask) + np.array((60, 80, 95), np.float32) * mask).astype(np.uint8)
    if chance.random() < 0.3:
        slope = np.linspace(chance.uniform(0.35, 1), chance.uniform(0.35, 1), width, dtype=np.float32)[None, :, None]
        tilt = np.linspace(chance.uniform(0.5, 1), chance.uniform(0.5, 1), height, dtype=np.float32)[:, None, None]
        image = (image * slope * tilt).astype(np.uint8)
    if chance.random() < 0.15:
        shadow = image.copy()
        edge = chance.randint(0, height)
        points = [(0, 0), (width, 0), (width, edge), (0, chance.randint(0, height))]
        cv2.fillPoly(shadow, [np.array(points, np.int32)], (0, 0, 0))
        image = cv2.addWeighted(image, 1 - 0.5, shadow, 0.5, 0).astype(np.uint8)
    return image


def expose(photo: Canvas, chance: random.Random) -> Canvas:
    """Colour cast, exposure, contrast, infrared, blur, noise, sharpening and JPEG of a (H, W, 3) BGR uint8 photo."""
    noise = np.random.default_rng(chance.getrandbits(32))
    image = photo.astype(np.float32)
    image *= np.array([chance.uniform(0.8, 1.2) for _ in range(3)], np.float32)
    if chance.random() < 0.25:
        grey = image.mean(axis=2, keepdims=True)
        image = np.repeat(grey, 3, axis=2)
    contrast, light = chance.uniform(0.35, 1.25), chance.uniform(-50, 45)
    if chance.random() < 0.1:
        contrast, light = chance.uniform(1.4, 2.2), chance.uniform(-20, 60)
    image = (image - 128) * contrast + 128 + light
    if chance.random() < 0.35:
        image = cv2.GaussianBlur(image, (0, 0), chance.uniform(0.4, 1.3))
    if chance.random() < 0.18:
        length = chance.randint(2, 5)
        kernel = np.zeros((length, length), np.float32)
        if chance.random() < 0.6:
            kernel[length // 2] = 1 / length
        else:
            np.fill_diagonal(kernel, 1 / length)
        image = cv2.filter2D(image, -1, kernel)
    if chance.random() < 0.6:
        image += noise.normal(0, chance.uniform(1, 14), (*image.shape[:2], 1 if chance.random() < 0.5 else 3))
    image = np.clip(image, 0, 255)
    if chance.random() < 0.35:
        image = np.clip(image * 1.8 - cv2.GaussianBlur(image, (0, 0), 1.2) * 0.8, 0, 255)
    result = image.astype(np.uint8)
    if chance.random() < 0.85:
        _, data = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, chance.randint(35, 96)])
        result = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return result


def photographed(plate: RenderedPlate, soiled: SoiledPlate, chance: random.Random) -> Canvas:
    """What a locator takes for the plate, rectified out of a photo: (H, W, 3) BGR uint8 of CROP_SIZE."""
    image, own = soiled.image, corners_of(plate)
    wide = float(np.exp(chance.uniform(np.log(52), np.log(300))))
    high = wide * (own[2, 1] - own[0, 1]) / (own[1, 0] - own[0, 0]) * chance.uniform(0.85, 1.15)
    wide, high = (wide, high) if high < wide * 0.6 else (wide * 0.6, high * 0.6)
    margin = 0.35 * wide
    size = (int(wide + 2 * margin), int(high + 2 * margin))
    there = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32) + margin
    shear, lean = chance.gauss(0, 0.06) * wide, chance.gauss(0, 0.12) * high
    there += np.array([[lean, shear], [lean, -shear], [-lean, -shear], [-lean, shear]], np.float32) / 2
    there += np.array([[chance.gauss(0, 0.015) * wide, chance.gauss(0, 0.04) * high] for _ in range(4)], np.float32)
    shrink = min(wide / (own[1, 0] - own[0, 0]) * 1.4, 1.0)
    if shrink < 1:
        image = np.asarray(cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
        own = own * shrink
    transform = cv2.getPerspectiveTransform(own, there.astype(np.float32))
    photo = cv2.warpPerspective(
        image,
        transform,
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    photo = expose(np.asarray(photo, np.uint8), chance)
    # The locator is never exact: a shift and a stretch of the whole, and each corner a little by itself.
    guess = cv2.perspectiveTransform(_between(own, *soiled.seen)[None], transform)[0]
    middle = guess.mean(axis=0)
    scale = np.array([chance.uniform(0.94, 1.08), chance.uniform(0.88, 1.2)], np.float32)
    guess = (guess - middle) * scale + middle
    guess += np.array([chance.gauss(0, 0.012) * wide, chance.gauss(0, 0.05) * high], np.float32)
    guess += np.array([[chance.gauss(0, 0.012) * wide, chance.gauss(0, 0.05) * high] for _ in range(4)], np.float32)
    return np.asarray(
        cv2.warpPerspective(
            photo,
            cv2.getPerspectiveTransform(guess.astype(np.float32), PLATE_CORNERS),
            CROP_SIZE,
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def _between(quad: Quad, start: float, end: float) -> Quad:
    """The piece of a quad from one share of its width to another."""
    along = quad[[1, 1, 2, 2]] - quad[[0, 0, 3, 3]]
    return np.asarray(quad[[0, 0, 3, 3]] + along * np.array([[start], [end], [end], [start]], np.float32), np.float32)
