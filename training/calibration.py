"""How sure the recogniser may be: `python -m training.calibration --curve docs/images/reliability.svg`.

On held-out drawn crops it finds the temperature at which stated and true certainty agree best (least negative
log-likelihood of the true plate), and draws the reliability curve of the readings' confidence at that temperature. The
temperature belongs to the weights: it stands in `imaging/weights/recogniser.yaml`.
"""

import argparse
import random
from itertools import pairwise
from pathlib import Path

import numpy as np

from imaging.hypotheses import tempered, weigh
from imaging.networks.recogniser import PlateRecogniser, Recognition
from training.degradation import photographed, soil
from training.plate_renderer import Canvas, render

_SEED = 77_000_000
_TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2)
_BINS = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.97, 0.99, 1.0])


def held_out(count: int) -> list[tuple[Canvas, str]]:
    """Crops that training never saw, with their plates; covered characters left out."""
    chance = random.Random(_SEED)
    found: list[tuple[Canvas, str]] = []
    while len(found) < count:
        plate = render(chance)
        soiled = soil(plate, chance)
        if plate.country and soiled.covered is False:
            found.append((photographed(plate, soiled, chance), plate.text))
    return found


def judged(
    recognitions: list[Recognition], truth: list[str], temperature: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Confidence of each reading, whether it is right, and the mean negative log-likelihood of the truth."""
    confidence, right, loss = [], [], []
    for recognition, plate in zip(recognitions, truth, strict=True):
        hypotheses = weigh(tempered(recognition, temperature))
        chances: dict[str, float] = {}
        for h in hypotheses:
            chances[h.plate] = chances.get(h.plate, 0.0) + h.probability
        best = hypotheses[0].plate
        confidence.append(chances[best])
        right.append(best == plate)
        loss.append(-np.log(max(chances.get(plate, 0.0), 1e-4)))
    return np.array(confidence), np.array(right), float(np.mean(loss))


def curve(confidence: np.ndarray, right: np.ndarray) -> str:
    """The reliability curve as SVG."""
    size, rim = 420, 50
    points, labels = [], []
    for low, high in pairwise(_BINS):
        inside = (confidence > low) & (confidence <= high)
        if inside.sum() >= 5:
            x, y = confidence[inside].mean(), right[inside].mean()
            points.append((rim + x * size, rim + (1 - y) * size, int(inside.sum())))
    for tick in (0, 0.25, 0.5, 0.75, 1):
        labels.append(f'<text x="{rim + tick * size}" y="{rim + size + 20}" text-anchor="middle">{tick}</text>')
        labels.append(f'<text x="{rim - 8}" y="{rim + (1 - tick) * size + 4}" text-anchor="end">{tick}</text>')
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#154273"><title>{n} readings</title></circle>'
        for x, y, n in points
    )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size + 2 * rim} {size + 2 * rim}" '
        f'font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="#fff"/>'
        f'<rect x="{rim}" y="{rim}" width="{size}" height="{size}" fill="#f3f5f8" stroke="#7a8494"/>'
        f'<line x1="{rim}" y1="{rim + size}" x2="{rim + size}" y2="{rim}" stroke="#7a8494" stroke-dasharray="5 5"/>'
        f'<polyline points="{line}" fill="none" stroke="#01689b" stroke-width="2"/>{dots}{"".join(labels)}'
        f'<text x="{rim + size / 2}" y="{rim + size + 42}" text-anchor="middle">stated confidence</text>'
        f'<text x="16" y="{rim + size / 2}" text-anchor="middle" transform="rotate(-90 16 {rim + size / 2})">'
        "share that is right</text></svg>\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--curve", type=Path)
    parser.add_argument("--crops", type=int, default=3000)
    args = parser.parse_args()
    samples = held_out(args.crops)
    truth = [plate for _, plate in samples]
    reader = PlateRecogniser()
    recognitions = [
        seen
        for low in range(0, len(samples), 64)
        for seen in reader.read([crop for crop, _ in samples[low : low + 64]])
    ]
    best = min(_TEMPERATURES, key=lambda t: judged(recognitions, truth, t)[2])
    for temperature in _TEMPERATURES:
        confidence, right, loss = judged(recognitions, truth, temperature)
        sure = confidence >= 0.97
        print(
            f"temperature {temperature}{' *' if temperature == best else '  '}: loss {loss:.4f}, "
            f"exact {right.mean():.4f}, of {sure.sum()} at 0.97 or more {int((~right[sure]).sum())} wrong"
        )
    if args.curve:
        confidence, right, _ = judged(recognitions, truth, best)
        args.curve.write_text(curve(confidence, right))


if __name__ == "__main__":
    main()
