"""Removing one record for good, wherever the store has something of it."""

from __future__ import annotations

from collections.abc import Callable

from csr_tui.core.record import State
from csr_tui.errors import Hint, StateError
from csr_tui.storage import lineage, run_files, traces
from csr_tui.storage.backups import OF_RECORDS, backups, purge_from
from csr_tui.storage.database import Database
from csr_tui.storage.ledger import mark_orphaned
from csr_tui.storage.record_writer import RecordWriter
from csr_tui.storage.reporting import as_storage_errors


def purge(database: Database, writer: RecordWriter, record_id: str, reached: Callable[[str], None]) -> bool:
    """Remove a record for good: its row, its words in the search, its traces in the -wal and in backups.

    The password it leaves in the keyring is doomed, unless another record shares it. A backup is purged before the
    commit: whoever is stopped in between still has the record, and can purge it again. False where another program
    reads the -wal, so that traces stay there; the next opening removes them.
    """
    with database.writing() as write:
        writer.refuse_while_busy(record_id)
        record = writer.get(record_id)
        if record.has_remote_draft and record.state is State.DRAFT:
            raise StateError(
                "This draft has a draft at Tencent Cloud, which csr-tui would lose track of.",
                hint=Hint.DETACH,
                record=record_id,
            )
        lineage.refuse_while_needed(write, record_id)
        for table in OF_RECORDS:
            write(f"DELETE FROM {table} WHERE record_id = ?", (record_id,))
        write("UPDATE record SET trashed_at = coalesce(trashed_at, updated_at) WHERE id = ?", (record_id,))
        write("DELETE FROM search WHERE rowid = (SELECT number FROM record WHERE id = ?)", (record_id,))
        write("DELETE FROM record WHERE id = ?", (record_id,))
        write("INSERT INTO search (search) VALUES ('optimize')")
        mark_orphaned(database.execute, record.secret_ref)
        for backup in backups(database.path):
            with as_storage_errors(backup):
                purge_from(backup, record_id, reached)
        traces.note(database.path)
    reached("rows gone")
    run_files.forget(database.path, record_id)
    gone = database.remove_traces()
    reached("traces gone")
    return gone
