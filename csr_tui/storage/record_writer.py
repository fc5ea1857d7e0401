"""One record within the transaction that is under way: added, read, changed, generated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from csr_tui.core.record import Record, State, replace
from csr_tui.errors import Hint, NotFoundError, StateError, StorageError
from csr_tui.storage import lineage, search
from csr_tui.storage.columns import path_text, stamp
from csr_tui.storage.database import Database
from csr_tui.storage.errors import StaleError
from csr_tui.storage.rows import COLUMNS, RECORDS, REQUEST, record_of, request_of, stored_origin

_DRAFT = ("id", "revision", "state", *REQUEST, "password_choice", "protection", "created_at", "updated_at", "ca")
_GENERATED = ("origin", "generated_at", "csr", "key_fingerprint", "key_pem", "secret_ref", "flaws")
_INSERT = (
    f"INSERT INTO record ({', '.join((*_DRAFT, *_GENERATED))}) VALUES ({', '.join('?' * len((*_DRAFT, *_GENERATED)))})"
)


class RecordWriter:
    """What `RecordStore` and `Batch` do to a record, each within a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, record: Record, key_pem: str | None = None) -> Record:
        """A new draft, or with its key a generated record; not read back, for what was given is all there is."""
        at = self._database.clock()
        now = stamp(at)
        request = request_of(record)
        state = State.DRAFT
        generated: tuple[str | int | None, ...] = (None,) * len(_GENERATED)
        if key_pem is not None:
            state = State.GENERATED
            generated = (
                stored_origin(record.origin),
                now,
                record.csr,
                record.key_fingerprint,
                key_pem,
                record.secret_ref,
                0,
            )
        number = self._database.execute(
            _INSERT, (record.id, 1, str(state), *request, *record.custody.words, now, now, record.ca, *generated)
        ).lastrowid
        search.add(self._database.execute, number, record.id, request)
        return replace(
            record,
            revision=1,
            state=state,
            created_at=at,
            updated_at=at,
            generated_at=None if key_pem is None else at,
            has_key=key_pem is not None,
            lineage=lineage.keep(self._database.execute, record),
        )

    def generated(self, record: Record, key_pem: str | None) -> Record:
        """What came with the CSR of a draft; `key_pem` is its key at rest, None where that is elsewhere."""
        at = self._database.clock()
        columns = (
            "state",
            "origin",
            "password_choice",
            "protection",
            "algorithm",
            "key_parameter",
            "key_file",
            "token",
            "attestation",
            "generated_at",
            "csr",
            "key_fingerprint",
            "key_pem",
            "secret_ref",
            "flaws",
        )
        values = (
            str(State.GENERATED),
            stored_origin(record.origin),
            *record.custody.words,
            record.key.algorithm,
            record.key.parameter,
            path_text(record.key_file),
            "" if record.token is None else str(record.token),
            record.attestation,
            stamp(at),
            record.csr,
            record.key_fingerprint,
            key_pem,
            record.secret_ref,
            0,
        )
        self.update(record, columns, values, at)
        if record.token is not None:
            self._database.execute("DELETE FROM token_key WHERE uri = ?", (str(record.token),))
        return replace(
            record,
            revision=record.revision + 1,
            state=State.GENERATED,
            updated_at=at,
            generated_at=at,
            has_key=key_pem is not None,
        )

    def read_back(self, record: Record, key_pem: str | None) -> None:
        """Compare what is about to be committed with what was given; StorageError, and no commit, where they differ."""
        columns = "csr, key_fingerprint, key_pem, secret_ref, password_choice, protection"
        row = self._database.execute(f"SELECT {columns} FROM record WHERE id = ?", (record.id,)).fetchone()
        if row != (record.csr, record.key_fingerprint, key_pem, record.secret_ref, *record.custody.words):
            raise StorageError(
                f"The store {self._database.path} did not save the key of {record.id} correctly, so nothing was saved. "
                "Another program may have changed the store. Restore a backup."
            )

    def get(self, record_id: str) -> Record:
        """The record with this id; NotFoundError where there is none."""
        row = self._database.execute(f"SELECT {COLUMNS} FROM {RECORDS} WHERE id = ?", (record_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"Record {record_id} no longer exists.")
        return record_of(row)

    def update(self, record: Record, columns: Sequence[str], values: Sequence[Any], at: datetime | None = None) -> None:
        """Set columns of the revision that `record` was read at, and only of that."""
        if record.damage:
            raise StateError(
                f"This record is damaged in the store ({', '.join(record.damage)}), so it was not changed. "
                "Repair the store first."
            )
        assignments = ", ".join(f"{column} = ?" for column in columns)
        changed = self._database.execute(
            f"UPDATE record SET {assignments}, updated_at = ?, revision = revision + 1 WHERE id = ? AND revision = ?",
            (*values, stamp(at or self._database.clock()), record.id, record.revision),
        ).rowcount
        if not changed:
            raise StaleError(self.get(record.id))

    def refuse_while_busy(self, record_id: str) -> None:
        """A record with an intent is somebody's; one whose owner is dead waits for recovery."""
        row = self._database.execute("SELECT kind FROM intent WHERE record_id = ?", (record_id,)).fetchone()
        if row is not None:
            raise StateError(
                f"Another csr-tui, or an interrupted one, is changing this record ({row[0]}).",
                hint=Hint.MEND,
                record=record_id,
            )
