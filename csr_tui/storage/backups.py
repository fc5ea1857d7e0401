"""The copies of a store that are made before its migrations."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def backups(path: Path) -> tuple[Path, ...]:
    """The copies that were made before migrations; a copy's own journal is none."""
    ours = re.compile(rf"{re.escape(path.name)}\.before-[0-9]+")
    return tuple(sorted(one for one in path.parent.iterdir() if ours.fullmatch(one.name)))


def back_up(connection: sqlite3.Connection, target: Path, reached: Callable[[str], None]) -> None:
    """A whole copy through SQLite itself: copying the file without its -wal would lose what is in that."""
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(8)}.new")
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    copy = sqlite3.connect(fresh)
    try:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()
    reached("copied")
    fresh.replace(target)
    sync_folder(target.parent)


def purge_from(backup: Path, record_id: str, reached: Callable[[str], None]) -> None:
    """Take a record out of a copy that was made before a migration, whatever its version."""
    connection = sqlite3.connect(backup, isolation_level=None)
    try:
        connection.execute("PRAGMA secure_delete = ON")
        row = connection.execute("SELECT rowid FROM record WHERE id = ?", (record_id,)).fetchone()
        if row is not None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "UPDATE record SET trashed_at = coalesce(trashed_at, updated_at) WHERE id = ?", (record_id,)
            )
            connection.execute("DELETE FROM search WHERE rowid = ?", row)
            connection.execute("DELETE FROM intent WHERE record_id = ?", (record_id,))
            for table in ("submission", "earlier_certificate"):
                if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone():
                    connection.execute(f"DELETE FROM {table} WHERE record_id = ?", (record_id,))
            connection.execute("DELETE FROM record WHERE id = ?", (record_id,))
            reached("backup purging")
            connection.execute("COMMIT")
            connection.execute("INSERT INTO search (search) VALUES ('optimize')")
    finally:
        connection.close()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
