# ruff: noqa: S608 - the names of tables are our own, the words are bound
"""Search by words: PostgreSQL's text search in Dutch, SQLite's FTS5 in the embedded default.

An index is a table of (id, text) that belongs to no model: on SQLite it is a virtual one. Its name begins with PREFIX.
"""

import re
from collections.abc import Sequence

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

PREFIX = "search_"
_MOST_WORDS = 40
_LEAST_LETTERS = 4
"""Shorter words say little about what a text is about."""


def create_index(connection: Connection, name: str) -> None:
    """For migrations: the table and what makes it searchable."""
    table = PREFIX + name
    if connection.dialect.name == "sqlite":
        connection.execute(
            text(
                f"CREATE VIRTUAL TABLE {table} USING fts5(id UNINDEXED, text, tokenize='unicode61 remove_diacritics 2')"
            )
        )
        return
    connection.execute(text(f"CREATE TABLE {table} (id VARCHAR PRIMARY KEY, text TEXT NOT NULL)"))
    connection.execute(text(f"CREATE INDEX ix_{table} ON {table} USING gin (to_tsvector('dutch', text))"))


def add(session: Session, name: str, key: str, words: str) -> None:
    """Inside a transaction: have this text found, under its key."""
    session.execute(text(f"INSERT INTO {PREFIX}{name} (id, text) VALUES (:key, :words)"), {"key": key, "words": words})


def remove(session: Session, name: str, key: str) -> None:
    """Inside a transaction: have the text under this key found no more."""
    session.execute(text(f"DELETE FROM {PREFIX}{name} WHERE id = :key"), {"key": key})


def search(session: Session, name: str, words: str, limit: int) -> list[str]:
    """Keys of the texts that share most with these words, the nearest first."""
    wanted = _significant(words)
    if not wanted:
        return []
    table = PREFIX + name
    if session.get_bind().dialect.name == "sqlite":
        # The beginning of a word finds its other forms, as far as that goes without a stemmer.
        query = " OR ".join(f'"{word[: max(_LEAST_LETTERS, len(word) - 2)]}"*' for word in wanted)
        rows = session.execute(
            text(f"SELECT id FROM {table} WHERE {table} MATCH :query ORDER BY rank, id LIMIT :limit"),
            {"query": query, "limit": limit},
        )
    else:
        query = " | ".join(f"'{word}'" for word in wanted)
        rows = session.execute(
            text(
                f"SELECT id FROM {table}, to_tsquery('dutch', :query) AS wanted "
                "WHERE to_tsvector('dutch', text) @@ wanted "
                "ORDER BY ts_rank_cd(to_tsvector('dutch', text), wanted) DESC, id LIMIT :limit"
            ),
            {"query": query, "limit": limit},
        )
    return [str(row.id) for row in rows]


def _significant(words: str) -> Sequence[str]:
    """Letters only, so that nothing in it is an operator of either search."""
    found = [word.casefold() for word in re.findall(r"[^\W\d_]+", words) if len(word) >= _LEAST_LETTERS]
    return list(dict.fromkeys(found))[:_MOST_WORDS]
