"""Destroys the rows of a case: those that it begins with, and all that refer to them, in the order that keeps every
reference whole."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Base
from core.unit_of_work import UnitOfWork


def destroy_rows(uow: UnitOfWork, roots: Sequence[Base], reason: str) -> Counter[str]:
    """How many went, by table; a row that outlives its case stays without what names a person, and counts too."""
    found = _with_what_refers(uow.session, roots)
    order = {table: number for number, table in enumerate(Base.metadata.sorted_tables)}
    count: Counter[str] = Counter()
    for row in sorted(found, key=lambda row: order[row.__table__], reverse=True):
        if not row.__outlives_case__:
            uow.destroy(row, reason)
        elif row.__personal__:
            uow.erase(row, reason)
        else:
            continue
        count[row.__tablename__] += 1
    return count


def _with_what_refers(session: Session, roots: Sequence[Base]) -> list[Base]:
    known = {(row.__tablename__, _id(row)): row for row in roots}
    fresh = list(roots)
    while fresh:
        by_table: dict[str, list[str]] = {}
        for row in fresh:
            by_table.setdefault(row.__tablename__, []).append(_id(row))
        fresh = []
        for mapper in Base.registry.mappers:
            for key in mapper.local_table.foreign_keys:
                ids = by_table.get(key.column.table.name)
                if not ids:
                    continue
                for row in session.scalars(select(mapper.class_).where(key.parent.in_(ids))):
                    if (row.__tablename__, _id(row)) not in known:
                        known[row.__tablename__, _id(row)] = row
                        fresh.append(row)
    return list(known.values())


def _id(row: Base) -> str:
    return "\t".join(str(value) for value in row.__mapper__.primary_key_from_instance(row))
