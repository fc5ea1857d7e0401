"""Handing a copy of the store over: made without a name, and written to the file that a person names, whole or not."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui import access, placing
from csr_tui.errors import FileError
from csr_tui.storage.backups import SEALED, fresh_copy
from csr_tui.storage.damage import DamagedError
from csr_tui.storage.reporting import BUSY

if TYPE_CHECKING:
    from csr_tui.core.backup_passwords import SealedPasswords
    from csr_tui.storage.backups import Progress

STEP = 1 << 20
"""Bytes written between two looks at the progress."""

DAMAGED = (
    "The store {path} is damaged, so no backup of it was written. Close every csr-tui and try again: the next start "
    "copies every readable record into a new store."
)


class Copy:
    """A whole copy that has no name: nothing of it is left, however this process ends."""

    def __init__(self, connection: sqlite3.Connection, descriptor: int) -> None:
        self._connection = connection
        self._descriptor = descriptor
        sql = "SELECT ref FROM secret WHERE doomed = 0 ORDER BY ref"
        self.refs = tuple(row[0] for row in connection.execute(sql))
        """The names of the passwords that its keys need."""

    def seal(self, sealed: SealedPasswords) -> None:
        """Put passwords into it."""
        self._connection.execute("BEGIN")
        self._connection.execute(SEALED)
        self._connection.execute("INSERT INTO sealed VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(sealed))
        self._connection.execute("COMMIT")

    def hand_over(self, target: Path, progress: Progress) -> None:
        """Write it to `target`, 0600, where nothing is yet; FileError, and nothing of it left, where that cannot be."""
        with _as_file_errors(target):
            refuse_taken(target)
            _sweep(target)
            _write(self._descriptor, target, progress)
            placing.sync_folder(target.parent)


@contextmanager
def copied(path: Path, progress: Progress) -> Iterator[Copy]:
    """A copy of what is committed to the store at `path`, by whoever is alone with it until this has begun.

    It is made beside the store, where the next start sweeps it while it has a name. Its journal is in memory: SQLite
    makes none on the disk for a file that has lost its name.
    """
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=BUSY)) as source,
        fresh_copy(source, path, progress) as fresh,
    ):
        descriptor = os.open(fresh, os.O_RDONLY | os.O_CLOEXEC)
        copy = sqlite3.connect(fresh, isolation_level=None)
    try:
        with closing(copy):
            for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "temp_store = MEMORY"):
                copy.execute(f"PRAGMA {pragma}")
            if copy.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise DamagedError(DAMAGED.format(path=path))
            yield Copy(copy, descriptor)
    finally:
        os.close(descriptor)


def refuse_taken(target: Path) -> None:
    """FileError where something is at `target` already."""
    if os.path.lexists(target):
        raise FileError(f"{target} exists and is never overwritten. Choose another name.")


@contextmanager
def _as_file_errors(target: Path) -> Iterator[None]:
    """Turn an error of the file system on `target` into a sentence."""
    try:
        yield
    except FileExistsError:
        raise FileError(f"{target} exists and is never overwritten. Choose another name.") from None
    except FileNotFoundError as error:
        raise FileError(f"There is no folder {target.parent}. Create it first, or choose another.") from error
    except OSError as error:
        raise FileError(f"The backup {target} cannot be written: {access.reason(target, error)}.") from error


def _sweep(target: Path) -> None:
    """Remove what a process that was killed left beside `target`, where no file can be made without a name."""
    ours = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{16}}\.new(-journal|-wal|-shm)?")
    with suppress(PermissionError):  # a folder may be written to and not be read
        for left in [one for one in target.parent.iterdir() if ours.fullmatch(one.name)]:
            left.unlink(missing_ok=True)


def _write(source: int, target: Path, progress: Progress) -> None:
    """Write without a name, then give it one; where the file system cannot do that, with a temporary name."""
    try:
        descriptor = os.open(target.parent, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except (AttributeError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in placing.NO_TMPFILE:
            raise
        _write_named(source, target, progress)
        return
    try:
        _fill(descriptor, source, progress)
        folder = os.open(target.parent, os.O_PATH | os.O_CLOEXEC)  # linkat(2), for link(2) follows no link in /proc
        try:
            os.link(f"/proc/self/fd/{descriptor}", target.name, dst_dir_fd=folder, follow_symlinks=True)
        finally:
            os.close(folder)
    except FileNotFoundError:  # no /proc
        _write_named(source, target, progress)
    finally:
        os.close(descriptor)


def _write_named(source: int, target: Path, progress: Progress) -> None:
    named = target.with_name(f".{target.name}.{secrets.token_hex(8)}.new")
    descriptor = os.open(named, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        try:
            _fill(descriptor, source, progress)
        finally:
            os.close(descriptor)
        placing.place(named, target)
    finally:
        named.unlink(missing_ok=True)


def _fill(descriptor: int, source: int, progress: Progress) -> None:
    total, done = os.fstat(source).st_size, 0
    while data := os.pread(source, STEP, done):
        placing.write_all(descriptor, data)
        done += len(data)
        progress(done, total)
    os.fsync(descriptor)
