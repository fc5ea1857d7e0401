"""Many records at once: added, claimed and completed a hundred to a commit, under one lock and few passwords."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from csr_tui.core.record import Record, State
from csr_tui.storage.database import Database
from csr_tui.storage.errors import IntentGoneError, StaleError
from csr_tui.storage.intents import Intent, Locks
from csr_tui.storage.ledger import mark_orphaned
from csr_tui.storage.query import GROUPS
from csr_tui.storage.record_writer import RecordWriter
from csr_tui.storage.rows import COLUMNS, RECORDS, record_of

CLAIMABLE = """
    SELECT id, revision FROM record
    WHERE id IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM intent WHERE record_id = record.id)
    AND NOT EXISTS (SELECT 1 FROM submission WHERE record_id = record.id AND (csr_id IS NOT NULL OR stage IN (
        'creating', 'unknown'
    )))
"""
"""Of the ids, those that nobody works on, and no draft at Tencent Cloud stands for (`Submission.has_remote_draft`)."""


class Batch:
    """What `RecordStore` does for one record, for many in one commit.

    The intents of a batch are owned by one lock: their ids begin with its name. One for each of its passwords stands
    from before that is in the keyring to the batch's end, so that it is kept meanwhile, whatever is purged; and one
    for each draft, so that nobody else touches that. What is new is nobody's before it is kept.
    """

    def __init__(self, database: Database, locks: Locks, writer: RecordWriter) -> None:
        self._database = database
        self._locks = locks
        self._writer = writer

    def known(self, ids: Sequence[str]) -> dict[str, Record]:
        """Those of the ids that there are records of, in the trash or not."""
        if not ids:
            return {}
        sql = f"SELECT {COLUMNS} FROM {RECORDS} WHERE id IN (SELECT value FROM json_each(?))"
        with self._database.reading() as read:
            return {row[0]: record_of(row) for row in read(sql, (json.dumps(ids),)).fetchall()}

    def by_domain(self, domains: Sequence[str]) -> dict[str, str]:
        """Domain -> the id of a record on the desk that asks for it, for those of the domains that have one."""
        desk = [number for number, group in enumerate(GROUPS) if not group.trashed]
        sql = (
            "SELECT domain, id FROM record WHERE shelf IN (SELECT value FROM json_each(?)) "
            "AND domain IN (SELECT value FROM json_each(?))"
        )
        with self._database.reading() as read:
            return dict(read(sql, (json.dumps(desk), json.dumps(domains))).fetchall())

    def shared_by(self, ref: str) -> int:
        """How many records have their password under this name."""
        with self._database.reading() as read:
            return int(read("SELECT count(*) FROM record WHERE secret_ref = ?", (ref,)).fetchone()[0])

    def add(self, drafts: Sequence[Record]) -> tuple[tuple[Record, bool], ...]:
        """Keep those of the drafts whose ids are new, in one commit; each as it is kept, and whether it was new."""
        with self._database.writing():
            stored = self._stored(drafts)
            insert = self._writer.insert
            return tuple((stored[one.id], False) if one.id in stored else (insert(one), True) for one in drafts)

    def reserve_secrets(self, name: str, refs: Sequence[str], kind: str = "generate") -> tuple[Intent, ...]:
        """Commit that passwords are about to be put into the keyring under these names, for the batch of this name."""
        with self._database.writing() as write:
            self._locks.own(name)
            for ref in refs:
                write("INSERT INTO secret (ref) VALUES (?) ON CONFLICT (ref) DO UPDATE SET doomed = 0", (ref,))
            return self._begun(Intent(f"{name}.{ref}", None, kind, ref) for ref in refs)

    def begin(self, name: str, drafts: Sequence[Record]) -> tuple[Intent, ...]:
        """Commit that the batch of this name, which is this process's, is about to generate these drafts.

        A record that another one works on, or changed, is passed over.
        """
        with self._database.writing() as write:
            self._locks.own(name)
            there = dict(write(CLAIMABLE, (_ids(drafts),)).fetchall())
            free = [one for one in drafts if there.get(one.id) == one.revision]
            return self._begun(Intent(f"{name}.{one.id}", one.id, "generate", None) for one in free)

    def complete(
        self, reserved: Sequence[Intent], done: Sequence[tuple[Intent | None, Record, str | None]]
    ) -> tuple[tuple[Record, bool], ...]:
        """Keep records with their CSRs and keys, in one commit that ends their intents; those without are new.

        A draft of the same id that nobody has touched since it was added is generated instead. Each as it is kept,
        and whether that is what was given: not where somebody changed it, or another one came first.
        IntentGoneError where one of the intents, or of those that hold the passwords, was taken away.
        """
        with self._database.writing() as write:
            counted = "SELECT count(*) FROM intent WHERE id IN (SELECT value FROM json_each(?))"
            if write(counted, (_ids(reserved),)).fetchone()[0] != len(reserved):
                raise IntentGoneError
            intents = [intent for intent, _, _ in done if intent is not None]
            ended = "DELETE FROM intent WHERE id IN (SELECT value FROM json_each(?))"
            if write(ended, (_ids(intents),)).rowcount != len(intents):
                raise IntentGoneError
            stored = self._stored([record for intent, record, _ in done if intent is None])
            free = dict(write(CLAIMABLE, (json.dumps(list(stored)),)).fetchall()) if stored else {}
            completed = []
            for _, record, pem in done:
                old = stored.get(record.id)
                if record.revision:
                    completed.append(self._generated(record, pem))
                elif old is None:
                    completed.append((self._writer.insert(record, pem), True))
                elif old.state is State.DRAFT and free.get(old.id) == 1:
                    self._writer.generated(replace(record, revision=1), pem)
                    completed.append((self._writer.get(record.id), True))
                else:
                    completed.append((old, False))
            for (_, record, pem), (_, taken) in zip(done, completed, strict=True):
                if taken:
                    self._writer.read_back(record, pem)
            return tuple(completed)

    def abandon(self, intents: Sequence[Intent]) -> int:
        """Take these intents away, and doom their passwords unless something refers to them; how many still stood."""
        with self._database.writing() as write:
            stood = sum(write("DELETE FROM intent WHERE id = ?", (intent.id,)).rowcount for intent in intents)
            for ref in {intent.secret_ref for intent in intents}:
                mark_orphaned(write, ref)
        return stood

    def release(self, name: str) -> None:
        """Let go of the lock of a batch that is done with."""
        self._locks.release(name)

    def _stored(self, new: Sequence[Record]) -> dict[str, Record]:
        """Those whose ids are taken."""
        sql = "SELECT id FROM record WHERE id IN (SELECT value FROM json_each(?))"
        return self.known([row[0] for row in self._database.execute(sql, (_ids(new),))])

    def _generated(self, record: Record, key_pem: str | None) -> tuple[Record, bool]:
        try:
            return self._writer.generated(record, key_pem), True
        except StaleError as error:
            return error.current, False

    def _begun(self, intents: Iterable[Intent]) -> tuple[Intent, ...]:
        sql = "INSERT INTO intent (id, record_id, kind, secret_ref, created_at) VALUES (?, ?, ?, ?, ?)"
        begun = tuple(intents)
        for one in begun:
            self._database.execute(sql, (one.id, one.record_id, one.kind, one.secret_ref, self._database.now()))
        return begun


def _ids(those: Sequence[Record | Intent]) -> str:
    """Ids as SQLite's `json_each` takes them: one statement for all."""
    return json.dumps([one.id for one in those])
