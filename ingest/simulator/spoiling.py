"""Spoils JPEG files as broken cameras, bad links and attackers do. The same seed spoils in the same way."""

import random
from collections.abc import Callable

_SEGMENTS = (0xC0, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0, 0xE1, 0xFE)
_EDGES = (0, 1, 7, 8, 65_500, 65_535)


def spoil(data: bytes, seed: int) -> bytes:
    """One to four kinds of damage, one after the other."""
    chance = random.Random(seed)  # noqa: S311 - damage, not secrets
    spoilt = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 4])):
        if len(spoilt) > 4:
            chance.choice(_KINDS)(spoilt, chance)
    return bytes(spoilt)


def _flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice([1, 1, 2, 8, 64])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _spoil_header(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 3)):
        data[chance.randrange(min(len(data), 700))] = chance.choice(
            [0, 1, 0x7F, 0x80, 0xFE, 0xFF, chance.randrange(256)]
        )


def _cut_off(data: bytearray, chance: random.Random) -> None:
    end = b"\xff\xd9" if chance.random() < 0.5 else b""
    data[chance.randrange(len(data)) :] = end


def _drop_piece(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    del data[start : start + chance.choice([1, 2, 16, 512])]


def _repeat_piece(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice([1, 4, 64, 2048])]
    data[start:start] = piece * chance.choice([1, 2, 50])


def _insert_noise(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    data[start:start] = chance.randbytes(chance.choice([1, 3, 40, 4000]))


def _insert_segment(data: bytearray, chance: random.Random) -> None:
    body = chance.randbytes(chance.choice([0, 2, 15, 300]))
    length = chance.choice([len(body) + 2, 0, 2, 65_535])
    start = 2 if chance.random() < 0.7 else chance.randrange(2, len(data))
    data[start:start] = bytes([0xFF, chance.choice(_SEGMENTS)]) + length.to_bytes(2, "big") + body


def _change_size(data: bytearray, chance: random.Random) -> None:
    at = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    if 0 <= at < len(data) - 9:
        place = at + chance.choice([5, 7])
        data[place : place + 2] = chance.choice([*_EDGES, chance.randrange(65_536)]).to_bytes(2, "big")


def _swap_tables(data: bytearray, chance: random.Random) -> None:
    for marker in (b"\xff\xc4", b"\xff\xdb"):
        at = data.find(marker)
        if 0 <= at < len(data) - 40:
            for _ in range(chance.randint(1, 6)):
                data[at + chance.randrange(4, 40)] = chance.randrange(256)


_KINDS: list[Callable[[bytearray, random.Random], None]] = [
    _flip_bits,
    _spoil_header,
    _cut_off,
    _drop_piece,
    _repeat_piece,
    _insert_noise,
    _insert_segment,
    _change_size,
    _swap_tables,
]
