"""Database: the one connection to the store's file, and its transactions."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from csr_tui.storage import search, traces
from csr_tui.storage.backups import Progress
from csr_tui.storage.columns import stamp
from csr_tui.storage.damage import DamagedError, suspect
from csr_tui.storage.opening import open_store, version_of
from csr_tui.storage.reporting import as_storage_errors
from csr_tui.storage.vacuum import vacuum

Result = TypeVar("Result")

TRACES = 2.0
"""Seconds that a purge waits for other programs that read the store."""


def utc_now() -> datetime:
    """The clock that a store reads unless it is given another."""
    return datetime.now(UTC)


class Database:
    """Usable from several threads; what fails in SQLite or on the disk becomes a StorageError with a sentence."""

    def __init__(
        self, path: Path, clock: Callable[[], datetime], migrations: Sequence[str], reached: Callable[[str], None]
    ) -> None:
        self.path = path
        self.clock = clock
        self._lock = threading.RLock()
        self._migrations = migrations
        self._reached = reached
        self.notice: str | None = None
        self._open()

    def _open(self) -> None:
        opened = open_store(self.path, self._migrations, self.clock(), self._reached)
        self._connection = opened.connection
        self.execute = opened.connection.execute
        """For what runs within `reading` or `writing` already."""
        self.notice = opened.notice or self.notice

    def now(self) -> str:
        """The time, as the columns keep it."""
        return str(stamp(self.clock()))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def vacuum(self, progress: Progress) -> None:
        """Within `outside_transaction`: give free space back to the disk; see `vacuum.vacuum`."""
        vacuum(self._connection, self.path, progress)

    def read(self, work: Callable[[Callable[..., sqlite3.Cursor]], Result]) -> Result:
        """What `work` reads, at one moment; of a store that turns out damaged, what could be copied into a new one."""
        with self._lock:
            try:
                with self.reading() as read:
                    return work(read)
            except DamagedError:
                if self._connection.in_transaction:
                    raise
            self.mend()
            with self.reading() as read:
                return work(read)

    def mend(self) -> None:
        """Open the store anew, which replaces a damaged one by what can be read of it."""
        with self._lock:
            suspect(self.path)
            self._connection.close()
            self._open()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Alone among the threads; damage that is met is noted for the next opening."""
        with self._lock:
            try:
                with as_storage_errors(self.path):
                    yield
            except DamagedError:
                suspect(self.path)
                raise

    @contextmanager
    def reading(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """SELECTs that see the store at one moment, whatever other programs write meanwhile; also within `writing`."""
        with self._guarded():
            if self._connection.in_transaction:
                yield self.execute
                return
            self.execute("BEGIN")
            try:
                yield self.execute
            finally:
                if self._connection.in_transaction:
                    self.execute("ROLLBACK")

    def remove_traces(self) -> bool:
        """Empty the -wal, or have the next opening do it; see `traces.remove`."""
        with self.outside_transaction():
            return traces.remove(self._connection, self.path, patience=TRACES)

    @contextmanager
    def outside_transaction(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """What SQLite does in no transaction, while no other thread of this process has one."""
        with self._guarded():
            yield self.execute

    def data_version(self) -> int:
        """Another number than before once another program, or another connection of this one, has changed the store."""
        with self.outside_transaction() as read:
            return int(read("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def writing(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """One transaction that takes the write lock at once; what raises inside is rolled back.

        StorageError where a newer csr-tui has migrated the store since it was opened here.
        """
        with self._guarded():
            self.execute("BEGIN IMMEDIATE")
            try:
                version_of(self._connection, self.path, self._migrations)
                yield self.execute
                search.flush_pending(self.execute)
                self.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self.execute("ROLLBACK")
                raise
