"""Copies of a store: those that are made before it is changed as a whole, and those that a person asks for."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from csr_tui import placing

Progress: TypeAlias = "Callable[[int, int], None]"
"""Told how many pages are copied, and of how many."""

OF_RECORDS = ("submission", "certificate_order", "earlier_certificate")
"""The tables whose rows go with their record, and that SQLite does not see to by itself."""

PAGES = 256
"""Pages copied between two looks at the progress: a mebibyte."""

SEALED = """
CREATE TABLE sealed (
    format INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    block INTEGER NOT NULL,
    parallel INTEGER NOT NULL,
    salt BLOB NOT NULL,
    nonce BLOB NOT NULL,
    text BLOB NOT NULL
) STRICT
"""
"""Where a backup keeps passwords; no store ever has this table."""


def backups(path: Path) -> tuple[Path, ...]:
    """The copies that were made beside a store, before migrations and before another was put in its place."""
    ours = re.compile(rf"{re.escape(path.name)}\.before-([0-9]+|restore-[0-9]{{8}}T[0-9]{{6}}-[0-9a-f]{{4}})")
    return tuple(sorted(one for one in path.parent.iterdir() if ours.fullmatch(one.name)))


def back_up(connection: sqlite3.Connection, target: Path, reached: Callable[[str], None]) -> None:
    """A whole copy beside the store; one that is there already makes way."""
    with fresh_copy(connection, target) as fresh:
        reached("copied")
        fresh.replace(target)
    placing.sync_folder(target.parent)


@contextmanager
def fresh_copy(connection: sqlite3.Connection, target: Path, progress: Progress = lambda _, __: None) -> Iterator[Path]:
    """A whole copy, 0600, under another name beside `target`, to be given that name; gone again if it is not.

    Through SQLite itself: copying the file without its -wal would lose what is in that.
    """
    with beside(target) as fresh:
        copy = sqlite3.connect(fresh)
        try:
            connection.backup(
                copy, pages=PAGES, progress=lambda _, left, total: progress(total - left, total), sleep=0.05
            )
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
        yield fresh


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """An empty file, 0600, under another name beside `target`, to be given that name; gone again if it is not."""
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(8)}.new")
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield fresh
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)


def purge_from(backup: Path, record_id: str, reached: Callable[[str], None]) -> None:
    """Take a record out of a copy that was made before a migration, whatever its version."""
    connection = sqlite3.connect(backup, isolation_level=None)
    try:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        row = connection.execute("SELECT rowid FROM record WHERE id = ?", (record_id,)).fetchone()
        if row is not None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "UPDATE record SET trashed_at = coalesce(trashed_at, updated_at) WHERE id = ?", (record_id,)
            )
            connection.execute("DELETE FROM search WHERE rowid = ?", row)
            connection.execute("DELETE FROM intent WHERE record_id = ?", (record_id,))
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            for table in tables.intersection(OF_RECORDS):
                connection.execute(f"DELETE FROM {table} WHERE record_id = ?", (record_id,))
            if "lineage" in tables:
                connection.execute("DELETE FROM lineage WHERE ? IN (record_id, source_id)", (record_id,))
            connection.execute("DELETE FROM record WHERE id = ?", (record_id,))
            reached("backup purging")
            connection.execute("COMMIT")
            connection.execute("INSERT INTO search (search) VALUES ('optimize')")
    finally:
        connection.close()
