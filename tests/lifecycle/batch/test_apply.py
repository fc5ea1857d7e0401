"""Many requests at once: all or none for errors, nothing twice, and killed at every point without a loss."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lifecycle.batch.tables import GENERATE, opened, planned

from csr_tui.core import table_file
from csr_tui.core.custody import Custody
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, PasswordError, StateError, StorageError, VaultError
from csr_tui.lifecycle import generate, passwords, recovery
from csr_tui.lifecycle.batch import apply, generate_many, processes
from csr_tui.lifecycle.batch.generate_many import BatchOptions
from csr_tui.storage import Query, RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import MemoryKeyring

    from csr_tui.vault import Vault


def test_every_row_becomes_a_generated_record_under_one_password(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring
) -> None:
    ended = apply.run(store, vault, planned(store), GENERATE)

    assert [one.record.state for one in ended] == [State.GENERATED] * 5
    assert len(keyring.kept) == 1
    assert len({one.record.key_fingerprint for one in ended}) == 5
    assert all(opened(store, vault, store.get(one.record.id)) for one in ended)
    assert all(one.record == store.get(one.record.id) for one in ended)
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()
    assert list((store.path.parent / "locks").iterdir()) == []


def test_a_row_with_errors_keeps_every_row_from_being_planned_as_good(store: RecordStore) -> None:
    found = planned(store, 2, more="bad_name.example.com,ECC\n")

    assert [row.line.number for row in found.bad] == [4]
    assert len(found.good) == 2
    assert store.count() == 0


def test_the_same_call_makes_nothing_twice(store: RecordStore, vault: Vault) -> None:
    first = apply.run(store, vault, planned(store), GENERATE)
    again = apply.run(store, vault, planned(store), GENERATE)

    assert store.count() == 5
    assert [one.record for one in again] == [one.record for one in first]
    assert not any(one.added or one.generated for one in again)


def test_drafts_of_an_earlier_call_are_generated_by_a_later_one(store: RecordStore, vault: Vault) -> None:
    drafts = apply.run(store, vault, planned(store, options=BatchOptions()), BatchOptions())
    ended = apply.run(store, vault, planned(store), GENERATE)

    assert [one.record.state for one in drafts] == [State.DRAFT] * 5
    assert [one.record.id for one in ended] == [one.record.id for one in drafts]
    assert all(one.generated and not one.added for one in ended)


def test_a_record_on_the_desk_that_asks_for_the_same_domain_is_told(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    other = draft()

    found = planned(store, 1, more="www.example.com,ECC\n")

    assert other.id in found.rows[1].findings[-1].message
    assert not found.bad


def test_a_row_whose_record_is_in_the_trash_is_left_there_and_told(store: RecordStore, vault: Vault) -> None:
    (first, *_) = apply.run(store, vault, planned(store, options=BatchOptions()), BatchOptions())
    store.trash(first.record.id)

    ended = apply.run(store, vault, planned(store), GENERATE)

    assert isinstance(ended[0].error, StateError)
    assert store.get(first.record.id).state is State.DRAFT
    assert all(one.generated for one in ended[1:])


def test_without_a_keyring_nothing_at_all_is_kept(store: RecordStore, vault: Vault, keyring: MemoryKeyring) -> None:
    def missing() -> None:
        raise VaultError("none")

    vault.require = missing  # type: ignore[method-assign]

    with pytest.raises(VaultError):
        apply.run(store, vault, planned(store), GENERATE)
    assert store.count() == 0


@pytest.mark.parametrize("drafts", [0, 5])
def test_a_keyring_that_fails_leaves_what_was_there_and_nothing_half_done(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, drafts: int
) -> None:
    if drafts:
        apply.run(store, vault, planned(store, drafts, BatchOptions()), BatchOptions())
    keyring.broken = True

    with pytest.raises(VaultError):
        apply.run(store, vault, planned(store), GENERATE)

    assert store.count(Query(state=State.DRAFT)) == store.count() == drafts
    assert store.unfinished() == ()
    keyring.broken = False
    assert all(one.generated for one in apply.run(store, vault, planned(store), GENERATE))
    assert len(keyring.kept) == 1


def test_the_password_of_a_batch_goes_with_its_last_record(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring
) -> None:
    first, second, third = (one.record for one in apply.run(store, vault, planned(store, 3), GENERATE))

    recovery.purge(store, vault, first)
    passwords.change(store, vault, second, new=None)
    assert opened(store, vault, third)
    assert opened(store, vault, store.get(second.id))
    assert len(keyring.kept) == 2

    recovery.purge(store, vault, third)
    assert len(keyring.kept) == 1
    recovery.purge(store, vault, second)
    assert keyring.kept == {}


def test_forgetting_the_password_of_one_leaves_it_for_the_others(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring
) -> None:
    first, second = (one.record for one in apply.run(store, vault, planned(store, 2), GENERATE))
    shared = passwords.show(store, vault, first)

    forgotten = passwords.forget(store, vault, first, password=shared)

    assert forgotten.custody.held_by_person
    assert opened(store, vault, second)
    assert opened(store, vault, forgotten, shared)


def test_a_password_of_the_persons_own_opens_every_key(store: RecordStore, vault: Vault) -> None:
    secret = Secret("correct horse battery staple")
    options = BatchOptions(generate=True, protection="prompt", typed=secret)

    ended = apply.run(store, vault, planned(store, 2), options)

    assert all(opened(store, vault, one.record, secret) for one in ended)
    with pytest.raises(PasswordError):
        apply.run(store, vault, planned(store, 3), BatchOptions(generate=True, protection="prompt"))
    assert store.count() == 2


def test_each_row_is_locked_as_it_says(store: RecordStore, vault: Vault, keyring: MemoryKeyring) -> None:
    found = table_file.read(
        b"Domain,EncryptAlgo,password_choice,protection\n"
        b"a.example.com,ECC,none,unprotected\nb.example.com,ECC,,\nc.example.com,ECC,none,keyring\n"
    )
    ended = apply.run(store, vault, apply.plan(store, found, GENERATE, progress=lambda *_: None), GENERATE)

    kept = [one.record.custody.words for one in ended]
    assert kept == [
        ("none", "unprotected"),
        ("random", "keyring"),
        ("none", "keyring"),
    ]
    assert all(opened(store, vault, one.record) for one in ended)
    assert len(keyring.kept) == 2


def test_files_of_every_row_are_written_and_a_second_call_finds_them_done(
    store: RecordStore, vault: Vault, tmp_path: Path
) -> None:
    options = BatchOptions(generate=True, folder=tmp_path / "out")
    apply.run(store, vault, planned(store, options=options), options)
    (tmp_path / "out" / "h3.example.com.csr").unlink()

    ended = apply.run(store, vault, planned(store, options=options), options)

    assert len(list((tmp_path / "out").iterdir())) == 15
    outcomes = [str(file.outcome) for one in ended for file in one.files]
    assert (outcomes.count("unchanged"), outcomes.count("written")) == (14, 1)


def test_rows_whose_files_would_meet_are_errors_before_anything_is_made(store: RecordStore, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "h1.example.com.key").write_text("somebody else's")

    found = planned(store, 2, BatchOptions(generate=True, folder=folder), more="H0.example.com,RSA\n")

    assert [(row.line.number, row.errors[0].field) for row in found.bad] == [(3, "domain"), (4, "domain")]
    assert "line 2" in found.bad[1].errors[0].message


def test_several_processes_make_the_keys_of_many_rows(store: RecordStore, vault: Vault, keyring: MemoryKeyring) -> None:
    count = generate_many.FEW + generate_many.AT_ONCE * 2
    seen: list[int] = []

    ended = apply.run(
        store,
        vault,
        planned(store, count),
        GENERATE,
        progress=lambda what, done, _: seen.append(done) if what == "generating" else None,
    )

    assert all(one.generated for one in ended)
    assert seen == sorted(seen)
    assert seen[-1] == count
    assert len(keyring.kept) == 1
    assert all(opened(store, vault, one.record) for one in ended[::50])
    assert store.unfinished() == ()


def test_a_worker_that_dies_is_told_and_the_same_call_goes_on(
    store: RecordStore, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = generate_many.FEW + generate_many.AT_ONCE * 2
    begin = processes.Workers.begin

    def begin_and_die(
        self: processes.Workers, prepare: processes.Prepare[object, object, object], common: object
    ) -> processes.Job[object, object]:
        work = begin(self, prepare, common)
        assert self._first is not None
        os.killpg(self._first.pid, signal.SIGKILL)
        return work

    monkeypatch.setattr(processes.Workers, "begin", begin_and_die)
    with pytest.raises(CsrTuiError, match="worker process died"):
        apply.run(store, vault, planned(store, count), GENERATE)
    monkeypatch.undo()

    assert store.unfinished() == ()
    assert all(one.record.state is State.GENERATED for one in apply.run(store, vault, planned(store, count), GENERATE))
    assert store.count() == count


def test_what_is_made_stays_when_it_is_stopped_and_the_rest_is_drafts(store: RecordStore, vault: Vault) -> None:
    count = generate_many.FEW + generate_many.AT_ONCE * 3
    made = threading.Event()

    def watch(what: str, done: int, total: int) -> None:
        if what == "generating" and done >= generate_many.AT_ONCE:
            made.set()

    ended = apply.run(store, vault, planned(store, count), GENERATE, progress=watch, stopped=made.is_set)

    done = [one for one in ended if one.generated]
    assert generate_many.AT_ONCE <= len(done) < count
    assert store.count(Query(state=State.GENERATED)) == len(done)
    assert store.count() == count
    assert store.unfinished() == ()


def test_a_disk_that_is_full_to_the_end_leaves_a_batch_that_this_process_can_do_again(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(store.batch, "complete", full)
        patch.setattr(store.batch, "abandon", full)
        with pytest.raises(StorageError):
            apply.run(store, vault, planned(store), GENERATE)
    assert [intent.record_id for intent in store.unfinished()] == [None]

    said = recovery.recover(store, vault)

    assert said == ("The last batch was interrupted. Saved records are intact; run it again to continue.",)
    assert all(one.generated for one in apply.run(store, vault, planned(store), GENERATE))
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()
    assert len(keyring.kept) == 1


def test_each_password_is_put_with_the_first_draft_that_it_is_for(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring
) -> None:
    count = 2 * generate_many.AT_ONCE
    rows = "".join(f"n{number}.example.com,ECC,none\n" for number in range(count)) + "z.example.com,ECC,random\n"
    source = table_file.read(f"Domain,EncryptAlgo,password_choice\n{rows}".encode())
    kept: list[int] = []

    found = apply.plan(store, source, GENERATE, progress=lambda *_: None)
    apply.run(
        store,
        vault,
        found,
        GENERATE,
        reached=lambda label: kept.append(len(keyring.kept)) if label == "claimed" else None,
    )

    assert kept == [0, 1]
    assert len(keyring.kept) == 2


def test_a_draft_that_is_to_use_a_key_which_is_there_gets_no_new_one(store: RecordStore, vault: Vault) -> None:
    plain = apply.run(store, vault, planned(store, 1, BatchOptions()), BatchOptions())[0].record
    own = store.add(replace(plain, id="own0000000", key_file="/tmp/own.key"))

    done, refused = generate_many.generate_all(store, vault, [plain, own], GENERATE)

    assert done.generated
    assert "an existing key" in str(refused.error)
    assert store.get(own.id) == own


def test_the_recovery_of_a_killed_batch_is_told_in_one_sentence(store: RecordStore, vault: Vault) -> None:
    drafts = [one.record for one in apply.run(store, vault, planned(store, options=BatchOptions()), BatchOptions())]
    other = RecordStore(store.path)
    other.batch.reserve_secrets("abandoned1", ["batch-x"])
    other.batch.begin("abandoned1", drafts)
    other.close()

    said = recovery.recover(store, vault)

    assert len(said) == 1
    assert "The last change of 5 records was interrupted" in said[0]
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()
    assert generate.generate(store, vault, drafts[0], Custody.RANDOM_KEYRING).has_key
