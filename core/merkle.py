"""An append-only Merkle tree as of RFC 9162 (Certificate Transparency), kept in tables: root and proofs cost log n."""

import hashlib
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Mapped, Session, mapped_column

from core.database import Base


class MerkleLog(Base):
    """A tree by its name, and how many leaves it has."""

    __tablename__ = "merkle_log"

    name: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]


class MerkleNode(Base):
    """The hash of a complete subtree of 2**`level` leaves, the `number`-th of them from 0 on. Never changes."""

    __tablename__ = "merkle_node"

    log: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[bytes]


def leaf_hash(data: bytes) -> bytes:
    """RFC 9162, 2.1.1."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1."""
    return hashlib.sha256(b"\1" + left + right).digest()


def append(session: Session, log: str, data: bytes) -> int:
    """Inside a transaction: the next leaf; returns its number, from 0 on. Appends wait for each other."""
    head = session.get(MerkleLog, log, with_for_update=True)
    if head is None:
        head = MerkleLog(name=log, size=0)
        session.add(head)
    number, level, found = head.size, 0, leaf_hash(data)
    session.add(MerkleNode(log=log, level=0, number=number, hash=found))
    # Each subtree that this leaf completes gets its hash.
    place = number
    while place % 2 == 1:
        left = session.get_one(MerkleNode, (log, level, place - 1))
        found, level, place = node_hash(left.hash, found), level + 1, place // 2
        session.add(MerkleNode(log=log, level=level, number=place, hash=found))
    head.size += 1
    session.flush()
    return number


def leaf_of(session: Session, log: str, number: int) -> bytes | None:
    """The hash of a leaf; None where the log has none of this number."""
    node = session.get(MerkleNode, (log, 0, number))
    return node.hash if node else None


def size(session: Session, log: str) -> int:
    """How many leaves it has."""
    head = session.get(MerkleLog, log)
    return head.size if head else 0


def root(session: Session, log: str, leaves: int) -> bytes:
    """The head of the tree as it was with its first `leaves` leaves (RFC 9162, 2.1.1)."""
    return _root(_stored(session, log), 0, leaves)


def inclusion_path(session: Session, log: str, number: int, leaves: int) -> list[bytes]:
    """That leaf `number` is among the first `leaves` (RFC 9162, 2.1.3.1). Raises ValueError when it is not."""
    if not 0 <= number < leaves <= size(session, log):
        raise ValueError("there is no such leaf in a tree of this size")
    return _path(_stored(session, log), number, 0, leaves)


def includes(data: bytes, number: int, leaves: int, path: Sequence[bytes], head: bytes) -> bool:
    """Does the path lead from the leaf to the head (RFC 9162, 2.1.3.2)? Needs nothing but these."""
    if not 0 <= number < leaves:
        return False
    place, last, found = number, leaves - 1, leaf_hash(data)
    for step in path:
        if last == 0:
            return False
        if place % 2 == 1 or place == last:
            found = node_hash(step, found)
            while place % 2 == 0 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == head


def consistency_path(session: Session, log: str, older: int, newer: int) -> list[bytes]:
    """That the first `older` leaves are the beginning of the first `newer` (RFC 9162, 2.1.4.1).

    Raises ValueError for trees that the log never was.
    """
    if not 0 < older <= newer <= size(session, log):
        raise ValueError("the log never had two such trees")
    return _growth(_stored(session, log), older, 0, newer, whole=True)


def consistent(older: int, newer: int, path: Sequence[bytes], head: bytes, newer_head: bytes) -> bool:
    """Is the tree with the newer head the older one, grown (RFC 9162, 2.1.4.2)? Needs nothing but these."""
    if not 0 < older <= newer:
        return False
    if older == newer:
        return not path and head == newer_head
    steps = list(path)
    if older & (older - 1) == 0:
        steps.insert(0, head)
    if not steps:
        return False
    place, last = older - 1, newer - 1
    while place % 2 == 1:
        place, last = place >> 1, last >> 1
    found = grown = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place % 2 == 1 or place == last:
            found, grown = node_hash(step, found), node_hash(step, grown)
            while place % 2 == 0 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            grown = node_hash(grown, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == head and grown == newer_head


_Stored = Callable[[int, int], bytes]
"""The hash of a complete subtree, by level and number."""


def _stored(session: Session, log: str) -> _Stored:
    return lambda level, number: session.get_one(MerkleNode, (log, level, number)).hash


def _root(stored: _Stored, start: int, leaves: int) -> bytes:
    """Of the leaves from `start` on, which is a multiple of the largest power of two in `leaves`."""
    if leaves == 0:
        return hashlib.sha256().digest()
    level = leaves.bit_length() - 1
    if leaves == 1 << level:
        return stored(level, start >> level)
    left = 1 << level
    return node_hash(stored(level, start >> level), _root(stored, start + left, leaves - left))


def _path(stored: _Stored, number: int, start: int, leaves: int) -> list[bytes]:
    if leaves == 1:
        return []
    left = 1 << ((leaves - 1).bit_length() - 1)
    if number < left:
        return [*_path(stored, number, start, left), _root(stored, start + left, leaves - left)]
    return [*_path(stored, number - left, start + left, leaves - left), _root(stored, start, left)]


def _growth(stored: _Stored, older: int, start: int, leaves: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF of the RFC; `whole` while the older tree is the beginning of this very one, whose head is known."""
    if older == leaves:
        return [] if whole else [_root(stored, start, leaves)]
    left = 1 << ((leaves - 1).bit_length() - 1)
    if older <= left:
        path = _growth(stored, older, start, left, whole=whole)
        return [*path, _root(stored, start + left, leaves - left)]
    path = _growth(stored, older - left, start + left, leaves - left, whole=False)
    return [*path, _root(stored, start, left)]
