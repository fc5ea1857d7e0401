"""Copying the rows of a backup into a fresh store: nothing else of the file is taken, and every row is judged."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from csr_tui.core import token_uri
from csr_tui.core.ca import NAME
from csr_tui.core.record import Record, State
from csr_tui.core.text import escaped
from csr_tui.errors import StorageError, UsageError
from csr_tui.storage import search
from csr_tui.storage.backups import Progress
from csr_tui.storage.ca_rows import CA_COLUMNS, ca_of
from csr_tui.storage.columns import moment
from csr_tui.storage.frozen import teach
from csr_tui.storage.opening import run_migrations
from csr_tui.storage.rows import COLUMNS, RECORDS, record_of
from csr_tui.storage.schema import APPLICATION_ID, MIGRATIONS

ID = re.compile(r"[0-9a-z]{10}")
SECRET = re.compile(r"(?:batch-)?[0-9a-z]{10}-?[0-9a-z]*|ca-[0-9a-z-]{1,32}-[0-9a-z]{6}")
"""What the names of passwords in the keyring look like; that of the account's API key does not."""

FINGERPRINT = re.compile(r"[0-9a-f]{64}")
PEM = re.compile(r"[\x20-\x7e\r\n]*")

SHADOWS = re.compile(r"search_(?:data|idx|content|docsize|config)")
"""The tables in which FTS5 keeps its index: never read from a backup, and spelled as that version of SQLite does."""

DISK = (["FULL"], ["IOERR"], ["READONLY"], ["CANTOPEN"])
"""What SQLite reports of the disk that is written to, and not of the rows."""

SEVERAL = 500
"""Rows between two looks at the progress."""

TABLES = ("secret", "ca", "record", "submission", "certificate_order", "earlier_certificate", "lineage", "token_key")
"""Those that are copied, in an order in which each finds what it refers to.

Intents and doomed passwords belong to the day of the backup: since then their names may have got keys. Were they
recovered here and now, passwords would go from the keyring that the store kept aside still needs.
"""

_REFS = {"record": "secret_ref", "submission": "sent_ref", "ca": "secret_ref"}
"""Table -> its column that names passwords in the keyring; those of the copy are read from these."""


def schema_of(connection: sqlite3.Connection) -> set[tuple[str | None, ...]]:
    """Every table, index, trigger and view, text for text, but for where passwords are sealed."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema")
    return {row for row in rows if row[1] != "sealed" and not (row[0] == "table" and SHADOWS.fullmatch(str(row[1])))}


def fresh_schema(version: int) -> set[tuple[str | None, ...]]:
    """What `schema_of` a store is that was made by this version."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        _make(connection, version)
        return schema_of(connection)


def copy_rows(
    source: sqlite3.Connection, version: int, target: sqlite3.Connection, path: Path, progress: Progress
) -> None:
    """Fill `target`, an empty file, with the records of a store of this version, and bring it up to date.

    StorageError where the backup at `path`, which `source` reads, holds what csr-tui never writes.
    """
    _make(target, version)
    target.execute("PRAGMA foreign_keys = ON")
    target.execute("BEGIN")
    try:
        _copy(source, target, progress)
    except sqlite3.Error as error:
        if (getattr(error, "sqlite_errorname", None) or "").split("_")[1:2] in DISK:
            raise
        raise foreign(path, "contradictory rows") from error
    target.execute("COMMIT")
    run_migrations(target, MIGRATIONS, version, lambda _: None)
    target.execute("BEGIN")
    _judge(target, path, progress)
    target.execute("COMMIT")


def foreign(path: Path, why: str) -> StorageError:
    """The sentence on a file that another program has written, or changed."""
    return StorageError(
        f"Another program changed the backup {path}: csr-tui never writes {escaped(why)[:200]}. Nothing was changed. "
        "Use another backup."
    )


