"""Runs an onnx network on one CPU core. Workers are scaled by number, so each keeps to its own core."""

import hashlib
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Array = NDArray[np.float32]

WEIGHTS = Path(__file__).parent.parent / "weights"


class Network:
    """An onnx file, its digest, and a call. Not thread-safe.

    It keeps the memory of the largest input it was given, so its user bounds what it gives.
    """

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        self.name = path.name
        self.sha256 = hashlib.sha256(data).hexdigest()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, values: Array) -> list[Array]:
        """All outputs, in the file's order."""
        return list(self._session.run(None, {self._input: values}))


def planar(photo: NDArray[np.uint8]) -> Array:
    """(..., H, W, 3) uint8 -> (..., 3, H, W) float32 from 0 to 1."""
    return np.ascontiguousarray(np.moveaxis(photo, -1, -3), np.float32) / np.float32(255)
