"""Database access: SQLite in the embedded default, PostgreSQL at scale, the same models on both."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, ClassVar

import structlog
from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, Table, create_engine, event, insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapper, Session, relationship, sessionmaker
from sqlalchemy.types import TypeDecorator

from core.ids import new_id

log = structlog.get_logger()

_GIVING_UP = {
    "connect_timeout": 10, "tcp_user_timeout": 20_000, "keepalives_idle": 15, "keepalives_interval": 5,
    "keepalives_count": 3,
}  # fmt: skip
"""A network that was cut tells nobody: without these (seconds, the second milliseconds) a process waits for hours."""

_IN_BULK = "rows to insert in bulk"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored in UTC; refuses naive values, returns aware ones on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of every room.

    `__sealed__` names the columns that never change after the first write; their digest goes into the
    audit log, so that a later change of the row is found. Columns of `__sealed_if_set__` came later: they count in the
    digest of a row where they have a value. `__partition__` names the audit partition.

    What a case's destruction does to a row that belongs to it: it goes, unless it `__outlives_case__` (books and
    statistics do), and then what stands in its `__personal__` columns is erased.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        list[Any] | None: JSON(none_as_null=True),
        dict[str, Any] | None: JSON(none_as_null=True),
    }
    __table__: ClassVar[Table]
    __sealed__: ClassVar[tuple[str, ...]] = ()
    __sealed_if_set__: ClassVar[tuple[str, ...]] = ()
    __partition__: ClassVar[str] = "core"
    __outlives_case__: ClassVar[bool] = False
    __personal__: ClassVar[tuple[str, ...]] = ()


@event.listens_for(Base, "init", propagate=True)
def _identify(row: Base, _: Any, values: dict[str, Any]) -> None:
    """A row has its id before it is written, so that many rows that name each other are written at once."""
    column = row.__table__.columns.get("id")
    if column is not None and column.default is not None:
        values.setdefault("id", new_id())


@event.listens_for(Mapper, "before_configured", once=True)
def _order_writes() -> None:
    """The session writes a table after those that it refers to only where it knows of a relationship."""
    mapped = {mapper.local_table: mapper for mapper in Base.registry.mappers}
    for mapper in mapped.values():
        for key in mapper.local_table.foreign_keys:
            parent = mapped[key.column.table]
            if parent is not mapper:
                mapper.add_property(
                    f"_parent_{key.parent.name}",
                    relationship(
                        parent.class_, foreign_keys=[mapper.columns[key.parent.name]], lazy="raise", overlaps="__*"
                    ),
                )


def insert_in_bulk(session: Session, model: type[Base], **values: Any) -> None:
    """Insert a row that nobody needs as an object, together with others of its table, after the next flush.

    A flush happens only where something else changed: the row must belong to one that is added as an object, or to a
    unit of work, whose commit writes what is left.
    """
    session.info.setdefault(_IN_BULK, {}).setdefault(model, []).append(values)


def write_in_bulk(session: Session) -> None:
    """Write the rows that wait to be inserted in bulk."""
    waiting: dict[type[Base], list[dict[str, Any]]] = session.info.pop(_IN_BULK, {})
    for model, rows in waiting.items():
        session.execute(insert(model.__table__), rows)


@event.listens_for(Session, "after_flush")
def _write_after_flush(session: Session, _: Any) -> None:
    write_in_bulk(session)


_shared: ContextVar[tuple["Database", Session] | None] = ContextVar("shared reading", default=None)


class Database:
    """An engine and its sessions; where there is a replica (PostgreSQL), one for reports too."""

    def __init__(self, url: str, replica_url: str = "") -> None:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed
        self._replica = Database(replica_url) if replica_url else None
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.engine = create_engine(parsed, connect_args={"timeout": 60, "check_same_thread": False})
            _tame_sqlite(self.engine)
        else:
            self.engine = create_engine(
                parsed, pool_size=10, max_overflow=20, pool_pre_ping=True, connect_args=_GIVING_UP
            )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        # Each statement sees what was committed before it, as it does inside a transaction of this level: without one
        # there is no BEGIN and no ROLLBACK to wait for.
        reading = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readings = sessionmaker(reading, expire_on_commit=False)

    def write_session(self) -> Session:
        """A session for one transaction that will write."""
        session = self._sessions()
        if self.is_sqlite:
            # Taking the write lock at once avoids two readers that both wait to become writers.
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        return session

    def read_session(self) -> AbstractContextManager[Session]:
        """A session that only reads."""
        shared = _shared.get()
        return nullcontext(shared[1]) if shared is not None and shared[0] is self else self._readings()

    def streaming_session(self) -> Session:
        """A session that reads long lists piece by piece: the cursor lives as long as its transaction."""
        return self._sessions()

    @contextmanager
    def one_reading(self) -> Iterator[None]:
        """All that is read inside is read over one connection; what others write meanwhile is not looked for again.

        For a page that shows much: taking a connection costs as much as a question.
        """
        with self._readings() as session, self._reading_all_over(session):
            yield

    @contextmanager
    def late_reading(self) -> Iterator[None]:
        """All that is read inside may be seconds old: for reports, which read much. Read from the replica, where there
        is one and it answers."""
        with ExitStack() as held:
            try:
                session = held.enter_context(self._replica._readings()) if self._replica else None
                if session is not None:
                    session.connection()
            except OperationalError as error:
                log.warning("replica_unreachable", error_type=type(error).__name__)
                session = None
            held.enter_context(self.one_reading() if session is None else self._reading_all_over(session))
            yield

    @contextmanager
    def _reading_all_over(self, session: Session) -> Iterator[None]:
        token = _shared.set((self, session))
        try:
            yield
        finally:
            _shared.reset(token)


def _tame_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # FULL: an acknowledged capture survives a power cut.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=60000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