def _make(connection: sqlite3.Connection, version: int) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    teach(connection)
    run_migrations(connection, MIGRATIONS[:version], 0, lambda _: None)


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, progress: Progress) -> None:
    """Every row gets a number of its own, in the order in which they were."""
    tables = {row[0] for row in target.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    total = int(source.execute("SELECT count(*) FROM record").fetchone()[0])
    refs = " UNION ".join(
        f"SELECT DISTINCT {column} AS ref, 0 AS doomed FROM {table} WHERE {column} IS NOT NULL"
        for table, column in _REFS.items()
        if table in tables
    )
    for table in (one for one in TABLES if one in tables):
        rows = f"({refs})" if table == "secret" else table
        info = target.execute(f"PRAGMA table_xinfo({table})").fetchall()
        columns = [row[1] for row in info if row[6] == 0 and row[1] != "number"]
        order = "number" if any(row[1] == "number" for row in info) else "1"
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        found = source.execute(f"SELECT {', '.join(columns)} FROM {rows} ORDER BY {order}")
        done = 0
        while several := found.fetchmany(SEVERAL):
            target.executemany(insert, several)
            done += len(several)
            if table == "record":
                progress(done, 2 * total)


def _judge(target: sqlite3.Connection, path: Path, progress: Progress) -> None:
    """Read every row back as the program will, and have it found by its words."""
    total = int(target.execute("SELECT count(*) FROM record").fetchone()[0])
    indexed = target.execute("SELECT 1 FROM search LIMIT 1").fetchone() is not None
    for number, key_pem, root, *row in target.execute(f"SELECT number, key_pem, root, {COLUMNS} FROM {RECORDS}"):
        if number % SEVERAL == 0:
            progress(total + number, 2 * total)
        try:
            record = record_of(tuple(row))
            wrong = next(_wrong(record, key_pem, root), "")
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise foreign(path, f"an unreadable record ({row[0]})") from error
        if wrong:
            raise foreign(path, f"a record ({row[0]}) with such a value: {wrong}")
        if not indexed:
            search.index(target.execute, number, record)
    for text, *times in target.execute("SELECT certificate, not_after, replaced_at FROM earlier_certificate"):
        try:
            good = PEM.fullmatch(text) and all(_is_exact(moment(one)) for one in times)
        except ValueError as error:
            raise foreign(path, "an earlier certificate without a date") from error
        if not good:
            raise foreign(path, "an earlier certificate like this")
    for uri, record_id, noted_at in target.execute("SELECT uri, record_id, noted_at FROM token_key"):
        try:
            good = str(token_uri.parse(uri)) == uri and ID.fullmatch(record_id) and _is_exact(moment(noted_at))
        except (ValueError, UsageError) as error:
            raise foreign(path, "a key on a token without its URI") from error
        if not good:
            raise foreign(path, "a key on a token like this")
    for account_key, *row in target.execute(f"SELECT account_key, {CA_COLUMNS} FROM ca"):
        if not _is_good_ca(row, account_key):
            raise foreign(path, f"a CA like this: {row[0]}")


def _is_good_ca(row: list[Any], account_key: str | None) -> bool:
    try:
        ca = ca_of(row)
    except ValueError:
        return False
    patterns = ((NAME, ca.name), (PEM, ca.trust), (PEM, account_key), (SECRET, ca.secret_ref))
    return all(text is None or pattern.fullmatch(text) for pattern, text in patterns) and _is_exact(ca.created_at)


def _wrong(record: Record, key_pem: str | None, root: str | None) -> Iterator[str]:
    """The names of columns that no record of ours has so."""
    yield from record.damage
    sent, order = record.submission, record.order
    refs = (record.secret_ref, sent.secret_ref if sent else None)
    times: tuple[datetime | None, ...] = (
        record.created_at,
        record.updated_at,
        record.generated_at,
        record.trashed_at,
        record.not_after,
    )
    patterns: tuple[tuple[str, re.Pattern[str], str | None], ...] = (
        ("id", ID, record.id),
        *(("secret_ref", SECRET, ref) for ref in refs),
        ("key_fingerprint", FINGERPRINT, record.key_fingerprint),
        ("csr", PEM, record.csr),
        ("key_pem", PEM, key_pem),
        ("certificate", PEM, record.certificate),
        ("root", PEM, root),
        ("attestation", PEM, record.attestation),
        ("ca", NAME, order.ca if order else None),
    )
    yield from (column for column, pattern, text in patterns if text is not None and not pattern.fullmatch(text))
    if sent is not None:
        times = (*times, sent.sent_at, sent.searched_at)
    if order is not None:
        times = (*times, order.expires, order.sent_at, order.searched_at, order.again_at)
    if not all(map(_is_exact, times)):
        yield "a time without a zone"
    if not all(isinstance(name, str) for name in record.names):
        yield "names"
    if not all(isinstance(text, str) for tag in record.tags for text in (tag.key, tag.value)):
        yield "tags"
    if (record.state is State.ISSUED) != (record.certificate is not None):
        yield "certificate"
    if (record.certificate is None) != (record.not_after is None):
        yield "not_after"
    if not 0 < record.revision < 1 << 53:
        yield "revision"


def _is_exact(time: datetime | None) -> bool:
    """Whether it is in UTC, as every time in a store is."""
    return time is None or time.utcoffset() == timedelta(0)
