"""Copying what can still be read of a damaged store into a fresh one, record by record."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from csr_tui.core import token_uri
from csr_tui.core.ca import NAME
from csr_tui.core.custody import PROTECTIONS
from csr_tui.core.record import new_id
from csr_tui.storage import search
from csr_tui.storage.ca_rows import CA_ROW
from csr_tui.storage.journal_rows import ORDER, SUBMISSION
from csr_tui.storage.pages import INDEX, INNER_INDEX, TABLE, Pages, StoredRow, Value
from csr_tui.storage.repairs import ID, is_whole_pem, nearest, order_columns, record_columns, submission_columns
from csr_tui.storage.rows import REQUEST

REF = re.compile(r"[0-9a-z-]{1,80}")
IN_ONE_COMMIT = 500


@dataclass(frozen=True, slots=True)
class SalvageResult:
    """How many records were copied, the ids of those that were not, and of those with columns that were guessed."""

    records: int
    lost: tuple[str, ...]
    mended: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(slots=True)
class _Seen:
    """What the indexes and the small tables hold, by the shape of their rows."""

    ids: Counter[tuple[int, str]] = field(default_factory=Counter)
    submissions: list[tuple[Value, ...]] = field(default_factory=list)
    lineage: list[tuple[Value, ...]] = field(default_factory=list)
    orders: list[tuple[Value, ...]] = field(default_factory=list)
    cas: list[tuple[Value, ...]] = field(default_factory=list)
    chosen: dict[str, Value] = field(default_factory=dict)
    token_keys: list[tuple[Value, ...]] = field(default_factory=list)


def salvage(file: BinaryIO, wal: Path, fresh: sqlite3.Connection, now: datetime) -> SalvageResult:
    """Fill a fresh store from the pages of a damaged one, of any version; that is only read."""
    pages = Pages(file, wal)
    seen = _Seen()
    for row in pages.rows((INDEX, INNER_INDEX)):
        _sort(row, seen)
    known = _by_number(seen.ids)
    ids: set[str] = set()
    mended: list[tuple[str, tuple[str, ...]]] = []
    write = fresh.execute
    stored = tuple(name for (name,) in write("SELECT name FROM pragma_table_info('record')"))
    needed = stored.index("secret_ref") + 1  # a row of fewer columns is no record: its key may be among what is gone
    others: list[tuple[str, tuple[Value, ...]]] = []
    write("BEGIN")
    for row in pages.rows((TABLE,)):
        if len(row.values) < needed:
            others += _table_rows(row)
            continue
        columns, guessed = record_columns(row, stored, known, now)
        if columns["id"] in ids:
            columns["id"], guessed = new_id(), (*guessed, "id")
        record_id = str(columns["id"])
        seen.chosen[record_id], columns["ca"] = columns["ca"], None
        try:
            _insert(write, columns)
        except sqlite3.IntegrityError:  # a second row of one number
            _insert(write, columns | {"number": None})
        ids.add(record_id)
        if guessed:
            mended.append((record_id, guessed))
        if len(ids) % IN_ONE_COMMIT == 0:
            search.flush_pending(write)
            write("COMMIT")
            write("BEGIN")
    _rest(write, seen, others)
    search.flush_pending(write)
    write("COMMIT")
    lost = tuple(sorted(set(known.values()) - ids))
    return SalvageResult(len(ids), lost, tuple(mended))


def _sort(row: StoredRow, seen: _Seen) -> None:
    """Keep a row of an index that says something: which number is which id, or a row of a table without numbers."""
    match row.values:
        case (int(shelf), str(), str(record_id), int(number)) if 0 <= shelf <= 9 and ID.fullmatch(record_id):
            seen.ids[number, record_id] += 1
        case (str(record_id), "renewal" | "copy", str(source), int()) if ID.fullmatch(record_id) and ID.fullmatch(
            source
        ):
            seen.lineage.append(row.values)
        case (str(name), _, _, _, str(), _, _, _, ref, str()) if NAME.fullmatch(name):
            seen.cas.append((*row.values[:7], nearest(row.values[7], PROTECTIONS), ref, row.values[9]))
        case (str(uri), str(), str()) if uri.startswith(token_uri.SCHEME):
            seen.token_keys.append(row.values)
        case (str(record_id), *rest) if len(rest) == len(SUBMISSION) - 1 and ID.fullmatch(record_id):
            seen.submissions.append(row.values)
        case (str(record_id), *rest) if len(rest) == len(ORDER) - 1 and ID.fullmatch(record_id):
            seen.orders.append(row.values)


def _by_number(votes: Counter[tuple[int, str]]) -> dict[int, str]:
    """Number -> the id that most of the indexes give it."""
    best: dict[int, str] = {}
    for (number, record_id), _ in sorted(votes.items(), key=lambda one: one[1]):
        best[number] = record_id
    return best


def _table_rows(row: StoredRow) -> Iterable[tuple[str, tuple[Value, ...]]]:
    """A row of one of the small tables, with the table's name."""
    match row.values:
        case (str(ref), 0 | 1) if REF.fullmatch(ref):
            yield "secret", row.values
        case (None, str(record_id), str(certificate), str(), str()) if ID.fullmatch(record_id) and is_whole_pem(
            certificate
        ):
            yield "earlier_certificate", row.values
        case (str(intent), record_id, str(), _, str()) if ID.match(intent) and (
            record_id is None or ID.fullmatch(str(record_id))
        ):
            yield "intent", row.values


