"""Many records at once: drafts added, claimed and completed a hundred to a commit, under one lock and one password."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from csr_tui.storage.errors import IntentGoneError
from csr_tui.storage.intents import Intent
from csr_tui.storage.ledger import doom
from csr_tui.storage.query import SHELVES
from csr_tui.storage.rows import COLUMNS, RECORDS, record_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csr_tui.core.record import Record
    from csr_tui.storage.changing import Changing
    from csr_tui.storage.database import Database
    from csr_tui.storage.intents import Locks


FREE = """
    SELECT id, revision FROM record
    WHERE id IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM intent WHERE record_id = record.id)
    AND NOT EXISTS (SELECT 1 FROM submission WHERE record_id = record.id AND (csr_id IS NOT NULL OR stage IN (
        'creating', 'unknown'
    )))
"""
"""Those of the ids that nobody works on, and that no draft at Tencent Cloud stands for (`Submission.tied`)."""


class Batch:
    """What `RecordStore` does for one record, for many in one commit.

    The intents of a batch are owned by one lock: their ids begin with its name. Each belongs to one record, so that
    nobody else touches that; each names the batch's password, so that this is kept while any of them stands.
    """

    def __init__(self, database: Database, locks: Locks, changing: Changing) -> None:
        self._database = database
        self._locks = locks
        self._changing = changing

    def known(self, ids: Sequence[str]) -> dict[str, Record]:
        """Those of the ids that there are records of, in the trash or not."""
        sql = f"SELECT {COLUMNS} FROM {RECORDS} WHERE id IN (SELECT value FROM json_each(?))"
        with self._database.reading() as read:
            return {row[0]: record_of(row) for row in read(sql, (json.dumps(ids),)).fetchall()}

    def asking_for(self, domains: Sequence[str]) -> dict[str, str]:
        """Domain -> the id of a record on the desk that asks for it, for those of the domains that have one."""
        desk = [number for number, shelf in enumerate(SHELVES) if not shelf.trashed]
        sql = (
            "SELECT domain, id FROM record WHERE shelf IN (SELECT value FROM json_each(?)) "
            "AND domain IN (SELECT value FROM json_each(?))"
        )
        with self._database.reading() as read:
            return dict(read(sql, (json.dumps(desk), json.dumps(domains))).fetchall())

    def sharing(self, ref: str) -> int:
        """How many records have their password under this name."""
        with self._database.reading() as read:
            return int(read("SELECT count(*) FROM record WHERE secret_ref = ?", (ref,)).fetchone()[0])

    def add(self, drafts: Sequence[Record]) -> tuple[tuple[Record, bool], ...]:
        """Keep those of the drafts whose ids are new, in one commit; each as it is kept, and whether it was new."""
        with self._database.writing() as write:
            sql = "SELECT id FROM record WHERE id IN (SELECT value FROM json_each(?))"
            there = self.known([row[0] for row in write(sql, (_ids(drafts),))])
            insert = self._changing.insert
            return tuple((there[one.id], False) if one.id in there else (insert(one), True) for one in drafts)

    def begin(self, name: str, records: Sequence[Record], refs: Sequence[str | None]) -> tuple[Intent, ...]:
        """Commit that this process is about to generate these drafts, each under the password named beside it.

        `name` is the batch's, and its lock's. A record that another one works on, or changed, is passed over.
        """
        with self._database.writing() as write:
            self._locks.take(name)
            there = dict(write(FREE, (_ids(records),)).fetchall())
            intents = tuple(
                Intent(f"{name}.{record.id}", record.id, "generate", ref)
                for record, ref in zip(records, refs, strict=True)
                if there.get(record.id) == record.revision
            )
            for ref in {intent.secret_ref for intent in intents} - {None}:
                write("INSERT INTO secret (ref) VALUES (?) ON CONFLICT (ref) DO UPDATE SET doomed = 0", (ref,))
            for intent in intents:
                write(
                    "INSERT INTO intent (id, record_id, kind, secret_ref, created_at) VALUES (?, ?, ?, ?, ?)",
                    (intent.id, intent.record_id, intent.kind, intent.secret_ref, self._database.now()),
                )
        return intents

    def complete(self, done: Sequence[tuple[Intent, Record, str]]) -> tuple[Record, ...]:
        """Keys, CSRs and states, and the end of these intents, in one commit; IntentGoneError where one was taken."""
        with self._database.writing() as write:
            sql = "DELETE FROM intent WHERE id IN (SELECT value FROM json_each(?))"
            if write(sql, (json.dumps([intent.id for intent, _, _ in done]),)).rowcount != len(done):
                raise IntentGoneError
            return tuple(self._changing.generated(record, key_pem) for _, record, key_pem in done)

    def abandon(self, intents: Sequence[Intent]) -> int:
        """Take these intents away, and doom their passwords unless something refers to them; how many still stood."""
        with self._database.writing() as write:
            stood = sum(write("DELETE FROM intent WHERE id = ?", (intent.id,)).rowcount for intent in intents)
            for ref in {intent.secret_ref for intent in intents}:
                doom(write, ref)
        return stood

    def release(self, name: str) -> None:
        """Let go of the lock of a batch that is done with."""
        self._locks.release(name)


def _ids(records: Sequence[Record]) -> str:
    """Ids as SQLite's `json_each` takes them: one statement for all."""
    return json.dumps([record.id for record in records])
