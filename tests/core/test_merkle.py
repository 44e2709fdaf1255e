"""The Merkle tree keeps to RFC 9162, by the vectors of Certificate Transparency and by its own proofs."""

import hashlib
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from core import merkle
from core.database import Base

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Of the first leaf, the first two and so on: the test data of the CT reference implementation."""


@pytest.fixture(scope="module")
def tree() -> Iterator[Session]:
    """A log "vectors" of those leaves, and one "many" of a hundred."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine, [merkle.MerkleLog.__table__, merkle.MerkleNode.__table__])
    with Session(engine) as session:
        for leaf in LEAVES:
            merkle.append(session, "vectors", leaf)
        for number in range(100):
            assert merkle.append(session, "many", str(number).encode()) == number
        yield session
    engine.dispose()


@pytest.mark.parametrize("leaves", range(1, 9))
def test_the_heads_are_those_of_the_reference(tree: Session, leaves: int) -> None:
    assert merkle.root(tree, "vectors", leaves).hex() == ROOTS[leaves - 1]


def test_an_empty_tree_has_the_head_that_the_rfc_names(tree: Session) -> None:
    assert merkle.size(tree, "none") == 0
    assert merkle.root(tree, "none", 0) == hashlib.sha256(b"").digest()


@given(numbers=st.tuples(st.integers(0, 99), st.integers(1, 100)))
def test_each_leaf_is_proved_in_each_tree_that_has_it_and_in_no_other(tree: Session, numbers: tuple[int, int]) -> None:
    number, leaves = numbers
    if number >= leaves:
        with pytest.raises(ValueError, match="no such leaf"):
            merkle.inclusion_path(tree, "many", number, leaves)
        return
    path = merkle.inclusion_path(tree, "many", number, leaves)
    head = merkle.root(tree, "many", leaves)
    data = str(number).encode()
    assert merkle.includes(data, number, leaves, path, head)
    assert len(path) <= leaves.bit_length()
    assert not merkle.includes(data + b"x", number, leaves, path, head)
    assert not merkle.includes(data, number, leaves, [*path, head], head)
    assert not any(merkle.includes(data, number, leaves, path[:end], head) for end in range(len(path)))
    if leaves > 1:
        assert not merkle.includes(data, (number + 1) % leaves, leaves, path, head)


@pytest.mark.parametrize(
    ("older", "newer", "path"),
    [
        (1, 1, []),
        (1, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
        (6, 8, ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
        (2, 5, ["5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
    ],
)  # fmt: skip
def test_growth_is_proved_as_by_the_reference(tree: Session, older: int, newer: int, path: list[str]) -> None:
    assert [step.hex() for step in merkle.consistency_path(tree, "vectors", older, newer)] == path


@given(sizes=st.tuples(st.integers(1, 100), st.integers(1, 100)))
def test_a_tree_grows_from_each_that_it_was_and_from_no_other(tree: Session, sizes: tuple[int, int]) -> None:
    older, newer = sorted(sizes)
    path = merkle.consistency_path(tree, "many", older, newer)
    head, newer_head = (merkle.root(tree, "many", leaves) for leaves in (older, newer))
    assert merkle.consistent(older, newer, path, head, newer_head)
    other = merkle.leaf_hash(b"other")
    assert not merkle.consistent(older, newer, path, other, newer_head)
    assert not merkle.consistent(older, newer, path, head, other)
    assert not merkle.consistent(older, newer, [*path, other], head, newer_head)
    for place in range(len(path)):
        assert not merkle.consistent(older, newer, path[:place], head, newer_head)
        changed = [*path[:place], other, *path[place + 1 :]]
        assert not merkle.consistent(older, newer, changed, head, newer_head)


def test_trees_that_never_were_are_not_proved(tree: Session) -> None:
    for older, newer in ((0, 5), (6, 5), (5, 101)):
        with pytest.raises(ValueError, match="never had"):
            merkle.consistency_path(tree, "many", older, newer)


def test_no_two_trees_of_a_log_have_the_same_head(tree: Session) -> None:
    heads = [merkle.root(tree, "many", leaves) for leaves in range(101)]
    assert all(one != other for one, other in pairwise(heads))
    assert len(set(heads)) == 101