def _insert(write: Callable[..., sqlite3.Cursor], columns: dict[str, Value]) -> None:
    """A record, with what it refers to and what the search finds it by."""
    if columns["secret_ref"] is not None:
        write("INSERT OR IGNORE INTO secret (ref) VALUES (?)", (columns["secret_ref"],))
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    number = write(f"INSERT INTO record ({names}) VALUES ({marks})", tuple(columns.values())).lastrowid
    search.add(write, number, str(columns["id"]), tuple(str(columns[one]) for one in REQUEST))


def _rest(write: Callable[..., sqlite3.Cursor], seen: _Seen, others: list[tuple[str, tuple[Value, ...]]]) -> None:
    """The small tables: what belongs to a record that is there, and every password that is not doomed for certain."""
    for table, values in others:
        if table == "secret":
            write("INSERT OR IGNORE INTO secret (ref, doomed) VALUES (?, ?)", values)
    for values in seen.submissions:
        sent = submission_columns(values)
        if sent[SUBMISSION.index("sent_ref")] is not None:
            write("INSERT OR IGNORE INTO secret (ref) VALUES (?)", (sent[SUBMISSION.index("sent_ref")],))
        _put(write, "submission", SUBMISSION, sent)
    for values in seen.orders:
        _put(write, "certificate_order", ORDER, order_columns(values))
    for values in seen.lineage:
        _put(write, "lineage", ("record_id", "kind", "source_id", "same_key"), values)
    for values in seen.cas:
        if values[8] is not None:
            write("INSERT OR IGNORE INTO secret (ref) VALUES (?)", (values[8],))
        _put(write, "ca", CA_ROW, values)
    for record_id, name in seen.chosen.items():
        if name is not None:
            write("UPDATE record SET ca = (SELECT name FROM ca WHERE name = ?) WHERE id = ?", (name, record_id))
    for values in seen.token_keys:
        _put(write, "token_key", ("uri", "record_id", "noted_at"), values)
    for table, values in others:
        if table == "intent":
            if values[3] is not None:
                write("INSERT OR IGNORE INTO secret (ref) VALUES (?)", (values[3],))
            _put(write, "intent", ("id", "record_id", "kind", "secret_ref", "created_at"), values)
        elif table == "earlier_certificate":
            _put(write, table, ("record_id", "certificate", "not_after", "replaced_at"), values[1:])
    for table, column in (
        ("submission", "record_id"),
        ("certificate_order", "record_id"),
        ("lineage", "record_id"),
        ("lineage", "source_id"),
        ("earlier_certificate", "record_id"),
        ("intent", "record_id"),
    ):
        write(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM record)")


def _put(write: Callable[..., sqlite3.Cursor], table: str, columns: tuple[str, ...], values: tuple[Value, ...]) -> None:
    """A row of a small table, unless the store does not take it."""
    marks = ", ".join("?" * len(columns))
    with suppress(sqlite3.IntegrityError):
        write(f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)
