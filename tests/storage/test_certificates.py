"""Certificates in the store: attached, replaced with their history kept, and gone with their record."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.record import Origin, Record, State
from csr_tui.errors import StateError
from csr_tui.storage import RecordStore, StaleError
from csr_tui.storage.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENDS = datetime(2027, 2, 1, tzinfo=UTC)
LATER = datetime(2027, 5, 1, tzinfo=UTC)


def block(name: str) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{name}\n-----END CERTIFICATE-----\n"


def generated(store: RecordStore, record: Record, fingerprint: str = "ab" * 32) -> Record:
    kept = store.add(record)
    done = replace(kept, origin=Origin.LOCAL, csr="CSR", key_fingerprint=fingerprint, secret_ref=None)
    return store.complete_generate(store.begin(kept, "generate", None), done, key_pem="KEY")


def attached(store: RecordStore, record: Record, pem: str, ends: datetime = ENDS, root: str | None = None) -> Record:
    return store.attach(replace(record, certificate=pem, not_after=ends), root=root)


def test_a_certificate_makes_a_record_issued(store: RecordStore, draft: Callable[..., Record]) -> None:
    record = generated(store, draft())

    issued = attached(store, record, block("leaf") + block("ca"), root=block("root"))

    assert issued == store.get(record.id)
    assert (issued.state, issued.not_after, issued.revision) == (State.ISSUED, ENDS, record.revision + 1)
    assert issued.certificate == block("leaf") + block("ca")
    assert store.certificates.root(record.id) == block("root")
    assert store.certificates.chains() == (block("leaf") + block("ca") + block("root"),)
    assert issued.earlier == ()


def test_a_newer_certificate_keeps_the_older_as_history(store: RecordStore, draft: Callable[..., Record]) -> None:
    first = attached(store, generated(store, draft()), block("first") + block("ca"))
    second = attached(store, first, block("second"), LATER)
    third = attached(store, second, block("third"), LATER)

    assert third.earlier == store.get(first.id).earlier == (block("second"), block("first") + block("ca"))
    rows = store._database.execute("SELECT not_after, replaced_at FROM earlier_certificate ORDER BY number DESC")
    times = [tuple(map(datetime.fromisoformat, row)) for row in rows]
    assert [not_after for not_after, _ in times] == [LATER, ENDS]
    assert times[0][1] == third.updated_at


def test_a_longer_chain_for_the_same_certificate_is_no_history(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    first = attached(store, generated(store, draft()), block("leaf"))

    longer = attached(store, first, block("leaf") + block("ca"))

    assert longer.certificate == block("leaf") + block("ca")
    assert longer.earlier == ()


def test_of_two_copies_that_attach_the_slower_one_is_told(store: RecordStore, draft: Callable[..., Record]) -> None:
    record = generated(store, draft())
    attached(store, record, block("one"))

    with pytest.raises(StaleError):
        attached(store, record, block("two"))


@pytest.mark.parametrize(
    "change",
    [
        "certificate = NULL",
        "certificate = NULL, not_after = NULL",
        "not_after = NULL",
        "certificate = NULL, not_after = NULL, state = 'generated'",
    ],
)
def test_the_database_itself_keeps_a_certificate(
    store: RecordStore, path: Path, draft: Callable[..., Record], change: str
) -> None:
    record = attached(store, generated(store, draft()), block("leaf"))
    connection = sqlite3.connect(path)

    with pytest.raises(sqlite3.IntegrityError, match="frozen"):
        connection.execute(f"UPDATE record SET {change} WHERE id = ?", (record.id,))
    connection.close()


def test_a_draft_has_no_certificate(store: RecordStore, draft: Callable[..., Record], path: Path) -> None:
    kept = store.add(draft())
    connection = sqlite3.connect(path)

    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE record SET certificate = 'x', not_after = 'y' WHERE id = ?", (kept.id,))
    connection.close()


def test_a_record_that_is_being_worked_on_takes_no_certificate(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    record = generated(store, draft())
    store.begin(record, "password", "ref-2")

    with pytest.raises(StateError, match="is changing this record"):
        attached(store, record, block("leaf"))


def test_records_are_found_by_any_of_several_keys(store: RecordStore, draft: Callable[..., Record]) -> None:
    one = generated(store, draft(), "11" * 32)
    same = generated(store, draft(), "11" * 32)
    other = generated(store, draft(), "22" * 32)
    trashed = store.trash(other.id)

    assert store.certificates.of_keys(["00" * 32]) == ()
    assert set(store.certificates.of_keys(["00" * 32, "11" * 32])) == {one, same}
    assert store.certificates.of_keys(["22" * 32]) == (trashed,)


def test_purging_takes_the_history_along_from_backups_too(path: Path, draft: Callable[..., Record]) -> None:
    with RecordStore(path) as store:
        first = attached(store, generated(store, draft()), block("canaryquartz"))
        attached(store, first, block("second"))
    later = (*MIGRATIONS, "ALTER TABLE record ADD COLUMN later TEXT;")

    with RecordStore(path, migrations=later) as store:
        backup = path.with_name(f"records.db.before-{len(later)}")
        assert b"canaryquartz" in backup.read_bytes()
        store.purge(first.id)
        assert not store._database.execute("SELECT 1 FROM earlier_certificate").fetchall()

    assert b"canaryquartz" not in path.read_bytes()
    assert b"canaryquartz" not in backup.read_bytes()
