"""RecordStore: every record on this machine, each change one commit, and no change lost to another copy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from csr_tui.core.order import CertificateOrder
from csr_tui.core.record import Record, State, WizardStep, new_id
from csr_tui.core.submission import Submission
from csr_tui.errors import StateError
from csr_tui.storage import flaws, listing, lookup, purging, search, traces
from csr_tui.storage.batch import Batch
from csr_tui.storage.cas import CAs
from csr_tui.storage.certificates import Certificates
from csr_tui.storage.columns import stamp
from csr_tui.storage.damage import DamagedError
from csr_tui.storage.database import Database, utc_now
from csr_tui.storage.errors import IntentGoneError, StaleError
from csr_tui.storage.intents import Intent, Locks
from csr_tui.storage.journal import Journal
from csr_tui.storage.ledger import UNREFERRED, mark_orphaned
from csr_tui.storage.maintenance import Maintenance
from csr_tui.storage.orders import Orders
from csr_tui.storage.query import Anchor, Query
from csr_tui.storage.record_writer import RecordWriter
from csr_tui.storage.rows import REQUEST, request_of
from csr_tui.storage.schema import MIGRATIONS
from csr_tui.storage.token_keys import TokenKeys


class RecordStore:
    """One SQLite file in a folder of its own; usable from several threads, and by several processes at once.

    Everything raises StorageError, with a sentence, where the file or the disk fails.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        migrations: Sequence[str] = MIGRATIONS,
        reached: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.path = path
        self._database = Database(path, clock, migrations, reached)
        self._writer = RecordWriter(self._database)
        self._locks = Locks(path.parent / "locks")
        self.journal = Journal(self._database)
        self.cas = CAs(self._database)
        self.orders = Orders(self._database)
        self.certificates = Certificates(self._database)
        self.token_keys = TokenKeys(self._database)
        self.maintenance = Maintenance(self._database, self._locks)
        self.batch = Batch(self._database, self._locks, self._writer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def notice(self) -> str | None:
        """What the person should know of the last opening: damage that was met, and what became of it."""
        return self._database.notice

    def mend(self) -> None:
        """Replace a damaged store by what can be read of it; reads the whole file, and leaves a sound one alone."""
        self._database.mend()

    def now(self) -> datetime:
        return self._database.clock()

    def close(self) -> None:
        self._database.close()
        self._locks.close()

    # Records

    def add(self, record: Record) -> Record:
        """Keep a new draft."""
        with self._database.writing():
            return self._writer.insert(record)

    def save(self, record: Record) -> Record:
        """Keep a change; of a generated record only remark, tags and step (StateError for anything else).

        StaleError where the stored revision is another one than this record was read at.
        """
        draft = record.state is State.DRAFT
        columns = (*REQUEST, "password_choice", "protection", "flaws") if draft else REQUEST
        values = (*request_of(record), *((*record.custody.words, None) if draft else ()))
        with self._database.writing() as write:
            self._writer.update(record, columns, values)
            search.update(write, record)
            return self._writer.get(record.id)

    def save_step(self, record_id: str, step: WizardStep) -> None:
        """Keep where the person is in the wizard; that is no change of the record, and its revision stays."""
        with self._database.writing() as write:
            write("UPDATE record SET step = ? WHERE id = ?", (str(step), record_id))

    def get(self, record_id: str) -> Record:
        """The record with this id, in the trash or not."""
        return self._database.read(lambda _: self._writer.get(record_id))

    def find(self, text: str, *, trashed: bool | None = False, fitting: Collection[State] = ()) -> Record:
        """The one record of this id, beginning of an id, or domain; see `lookup.find`. `trashed` is None: anywhere."""
        return self._database.read(lambda read: lookup.find(read, text, trashed=trashed, fitting=fitting))

    def page(
        self, query: Query | None = None, *, anchor: Anchor | None = None, limit: int = 50, backwards: bool = False
    ) -> tuple[Record, ...]:
        """Records in the order of the query: the first after `anchor` or, backwards, the last before it."""
        listed = partial(listing.page, query=query or Query(), anchor=anchor, limit=limit, backwards=backwards)
        try:
            return self._database.read(listed)
        except DamagedError:  # and another copy of the program has it open, so that it cannot be replaced now
            with self._database.reading() as read:
                return listed(read, damaged=True)

    def rows(self, query: Query, *, limit: int) -> Sequence[Record]:
        """The first of the list, each made when it is asked for; of a damaged store as `page` has them."""
        try:
            return self._database.read(lambda read: listing.rows(read, query, limit=limit))
        except DamagedError:
            return self.page(query, limit=limit)

    def count(self, query: Query | None = None) -> int:
        """How many records the list has; of whole shelves it is read from a tally, not counted."""
        return self._database.read(lambda read: listing.count(read, query or Query()))

    def may_leave_out(self, query: Query) -> bool:
        """Whether the bounds of a query may keep matches out of its list."""
        return self._database.read(lambda read: listing.may_leave_out(read, query))

    def approximate_anchor(self, query: Query, place: int) -> Anchor | None:
        """A place about so many records down the list, exact near its ends; None for its top."""
        return self._database.read(lambda read: listing.approximate_anchor(read, query, place))

    def judge(self, most: int = 25) -> bool:
        """Store flaws and issuer of at most `most` records that lack one of them; whether any record was written."""
        return flaws.judge(self._database, most)

    def judge_again(self, record_ids: Collection[str]) -> None:
        """Have these counted once more: their certificates are damaged, and were not when they were counted."""
        with self._database.writing() as write:
            for record_id in record_ids:
                write("UPDATE record SET flaws = NULL WHERE id = ? AND flaws = 0", (record_id,))

    def data_version(self) -> int:
        """Another number than before once another copy of the program has changed the store."""
        return self._database.data_version()

    def key_pem(self, record_id: str) -> str | None:
        """The key at rest: encrypted PKCS#8, or clear where the record is unprotected; None where there is none."""
        row = self._database.read(lambda read: read("SELECT key_pem FROM record WHERE id = ?", (record_id,)).fetchone())
        return None if row is None else row[0]

    def attach(self, record: Record, *, root: str | None) -> Record:
        """Keep `certificate` and `not_after` of a generated record; another certificate in their place becomes history.

        StaleError where the stored revision is another one than this record was read at.
        """
        with self._database.writing():
            self._writer.refuse_while_busy(record.id)
            self._attach(record, root)
            self.orders.attached(record.id)
            return self._writer.get(record.id)

    # The trash

    def trash(self, record_id: str) -> Record:
        """Take a record from the desk; nothing of it is lost."""
        return self._move(record_id, self._database.now())

    def restore(self, record_id: str) -> Record:
        return self._move(record_id, None)

    def purge(self, record_id: str, *, reached: Callable[[str], None] = lambda _: None) -> bool:
        """Remove a record for good; see `purging.purge`."""
        return purging.purge(self._database, self._writer, record_id, reached)

    @property
    def traces_remain(self) -> bool:
        """Whether something that was purged is in the -wal still, because another program reads it."""
        return traces.remain(self.path)

    # Intents and secret references

    def begin(self, record: Record, kind: str, secret_ref: str | None) -> Intent:
        """Commit that this process is about to do something to a record; StateError while another one does."""
        intent = Intent(new_id(), record.id, kind, secret_ref)
        try:
            with self._database.writing() as write:
                self._writer.refuse_while_busy(record.id)
                if self._writer.get(record.id).revision != record.revision:
                    raise StaleError(self._writer.get(record.id))
                if secret_ref is not None:
                    write(
                        "INSERT INTO secret (ref) VALUES (?) ON CONFLICT (ref) DO UPDATE SET doomed = 0", (secret_ref,)
                    )
                self._locks.own(intent.id)
                write(
                    "INSERT INTO intent (id, record_id, kind, secret_ref, created_at) VALUES (?, ?, ?, ?, ?)",
                    (intent.id, record.id, kind, secret_ref, self._database.now()),
                )
        except BaseException:
            self._locks.release(intent.id)
            raise
        return intent

    def complete_generate(self, intent: Intent, record: Record, *, key_pem: str | None) -> Record:
        """Key, CSR and state, and the end of the intent, in one commit; IntentGoneError where it no longer stands."""
        with self._database.writing():
            self._end(intent)
            self._writer.generated(record, key_pem)
            done = self._writer.get(record.id)
            self._writer.read_back(record, key_pem)
        self._locks.release(intent.id)
        return done

    def complete_submit(self, intent: Intent, record: Record, submission: Submission, *, key_pem: str | None) -> Record:
        """What Tencent Cloud made, the end of the submission and of the intent, in one commit.

        Remark, tags and step may have been edited since `record` was read: they stay as they are now.
        """
        with self._database.writing():
            self._end(intent)
            self._writer.generated(replace(record, revision=self._writer.get(record.id).revision), key_pem)
            self.journal.write(submission)
            mark_orphaned(self._database.execute, intent.secret_ref)
            done = self._writer.get(record.id)
            self._writer.read_back(record, key_pem)
        self._locks.release(intent.id)
        return done

    def complete_obtain(self, intent: Intent, record: Record, order: CertificateOrder, *, root: str | None) -> Record:
        """The certificate that a CA issued, the end of its order and of the intent, in one commit.

        Remark, tags and step may have been edited since `record` was read: they stay as they are now.
        """
        with self._database.writing():
            self._end(intent)
            self._attach(replace(record, revision=self._writer.get(record.id).revision), root)
            self.orders.write(order)
            done = self._writer.get(record.id)
        self._locks.release(intent.id)
        return done

    def complete_key_change(self, intent: Intent, record: Record, *, key_pem: str) -> Record:
        """The key under another lock, and the end of the intent, in one commit that dooms the old password."""
        columns = ("password_choice", "protection", "key_pem", "secret_ref")
        values = (*record.custody.words, key_pem, record.secret_ref)
        with self._database.writing():
            self._end(intent)
            old = self._writer.get(record.id).secret_ref
            self._writer.update(record, columns, values)
            if old != record.secret_ref:
                mark_orphaned(self._database.execute, old)
            done = self._writer.get(record.id)
            self._writer.read_back(record, key_pem)
        self._locks.release(intent.id)
        return done

    def abandon(self, intent: Intent) -> bool:
        """Take an intent away and doom its password unless something refers to it; False where it was gone already.

        What it had sent without an answer, to Tencent Cloud or to a CA, becomes an unknown outcome in the same commit.
        Where that fails (a full disk), the intent is nobody's any more, and whoever starts next takes it away.
        """
        try:
            with self._database.writing() as write:
                stood = write("DELETE FROM intent WHERE id = ?", (intent.id,)).rowcount == 1
                if intent.record_id is not None:
                    self.journal.interrupted(intent.record_id)
                    self.orders.interrupted(intent.record_id)
                mark_orphaned(self._database.execute, intent.secret_ref)
        finally:
            self._locks.release(intent.lock)
        return stood

    def take_orphaned_intents(self) -> tuple[Intent, ...]:
        """The intents whose processes are gone; they are this process's from now on, to be abandoned."""
        standing = self.unfinished()
        self._locks.sweep({intent.lock for intent in standing})
        taken = {name for name in {intent.lock for intent in standing} if self._locks.take(name)}
        return tuple(intent for intent in standing if intent.lock in taken)

    def unfinished(self) -> tuple[Intent, ...]:
        """Every intent that stands, whether its process is alive or not."""
        with self._database.reading():
            rows = self._database.execute("SELECT id, record_id, kind, secret_ref FROM intent").fetchall()
            return tuple(Intent(*row) for row in rows)

    def orphaned_secrets(self) -> tuple[str, ...]:
        """The names of passwords in the keyring that nothing refers to any more."""
        with self._database.reading():
            sql = f"SELECT ref FROM secret WHERE doomed = 1 AND {UNREFERRED}"
            return tuple(row[0] for row in self._database.execute(sql))

    def drop_secret(self, ref: str) -> None:
        """Forget a doomed reference, once its password is gone from the keyring."""
        with self._database.writing() as write:
            write(f"DELETE FROM secret WHERE ref = ? AND doomed = 1 AND {UNREFERRED}", (ref,))

    def live_secrets(self) -> tuple[str, ...]:
        """The names of the passwords that the keyring is expected to hold."""
        with self._database.reading():
            return tuple(row[0] for row in self._database.execute("SELECT ref FROM secret WHERE doomed = 0"))

    def integrity(self) -> str:
        """What SQLite says of the whole file: "ok", or what is wrong. Reads all of it."""
        with self._database.reading():
            return str(self._database.execute("PRAGMA integrity_check(1)").fetchone()[0])

    def _attach(self, record: Record, root: str | None) -> None:
        columns = ("state", "certificate", "not_after", "root", "issuer", "flaws")
        values = str(State.ISSUED), record.certificate, stamp(record.not_after), root, flaws.issuer_of(record), None
        self._writer.update(record, columns, values)

    def _move(self, record_id: str, trashed_at: str | None) -> Record:
        with self._database.writing() as write:
            self._writer.refuse_while_busy(record_id)
            there = self._writer.get(record_id)
            if (there.trashed_at is None) == (trashed_at is None):
                raise StateError(
                    "The record is already in the trash." if trashed_at else "The record is not in the trash."
                )
            write(
                "UPDATE record SET trashed_at = ?, updated_at = ?, revision = revision + 1 WHERE id = ?",
                (trashed_at, self._database.now(), record_id),
            )
            return self._writer.get(record_id)

    def _end(self, intent: Intent) -> None:
        if self._database.execute("DELETE FROM intent WHERE id = ?", (intent.id,)).rowcount != 1:
            raise IntentGoneError
