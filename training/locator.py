"""Trains the plate locator on composed scenes and exports it: `python -m training.locator OUT --minutes 45`.

For each cell of 8 x 8 pixels it says how likely the middle of a plate lies there and where the plate's four corners
are. Scenes are pieces of photographs with drawn bodywork, grilles, lamps, lettering and plates upon them.
"""

import argparse
import multiprocessing
import random
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from imaging.networks.locator import CORNER_UNIT, STRIDE
from training.backgrounds import Backgrounds
from training.chunks import ahead
from training.degradation import Quad, corners_of, expose, soil
from training.plate_renderer import Canvas, RenderedPlate, render, scribble

SIZE = 320
_CELLS = SIZE // STRIDE
_CHUNK = 512
_BATCH = 32
_LEARNING_RATE = 1.5e-3
_PLATES_KEPT = 60


class Locator(nn.Module):
    """(N, 3, H, W) BGR from 0 to 1, sides multiples of 16 -> score logits (N, H/8, W/8), corners (N, 8, H/8, W/8)."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Sequential(
            _conv(3, 16, 2), _conv(16, 32, 2), _conv(32, 32), _conv(32, 64, 2), _conv(64, 64), _conv(64, 64)
        )
        self.far = nn.Sequential(
            _conv(64, 96, 2), _conv(96, 96), _conv(96, 96, 1, 2), _conv(96, 96, 1, 4), _conv(96, 64)
        )
        self.merge = nn.Sequential(_conv(128, 64), _conv(64, 64))
        self.score = nn.Conv2d(64, 1, 1)
        self.corners = nn.Conv2d(64, 8, 1)
        nn.init.constant_(self.score.bias, -4.0)  # type: ignore[arg-type]

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        near = self.near(photos * 2 - 1)
        far = nn.functional.interpolate(self.far(near), scale_factor=2.0, mode="nearest")
        merged = self.merge(torch.cat([near, far], dim=1))
        return self.score(merged)[:, 0], self.corners(merged)


def _conv(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class _Scores(nn.Module):
    def __init__(self, model: Locator) -> None:
        super().__init__()
        self.model = model

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        score, corners = self.model(photos)
        return score.sigmoid(), corners


def _clutter(scene: Canvas, chance: random.Random) -> None:
    """What a car and its surroundings offer to be mistaken for a plate."""
    height, width = scene.shape[:2]

    def colour() -> tuple[int, int, int]:
        if chance.random() < 0.5:
            return (chance.randint(0, 255),) * 3
        return (chance.randint(0, 255), chance.randint(0, 255), chance.randint(0, 255))

    for _ in range(chance.randint(0, 7)):
        x, y = chance.randint(-40, width), chance.randint(-40, height)
        wide, high = chance.randint(10, 220), chance.randint(6, 120)
        kind = chance.randint(0, 6)
        if kind == 0:
            cv2.rectangle(scene, (x, y), (x + wide, y + high), colour(), -1)
        elif kind == 1:
            cv2.ellipse(
                scene, (x, y), (wide // 2, high // 2), chance.randint(0, 180), 0, 360, colour(), -1, cv2.LINE_AA
            )
        elif kind == 2:
            tint, step = colour(), chance.randint(3, 14)
            for offset in range(0, high if chance.random() < 0.5 else wide, step):
                if high < wide:
                    cv2.line(scene, (x, y + offset), (x + wide, y + offset), tint, chance.randint(1, 3))
                else:
                    cv2.line(scene, (x + offset, y), (x + offset, y + high), tint, chance.randint(1, 3))
        elif kind == 3:
            word, face, size = (
                scribble(chance, chance.randint(2, 14)),
                chance.choice([0, 2, 3, 4]),
                chance.uniform(0.3, 1.6),
            )
            cv2.putText(scene, word, (x, y + high), face, size, colour(), chance.randint(1, 3), cv2.LINE_AA)
        elif kind == 4:
            points = np.array(
                [[x + chance.randint(-wide, wide), y + chance.randint(-high, high)] for _ in range(5)], np.int32
            )
            cv2.fillPoly(scene, [points], colour(), cv2.LINE_AA)
        elif kind == 5:
            # A blank field in plate's proportions: no text, no plate.
            cv2.rectangle(scene, (x, y), (x + wide, y + wide // 5), (chance.randint(170, 255),) * 3, -1)
        else:
            # A notice board or sticker: a field with several lines of small text.
            cv2.rectangle(scene, (x, y), (x + wide, y + high), colour(), -1)
            for line in range(chance.randint(1, 4)):
                cv2.putText(scene, scribble(chance, 12), (x + 3, y + 12 + line * 13), 0, 0.4, colour(), 1, cv2.LINE_AA)


def _bodywork(scene: Canvas, there: Quad, chance: random.Random) -> None:
    """A bumper or boot around the plate, so that plates are not always pasted on scenery."""
    left, top = there.min(axis=0)
    right, bottom = there.max(axis=0)
    wide, high = right - left, bottom - top
    paint = np.array(
        [chance.randint(0, 235) for _ in range(3)] if chance.random() < 0.5 else [chance.randint(0, 235)] * 3,
        np.float32,
    )
    low = np.array([left - wide * chance.uniform(0.1, 2.2), top - high * chance.uniform(0.4, 4)])
    up = np.array([right + wide * chance.uniform(0.1, 2.2), bottom + high * chance.uniform(0.3, 3)])
    x0, y0 = np.maximum(low, 0).astype(int)
    x1, y1 = np.minimum(up, (scene.shape[1], scene.shape[0])).astype(int)
    if x1 <= x0 or y1 <= y0:
        return
    shade = np.linspace(chance.uniform(0.6, 1.3), chance.uniform(0.6, 1.3), y1 - y0, dtype=np.float32)[:, None, None]
    body = np.clip(paint * shade + np.zeros((y1 - y0, x1 - x0, 3), np.float32), 0, 255)
    opacity = chance.uniform(0.75, 1.0)
    scene[y0:y1, x0:x1] = (scene[y0:y1, x0:x1] * (1 - opacity) + body * opacity).astype(np.uint8)
    if chance.random() < 0.6:
        _clutter(scene[y0:y1, x0:x1], chance)


def _place(scene: Canvas, plate: RenderedPlate, chance: random.Random) -> Quad:
    """Photograph the plate into the scene; returns its corners there."""
    own = corners_of(plate)
    ratio = (own[2, 1] - own[0, 1]) / (own[1, 0] - own[0, 0])
    wide = float(np.exp(chance.uniform(np.log(26), np.log(250))))
    high = wide * ratio * chance.uniform(0.85, 1.15)
    wide *= chance.uniform(0.7, 1)
    corner = np.array([chance.uniform(4, SIZE - wide - 4), chance.uniform(4, max(SIZE - high - 4, 5))], np.float32)
    there = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    slope, lean = chance.gauss(0, 0.07) * wide, chance.gauss(0, 0.12) * high
    there += np.array([[lean, slope], [lean, -slope], [-lean, -slope], [-lean, slope]], np.float32) / 2
    there += np.array([[chance.gauss(0, 0.01) * wide, chance.gauss(0, 0.04) * high] for _ in range(4)], np.float32)
    there += corner
    if chance.random() < 0.8:
        _bodywork(scene, there, chance)
    image = soil(plate, chance).image
    shrink = min(wide / (own[1, 0] - own[0, 0]) * 1.4, 1.0)
    image = np.asarray(cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
    own = own * shrink
    transform = cv2.getPerspectiveTransform(own.astype(np.float32), there.astype(np.float32))
    keep = chance.uniform(0, 25) * shrink
    rim = own + np.array([[-keep, -keep], [keep, -keep], [keep, keep], [-keep, keep]], np.float32)
    mask = np.zeros(scene.shape[:2], np.uint8)
    outer = cv2.perspectiveTransform(rim[None].astype(np.float32), transform)[0]
    cv2.fillConvexPoly(mask, outer.astype(np.int32), 255)
    seen = cv2.warpPerspective(image, transform, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    scene[mask > 0] = seen[mask > 0]
    return there


def compose(chance: random.Random, backgrounds: Backgrounds, plates: list[RenderedPlate]) -> tuple[Canvas, list[Quad]]:
    """A scene (320, 320, 3) BGR uint8 and the corners of each plate on it."""
    scene = backgrounds.piece((SIZE, SIZE), chance)
    _clutter(scene, chance)
    quads: list[Quad] = []
    for _ in range(chance.choice([0, 1, 1, 1, 1, 2])):
        before = scene.copy()
        quad = _place(scene, chance.choice(plates), chance)
        if any(_overlap(quad, other) for other in quads):
            scene = before
        else:
            quads.append(quad)
    return expose(scene, chance), quads


def _overlap(one: Quad, other: Quad) -> bool:
    reach = 1.6 * (one[1, 0] - one[0, 0] + other[1, 0] - other[0, 0])
    return bool(np.linalg.norm(one.mean(axis=0) - other.mean(axis=0)) < reach)


def targets(quads: list[Quad]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score (C, C) from 0 to 1, corner offsets (8, C, C), and the weight of each cell's offsets (C, C)."""
    score = np.zeros((_CELLS, _CELLS), np.float32)
    offsets = np.zeros((8, _CELLS, _CELLS), np.float32)
    weight = np.zeros((_CELLS, _CELLS), np.float32)
    rows, columns = np.mgrid[0:_CELLS, 0:_CELLS].astype(np.float32)
    centres = np.stack([(columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE])
    for quad in quads:
        middle = quad.mean(axis=0)
        wide = np.linalg.norm(quad[1] - quad[0])
        high = np.linalg.norm(quad[3] - quad[0])
        dx = (centres[0] - middle[0]) / max(wide * 0.12, 5)
        dy = (centres[1] - middle[1]) / max(high * 0.25, 5)
        bump = np.exp(-0.5 * (dx**2 + dy**2)).astype(np.float32)
        cell = tuple(np.clip((middle[::-1] / STRIDE).astype(int), 0, _CELLS - 1))
        bump[cell] = 1.0
        score = np.maximum(score, bump)
        near = bump > 0.4
        for corner in range(4):
            for axis in range(2):
                offsets[corner * 2 + axis][near] = ((quad[corner, axis] - centres[axis]) / CORNER_UNIT)[near]
        weight[near] = bump[near] * (CORNER_UNIT / (0.5 * wide + 8))
    return score, offsets, weight


Chunk = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def make_chunk(seed: int, size: int = _CHUNK) -> Chunk:
    """`size` scenes (N, 320, 320, 3) uint8 with their targets."""
    cv2.setNumThreads(1)
    chance, backgrounds = random.Random(seed), Backgrounds()
    plates = [render(chance) for _ in range(_PLATES_KEPT)]
    made = []
    for _ in range(size):
        scene, quads = compose(chance, backgrounds, plates)
        made.append((scene, *targets(quads)))
    return tuple(np.stack(part) for part in zip(*made, strict=True))  # type: ignore[return-value]


def loss_of(model: Locator, chunk: Chunk, rows: np.ndarray) -> tuple[Tensor, Tensor]:
    """Focal loss of the scores, and the corners' mean distance relative to the plate's width."""
    photos = (torch.from_numpy(chunk[0][rows]).permute(0, 3, 1, 2).float() / 255).contiguous(
        memory_format=torch.channels_last
    )
    truth, offsets, weight = (torch.from_numpy(part[rows]) for part in chunk[1:])
    score, corners = model(photos)
    chance = score.sigmoid().clamp(1e-5, 1 - 1e-5)
    hit = truth > 0.99
    found = -((1 - chance) ** 2 * chance.log())[hit].sum()
    false = -((1 - truth) ** 4 * chance**2 * (1 - chance).log())[~hit].sum()
    scores = (found + false) / hit.sum().clamp(min=1)
    apart = nn.functional.smooth_l1_loss(corners, offsets, reduction="none", beta=0.1).mean(1)
    return scores, (apart * weight).sum() / weight.sum().clamp(min=1)


@torch.no_grad()
def measure(model: Locator, chunk: Chunk) -> str:
    model.eval()
    scores, corners = loss_of(model, chunk, np.arange(len(chunk[0])))
    model.train()
    return f"held out: score {scores:.3f} corners {corners:.4f}"


@torch.no_grad()
def export(model: Locator, path: Path) -> None:
    model.eval()
    axes = {"photos": {0: "n", 2: "h", 3: "w"}, "score": {0: "n", 1: "y", 2: "x"}, "corners": {0: "n", 2: "y", 3: "x"}}
    torch.onnx.export(
        _Scores(model).eval(),
        (torch.zeros(1, 3, SIZE, SIZE),),
        str(path),
        input_names=["photos"],
        output_names=["score", "corners"],
        dynamic_axes=axes,
        dynamo=False,
    )
    model.train()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    model = Locator().to(memory_format=torch.channels_last)
    if args.resume:
        model.load_state_dict(torch.load(args.resume))
    optimiser = torch.optim.AdamW(model.parameters(), lr=_LEARNING_RATE, weight_decay=0.01)
    start, seen = time.monotonic(), 0
    held_out = make_chunk(0, 256)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for number, chunk in enumerate(ahead(pool, make_chunk, args.seed * 1_000_000)):
            share = (time.monotonic() - start) / 60 / args.minutes
            if share >= 1:
                pool.terminate()
                break
            for group in optimiser.param_groups:
                warm = min(1.0, seen / 4_000 + 0.05)
                group["lr"] = _LEARNING_RATE * warm * (0.5 * (1 + np.cos(np.pi * share)) + 0.01)
            order = np.random.default_rng(number).permutation(_CHUNK)
            total = np.zeros(2)
            for low in range(0, _CHUNK, _BATCH):
                scores, corners = loss_of(model, chunk, order[low : low + _BATCH])
                loss = scores + 4 * corners
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 5.0)
                optimiser.step()
                total += [scores.item(), corners.item()]
                seen += _BATCH
            if number % 8 == 0:
                mean = total / (_CHUNK / _BATCH)
                print(
                    f"{seen} scenes, score {mean[0]:.3f} corners {mean[1]:.4f}; {measure(model, held_out)}", flush=True
                )
                torch.save(model.state_dict(), args.out.with_suffix(".pt"))
                export(model, args.out)
    torch.save(model.state_dict(), args.out.with_suffix(".pt"))
    export(model, args.out)
    print(f"done after {seen} scenes; {measure(model, held_out)}")


if __name__ == "__main__":
    main()
