"""Upkeep of the store as a whole: copies of it, and the space that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from csr_tui.core.sealed import Sealed
    from csr_tui.storage.backups import Progress
    from csr_tui.storage.database import Database


class Upkeep:
    """What is done to all records at once; each takes as long as reading the whole file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def back_up(self, target: Path, sealed: Sealed | None, progress: Progress) -> tuple[str, ...]:
        """Write a whole copy to `target`, which is new; the names of the passwords that its keys need."""
        with self._database.between():
            return self._database.back_up(target, sealed, progress)

    def waste(self) -> tuple[int, int]:
        """How many bytes of the file are free, and how many it has."""
        with self._database.reading() as read:
            free, pages, size = (
                int(read(f"PRAGMA {name}").fetchone()[0]) for name in ("freelist_count", "page_count", "page_size")
            )
        return free * size, pages * size

    def vacuum(self, progress: Progress) -> None:
        """Give free space back to the disk; needs twice as much beside it as is in use."""
        with self._database.between():
            self._database.vacuum(progress)
