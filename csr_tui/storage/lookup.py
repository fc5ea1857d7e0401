"""The one record that a typed id or domain means."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection

from csr_tui.core.record import Record, State
from csr_tui.errors import Hint, NotFoundError
from csr_tui.storage.query import GROUPS
from csr_tui.storage.rows import COLUMNS, RECORDS, record_of

MAX_CANDIDATES = 5
MAX_SHOWN = 80


def find(
    read: Callable[..., sqlite3.Cursor], text: str, *, trashed: bool | None, fitting: Collection[State] = ()
) -> Record:
    """The record whose id is `text`; else the only one whose id begins with it or whose domain it is.

    Of those in the trash, of those outside it, or of both (None). Of several with a domain, the only one in a `fitting`
    state. NotFoundError for none and for more than one.
    """
    from csr_tui.core import names  # with its patterns, which the first paint can do without

    prefix = text.strip().lower()
    domains = (names.canonical_or_raw(text.strip()), text.strip())  # the name of a person or a mailbox is kept as it is
    shelves = ", ".join(str(number) for number, group in enumerate(GROUPS) if trashed in (None, group.trashed))
    sql = (
        f"SELECT {COLUMNS} FROM {RECORDS} WHERE number IN ("
        f"SELECT * FROM (SELECT number FROM record WHERE id >= ? AND id < ? AND +shelf IN ({shelves}) "
        "ORDER BY id LIMIT ?) "
        f"UNION SELECT * FROM (SELECT number FROM record WHERE shelf IN ({shelves}) AND domain IN (?, ?) LIMIT ?)"
        ") ORDER BY id"
    )
    most = MAX_CANDIDATES + 1
    rows = read(sql, (prefix, f"{prefix}\U0010ffff", most, *domains, most)).fetchall() if prefix else []
    if not rows:
        place = " in the trash" if trashed else ""
        raise NotFoundError(
            f"No record{place} has the id or the domain {text[:MAX_SHOWN]!r}.",
            hint=Hint.LIST_TRASH if trashed else Hint.LIST,
        )
    exact = [row for row in rows if row[0] == prefix]
    if len(rows) > 1 and not exact and not any(row[0].startswith(prefix) for row in rows):
        numbers = [number for number, group in enumerate(GROUPS) if trashed in (None, group.trashed)]
        shelves = ", ".join(str(number) for number in numbers if GROUPS[number].state in fitting)
        sql = f"SELECT {COLUMNS} FROM {RECORDS} WHERE shelf IN ({shelves}) AND domain IN (?, ?) LIMIT 2"
        exact = read(sql, domains).fetchall()
    if len(rows) > 1 and len(exact) != 1:
        listed = ", ".join(map(_listed, map(record_of, rows[:MAX_CANDIDATES])))
        more = " and more" if len(rows) > MAX_CANDIDATES else ""
        raise NotFoundError(f"{text[:MAX_SHOWN]!r} matches more than one record: {listed}{more}. Name one by its id.")
    return record_of((exact or rows)[0])


def _listed(record: Record) -> str:
    return f"{record.id} ({record.state}{', in the trash' if record.trashed_at else ''})"
