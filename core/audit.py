"""Append-only audit log: hash-chained per partition, with signed checkpoints and sealed rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.canonical import canonical_json, digest
from core.database import Base
from core.installation_key import InstallationKey, KnownKeys

GENESIS = "0" * 64
ACCESS = "access"
"""The partition of who looked at what."""

SEALED = "row.sealed"
ERASED = "row.erased"
DESTROYED = "row.destroyed"
"""Acts on a row whose digest stands in the log: `sha256` as it is from then on, `before` as it was until then."""


class AuditRecord(Base):
    """One act: who did what to which thing, why. `detail` holds no personal data."""

    __tablename__ = "audit_record"
    __table_args__ = ({"postgresql_partition_by": "RANGE (seq)"},)

    partition: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]

    def content(self) -> dict[str, Any]:
        """All that the hash covers."""
        return {name: getattr(self, name) for name in _HASHED}


_HASHED = (
    "partition", "seq", "at", "actor", "action", "subject_kind", "subject_id", "reason", "detail", "previous_hash",
)  # fmt: skip


class AuditHead(Base):
    """The newest record of a partition; its row lock makes the chain grow one record at a time."""

    __tablename__ = "audit_head"

    partition: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]


class AuditCheckpoint(Base):
    """A signed statement of how far a partition had come."""

    __tablename__ = "audit_checkpoint"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    partition: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]
    at: Mapped[datetime]
    signature: Mapped[str]

    def statement(self) -> bytes:
        return canonical_json({"partition": self.partition, "seq": self.seq, "hash": self.hash, "at": self.at})


@dataclass(frozen=True)
class Entry:
    """An audit record before it has its place in the chain."""

    partition: str
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    reason: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """The first thing wrong in a partition."""

    partition: str
    seq: int
    problem: str


def seal(row: Base) -> str:
    """Digest over the columns of a row that never change."""
    later = {column: value for column in row.__sealed_if_set__ if (value := getattr(row, column)) is not None}
    return digest({column: getattr(row, column) for column in row.__sealed__} | later)


def append(session: Session, entries: list[Entry]) -> None:
    """Chain `entries` on; the partitions' heads stay locked until the transaction ends."""
    for partition in sorted({entry.partition for entry in entries}):
        head = session.get(AuditHead, partition, with_for_update=True)
        if head is None:
            # Two first writers meet at the primary key; the loser's transaction is tried again by its caller.
            head = AuditHead(partition=partition, seq=0, hash=GENESIS)
            session.add(head)
            session.flush()
        rows: list[dict[str, Any]] = []
        for entry in entries:
            if entry.partition == partition:
                row = {**vars(entry), "seq": head.seq + 1, "previous_hash": head.hash}
                row["hash"] = digest(row)
                head.seq, head.hash = row["seq"], row["hash"]
                rows.append(row)
        # Nobody needs the records as objects here, and there are more of them than of all other rows.
        session.execute(insert(AuditRecord.__table__), rows)


def checkpoint(session: Session, key: InstallationKey, at: datetime) -> int:
    """Sign the head of every partition; returns how many. Raises Conflict when another key has taken over."""
    heads = session.scalars(select(AuditHead)).all()
    for head in heads:
        point = AuditCheckpoint(partition=head.partition, seq=head.seq, hash=head.hash, at=at)
        point.signature = key.sign_record(session, point.statement(), at)
        session.add(point)
    return len(heads)


def verify(session: Session, keys: KnownKeys, sealed: dict[str, type[Base]]) -> Iterator[Fault | int]:
    """Check every partition: yields the first Fault of each, then the number of records that were read.

    `sealed` maps a table name to its model, for rows whose digest stands in the log.
    """
    count = 0
    for head in session.scalars(select(AuditHead).order_by(AuditHead.partition)):
        previous, seq = GENESIS, 0
        fault: Fault | None = None
        hashes: dict[int, str] = {0: GENESIS}
        states: dict[tuple[str, str], tuple[int, str]] = {}
        records = session.scalars(
            select(AuditRecord).where(AuditRecord.partition == head.partition).order_by(AuditRecord.seq)
        )
        for record in records:
            count += 1
            fault = _check_record(session, record, seq + 1, previous, sealed)
            if fault is not None:
                break
            previous, seq = record.hash, record.seq
            hashes[seq] = record.hash
            if record.subject_kind in sealed and "to" in record.detail:
                states[record.subject_kind, record.subject_id] = (seq, record.detail["to"])
        if fault is None and (seq, previous) != (head.seq, head.hash):
            fault = Fault(head.partition, seq + 1, "records are missing at the end of the chain")
        if fault is None:
            fault = _check_states(session, head.partition, states, sealed)
        for point in session.scalars(select(AuditCheckpoint).where(AuditCheckpoint.partition == head.partition)):
            if fault is not None:
                break
            if keys.who_signed(point.statement(), point.signature, point.at) is None:
                fault = Fault(head.partition, point.seq, "the checkpoint's signature is not valid")
            elif hashes.get(point.seq) != point.hash:
                fault = Fault(head.partition, point.seq, "the chain differs from its signed checkpoint")
        if fault is not None:
            yield fault
    yield count


