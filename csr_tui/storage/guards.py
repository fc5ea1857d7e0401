"""The triggers of a store: those that its migrations make, and no others, which could change or take away keys."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING

from csr_tui.core.text import visible
from csr_tui.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_TRIGGER = re.compile(r"\s*(CREATE|DROP) TRIGGER (\w+)")


def refuse_foreign(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    """StorageError where the store has a trigger or a view of another program, or lacks one of ours."""
    there = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view')"))
    if other := dict(there.items() ^ triggers(migrations).items()):
        raise StorageError(
            f"Another program has changed the store {path}: {visible(min(other))[:80]} in it is not as csr-tui makes "
            "it, which could change or remove keys, so the store was not opened. Undo that change, or put a backup in "
            "its place."
        )


def triggers(migrations: Sequence[str]) -> dict[str, str]:
    """Name -> text, as SQLite keeps it, of the triggers that stand after these migrations."""
    standing: dict[str, str] = {}
    for script in migrations:
        for statement in statements(script):
            if (found := _TRIGGER.match(statement)) is None:
                continue
            if found[1] == "CREATE":
                standing[found[2]] = statement.strip().removesuffix(";")
            else:
                del standing[found[2]]
    return standing


def statements(script: str) -> Iterator[str]:
    """One at a time: `executescript` would commit the transaction it stands in."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
