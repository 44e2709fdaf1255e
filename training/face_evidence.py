"""How much each look says about a face: `python -m training.face_evidence`.

Faces are set into scenery as the bench does, but other persons and other scenery (FLITSKETEN_BACKGROUNDS, see
`training/backgrounds.py`); half of the scenes have none. Logistic regression gives the weights that stand in
`imaging/faces.py`; all faces together weigh as much as all that is none. What evidence is needed was chosen on the
table that this prints.
"""

import argparse
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.faces import CONDITIONS, SIZE, WIDTHS, FaceScene, compose
from imaging.faces import FaceFinder, needed
from training.backgrounds import Backgrounds

_PERSONS = slice(0, 50)
_HIT, _ABOUT = 0.35, 0.6
"""A hint is of a face when it overlaps it so far (intersection over union), and says nothing when it only lies within
so much of the face's size around it."""

_RIDGE = 0.01

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """The hints of one scene: features (N, 4), whether each is of a face, the part of the picture that it would hide,
    and how much more log-odds than a small one it needs; and how many faces got no hint at all."""

    seen: Values
    face: Values
    area: Values
    more: Values
    unseen: int


def judged(finder: FaceFinder, scene: FaceScene) -> Judged:
    """What the finder sees in a scene, and what of it is true."""
    hints = finder.hints(scene.photo)
    boxes = hints.boxes.astype(np.float64)
    faces = np.array([(x, y, x + w, y + h) for x, y, w, h in scene.faces], np.float64).reshape(-1, 4)
    best = _overlaps(boxes, faces)
    reach = (faces[:, 2:] - faces[:, :2]) * _ABOUT
    around = np.concatenate([faces[:, :2] - reach, faces[:, 2:] + reach], axis=1)
    hit = best.max(axis=1, initial=0) > _HIT
    clear = hit | (_overlaps(boxes, around).max(axis=1, initial=0) == 0)
    area = np.prod((boxes[:, 2:] - boxes[:, :2]) * 1.5, axis=1) / (SIZE[0] * SIZE[1])
    unseen = int((best.max(axis=0, initial=0) <= _HIT).sum())
    more = needed(boxes) - needed(np.zeros((1, 4)))
    return Judged(hints.features()[clear], hit[clear].astype(np.float64), area[clear], more[clear], unseen)


def _overlaps(boxes: Values, others: Values) -> Values:
    """Intersection over union of each box (N, 4) with each other one (M, 4)."""
    low, high = np.maximum(boxes[:, None, :2], others[None, :, :2]), np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    areas = [np.prod(some[:, 2:] - some[:, :2], axis=1) for some in (boxes, others)]
    return np.asarray(shared / (areas[0][:, None] + areas[1][None] - shared), np.float64)


def fit(seen: Values, face: Values) -> Values:
    """Weights of the features."""
    weight = np.where(face == 1, (face == 0).sum() / (face == 1).sum(), 1.0)
    signs = 2 * face - 1

    def loss(weights: Values) -> float:
        return float((weight * np.logaddexp(0, -signs * (seen @ weights))).sum() + _RIDGE * (weights**2).sum())

    return np.asarray(minimize(loss, np.zeros(seen.shape[1]), method="L-BFGS-B").x, np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1, help="scenes per condition and width")
    args = parser.parse_args()
    finder, backgrounds, chance = FaceFinder(), Backgrounds(), random.Random(1)
    parts = [
        judged(finder, scene)
        for condition in CONDITIONS
        for width in WIDTHS
        for seed in range(args.scenes)
        for scene in (
            compose(condition, width, seed, _PERSONS, backgrounds.piece(SIZE, chance)),
            FaceScene(backgrounds.piece(SIZE, chance), []),
        )
    ]
    seen, face, area, more = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("seen", "face", "area", "more")
    )
    unseen = sum(part.unseen for part in parts)
    weights = fit(seen, face, area)
    print("weights:", np.round(weights, 2), f"faces without a hint: {unseen} of {int(face.sum()) + unseen}")
    evidence = 1 / (1 + np.exp(more - seen @ weights))
    for least in (0.05, 0.1, 0.15, 0.22, 0.3, 0.5):
        missed = int((evidence[face == 1] < least).sum())
        spare = area[(face == 0) & (evidence >= least)].sum() / len(parts)
        print(f"needed {least}: {missed} more missed, {100 * spare:.2f} % of the picture hidden for nothing")


if __name__ == "__main__":
    main()
