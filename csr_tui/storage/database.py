"""Database: the one connection to the store's file, and its transactions."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from csr_tui.storage.opening import open_store, translated, version_of
from csr_tui.storage.rows import stamp
from csr_tui.storage.search import take_over
from csr_tui.storage.vacuum import vacuum

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from csr_tui.storage.backups import Progress


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
        opened = open_store(path, migrations, clock(), reached)
        self._connection = opened.connection
        self._migrations = migrations
        self.execute = opened.connection.execute
        """For what runs within `reading` or `writing` already."""
        self.notice = opened.notice

    def now(self) -> str:
        """The time, as the columns keep it."""
        return str(stamp(self.clock()))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def vacuum(self, progress: Progress) -> None:
        """Within `between`: give free space back to the disk; see `vacuum.vacuum`."""
        vacuum(self._connection, self.path, progress)

    @contextmanager
    def reading(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """SELECTs that see the store at one moment, whatever other programs write meanwhile; also within `writing`."""
        with self._lock, translated(self.path):
            if self._connection.in_transaction:
                yield self.execute
                return
            self.execute("BEGIN")
            try:
                yield self.execute
            finally:
                if self._connection.in_transaction:
                    self.execute("ROLLBACK")

    @contextmanager
    def between(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """What SQLite does in no transaction, while no other thread of this process has one."""
        with self._lock, translated(self.path):
            yield self.execute

    @contextmanager
    def writing(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """One transaction that takes the write lock at once; what raises inside is rolled back.

        StorageError where a newer csr-tui has migrated the store since it was opened here.
        """
        with self._lock, translated(self.path):
            self.execute("BEGIN IMMEDIATE")
            try:
                version_of(self._connection, self.path, self._migrations)
                yield self.execute
                take_over(self.execute)
                self.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self.execute("ROLLBACK")
                raise
