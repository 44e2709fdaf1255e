"""CenterFace (Xu, Yan, Yang, Luo, Li: "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019),
asked about one place at a time: it is larger than YuNet and of another make, so it errs elsewhere."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imaging.networks.session import WEIGHTS, Network

FACE, SIZE = 48.0, (96, 96)
"""How large it wants to see the face, and the picture with the face in its middle, in pixels."""

_STRIDE = 4
_AWRY = 0.4
"""How far off the middle, in parts of its size, the face may be."""


class CenterFace:
    """`weights` is an onnx file as `training/face_judge_weights.py` makes it. Not thread-safe."""

    def __init__(self, weights: Path | None = None) -> None:
        self.network = Network(weights or WEIGHTS / "face_judge.onnx")

    def judge(self, grey: NDArray[np.uint8]) -> float:
        """How surely the middle of a grey picture of SIZE shows a face, 0 to 1."""
        heat = self.network(np.asarray(grey, np.float32)[None, None])[0][0, 0]
        middle, reach = SIZE[0] // _STRIDE // 2, int(FACE * _AWRY / _STRIDE) + 1
        near = slice(middle - reach, middle + reach)
        return float(heat[near, near].max())
