"""What is committed with a key is read back first: a file that changes it by itself never has it called kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.custody import Custody
from csr_tui.core.record import Origin, Record
from csr_tui.core.submission import Stage, Submission
from csr_tui.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.storage import RecordStore

EVIL = {
    "emptied": "UPDATE record SET key_pem = NULL WHERE id = NEW.id",
    "swapped": "UPDATE record SET key_pem = 'x' WHERE id = NEW.id AND key_pem <> 'x'",
    "password": "UPDATE record SET secret_ref = NULL WHERE id = NEW.id",
    "custody": "UPDATE record SET protection = 'prompt' WHERE id = NEW.id",
}


def generated(record: Record) -> Record:
    return replace(record, origin=Origin.LOCAL, csr="CSR", key_fingerprint="ab" * 32, secret_ref="held000000")


def generate(store: RecordStore, record: Record) -> None:
    store.complete_generate(store.begin(record, "generate", "held000000"), generated(record), key_pem="KEY")


def submit(store: RecordStore, record: Record) -> None:
    intent = store.begin(record, "submit", "held000000")
    sent = store.journal.put(Submission(record.id, Stage.INTENT, "endpoint", "account", "marker"))
    sent = store.journal.put(sent.creating("endpoint", "account", store.now()))
    sent = store.journal.put(sent.created(1, 0, None)).confirmed(1, None)
    store.complete_submit(intent, replace(generated(record), origin=Origin.TENCENT), sent, key_pem="KEY")


def generate_many(store: RecordStore, record: Record) -> None:
    (intent,) = store.batch.begin("batch", [record])
    held = store.batch.reserve_secrets("another", ["held000000"])
    store.batch.complete(held, [(intent, generated(record), "KEY")])


def keep_a_new_one(store: RecordStore, record: Record) -> None:
    held = store.batch.reserve_secrets("batch", ["held000000"])
    store.batch.complete(held, [(None, generated(replace(record, id="0123456789", revision=0)), "KEY")])


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
@pytest.mark.parametrize("action", [generate, submit, generate_many, keep_a_new_one])
def test_a_key_that_does_not_stay_as_it_was_given_is_not_kept(
    store: RecordStore, draft: Callable[..., Record], action: Callable[[RecordStore, Record], None], evil: str
) -> None:
    record = store.add(draft())
    store._database.execute("DROP TRIGGER record_key_kept")
    for event in ("UPDATE OF key_pem", "INSERT"):
        name = event.partition(" ")[0]
        store._database.execute(
            f"CREATE TRIGGER evil_{name} AFTER {event} ON record WHEN NEW.key_pem IS NOT NULL BEGIN {evil}; END"
        )

    with pytest.raises(StorageError, match="did not save the key"):
        action(store, record)

    assert store.get(record.id) == record or store.journal.get(record.id) is not None
    assert store.count() == 1
    assert store.key_pem(record.id) is None


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
def test_a_password_is_not_changed_where_the_key_is_not_the_new_one(
    store: RecordStore, draft: Callable[..., Record], evil: str
) -> None:
    record = store.add(draft())
    generate(store, record)
    record = store.get(record.id)
    store._database.execute("DROP TRIGGER record_key_kept")
    store._database.execute(f"CREATE TRIGGER evil AFTER UPDATE OF key_pem ON record BEGIN {evil}; END")
    intent = store.begin(record, "password", "newone0000")

    changed = replace(record, secret_ref="newone0000", custody=Custody.RANDOM_KEYRING)
    with pytest.raises(StorageError, match="did not save the key"):
        store.complete_key_change(intent, changed, key_pem="ANOTHER")

    assert store.get(record.id) == record
    assert store.key_pem(record.id) == "KEY"
