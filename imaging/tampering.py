"""Signs in a JPEG that it is not as the camera wrote it. Each is a reason for a person to look, never a verdict.

A camera compresses once, with smooth tables of steps. Who opens the photo, changes it and saves it compresses a second
time: the numbers that the first steps left then pile up on some of the second steps and miss others (Popescu and Farid,
"Statistical tools for digital forensics", 2004). Where only a piece shows that, the piece came from elsewhere.
"""

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from core.jpeg import JpegInfo
from imaging.networks.session import Array

_SIZE = 8
_OUTLIER, _NEIGHBOURS = 3, 4
"""No step of any table seen in 550 photographs is more than twice all of its neighbours; this many on either side."""

_FREQUENCIES = ((0, 1), (1, 0), (2, 0), (1, 1), (0, 2), (0, 3), (1, 2), (2, 1), (3, 0))
_ZIGZAG = sorted(
    ((row, column) for row in range(_SIZE) for column in range(_SIZE)),
    key=lambda place: (sum(place), place[sum(place) % 2 == 0]),
)
_STEPS_SEEN, _FULL_BIN, _WITNESSES = 20, 30, 3
_WHOLE, _PIECE = 1.0, 1.5
"""How uneven the counts of neighbouring steps are, as a difference of logarithms: photographs that were compressed once
stay below 0.7 as a whole and 1.1 in a piece."""

_PIECES = 4


def signs(data: bytes, info: JpegInfo) -> list[str]:
    """quantisation-odd, photo-compressed-twice, photo-region-differs, as far as they are seen."""
    found = ["quantisation-odd"] if any(_odd(table) for table in info.tables) else []
    steps = _steps(data, info)
    if _unevenness(steps.reshape(-1, len(_FREQUENCIES))) > _WHOLE:
        found.append("photo-compressed-twice")
    elif any(_unevenness(piece) > _PIECE for piece in _pieces(steps)):
        found.append("photo-region-differs")
    return found


def _odd(table: tuple[int, ...]) -> bool:
    """Whether a step stands out from its neighbours, as in a table that a fault or a hand has changed."""
    for place, step in enumerate(table):
        near = [*table[max(place - _NEIGHBOURS, 0) : place], *table[place + 1 : place + 1 + _NEIGHBOURS]]
        if step > _OUTLIER * max(near) or step * _OUTLIER < min(near):
            return True
    return False


def _steps(data: bytes, info: JpegInfo) -> NDArray[np.intp]:
    """Sizes, in steps of the first table, of the low frequencies of each block of luma: (rows, columns, 9)."""
    luma = simplejpeg.decode_jpeg(data, colorspace="GRAY")[:, :, 0]
    rows, columns = luma.shape[0] // _SIZE, luma.shape[1] // _SIZE
    centred = luma[: rows * _SIZE, : columns * _SIZE].astype(np.float32) - 128
    pieces = centred.reshape(rows, _SIZE, columns, _SIZE)
    along = {v: _share(pieces, v) for v in {v for _, v in _FREQUENCIES}}
    both = [_share(np.moveaxis(along[v], 1, -1), u) for u, v in _FREQUENCIES]
    steps = [info.tables[0][_ZIGZAG.index(pair)] for pair in _FREQUENCIES]
    sizes = np.stack(both, axis=2) / np.array(steps, np.float32)
    return np.minimum(np.rint(np.abs(sizes)), _STEPS_SEEN + 1).astype(np.intp)


def _share(values: Array, number: int) -> Array:
    """How much of one wave of the eight-point cosine transform (ITU-T T.81, A.3.3) is in the last axis.

    Summed by hand: a matrix product would start a thread for each core, and a worker has one.
    """
    scale = np.sqrt((1 if number == 0 else 2) / _SIZE)
    wave = scale * np.cos((2 * np.arange(_SIZE) + 1) * number * np.pi / (2 * _SIZE))
    whole = np.zeros(values.shape[:-1], np.float32)
    for place, height in enumerate(wave):
        whole += values[..., place] * np.float32(height)
    return whole


def _pieces(steps: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [
        piece.reshape(-1, len(_FREQUENCIES))
        for band in np.array_split(steps, _PIECES, axis=0)
        for piece in np.array_split(band, _PIECES, axis=1)
    ]


def _unevenness(steps: NDArray[np.intp]) -> float:
    """Third largest over the frequencies of how far the count of each size lies from its two neighbours'."""
    found = []
    for frequency in steps.T:
        counts = np.bincount(frequency, minlength=_STEPS_SEEN + 2)[: _STEPS_SEEN + 1]
        logs = np.log(counts + 1.0)
        # Size 0 holds all flat blocks and size 1 what noise makes of them: neither says anything.
        expected = (logs[1:-2] + logs[3:]) / 2
        full = np.maximum(counts[1:-2], counts[3:]) > _FULL_BIN
        found.append(float(np.abs(logs[2:-1] - expected)[full].mean()) if full.sum() > 1 else 0.0)
    return sorted(found)[-_WITNESSES]
