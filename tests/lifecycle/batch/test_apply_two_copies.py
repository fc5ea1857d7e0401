"""Applying a table while another copy of the program works on the same records: each row is made by one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lifecycle.batch.tables import GENERATE, opened, planned

from csr_tui.core.record import Record, State, new_id
from csr_tui.core.submission import Stage, Submission
from csr_tui.errors import StateError
from csr_tui.lifecycle import recovery
from csr_tui.lifecycle.batch import apply, generate_many
from csr_tui.lifecycle.batch.generate_many import BatchOptions
from csr_tui.storage import IntentGoneError, Query, RecordStore

if TYPE_CHECKING:
    from support import MemoryKeyring

    from csr_tui.vault import Vault


def test_a_draft_that_another_copy_added_meanwhile_is_not_added_again(store: RecordStore, vault: Vault) -> None:
    found = planned(store)
    apply.run(store, vault, planned(store), BatchOptions())

    ended = apply.run(store, vault, found, GENERATE)

    assert store.count() == 5
    assert all(one.generated for one in ended)


def test_a_record_that_somebody_works_on_is_left_to_them(store: RecordStore, vault: Vault) -> None:
    (first, *_) = apply.run(store, vault, planned(store, options=BatchOptions()), BatchOptions())
    found = planned(store)
    intent = store.begin(first.record, "generate", None)

    ended = apply.run(store, vault, found, GENERATE)

    assert isinstance(ended[0].error, StateError)
    assert store.get(first.record.id).state is State.DRAFT
    assert all(one.generated for one in ended[1:])
    store.abandon(intent)


def test_a_draft_that_stands_for_one_at_tencent_cloud_is_never_claimed(store: RecordStore) -> None:
    free, tied, sent = (store.add(Record(new_id())) for _ in range(3))
    for record, stage, csr_id in ((tied, Stage.CREATED, 7), (sent, Stage.UNKNOWN, None)):
        with store._database.writing():
            store.journal.write(Submission(record.id, stage, "https://example.com", "account", "marker", csr_id))

    claimed = store.batch.begin("batch", [free, tied, sent])

    assert [intent.record_id for intent in claimed] == [free.id]
    assert store.batch.begin("another", [free]) == ()


@pytest.mark.parametrize("drafts", [0, 3, 5])
@pytest.mark.parametrize("of_a_record", [True, False])
def test_an_intent_that_was_taken_away_keeps_nothing_of_its_commit(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, drafts: int, of_a_record: bool
) -> None:
    def take(label: str) -> None:
        if label == "made":
            standing = [
                one for one in store.unfinished() if (one.record_id is not None) is (of_a_record and drafts > 0)
            ]
            store.abandon(standing[-1])

    if drafts:
        apply.run(store, vault, planned(store, drafts, BatchOptions()), BatchOptions())
    with pytest.raises(IntentGoneError):
        apply.run(store, vault, planned(store), GENERATE, reached=take)

    assert store.count(Query(state=State.DRAFT)) == store.count() == drafts
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()
    assert keyring.kept == {}


def test_what_another_copy_stored_meanwhile_is_not_counted_as_stored_here(store: RecordStore, vault: Vault) -> None:
    found = planned(store, options=BatchOptions())
    with RecordStore(store.path) as other:
        other.batch.add([row.record for row in found.good[:2]])

    ended = apply.run(store, vault, found, BatchOptions())

    assert [one.added for one in ended] == [False, False, True, True, True]


@pytest.mark.parametrize("theirs", ["generated", "gone", "drafts", "changed", "trashed"])
def test_what_another_copy_keeps_in_the_same_moment_is_made_once(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring, theirs: str
) -> None:
    def meanwhile(label: str) -> None:
        if label == "made":
            options = GENERATE if theirs in ("generated", "gone") else BatchOptions()
            with RecordStore(store.path) as other:
                for end in apply.run(other, vault, planned(other, 3, options), options):
                    if theirs == "changed":
                        other.save(replace(end.record, remark="another"))
                    elif theirs in ("trashed", "gone"):
                        other.trash(end.record.id)

    ended = apply.run(store, vault, planned(store), GENERATE, reached=meanwhile)

    assert [one.record for one in ended] == [store.get(one.record.id) for one in ended]
    assert [(one.added, one.generated, one.error) for one in ended[3:]] == [(True, True, None)] * 2
    assert {one.added for one in ended[:3]} == {False}
    assert {one.generated for one in ended[:3]} == {theirs == "drafts"}
    assert {type(one.error) for one in ended[:3]} == {
        StateError if theirs in ("changed", "trashed", "gone") else type(None)
    }
    made = [one.record for one in ended if one.record.state is State.GENERATED]
    assert len(made) == (2 if theirs in ("changed", "trashed") else 5)
    assert all(opened(store, vault, record) for record in made)
    assert len(keyring.kept) == len({record.secret_ref for record in made})
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()


def test_a_draft_that_is_changed_while_its_key_is_made_fails_alone(store: RecordStore, vault: Vault) -> None:
    drafts = [one.record for one in apply.run(store, vault, planned(store, options=BatchOptions()), BatchOptions())]

    def meanwhile(label: str) -> None:
        if label == "made":
            with RecordStore(store.path) as other:
                other.save(replace(drafts[2], remark="another"))

    ended = apply.run(store, vault, planned(store), GENERATE, reached=meanwhile)

    assert [one.generated for one in ended] == [True, True, False, True, True]
    assert isinstance(ended[2].error, StateError)
    assert ended[2].record == store.get(drafts[2].id)
    assert store.unfinished() == ()
    assert store.begin(store.get(drafts[2].id), "generate", None)


def test_a_batch_holds_its_password_however_many_of_its_records_are_purged(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring
) -> None:
    count = generate_many.FEW + generate_many.AT_ONCE * 2
    kept: list[int] = []

    def purge(label: str) -> None:
        if label == "kept":
            gone = store.page(Query(state=State.GENERATED), limit=1000)
            kept.append(len(gone))
            for record in gone:
                store.trash(record.id)
                recovery.purge(store, vault, record)

    ended = apply.run(store, vault, planned(store, count), GENERATE, reached=purge)

    assert sum(kept) == count
    assert len(kept) > 1
    assert all(one.generated for one in ended)
    assert store.count() == 0
    assert keyring.kept == {}


def test_where_another_copy_claimed_all_of_them_nothing_is_put_into_the_keyring(
    store: RecordStore, vault: Vault, keyring: MemoryKeyring
) -> None:
    drafts = [one.record for one in apply.run(store, vault, planned(store, options=BatchOptions()), BatchOptions())]
    with RecordStore(store.path) as other:
        other.batch.begin("another", drafts)
        ended = apply.run(store, vault, planned(store), GENERATE)

    assert {type(one.error) for one in ended} == {StateError}
    assert keyring.kept == {}
