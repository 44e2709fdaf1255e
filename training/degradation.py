"""From a drawn plate to what a camera would have made of it: perspective, light, dirt, blur, noise, JPEG."""

import random

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.stages.rectify import CROP_SIZE, PLATE_CORNERS
from training.plate_renderer import Canvas, RenderedPlate

Quad = NDArray[np.float32]


def corners_of(plate: RenderedPlate) -> Quad:
    """The plate's corners in its own image (4, 2), clockwise from top left."""
    low, height, width = plate.surround, plate.image.shape[0], plate.image.shape[1]
    return np.array([[low, low], [width - low, low], [width - low, height - low], [low, height - low]], np.float32)


def soil(plate: RenderedPlate, chance: random.Random) -> tuple[Canvas, list[bool]]:
    """Dirt, shadow and things in front of the plate. Also says per character whether it is hidden."""
    image = plate.image.copy()
    hidden = np.zeros(image.shape[:2], np.uint8)
    height, width = image.shape[:2]
    if chance.random() < 0.08:
        for _ in range(chance.randint(1, 2)):
            x, y, w, h = chance.choice(plate.chars)
            shade = tuple(chance.randint(0, 255) for _ in range(3))
            if chance.random() < 0.5:
                centre, axes = (
                    (x + w // 2, y + h // 2),
                    (int(w * chance.uniform(0.4, 1.2)), int(h * chance.uniform(0.3, 0.8))),
                )
                for canvas, colour in ((image, shade), (hidden, (255,))):
                    cv2.ellipse(canvas, centre, axes, chance.randint(0, 90), 0, 360, colour, -1)
            else:
                wide = int(w * chance.uniform(0.3, 1.2))
                points = [
                    (x, 0),
                    (x + wide, 0),
                    (x + wide + chance.randint(-30, 30), height),
                    (x + chance.randint(-30, 30), height),
                ]
                for canvas, colour in ((image, shade), (hidden, (255,))):
                    cv2.fillPoly(canvas, [np.array(points, np.int32)], colour)
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
    covered = []
    for x, y, w, h in plate.chars:
        covered.append(bool(hidden[y : y + h, x : x + w].mean() > 0.38 * 255))
    return image, covered


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


def photographed(plate: RenderedPlate, image: Canvas, chance: random.Random) -> Canvas:
    """The plate as it comes rectified out of a photo: (H, W, 3) BGR uint8 of CROP_SIZE."""
    own = corners_of(plate)
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
    photo = cv2.warpPerspective(
        image,
        cv2.getPerspectiveTransform(own, there.astype(np.float32)),
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    photo = expose(np.asarray(photo, np.uint8), chance)
    # The locator is never exact: a shift and a stretch of the whole, and each corner a little by itself.
    guess = there.copy()
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
