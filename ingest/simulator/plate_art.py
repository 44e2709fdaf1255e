"""Draws number plates in true formats: 520 x 110 mm, the colours and the band of their country."""

import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Canvas = NDArray[np.uint8]

_SCALE = 2
WIDTH, HEIGHT = 520 * _SCALE, 110 * _SCALE
_YELLOW, _WHITE, _BLUE, _INK = (255, 196, 0), (240, 240, 236), (0, 51, 153), (18, 18, 18)
_NL_LETTERS = "BDFGHJKLNPRSTVXZ"
_FORMATS = {
    "NL": ["99-XXX-9", "9-XXX-99", "XX-999-X", "X-999-XX", "XXX-99-X", "X-99-XXX"],
    "BE": ["9-XXX-999"],
    "DE": ["XX-XX 999"],
    "FR": ["XX-999-XX"],
    "GB": ["XX99 XXX"],
}


@dataclass(frozen=True)
class PlateSpec:
    """`text` with its separators, as it stands on the plate."""

    text: str
    country: str


def invent(country: str, chance: random.Random) -> PlateSpec:
    """A made-up plate in a format of the country (BE, DE, FR, GB, NL)."""
    pattern = chance.choice(_FORMATS[country])
    text = "".join(
        chance.choice("123456789") if sign == "9" else chance.choice(_NL_LETTERS) if sign == "X" else sign
        for sign in pattern
    )
    if country == "BE":
        text = "1" + text[1:]
    return PlateSpec(text, country)


def draw(spec: PlateSpec) -> Canvas:
    """The plate seen straight on: (HEIGHT, WIDTH, 3) BGR uint8."""
    background = _YELLOW if spec.country in ("NL", "GB") else _WHITE
    image = Image.new("RGB", (WIDTH, HEIGHT), background)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((4, 4, WIDTH - 5, HEIGHT - 5), radius=18, outline=_INK, width=5)
    pen.rectangle((10, 10, 92, HEIGHT - 11), fill=_BLUE)
    band = ImageFont.load_default(size=52)
    label = {"DE": "D", "BE": "B", "FR": "F"}.get(spec.country, spec.country)
    pen.text((51, HEIGHT - 56), label, fill="white", font=band, anchor="mm")
    for turn in range(12):
        angle = turn * np.pi / 6
        x, y = 51 + 27 * np.cos(angle), 60 + 27 * np.sin(angle)
        pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(255, 204, 0))
    glyphs = Image.new("L", (2000, HEIGHT), 0)
    ink = ImageDraw.Draw(glyphs)
    font = ImageFont.load_default(size=172)
    at = 10.0
    for sign in spec.text:
        ink.text((at, HEIGHT / 2), sign, fill=255, font=font, anchor="lm", stroke_width=5, stroke_fill=255)
        at += ink.textlength(sign, font=font) + 22
    text = glyphs.crop((0, 0, int(at), HEIGHT)).resize((min(int(at), WIDTH - 130), HEIGHT))
    image.paste(_INK, (92 + (WIDTH - 92 - text.width) // 2, 0), text)
    return cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2BGR).astype(np.uint8)
