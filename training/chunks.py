"""Training data made beside the training, never more than a few chunks ahead of it."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from multiprocessing.pool import Pool
from typing import TypeVar

_AHEAD = 4
T = TypeVar("T")


def ahead(pool: Pool, make: Callable[[int], T], first_seed: int) -> Iterator[T]:
    """Endless results of `make` for successive seeds."""
    waiting = deque(pool.apply_async(make, (first_seed + n,)) for n in range(_AHEAD))
    for seed in count(first_seed + _AHEAD):
        yield waiting.popleft().get()
        waiting.append(pool.apply_async(make, (seed,)))