def excerpt(session: Session, subjects: set[str]) -> list[dict[str, Any]]:
    """All records about these subjects, oldest first, each with its place in the chain and its hash."""
    records = session.scalars(
        select(AuditRecord)
        .where(AuditRecord.subject_id.in_(subjects))
        .order_by(AuditRecord.at, AuditRecord.partition, AuditRecord.seq)
    )
    return [{**record.content(), "hash": record.hash} for record in records]


@dataclass(frozen=True)
class Access:
    """Somebody looked at something; `kind` is what he is (handler, citizen, professional, system)."""

    at: datetime
    kind: str
    actor: str
    action: str
    subject: str
    purpose: str


def accesses(session: Session, subjects: set[str]) -> list[Access]:
    """Who looked at these subjects, newest first."""
    records = session.scalars(
        select(AuditRecord)
        .where(AuditRecord.subject_id.in_(subjects), AuditRecord.partition == ACCESS)
        .where(AuditRecord.action.like("%.viewed"))
        .order_by(AuditRecord.at.desc(), AuditRecord.seq.desc())
    )
    return [
        Access(row.at, row.actor.partition(":")[0], row.actor, row.action, row.subject_id, row.reason)
        for row in records
    ]


def _check_record(
    session: Session, record: AuditRecord, seq: int, previous: str, sealed: dict[str, type[Base]]
) -> Fault | None:
    def fault(problem: str) -> Fault:
        return Fault(record.partition, record.seq, f"{record.action} {record.subject_id}: {problem}")

    if record.seq != seq:
        return Fault(record.partition, seq, "a record is missing")
    if record.previous_hash != previous:
        return fault("it does not follow the record before it")
    if digest(record.content()) != record.hash:
        return fault("the record was altered")
    if record.action == SEALED:
        row = session.get(sealed[record.subject_kind], record.subject_id)
        if row is None:
            return None if _let_go(session, record, DESTROYED) else fault(f"the row in {record.subject_kind} is gone")
        found = seal(row)
        if found != record.detail["sha256"]:
            erased = _let_go(session, record, ERASED)
            if erased is None or found != erased.detail["sha256"]:
                return fault(f"the row in {record.subject_kind} was altered")
    return None


def _let_go(session: Session, record: AuditRecord, action: str) -> AuditRecord | None:
    """The later record by which a sealed row, as it was sealed, was destroyed or what names a person in it erased."""
    later = select(AuditRecord).where(
        AuditRecord.subject_id == record.subject_id,
        AuditRecord.subject_kind == record.subject_kind,
        AuditRecord.partition == record.partition,
        AuditRecord.action == action,
        AuditRecord.seq > record.seq,
    )
    found = session.scalars(later).first()
    return found if found is not None and found.detail["before"] == record.detail["sha256"] else None


def _was_destroyed(session: Session, kind: str, subject: str) -> bool:
    found = select(AuditRecord.seq).where(
        AuditRecord.subject_id == subject, AuditRecord.subject_kind == kind, AuditRecord.action == DESTROYED
    )
    return session.scalars(found).first() is not None


def _check_states(
    session: Session,
    partition: str,
    states: dict[tuple[str, str], tuple[int, str]],
    sealed: dict[str, type[Base]],
) -> Fault | None:
    for (kind, subject), (seq, state) in states.items():
        row = session.get(sealed[kind], subject)
        if row is None and _was_destroyed(session, kind, subject):
            continue
        if row is None or str(getattr(row, "state", state)) != state:
            return Fault(partition, seq, f"{kind} {subject}: its state is not the one last recorded")
    return None
