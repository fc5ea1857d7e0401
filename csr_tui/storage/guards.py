"""The triggers of a store: those that its migrations make, and no others, which could change or take away keys."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence

_TRIGGER = re.compile(r"\s*(CREATE|DROP) TRIGGER (\w+)")


def foreign(connection: sqlite3.Connection, migrations: Sequence[str]) -> str:
    """The name of a trigger or view that these migrations do not make, or of one of theirs that is missing."""
    there = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view')"))
    return min((name for name, _ in there.items() ^ triggers(migrations).items()), default="")


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
