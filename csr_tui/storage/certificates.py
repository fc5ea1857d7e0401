"""Certificates: what the store knows of them besides each record's own: roots, and which key is whose."""

from __future__ import annotations

from collections.abc import Sequence

from csr_tui.core.record import Record
from csr_tui.storage.database import Database
from csr_tui.storage.rows import COLUMNS, RECORDS, record_of

MOST_KEYS = 100
"""Asked for at once."""

MOST_CHAINS = 50
MOST_IMPORTED = 10_000


class Certificates:
    """Reads only: a certificate comes in by `RecordStore.attach`, and the database itself keeps what it replaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_keys(self, fingerprints: Sequence[str]) -> tuple[Record, ...]:
        """Every record, in the trash or not, that has one of these keys."""
        known = tuple(dict.fromkeys(fingerprints))
        found: list[Record] = []
        with self._database.reading() as read:
            for at in range(0, len(known), MOST_KEYS):
                some = known[at : at + MOST_KEYS]
                sql = f"SELECT {COLUMNS} FROM {RECORDS} WHERE key_fingerprint IN ({', '.join('?' * len(some))})"
                found += map(record_of, read(sql, some).fetchall())
        return tuple(sorted(found, key=lambda record: record.id))

    def imported(self, algorithm: str) -> tuple[tuple[str, str], ...]:
        """Id and request of each record with a key of this algorithm that was made elsewhere, the newest first."""
        sql = """SELECT id, csr FROM record
                 WHERE key_file <> '' AND csr IS NOT NULL AND algorithm = ? ORDER BY number DESC LIMIT ?"""
        with self._database.reading() as read:
            return tuple((row[0], row[1]) for row in read(sql, (algorithm, MOST_IMPORTED)).fetchall())

    def root(self, record_id: str) -> str | None:
        """The root that a record's chain ends at, as PEM, where it came with the certificate."""
        with self._database.reading() as read:
            row = read("SELECT root FROM record WHERE id = ?", (record_id,)).fetchone()
        return row[0] if row else None

    def chains(self) -> tuple[str, ...]:
        """The chains and roots of other records, the newest first: what CAs used here sent before."""
        sql = """SELECT certificate || coalesce(root, '') FROM record
                 WHERE certificate IS NOT NULL ORDER BY not_after DESC LIMIT ?"""
        with self._database.reading() as read:
            return tuple(row[0] for row in read(sql, (MOST_CHAINS,)).fetchall())
