"""Putting a backup in the place of a store: checked whole before anything is touched, and what was there is kept."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csr_tui.errors import StorageError
from csr_tui.storage.backups import fresh_copy, sync_folder
from csr_tui.storage.opening import HEADER, alone, private_folder, set_aside, translated
from csr_tui.storage.schema import APPLICATION_ID, MIGRATIONS

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from csr_tui.core.sealed import Sealed
    from csr_tui.storage.backups import Progress

PATIENCE = 2.0
"""Seconds that another copy of the program has to let go of the store."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was looked at: how many records it holds, and the passwords it may hold."""

    path: Path
    records: int
    sealed: Sealed | None


def examine(path: Path) -> Backup:
    """Read a backup from end to end; StorageError with a sentence where it is none, or damaged, or too new."""
    from csr_tui.core.sealed import Sealed

    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise StorageError(f"The backup {path} cannot be read: {error.strerror}.") from error
    if not header.startswith(HEADER) or int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise StorageError(f"{path} is no backup of csr-tui. Nothing was changed.")
    try:
        with closing(_open(path)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                raise StorageError(
                    f"The backup {path} was written by a newer csr-tui (version {version} of the store; this one knows "
                    f"{len(MIGRATIONS)}). Update csr-tui; nothing was changed."
                )
            if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise _damaged(path)
            records = connection.execute("SELECT count(*) FROM record").fetchone()[0]
            sealed = None
            if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sealed'").fetchone():
                columns = "format, cost, block, parallel, salt, nonce, text"
                sealed = Sealed(*connection.execute(f"SELECT {columns} FROM sealed").fetchone())
    except (sqlite3.Error, TypeError) as error:
        raise _damaged(path) from error
    return Backup(path, records, sealed)


def put_in_place(backup: Backup, path: Path, now: datetime, progress: Progress) -> Path | None:
    """Make the backup the store at `path`; where the store that was there is kept, if there was one.

    There is never a moment without a store. StorageError, and nothing changed, while another program has it open.
    """
    with translated(path):
        private_folder(path.parent)
        with alone(path), closing(_open(backup.path)) as source, fresh_copy(source, path, progress) as fresh:
            with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
                _forget_what_was_under_way(connection)
                connection.execute("PRAGMA journal_mode = WAL")
            descriptor = os.open(fresh, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
            aside = _kept(path, now) if path.exists() else None
            fresh.replace(path)
        sync_folder(path.parent)
    return aside


def _forget_what_was_under_way(connection: sqlite3.Connection) -> None:
    """Intents and doomed passwords belong to the day of the backup: since then their names may have got keys.

    Were they recovered here and now, passwords would go from the keyring that the store kept aside still needs.
    """
    connection.execute("DROP TABLE IF EXISTS sealed")
    connection.execute("DELETE FROM intent")
    used = "SELECT secret_ref FROM record WHERE secret_ref IS NOT NULL"
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'submission'").fetchone():
        used += " UNION SELECT sent_ref FROM submission WHERE sent_ref IS NOT NULL"
    connection.execute(f"DELETE FROM secret WHERE ref NOT IN ({used})")


def _kept(path: Path, now: datetime) -> Path:
    """Give the store a second name, all of it being in one file; a damaged one is set aside as it is."""
    aside = path.with_name(f"{path.name}.before-restore-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=PATIENCE)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            os.link(path, aside)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StorageError(
                f"Another csr-tui has the store {path} open. Close it, then restore; nothing was changed."
            ) from error
        raise
    except sqlite3.DatabaseError:
        return set_aside(path, now)
    return aside


def _open(path: Path) -> sqlite3.Connection:
    """Only to read, and without the -wal that a backup does not have: it may be on a medium that is read-only."""
    alone = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{alone}", uri=True)


def _damaged(path: Path) -> StorageError:
    return StorageError(f"The backup {path} is damaged, so nothing was restored from it. Take another one.")
