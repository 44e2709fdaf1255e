"""Draws number plates of thirty countries straight on, 1 pixel per millimetre, with what may stand around them.

The fonts are free ones of many shapes rather than one exact face per country: what is learnt must hold for a worn or
home-made plate too.
"""

import random
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from imaging.plates import Syntax, normalise, syntaxes

Canvas = NDArray[np.uint8]

FONT_ROOT = Path("/usr/share/fonts")
FONTS = [
    "truetype/roadgeek/RG2014B.ttf", "truetype/roadgeek/RG2014C.ttf", "truetype/roadgeek/RG2014D.ttf",
    "truetype/roadgeek/RG2014E.ttf", "truetype/opendin/OSP-DIN.ttf", "truetype/opendin/OSP-DIN.ttf",
    "truetype/opendin/OSP-DIN.ttf", "truetype/liberation2/LiberationSans-Bold.ttf",
    "truetype/liberation2/LiberationSans-Regular.ttf", "truetype/dejavu/DejaVuSansCondensed-Bold.ttf",
    "truetype/dejavu/DejaVuSansMono-Bold.ttf", "truetype/dejavu/DejaVuSans.ttf", "truetype/lato/Lato-Bold.ttf",
    "truetype/lato/Lato-Semibold.ttf", "truetype/open-sans/OpenSans-Semibold.ttf",
    "truetype/open-sans/OpenSans-CondBold.ttf", "opentype/urw-base35/NimbusSansNarrow-Bold.otf",
    "opentype/urw-base35/NimbusSansNarrow-Regular.otf", "opentype/urw-base35/NimbusSans-Bold.otf",
    "opentype/urw-base35/URWGothic-Demi.otf", "truetype/roboto/unhinted/RobotoCondensed-Medium.ttf",
    "truetype/roboto/unhinted/RobotoCondensed-Bold.ttf", "truetype/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf",
    "opentype/inter/Inter-SemiBold.otf", "truetype/hack/Hack-Bold.ttf",
    "truetype/freefont/FreeSansBold.ttf", "truetype/noto/NotoSans-Bold.ttf",
    "truetype/liberation2/LiberationMono-Bold.ttf",
]  # fmt: skip
_CAP = 80
_BLUE = (0, 51, 153)
_SEAL_TONES = [
    (40, 60, 200), (70, 150, 60), (200, 120, 30), (40, 140, 230), (200, 200, 200), (40, 40, 40), (235, 235, 235),
    (60, 180, 230), (130, 90, 60), (120, 70, 160),
]  # fmt: skip
_SEALED = (0.4, 0.6)
"""Width of the gap that holds the seals, in heights of a character."""

_SHIELDED = 50
"""Width that a coat of arms at the end of a Swiss plate takes."""


@dataclass(frozen=True)
class RenderedPlate:
    """`image` (H, W, 3) BGR uint8 with `surround` pixels of frame on each side; `chars` one box per character."""

    image: Canvas
    surround: int
    text: str
    country: str
    chars: tuple[tuple[int, int, int, int], ...]


@cache
def styles() -> dict[str, dict[str, object]]:
    """Looks by country."""
    loaded: dict[str, dict[str, object]] = yaml.safe_load((Path(__file__).parent / "plate_styles.yaml").read_text())
    return loaded


@cache
def _forms(country: str) -> list[Syntax]:
    return [s for s in syntaxes() if s.country == country]


def invent(country: str, chance: random.Random) -> str:
    """A made-up text of the country, with its separators."""
    return example(chance.choice(_forms(country)), chance)


def example(form: Syntax, chance: random.Random) -> str:
    """A made-up text of one form, with its separators."""
    prefixes = sorted(code for code in form.prefixes if len(code) == form.lead)
    while True:
        text = "".join(
            chance.choice("0123456789") if sign == "9" else chance.choice(form.letters) if sign == "X" else sign
            for sign in form.pattern
        )
        if prefixes:
            text = chance.choice(prefixes) + text[form.lead :]
        if form.matches(normalise(text)):
            return text


def nonsense(chance: random.Random) -> str:
    """A text that follows no syntax: what is learnt must be the characters, not only the usual order."""
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "0123456789" * 2
    length = chance.randint(4, 9)
    text = "".join(chance.choice(signs) for _ in range(length))
    cut = chance.randint(1, length - 1)
    return text[:cut] + chance.choice("- ") + text[cut:]


