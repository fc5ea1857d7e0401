"""Journal: what was sent to Tencent Cloud for which record, committed before the first byte leaves."""

from __future__ import annotations

from csr_tui.core.submission import Submission
from csr_tui.errors import Hint, StateError
from csr_tui.storage.database import Database
from csr_tui.storage.journal_rows import SUBMISSION, submission_of, submission_row
from csr_tui.storage.ledger import mark_orphaned

_COLUMNS = ", ".join(SUBMISSION)
_STOPPED = "The program stopped before it had the whole reply."


class Journal:
    """One row for each record that was ever submitted; the database refuses a stage that cannot follow.

    Moves are made by the process that owns the record's intent, so no two of them ever meet.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, record_id: str) -> Submission | None:
        with self._database.reading() as read:
            row = read(f"SELECT {_COLUMNS} FROM submission WHERE record_id = ?", (record_id,)).fetchone()
        return submission_of(row) if row else None

    def of_remote(self, csr_id: int, account: str, endpoint: str) -> Submission | None:
        """The submission that stands for a record of this account, if one does."""
        sql = f"SELECT {_COLUMNS} FROM submission WHERE csr_id = ? AND account = ? AND endpoint = ?"
        with self._database.reading() as read:
            row = read(sql, (csr_id, account, endpoint)).fetchone()
        return submission_of(row) if row else None

    def unsettled(self) -> tuple[Submission, ...]:
        """Those whose outcome is not known, the oldest first; some may be in another process's hands just now."""
        sql = f"""SELECT {_COLUMNS} FROM submission
                  WHERE stage IN ('creating', 'finalising', 'unknown') ORDER BY sent_at, record_id"""
        with self._database.reading() as read:
            return tuple(submission_of(row) for row in read(sql).fetchall())

    def put(self, submission: Submission) -> Submission:
        """Keep a submission as it is now, in a commit of its own."""
        with self._database.writing():
            return self.write(submission)

    def write(self, submission: Submission) -> Submission:
        """Keep a submission, within the transaction that is under way; the password it named before is doomed."""
        columns = [column for column in SUBMISSION if column != "record_id"]
        before = self.get(submission.record_id)
        self._database.execute(
            f"INSERT INTO submission ({_COLUMNS}) VALUES ({', '.join('?' * len(SUBMISSION))}) "
            f"ON CONFLICT (record_id) DO UPDATE SET {', '.join(f'{one} = excluded.{one}' for one in columns)}",
            submission_row(submission),
        )
        if before is not None and before.secret_ref != submission.secret_ref:
            mark_orphaned(self._database.execute, before.secret_ref)
        return submission

    def interrupted(self, record_id: str) -> None:
        """Within a transaction: its process is gone, so what it had sent is unknown; what it had not, never was."""
        self._database.execute(
            "UPDATE submission SET stage = 'unknown', message = ? "
            "WHERE record_id = ? AND stage IN ('creating', 'finalising')",
            (_STOPPED, record_id),
        )
        self._database.execute("DELETE FROM submission WHERE record_id = ? AND stage = 'intent'", (record_id,))

    def drop(self, record_id: str) -> None:
        """Forget what stands for a draft at Tencent Cloud; a generated record keeps its journal."""
        with self._database.writing() as write:
            if write("SELECT 1 FROM intent WHERE record_id = ?", (record_id,)).fetchone():
                raise StateError("This record is being submitted. Wait for it.", hint=Hint.RECONCILE, record=record_id)
            sent = self.get(record_id)
            write("DELETE FROM submission WHERE record_id = ? AND stage <> 'confirmed'", (record_id,))
            mark_orphaned(write, sent.secret_ref if sent else None)
