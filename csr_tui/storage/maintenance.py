"""Maintenance of the store as a whole: copies of it, and the space that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from csr_tui.storage import handing_over
from csr_tui.storage.backups import Progress
from csr_tui.storage.database import Database
from csr_tui.storage.handing_over import Copy
from csr_tui.storage.intents import Locks
from csr_tui.storage.ledger import mark_orphaned
from csr_tui.storage.opening import exclusive

KIND = "backup"
"""What the intents are that hold the passwords of a copy while they are fetched."""


class Maintenance:
    """What is done to all records at once; each takes as long as reading the whole file."""

    def __init__(self, database: Database, locks: Locks) -> None:
        self._database = database
        self._locks = locks

    @contextmanager
    def copied(self, progress: Progress) -> Iterator[Copy]:
        """A whole copy of the store, to be handed over."""
        with ExitStack() as stack:
            with self._database.outside_transaction(), exclusive(self._database.path):
                copy = stack.enter_context(handing_over.copied(self._database.path, progress))
            yield copy

    @contextmanager
    def lasting(self, name: str, progress: Progress) -> Iterator[Copy]:
        """A whole copy, all of whose passwords stay in the keyring meanwhile, whoever changes or purges what has them.

        Intents of this name see to that; they are committed while nobody else writes, so that the copy names no more.
        """
        with ExitStack() as stack:
            stack.callback(self._locks.release, name)
            with exclusive(self._database.path), self._database.writing() as write:
                copy = stack.enter_context(handing_over.copied(self._database.path, progress))
                self._locks.own(name)
                sql = "INSERT INTO intent (id, kind, secret_ref, created_at) VALUES (?, ?, ?, ?)"
                for ref in copy.refs:
                    write(sql, (f"{name}.{ref}", KIND, ref, self._database.now()))
            try:
                yield copy
            finally:
                with self._database.writing() as write:
                    for ref in copy.refs:
                        write("DELETE FROM intent WHERE id = ?", (f"{name}.{ref}",))
                        mark_orphaned(write, ref)

    def waste(self) -> tuple[int, int]:
        """How many bytes of the file are free, and how many it has."""
        with self._database.reading() as read:
            free, pages, size = (
                int(read(f"PRAGMA {name}").fetchone()[0]) for name in ("freelist_count", "page_count", "page_size")
            )
        return free * size, pages * size

    def vacuum(self, progress: Progress) -> None:
        """Give free space back to the disk; needs twice as much beside it as is in use."""
        with self._database.outside_transaction():
            self._database.vacuum(progress)
