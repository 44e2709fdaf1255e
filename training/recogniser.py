"""Trains the plate recogniser on drawn plates and exports it: `python -m training.recogniser OUT --minutes 60`.

One look at a rectified crop gives, for each of ten places, how likely each character is; how likely each
country is; how likely it is that the crop shows a plate at all, and that something lies over it or an end of it is out
of sight. The card of the weights that the product ships is `docs/models.md`.
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

from imaging.networks.recogniser import ALPHABET, COUNTRIES, HIDDEN, SLOTS
from imaging.stages.rectify import CROP_SIZE
from training.backgrounds import Backgrounds
from training.chunks import ahead
from training.degradation import SoiledPlate, expose, photographed, soil
from training.plate_renderer import Canvas, RenderedPlate, render, scribble
from training.resume import resume

_UNKNOWN = -100
_VIEWS_PER_PLATE = 3
_USES_PER_CROP = 2
_CHUNK = 2048
_BATCH = 128


class Recogniser(nn.Module):
    """(N, 3, 48, 192) BGR from 0 to 1 -> logits: characters (N, 10, 38), country (N, C), plate (N), cover (N)."""

    def __init__(self) -> None:
        super().__init__()
        dim = 144
        self.features = nn.Sequential(
            _conv(3, 24, 2), _conv(24, 40), _conv(40, 72, 2), _conv(72, 72), _conv(72, dim, 2), _conv(dim, dim, (2, 1))
        )
        self.place = nn.Parameter(torch.randn(1, 3 * 24, dim) * 0.02)
        self.context = nn.ModuleList([_Attention(dim, 4) for _ in range(2)])
        self.queries = nn.Parameter(torch.randn(1, SLOTS, dim) * 0.2)
        self.look = _Attention(dim, 4)
        self.characters = nn.Linear(dim, len(ALPHABET))
        self.country = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, len(COUNTRIES)))
        self.plate = nn.Linear(dim, 1)
        self.cover = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 1))

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        tokens = self.features(crops * 2 - 1).flatten(2).transpose(1, 2) + self.place
        for block in self.context:
            tokens = block(tokens, tokens)
        slots = self.look(self.queries.expand(tokens.shape[0], -1, -1), tokens)
        whole = tokens.mean(dim=1)
        # A strap is somewhere, not everywhere: the place that shows it best speaks.
        cover = self.cover(tokens).squeeze(2).amax(dim=1)
        return self.characters(slots), self.country(whole), self.plate(whole).squeeze(1), cover


class _Probabilities(nn.Module):
    def __init__(self, model: Recogniser) -> None:
        super().__init__()
        self.model = model

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        characters, country, plate, cover = self.model(crops)
        return characters.softmax(2), country.softmax(1), plate.sigmoid(), cover.sigmoid()


class _Attention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads, self.size = heads, dim // heads
        self.norm_q, self.norm_k, self.norm_m = nn.LayerNorm(dim), nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.q, self.k, self.v, self.out = (nn.Linear(dim, dim) for _ in range(4))
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, query: Tensor, source: Tensor) -> Tensor:
        asked, known = self.norm_q(query), self.norm_k(source)
        q, k, v = (self._split(f(x)) for f, x in ((self.q, asked), (self.k, known), (self.v, known)))
        weights = torch.softmax(q @ k.transpose(-2, -1) / self.size**0.5, dim=-1)
        query = query + self.out((weights @ v).transpose(1, 2).flatten(2))
        return query + self.mlp(self.norm_m(query))

    def _split(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], x.shape[1], self.heads, self.size).transpose(1, 2)


def _conv(inputs: int, outputs: int, stride: int | tuple[int, int] = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


def label(plate: RenderedPlate, soiled: SoiledPlate) -> tuple[list[int], int, int]:
    """Class of each place, of the country, and whether something covers the plate."""
    places = [ALPHABET.index(sign) for sign in soiled.signs(plate, HIDDEN)]
    country = COUNTRIES.index(plate.country) if plate.country else _UNKNOWN
    return [*places, *[0] * SLOTS][:SLOTS], country, _UNKNOWN if soiled.covered is None else int(soiled.covered)


def _no_plate(backgrounds: Backgrounds, chance: random.Random) -> Canvas:
    """A crop of something else: a piece of a photograph, or text that is no plate."""
    piece = backgrounds.piece((400, 140), chance)
    if chance.random() < 0.4:
        for _ in range(chance.randint(1, 3)):
            word = scribble(chance, chance.randint(3, 20))
            place, shade = (chance.randint(0, 120), chance.randint(30, 130)), [chance.randint(0, 255) for _ in range(3)]
            size, thick = chance.uniform(0.5, 2.5), chance.randint(1, 4)
            cv2.putText(piece, word, place, chance.choice([0, 1, 2, 3, 4]), size, shade, thick, cv2.LINE_AA)
    return np.asarray(cv2.resize(expose(piece, chance), CROP_SIZE, interpolation=cv2.INTER_AREA), np.uint8)


Chunk = tuple[np.ndarray, ...]


def make_chunk(seed: int, size: int = _CHUNK) -> Chunk:
    """`size` crops (N, 48, 192, 3) uint8 with their labels: places, country, plate or not, covered."""
    cv2.setNumThreads(1)
    chance, backgrounds = random.Random(seed), Backgrounds()
    crops, places, countries, plates, covers = [], [], [], [], []
    while len(crops) < size:
        if chance.random() < 0.1:
            crops.append(_no_plate(backgrounds, chance))
            places.append([0] * SLOTS)
            countries.append(_UNKNOWN)
            plates.append(0)
            covers.append(_UNKNOWN)
            continue
        plate = render(chance)
        for _ in range(_VIEWS_PER_PLATE):
            soiled = soil(plate, chance)
            crops.append(photographed(plate, soiled, chance))
            slots, country, cover = label(plate, soiled)
            places.append(slots)
            countries.append(country)
            plates.append(1)
            covers.append(cover)
    order = np.random.default_rng(seed).permutation(len(crops))[:size]
    return tuple(np.array(part)[order] for part in (crops, places, countries, plates, covers))


def _batch(chunk: Chunk, rows: np.ndarray) -> tuple[Tensor, ...]:
    crops = torch.from_numpy(chunk[0][rows]).permute(0, 3, 1, 2).float() / 255
    shade = 1 + 0.2 * (torch.rand(len(rows), 1, 1, 1) - 0.5)
    crops = (crops * shade).clamp(0, 1).contiguous(memory_format=torch.channels_last)
    return crops, *(torch.from_numpy(part[rows].astype(np.int64)) for part in chunk[1:])


def loss_of(model: Recogniser, chunk: Chunk, rows: np.ndarray) -> Tensor:
    crops, places, countries, plates, covers = _batch(chunk, rows)
    characters, country, plate, cover = model(crops)
    real = plates == 1
    reading = nn.functional.cross_entropy(characters[real].flatten(0, 1), places[real].flatten(), label_smoothing=0.02)
    origin = nn.functional.cross_entropy(country, countries, ignore_index=_UNKNOWN)
    presence = nn.functional.binary_cross_entropy_with_logits(plate, plates.float())
    told = covers != _UNKNOWN
    covering = nn.functional.binary_cross_entropy_with_logits(cover[told], covers[told].float())
    return 4 * reading + 0.5 * origin + 0.5 * presence + 0.5 * covering


@torch.no_grad()
def measure(model: Recogniser, chunk: Chunk) -> str:
    """Exact reads, countries and plates found among held-out crops."""
    model.eval()
    rows = np.arange(len(chunk[0]))
    crops, places, countries, plates, covers = _batch(chunk, rows)
    characters, country, plate, cover = model(crops)
    real, clean = plates == 1, covers == 0
    exact = (characters.argmax(2) == places).all(1)
    known = countries != _UNKNOWN
    origin = (country.argmax(1) == countries)[known].float().mean()
    presence = ((plate > 0) == real).float().mean()
    seen, false = (cover > 0)[covers == 1].float().mean(), (cover > 0)[clean].float().mean()
    model.train()
    return (
        f"exact {exact[clean].float().mean():.4f}, covered {exact[covers == 1].float().mean():.4f}, "
        f"country {origin:.4f}, plate {presence:.4f}, cover seen {seen:.4f}, seen where none is {false:.4f}"
    )


@torch.no_grad()
def export(model: Recogniser, path: Path) -> None:
    """Write the weights as ONNX with probabilities as outputs."""

    model.eval()
    torch.onnx.export(
        _Probabilities(model).eval(),
        (torch.zeros(2, 3, CROP_SIZE[1], CROP_SIZE[0]),),
        str(path),
        input_names=["crops"],
        output_names=["characters", "country", "plate", "cover"],
        dynamic_axes={name: {0: "n"} for name in ("crops", "characters", "country", "plate", "cover")},
        dynamo=False,
    )
    model.train()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--resume", type=Path, help="an onnx file of earlier weights to go on from")
    parser.add_argument("--rate", type=float, default=1.5e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    model = Recogniser().to(memory_format=torch.channels_last)
    held_out = make_chunk(0, 1500)
    if args.resume:
        sample = _batch(held_out, np.arange(512))[0] * 2 - 1
        print("new:", resume(model, model.features, args.resume, sample), measure(model, held_out), flush=True)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.02)
    start, seen = time.monotonic(), 0
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for number, chunk in enumerate(ahead(pool, make_chunk, args.seed * 1_000_000)):
            share = (time.monotonic() - start) / 60 / args.minutes
            if share >= 1:
                pool.terminate()
                break
            for group in optimiser.param_groups:
                warm = min(1.0, seen / 20_000 + 0.05)
                group["lr"] = args.rate * warm * (0.5 * (1 + np.cos(np.pi * share)) + 0.01)
            total = 0.0
            for _ in range(_USES_PER_CROP):
                order = np.random.default_rng(number).permutation(_CHUNK)
                for low in range(0, _CHUNK, _BATCH):
                    loss = loss_of(model, chunk, order[low : low + _BATCH])
                    optimiser.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(model.parameters(), 2.0)
                    optimiser.step()
                    total += loss.item()
                    seen += _BATCH
            if number % 10 == 0:
                print(f"{seen} crops, loss {total / (2 * _CHUNK / _BATCH):.3f}, {measure(model, held_out)}", flush=True)
                torch.save(model.state_dict(), args.out.with_suffix(".pt"))
                export(model, args.out)
    torch.save(model.state_dict(), args.out.with_suffix(".pt"))
    export(model, args.out)
    print(f"done after {seen} crops: {measure(model, held_out)}")


if __name__ == "__main__":
    main()
