"""Intents: owned by living processes, recovered from dead ones, and never two on one record."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.custody import Custody
from csr_tui.core.record import Origin, Record, State
from csr_tui.errors import StateError, StorageError
from csr_tui.storage import Intent, IntentGoneError, Query, RecordStore, StaleError
from csr_tui.storage.intents import Locks
from csr_tui.storage.schema import APPLICATION_ID

if TYPE_CHECKING:
    from collections.abc import Callable

OWNER = """
import sys
from pathlib import Path
from csr_tui.storage import RecordStore
store = RecordStore(Path(sys.argv[1]))
store.begin(store.get(sys.argv[2]), "generate", "ref-of-the-dead")
print("begun", flush=True)
sys.stdin.read()
"""


def owner(path: Path, record: Record) -> subprocess.Popen[str]:
    """Another process that has begun, and waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(path), record.id], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def finished(store: RecordStore, record: Record, ref: str | None) -> Record:
    intent = store.begin(record, "generate", ref)
    done = replace(record, origin=Origin.LOCAL, csr="CSR", key_fingerprint="ab" * 32, secret_ref=ref)
    return store.complete_generate(intent, done, key_pem="KEY")


def test_an_intent_of_a_living_process_is_left_alone(
    store: RecordStore, path: Path, draft: Callable[..., Record]
) -> None:
    record = store.add(draft())
    process = owner(path, record)
    try:
        assert store.take_orphaned_intents() == ()
        with pytest.raises(StateError, match="is changing this record"):
            store.begin(record, "generate", None)
        with pytest.raises(StateError, match="is changing this record"):
            store.trash(record.id)
    finally:
        end(process)


def test_an_intent_of_a_killed_process_is_recovered_and_its_password_doomed(
    store: RecordStore, path: Path, draft: Callable[..., Record]
) -> None:
    record = store.add(draft())
    end(owner(path, record))

    (intent,) = store.take_orphaned_intents()

    assert (intent.record_id, intent.secret_ref) == (record.id, "ref-of-the-dead")
    assert store.abandon(intent)
    assert store.orphaned_secrets() == ("ref-of-the-dead",)
    assert list((path.parent / "locks").iterdir()) == []
    assert store.begin(record, "generate", None)


def test_only_one_of_two_copies_recovers(store: RecordStore, path: Path, draft: Callable[..., Record]) -> None:
    end(owner(path, store.add(draft())))
    with RecordStore(path) as other:
        taken = [store.take_orphaned_intents(), other.take_orphaned_intents()]

    assert [len(intents) for intents in taken] == [1, 0]


def test_completing_needs_the_intent_to_stand(store: RecordStore, draft: Callable[..., Record]) -> None:
    record = store.add(draft())
    intent = store.begin(record, "generate", "ref")
    store.abandon(intent)

    with pytest.raises(IntentGoneError):
        store.complete_generate(intent, replace(record, csr="C", key_fingerprint="f", secret_ref="ref"), key_pem="KEY")
    assert store.get(record.id).state is State.DRAFT
    assert store.key_pem(record.id) is None


def test_a_draft_that_was_edited_meanwhile_is_not_generated(store: RecordStore, draft: Callable[..., Record]) -> None:
    record = store.add(draft())
    intent = store.begin(record, "generate", None)
    store.save(replace(record, remark="edited meanwhile"))

    with pytest.raises(StaleError):
        store.complete_generate(
            intent, replace(record, origin=Origin.LOCAL, csr="C", key_fingerprint="f"), key_pem="KEY"
        )
    assert store.get(record.id).state is State.DRAFT
    assert store.unfinished() == (intent,)


