"""Putting a backup in the place of a store: its rows are copied and judged first, and what was there is kept."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui import placing
from csr_tui.core.record import new_id
from csr_tui.errors import StorageError
from csr_tui.storage.backups import Progress, beside
from csr_tui.storage.columns import stamp
from csr_tui.storage.copying import copy_rows, foreign, fresh_schema, schema_of
from csr_tui.storage.intents import Locks
from csr_tui.storage.ledger import UNREFERRED
from csr_tui.storage.opening import HEADER, exclusive, private_folder, set_aside
from csr_tui.storage.reporting import as_storage_errors
from csr_tui.storage.schema import APPLICATION_ID, MIGRATIONS

if TYPE_CHECKING:
    from csr_tui.core.backup_passwords import SealedPasswords

PATIENCE = 2.0
"""Seconds that another copy of the program has to let go of the store."""

KIND = "restore"
"""What the intents are that hold the passwords of a backup until its records are in place."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was looked at: its version, how many records it holds, and the passwords it may hold."""

    path: Path
    version: int
    records: int
    sealed: SealedPasswords | None


def examine(path: Path) -> Backup:
    """Read a backup from end to end; StorageError with a sentence where it is none, damaged, too new, or not ours."""
    try:
        if path.exists() and not path.is_file():
            raise StorageError(f"{path} is not a file, so it is not a backup of csr-tui. Nothing was changed.")
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise StorageError(f"The backup {path} cannot be read: {error.strerror}.") from error
    if not header.startswith(HEADER) or int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise StorageError(f"{path} is not a backup of csr-tui. Nothing was changed.")
    try:
        with closing(_open(path)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                raise StorageError(
                    f"The backup {path} was written by a newer csr-tui (version {version} of the store; this one knows "
                    f"{len(MIGRATIONS)}). Update csr-tui; nothing was changed."
                )
            if version < 1:
                raise foreign(path, f"version {version}")
            if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise _damaged(path)
            if other := schema_of(connection) ^ fresh_schema(version):
                raise foreign(path, f"{min(str(row[1]) for row in other)} like this in version {version}")
            records = connection.execute("SELECT count(*) FROM record").fetchone()[0]
            sealed = _sealed(connection, path)
    except (sqlite3.Error, TypeError) as error:
        raise _damaged(path) from error
    return Backup(path, version, records, sealed)


def _sealed(connection: sqlite3.Connection, path: Path) -> SealedPasswords | None:
    """The passwords, where the backup has a table of them that is ours, with one row of the types that it has."""
    from csr_tui.core.backup_passwords import SealedPasswords
    from csr_tui.storage.backups import SEALED

    there = connection.execute("SELECT type, sql FROM sqlite_schema WHERE name = 'sealed'").fetchall()
    if not there:
        return None
    if [(kind, sql.strip()) for kind, sql in there] != [("table", SEALED.strip())]:
        raise foreign(path, "sealed passwords like these")
    rows = connection.execute("SELECT format, cost, block, parallel, salt, nonce, text FROM sealed LIMIT 2").fetchall()
    if [[type(value) for value in row] for row in rows] != [[int] * 4 + [bytes] * 3]:
        raise foreign(path, "sealed passwords like these")
    return SealedPasswords(*rows[0])


class Restoring:
    """A backup whose rows are copied and judged, about to take the place of the store at `path`.

    `refs` are the names of the passwords that its keys need.
    """

    def __init__(self, fresh: Path, path: Path, reached: Callable[[str], None]) -> None:
        self._fresh = fresh
        self._path = path
        self._reached = reached
        self._locks = Locks(path.parent / "locks")
        self._name = new_id()
        self._announced: tuple[str, ...] = ()
        with closing(sqlite3.connect(fresh)) as connection:
            self.refs = frozenset(row[0] for row in connection.execute("SELECT ref FROM secret"))

    def announce(self, refs: Collection[str], now: datetime) -> None:
        """Commit to the store that is here still that these passwords are about to be put into the keyring.

        Whoever starts next, should this process be killed, takes them out again.
        """
        name = self._name
        self._locks.own(name)
        self._announced = tuple(refs)
        with closing(_written(self._path)) as old:
            old.execute("BEGIN IMMEDIATE")
            for ref in refs:
                old.execute("INSERT INTO secret (ref) VALUES (?) ON CONFLICT (ref) DO UPDATE SET doomed = 0", (ref,))
                old.execute(
                    "INSERT INTO intent (id, kind, secret_ref, created_at) VALUES (?, ?, ?, ?)",
                    (f"{name}.{ref}", KIND, ref, stamp(now)),
                )
            old.execute("COMMIT")
        self._reached("announced")

    def put_in_place(self, now: datetime, *, keep_empty: bool) -> Path | None:
        """Make the copy the store; where the one that was there is kept, if there was one.

        There is never a moment without a store. StorageError, and nothing changed, while another program has it open.
        """
        aside = self._swap(now, keep_empty=keep_empty) if self._path.exists() else self._placed(None)
        self._reached("in place")
        if aside is not None and self._announced:
            with suppress(sqlite3.Error), closing(_written(aside)) as old:
                old.execute("DELETE FROM intent WHERE kind = ?", (KIND,))
                for ref in self._announced:
                    old.execute(f"DELETE FROM secret WHERE ref = ? AND {UNREFERRED}", (ref,))
        self._locks.release(self._name)
        self._reached("settled")
        return aside

    def close(self) -> None:
        """Let go of what was announced; done with where the copy is in place, and to be taken back otherwise."""
        self._locks.close()

    def _swap(self, now: datetime, *, keep_empty: bool) -> Path | None:
        """Nobody reads or writes the store meanwhile, all of which is in one file; a damaged one is set aside as is."""
        aside = self._path.with_name(f"{self._path.name}.before-restore-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}")
        try:
            with closing(
                sqlite3.connect(f"{self._path.as_uri()}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None)
            ) as old:
                old.execute("PRAGMA journal_mode = DELETE")
                old.execute("BEGIN EXCLUSIVE")
                if not keep_empty and old.execute("SELECT count(*) FROM record").fetchone() == (0,):
                    return self._placed(None)
                _second_name(self._path, aside)
                self._reached("kept aside")
                return self._placed(aside)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StorageError(
                    f"Another csr-tui has the store {self._path} open. Close it, then restore; nothing was changed."
                ) from error
            raise
        except sqlite3.DatabaseError:
            return self._placed(set_aside(self._path, now))

    def _placed(self, aside: Path | None) -> Path | None:
        self._fresh.replace(self._path)
        placing.sync_folder(self._path.parent)
        return aside


@contextmanager
def copied(
    backup: Backup, path: Path, progress: Progress, reached: Callable[[str], None] = lambda _: None
) -> Iterator[Restoring]:
    """The backup's rows in a fresh store beside `path`, to be put in its place; gone again if they are not.

    StorageError where they are not what csr-tui writes. Nobody else opens or makes a store here meanwhile.
    """
    with as_storage_errors(path):
        private_folder(path.parent)
        with exclusive(path), beside(path) as fresh:
            with closing(_open(backup.path)) as source, closing(sqlite3.connect(fresh, isolation_level=None)) as target:
                target.execute("PRAGMA journal_mode = MEMORY")
                target.execute("PRAGMA synchronous = OFF")  # all of it is synced below, or gone
                target.execute("PRAGMA temp_store = MEMORY")
                copy_rows(source, backup.version, target, backup.path, progress)
                target.execute("PRAGMA journal_mode = WAL")
            with fresh.open("rb") as file:
                os.fsync(file.fileno())
            reached("copied")
            restoring = Restoring(fresh, path, reached)
            try:
                yield restoring
            finally:
                restoring.close()


def _second_name(path: Path, aside: Path) -> None:
    """Have the store under another name, too; as a copy where the file system has no links."""
    try:
        os.link(path, aside)
    except OSError:
        try:
            descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with path.open("rb") as source, os.fdopen(descriptor, "wb") as target:
                shutil.copyfileobj(source, target)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:
            aside.unlink(missing_ok=True)
            raise


def _written(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _open(path: Path) -> sqlite3.Connection:
    """Only to read, and without the -wal that a backup does not have: it may be on a medium that is read-only.

    Nothing in its schema is trusted to call a function.
    """
    alone = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{alone}", uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _damaged(path: Path) -> StorageError:
    return StorageError(f"The backup {path} is damaged, so nothing was restored. Use another backup.")