def scribble(chance: random.Random, length: int) -> str:
    """Lettering that is no plate: a dealer's name, an advert, a notice."""
    return "".join(chance.choice("ABCDEFGHILMNOPRSTUVW   abcdefghiklmnoprstuvw.&:0123456789") for _ in range(length))


@lru_cache(maxsize=4096)
def _glyph(font: str, sign: str) -> Canvas:
    """Tight mask of a character, capitals _CAP pixels high."""
    face = ImageFont.truetype(str(FONT_ROOT / font), 100)
    top, bottom = face.getbbox("H")[1], face.getbbox("H")[3]
    face = ImageFont.truetype(str(FONT_ROOT / font), round(100 * _CAP / (bottom - top)))
    box = face.getbbox(sign)
    image = Image.new("L", (int(box[2] - box[0]) + 2, int(box[3] - box[1]) + 2), 0)
    ImageDraw.Draw(image).text((1 - box[0], 1 - box[1]), sign, fill=255, font=face)
    return np.asarray(image)


def render(chance: random.Random, country: str | None = None) -> RenderedPlate:
    """A plate of the country, or of a random one in the shares of the styles file."""
    looks = styles()
    free = country is None and chance.random() < 0.12
    if country is None:
        names = list(looks)
        country = chance.choices(names, [int(str(looks[n]["share"])) for n in names])[0]
    text = nonsense(chance) if free else invent(country, chance)
    look = looks[country]
    two_rows = chance.random() < 0.1 and any(s in text for s in "- ")
    field = look["also"] if "also" in look and chance.random() < 0.35 else look["fields"]
    if free and chance.random() < 0.4:
        # Export, diplomatic, historic and home-made plates: any two colours that contrast.
        field = chance.choice(
            [[[20, 40, 120], [240, 240, 240]], [[15, 15, 15], [230, 230, 230]], [[250, 250, 250], [10, 110, 40]],
             [[250, 250, 250], [190, 20, 30]], [[20, 110, 60], [240, 240, 240]]]
        )  # fmt: skip
    width, height = (chance.randint(240, 340), chance.randint(165, 205)) if two_rows else (520, 110)
    if not two_rows and chance.random() < 0.15:
        width, height = chance.randint(440, 540), chance.randint(100, 120)
    image = Image.new("RGB", (width, height), tuple(_vary(field[0], chance)))  # type: ignore[index]
    pen = ImageDraw.Draw(image)
    ink = tuple(_vary(field[1], chance))  # type: ignore[index]
    if chance.random() < 0.7:
        inset = chance.randint(2, 5)
        pen.rounded_rectangle(
            (inset, inset, width - 1 - inset, height - 1 - inset),
            radius=chance.randint(4, 14),
            outline=ink if chance.random() < 0.6 else tuple(int(v * 0.7) for v in image.getpixel((width // 2, 1))),  # type: ignore[union-attr]
            width=chance.randint(2, 4),
        )
    if look.get("lines"):
        for y in (5, height - 6):
            pen.line((6, y, width - 6, y), fill=(190, 40, 40), width=3)
    left = _left_side(pen, look, country, height, chance)
    right = 12
    if look.get("right"):
        right = 48
        pen.rectangle((width - 44, 3, width - 4, height - 4), fill=_BLUE)
        _caption(pen, str(chance.randint(1, 95)), width - 24, height - 24, 24)
    if "shield" in look and left == _SHIELDED:
        right = _SHIELDED
        _crest(pen, width - 28, height // 2, 16, chance)
    pixels = np.array(image)[:, :, ::-1].copy()
    area = (left, 0, width - right, height)
    boxes = _write(pixels, text, area, str(chance.choice(look["mark"])), ink, two_rows, chance)  # type: ignore[arg-type]
    return _frame(pixels, boxes, normalise(text), "" if free else country, chance)


def _left_side(
    pen: ImageDraw.ImageDraw, look: dict[str, object], country: str, height: int, chance: random.Random
) -> int:
    """The country's field; returns where the text may begin."""
    band = look.get("band")
    if "shield" in look and chance.random() < 0.7:
        _shield(pen, 28, height // 2)
        return _SHIELDED
    if band is None or chance.random() < (0.3 if country in ("GB", "CZ", "NO", "SE", "BE", "CH") else 0.08):
        return chance.randint(10, 26)
    wide = chance.randint(36, 46)
    if look.get("loose") and chance.random() < 0.5:
        _crest(pen, wide // 2 + 4, round(height * 0.36), chance.randint(13, 18), chance)
        _caption(pen, str(band), wide // 2 + 4, height - chance.randint(22, 28), 22, (20, 20, 20))
        return wide + 6
    _field(pen, look, wide, height, chance)
    _caption(pen, str(band), wide // 2 + 2, height - chance.randint(20, 27), 24 if len(str(band)) < 3 else 18)
    return wide + chance.randint(3, 8)


def _field(pen: ImageDraw.ImageDraw, look: dict[str, object], wide: int, height: int, chance: random.Random) -> None:
    """The blue field at the left, with the stars of the union or the country's flag."""
    pen.rectangle((chance.randint(2, 5), 3, wide, height - 4), fill=tuple(_vary(_BLUE, chance)))
    if "flag" in look and chance.random() < float(str(look["flagged"])):
        _flag(pen, look["flag"], (10, round(height * 0.2), wide - 5, round(height * 0.45)))  # type: ignore[arg-type]
    elif look.get("stars", 1) and chance.random() < 0.85:
        middle, radius = (wide // 2 + 2, height * 0.33), wide * 0.3
        for turn in range(12):
            x = middle[0] + radius * np.cos(turn * np.pi / 6)
            y = middle[1] + radius * np.sin(turn * np.pi / 6)
            pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=(255, 204, 0))


def _flag(pen: ImageDraw.ImageDraw, colours: list[list[int]], box: tuple[int, int, int, int]) -> None:
    """Two colours: one over the other. Three: a Nordic cross in the third, edged with the second, on the first."""
    left, top, right, bottom = box
    pen.rectangle(box, fill=tuple(colours[0]))
    if len(colours) == 2:
        pen.rectangle((left, (top + bottom) // 2, right, bottom), fill=tuple(colours[1]))
        return
    x, y = left + (right - left) * 2 // 5, (top + bottom) // 2
    for thick, colour in ((3, colours[1]), (1, colours[2])):
        pen.rectangle((x - thick, top, x + thick, bottom), fill=tuple(colour))
        pen.rectangle((left, y - thick, right, y + thick), fill=tuple(colour))


def _shield(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """The Swiss one."""
    pen.polygon([(x - 14, y - 17), (x + 14, y - 17), (x + 14, y + 8), (x, y + 18), (x - 14, y + 8)], fill=(215, 30, 40))
    pen.rectangle((x - 3, y - 10, x + 3, y + 9), fill=(245, 245, 245))
    pen.rectangle((x - 9, y - 4, x + 9, y + 3), fill=(245, 245, 245))


def _caption(
    pen: ImageDraw.ImageDraw, text: str, x: float, y: float, size: int, fill: tuple[int, ...] = (250, 250, 250)
) -> None:
    pen.text((x, y), text, fill=fill, font=_small(size), anchor="mm")


@cache
def _small(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT_ROOT / "truetype/liberation2/LiberationSans-Bold.ttf"), size)


def _crest(pen: ImageDraw.ImageDraw, x: int, y: int, size: int, chance: random.Random) -> None:
    colour = chance.choice([(200, 30, 40), (30, 60, 160), (210, 170, 40), (40, 120, 60), (120, 120, 120)])
    pen.polygon(
        [
            (x - size, y - size),
            (x + size, y - size),
            (x + size, y + size // 3),
            (x, y + size),
            (x - size, y + size // 3),
        ],
        fill=colour,
        outline=(60, 60, 60),
    )
    pen.rectangle((x - size // 4, y - size // 2, x + size // 4, y + size // 2), fill=(240, 240, 240))


def _seals(pixels: Canvas, x: int, y: int, size: int, chance: random.Random) -> None:
    """One or two round stickers of 30 to 45 mm: a rim, a ground, and on it a coat of arms or a wheel of figures."""
    for offset in (-1.1, 1.1) if chance.random() < 0.7 else (0.0,):
        centre, reach = (x, int(y + offset * size)), int(size * chance.uniform(0.8, 1.1))
        rim, ground, device = chance.sample(_SEAL_TONES, 3)
        cv2.circle(pixels, centre, reach, rim, -1, cv2.LINE_AA)
        cv2.circle(pixels, centre, max(int(reach * chance.uniform(0.55, 0.9)), 1), ground, -1, cv2.LINE_AA)
        if chance.random() < 0.5:
            for turn in range(0, 360, chance.choice([30, 45, 60])):
                spoke = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))]) * reach
                ends = [tuple((np.array(centre) + spoke * part).astype(int).tolist()) for part in (0.55, 0.8)]
                cv2.line(pixels, ends[0], ends[1], device, 2, cv2.LINE_AA)
        half = (max(int(reach * chance.uniform(0.2, 0.45)), 1), max(int(reach * chance.uniform(0.2, 0.5)), 1))
        low, high = (centre[0] - half[0], centre[1] - half[1]), (centre[0] + half[0], centre[1] + half[1])
        cv2.rectangle(pixels, low, high, device, -1)


def _write(
    pixels: Canvas,
    text: str,
    area: tuple[int, int, int, int],
    mark: str,
    ink: tuple[int, ...],
    two_rows: bool,
    chance: random.Random,
) -> list[tuple[int, int, int, int]]:
    font = chance.choice(FONTS)
    weight = chance.choice([0, 0, 0, 1, 2, -1])
    left, top, right, bottom = area
    if not two_rows:
        height = chance.uniform(0.62, 0.8) * (bottom - top)
        return _row(pixels, text, (left, (top + bottom) / 2, right, height), font, weight, mark, ink, chance)
    places = [i for i, sign in enumerate(text) if sign in "- "]
    cut = min(places, key=lambda i: abs(i - len(text) / 2))
    height = 0.36 * (bottom - top)
    first = _row(pixels, text[:cut], (left, 0.28 * bottom, right, height), font, weight, mark, ink, chance)
    return first + _row(pixels, text[cut + 1 :], (12, 0.72 * bottom, right, height), font, weight, mark, ink, chance)


def _row(
    pixels: Canvas,
    text: str,
    place: tuple[float, float, float, float],
    font: str,
    weight: int,
    mark: str,
    ink: tuple[int, ...],
    chance: random.Random,
) -> list[tuple[int, int, int, int]]:
    """One row between left and right, its middle at y; returns the box of each character."""
    left, middle, right, height = place
    fixed = chance.random() < 0.6
    stretch = chance.uniform(0.75, 1.1)
    gap = chance.uniform(0.09, 0.22) * height
    widths = []
    for sign in text:
        if sign == " ":
            widths.append(height * chance.uniform(*_SEALED if mark == "seals" else (0.15, 0.5)))
        elif sign == "-":
            widths.append(height * chance.uniform(*_SEALED if mark == "seals" else (0.25, 0.45)))
        else:
            glyph = _glyph(font, sign)
            natural = glyph.shape[1] / _CAP * height * stretch
            cell = 0.58 * height * stretch
            widths.append(min(max(natural, cell * 0.9), cell * 1.1) if fixed and sign not in "1I" else natural)
    total = sum(widths) + gap * (len(text) - 1)
    squeeze = min(1.0, (right - left - 8) / total)
    if squeeze > 0.75 and chance.random() < 0.3:
        squeeze = (right - left - 8) / total * chance.uniform(0.92, 1.0)
        squeeze = min(squeeze, 1.25)
    x = left + (right - left - total * squeeze) * chance.uniform(0.3, 0.7)
    boxes = []
    for sign, natural in zip(text, widths, strict=True):
        wide = natural * squeeze
        if sign in "- ":
            _separator(pixels, sign, mark, (int(x + wide / 2), int(middle)), height, ink, chance)
            mark = "dash" if sign == "-" else "none"
        else:
            high = height if sign not in "Q" else height * 1.1
            box = (int(x), int(middle - height / 2), max(int(wide), 2), max(int(high), 4))
            _stamp(pixels, _glyph(font, sign), box, weight, ink)
            boxes.append(box)
        x += wide + gap * squeeze
    return boxes


def _separator(
    pixels: Canvas,
    sign: str,
    mark: str,
    at: tuple[int, int],
    height: float,
    ink: tuple[int, ...],
    chance: random.Random,
) -> None:
    x, y = at
    size = max(int(height * chance.uniform(0.13, 0.2)), 3)
    if mark == "seals":
        _seals(pixels, x, y, max(int(height * chance.uniform(0.17, 0.27)), 3), chance)
    elif mark == "crest":
        image = Image.fromarray(pixels[:, :, ::-1])
        _crest(ImageDraw.Draw(image), x, y, size, chance)
        pixels[:] = np.asarray(image)[:, :, ::-1]
    elif mark == "dot":
        cv2.circle(pixels, (x, y), max(size // 2, 2), (150, 160, 160), -1, cv2.LINE_AA)
    if sign == "-" and (mark == "dash" or chance.random() < 0.6):
        half, thick = int(height * 0.13), max(int(height * 0.05), 2)
        cv2.rectangle(pixels, (x - half, y - thick), (x + half, y + thick), ink[::-1], -1)


def _stamp(pixels: Canvas, glyph: Canvas, box: tuple[int, int, int, int], weight: int, ink: tuple[int, ...]) -> None:
    x, y, wide, high = box
    if weight > 0:
        glyph = np.asarray(cv2.dilate(glyph, np.ones((1 + 2 * weight, 1 + 2 * weight), np.uint8)), np.uint8)
    elif weight < 0:
        glyph = np.asarray(cv2.erode(glyph, np.ones((3, 3), np.uint8)), np.uint8)
    mask = cv2.resize(glyph, (wide, high), interpolation=cv2.INTER_AREA)[:, :, None].astype(np.float32) / 255
    area = pixels[max(y, 0) : y + high, max(x, 0) : x + wide]
    mask = mask[: area.shape[0], : area.shape[1]]
    area[:] = (area * (1 - mask) + np.array(ink[::-1], np.float32) * mask).astype(np.uint8)


def _frame(
    pixels: Canvas, boxes: list[tuple[int, int, int, int]], text: str, country: str, chance: random.Random
) -> RenderedPlate:
    """What is around the plate: the holder, often with a dealer's name, and the car's paint."""
    surround = 60
    height, width = pixels.shape[:2]
    paint = (
        np.array([chance.randint(0, 230) for _ in range(3)])
        if chance.random() < 0.5
        else np.full(3, chance.randint(0, 230))
    )
    image = np.full((height + 2 * surround, width + 2 * surround, 3), paint, np.uint8)
    if chance.random() < 0.7:
        holder = chance.randint(3, 12)
        below = chance.randint(holder, 26)
        shade = chance.choice([(20, 20, 20), (35, 35, 35), (200, 200, 200), (120, 60, 20), (90, 90, 95)])
        cv2.rectangle(
            image,
            (surround - holder, surround - holder),
            (surround + width + holder, surround + height + below),
            shade,
            -1,
        )
        if below > 12 and chance.random() < 0.8:
            advert = scribble(chance, chance.randint(10, 34))
            tint = (230, 230, 230) if sum(shade) < 380 else (30, 30, 30)
            cv2.putText(
                image, advert, (surround + chance.randint(5, 120), surround + height + below - 5),
                cv2.FONT_HERSHEY_SIMPLEX, (below - 6) / 26, tint, 1, cv2.LINE_AA,
            )  # fmt: skip
    image[surround : surround + height, surround : surround + width] = pixels
    if chance.random() < 0.3:
        for _ in range(chance.randint(1, 4)):
            cv2.circle(
                image,
                (surround + chance.randint(0, width), surround + chance.choice([8, height // 2, height - 8])),
                chance.randint(3, 6),
                (chance.randint(0, 120),) * 3,
                -1,
                cv2.LINE_AA,
            )
    moved = tuple((x + surround, y + surround, w, h) for x, y, w, h in boxes)
    return RenderedPlate(image, surround, text, country, moved)


def _vary(colour: object, chance: random.Random) -> list[int]:
    return [min(max(int(v) + chance.randint(-18, 18), 0), 255) for v in colour]  # type: ignore[attr-defined]
