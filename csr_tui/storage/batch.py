"""Many records at once: drafts added, claimed and completed a hundred to a commit, under one lock and one password."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from csr_tui.storage.errors import IntentGoneError
from csr_tui.storage.intents import Intent
from csr_tui.storage.ledger import doom
from csr_tui.storage.rows import COLUMNS, RECORDS, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from csr_tui.core.record import Record
    from csr_tui.storage.database import Database
    from csr_tui.storage.intents import Locks


class Batch:
    """What `RecordStore` does for one record, for many in one commit.

    The intents of a batch are owned by one lock: their ids begin with its name. Each belongs to one record, so that
    nobody else touches that; each names the batch's password, so that this is kept while any of them stands.
    """

    def __init__(
        self,
        database: Database,
        locks: Locks,
        *,
        insert: Callable[[Record], None],
        generated: Callable[[Record, str | None], Record],
    ) -> None:
        """`insert` and `generated` change one record within the transaction that is under way."""
        self._database = database
        self._locks = locks
        self._insert = insert
        self._generated = generated

    def known(self, ids: Sequence[str]) -> dict[str, Record]:
        """Those of the ids that there are records of, in the trash or not."""
        sql = f"SELECT {COLUMNS} FROM {RECORDS} WHERE id IN (SELECT value FROM json_each(?))"
        with self._database.reading() as read:
            return {row[0]: record_of(row) for row in read(sql, (json.dumps(list(ids)),)).fetchall()}

    def asking_for(self, domains: Sequence[str]) -> dict[str, str]:
        """Domain -> the id of a record on the desk that asks for it, for those of the domains that have one."""
        sql = (
            "SELECT domain, id FROM record "
            "WHERE trashed_at IS NULL AND domain IN (SELECT value FROM json_each(?)) ORDER BY number"
        )
        with self._database.reading() as read:
            return dict(read(sql, (json.dumps(list(domains)),)).fetchall())

    def add(self, drafts: Sequence[Record]) -> int:
        """Keep those of the drafts whose ids are new, in one commit; how many that were."""
        with self._database.writing() as write:
            fresh = [one for one in drafts if not write("SELECT 1 FROM record WHERE id = ?", (one.id,)).fetchone()]
            for draft in fresh:
                self._insert(draft)
        return len(fresh)

    def begin(self, name: str, records: Sequence[Record], refs: Sequence[str | None]) -> tuple[Intent, ...]:
        """Commit that this process is about to generate these drafts, each under the password named beside it.

        `name` is the batch's, and its lock's. A record that another one works on, or changed, is passed over.
        """
        intents = []
        with self._database.writing() as write:
            self._locks.take(name)
            there = self.known([record.id for record in records])
            for record, ref in zip(records, refs, strict=True):
                busy = write("SELECT 1 FROM intent WHERE record_id = ?", (record.id,)).fetchone()
                now = there.get(record.id)
                if busy or now is None or now.revision != record.revision or now.tied:
                    continue
                if ref is not None:
                    write("INSERT INTO secret (ref) VALUES (?) ON CONFLICT (ref) DO UPDATE SET doomed = 0", (ref,))
                intent = Intent(f"{name}.{record.id}", record.id, "generate", ref)
                write(
                    "INSERT INTO intent (id, record_id, kind, secret_ref, created_at) VALUES (?, ?, ?, ?, ?)",
                    (intent.id, record.id, intent.kind, ref, self._database.now()),
                )
                intents.append(intent)
        return tuple(intents)

    def complete(self, done: Sequence[tuple[Intent, Record, str]]) -> tuple[Record, ...]:
        """Keys, CSRs and states, and the end of these intents, in one commit; IntentGoneError where one was taken."""
        kept = []
        with self._database.writing() as write:
            for intent, record, key_pem in done:
                if write("DELETE FROM intent WHERE id = ?", (intent.id,)).rowcount != 1:
                    raise IntentGoneError
                kept.append(self._generated(record, key_pem))
        return tuple(kept)

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