def test_generating_stores_key_csr_and_state_at_once_and_ends_the_intent(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    done = finished(store, store.add(draft()), "ref")

    assert (done.state, done.csr, done.has_key, done.secret_ref) == (State.GENERATED, "CSR", True, "ref")
    assert done.generated_at is not None
    assert store.key_pem(done.id) == "KEY"
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()
    assert store.live_secrets() == ("ref",)


def test_a_change_of_password_dooms_the_old_reference_in_the_same_commit(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    done = finished(store, store.add(draft()), "old")
    intent = store.begin(done, "password", "new")

    changed = store.complete_key_change(
        intent,
        replace(done, secret_ref="new", custody=Custody.TYPED_KEYRING),
        key_pem="KEY2",
    )

    assert (changed.secret_ref, store.key_pem(done.id)) == ("new", "KEY2")
    assert store.orphaned_secrets() == ("old",)
    store.drop_secret("old")
    assert store.orphaned_secrets() == ()


def test_a_shared_reference_goes_when_its_last_record_goes(store: RecordStore, draft: Callable[..., Record]) -> None:
    one, two = (finished(store, store.add(draft()), "shared") for _ in range(2))

    store.purge(one.id)
    assert store.orphaned_secrets() == ()
    store.purge(two.id)
    assert store.orphaned_secrets() == ("shared",)


def test_a_reference_that_was_dropped_too_early_enters_the_ledger_again(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    record = store.add(draft())
    intent = store.begin(record, "generate", "ref")
    store.abandon(intent)
    store.drop_secret("ref")

    assert store.abandon(intent) is False
    assert store.orphaned_secrets() == ("ref",)


def test_the_ledger_never_gives_up_a_reference_in_use(store: RecordStore, draft: Callable[..., Record]) -> None:
    done = finished(store, store.add(draft()), "ref")

    assert store.abandon(Intent("gone000000", done.id, "generate", "ref")) is False
    store.drop_secret("ref")

    assert store.orphaned_secrets() == ()
    assert store.live_secrets() == ("ref",)


def test_a_lock_that_its_owner_left_in_a_bad_moment_is_swept(store: RecordStore, path: Path) -> None:
    (path.parent / "locks").mkdir(mode=0o700)
    (path.parent / "locks" / "nobody0000.lock").touch(mode=0o600)

    assert store.take_orphaned_intents() == ()

    assert list((path.parent / "locks").iterdir()) == []


def test_the_lock_of_a_living_process_is_never_swept(
    store: RecordStore, path: Path, draft: Callable[..., Record]
) -> None:
    process = owner(path, store.add(draft()))
    try:
        before = list((path.parent / "locks").iterdir())
        store._locks.sweep(())
        assert list((path.parent / "locks").iterdir()) == before != []
    finally:
        end(process)


def refused(store: RecordStore, event: str) -> None:
    store._database.execute(
        f"CREATE TRIGGER full BEFORE {event} ON intent BEGIN SELECT RAISE(ABORT, 'as if full'); END"
    )


def test_an_intent_that_cannot_be_committed_leaves_no_lock(
    store: RecordStore, path: Path, draft: Callable[..., Record]
) -> None:
    record = store.add(draft())
    refused(store, "INSERT")

    with pytest.raises(StorageError):
        store.begin(record, "generate", "ref")

    assert list((path.parent / "locks").iterdir()) == []


def test_an_intent_that_cannot_be_taken_away_is_left_to_whoever_starts_next(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    intent = store.begin(store.add(draft()), "generate", "ref")
    refused(store, "DELETE")
    with pytest.raises(StorageError):
        store.abandon(intent)
    store._database.execute("DROP TRIGGER full")

    assert store.take_orphaned_intents() == (intent,)


def test_a_lock_whose_file_cannot_be_removed_is_no_failure_of_what_was_done(
    store: RecordStore, path: Path, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(type(path), "unlink", forbidden)

    assert finished(store, store.add(draft()), "ref").state is State.GENERATED


def test_an_intent_of_the_version_before_batches_stands_after_the_migration(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True)
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(Path(__file__).with_name("stores").joinpath("version-7.sql").read_text(encoding="utf-8"))
        old.execute("INSERT INTO secret (ref) VALUES ('ref')")
        old.execute("UPDATE intent SET secret_ref = 'ref'")
    intent = Intent("intent0000", "draft00000", "generate", "ref")

    with RecordStore(path) as store:
        assert store.take_orphaned_intents() == store.unfinished() == (intent,)
        assert store.abandon(intent)
        assert "ref" in store.orphaned_secrets()
        assert store.begin(store.get("draft00000"), "generate", None).record_id == "draft00000"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_what_holds_a_password_is_of_no_record_and_ends_with_its_process(
    store: RecordStore, path: Path, draft: Callable[..., Record]
) -> None:
    with RecordStore(path) as other:
        (held,) = other.batch.reserve_secrets("batch", ["ref"])
        assert (held.record_id, held.secret_ref, held.lock) == (None, "ref", "batch")
        assert store.take_orphaned_intents() == ()

    assert store.take_orphaned_intents() == (held,)
    assert store.abandon(held)
    assert store.orphaned_secrets() == ("ref",)
    with pytest.raises(StorageError), store._database.writing() as write:
        write("INSERT INTO intent (id, kind, created_at) VALUES ('nothing', 'generate', '')")


def test_a_record_that_comes_with_its_key_is_as_one_that_was_a_draft_before(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    (held,) = store.batch.reserve_secrets("batch", ["ref"])
    made = replace(draft(), origin=Origin.LOCAL, csr="CSR", key_fingerprint="ab" * 32, secret_ref="ref")

    ((kept, mine),) = store.batch.complete([held], [(None, made, "KEY")])

    assert mine
    assert kept == store.get(made.id)
    assert (kept.state, kept.revision, kept.has_key) == (State.GENERATED, 1, True)
    assert kept.created_at == kept.updated_at == kept.generated_at is not None
    assert store.key_pem(kept.id) == "KEY"
    assert [record.id for record in store.page(Query(search=kept.subject.domain[1:]))] == [kept.id]
    assert store.count(Query(state=State.GENERATED)) == 1
    assert store.batch.complete([held], [(None, made, "ANOTHER")]) == ((kept, False),)
    store.abandon(held)
    with pytest.raises(IntentGoneError):
        store.batch.complete([held], [(None, replace(made, id="0123456789"), "KEY")])


def test_a_new_lock_that_a_sweep_looks_at_just_then_is_owned_all_the_same(path: Path) -> None:
    locks, sweeping = Locks(path.parent), Locks(path.parent)
    path.parent.mkdir(exist_ok=True)
    assert sweeping.take("new")
    owner = threading.Thread(target=locks.own, args=("new",))
    owner.start()
    owner.join(0.1)
    assert owner.is_alive()

    sweeping.release("new")
    owner.join(10)

    assert not owner.is_alive()
    assert not sweeping.take("new")
    locks.release("new")
    assert sweeping.take("new")


def test_a_draft_that_another_copy_just_added_is_generated_as_it_is_stored(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    asked = draft()
    with RecordStore(store.path) as other:
        added = other.add(asked)

    ((kept, mine),) = store.batch.complete(
        [], [(None, replace(asked, origin=Origin.LOCAL, csr="CSR", key_fingerprint="ab" * 32), "KEY")]
    )

    assert mine
    assert kept == store.get(asked.id)
    assert (kept.revision, kept.created_at) == (2, added.created_at)
