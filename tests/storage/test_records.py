"""Records in the store: kept, found, changed by one copy at a time, trashed, restored, purged."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from drafts import drafts
from hypothesis import given

from csr_tui.core.fields import Subject
from csr_tui.core.lineage import UNRELATED, Lineage
from csr_tui.core.record import KeySpec, Origin, Purpose, Record, State, Tag, WizardStep
from csr_tui.errors import NotFoundError, StateError
from csr_tui.storage import Anchor, Query, RecordStore, StaleError, database, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., Record]


def generated(store: RecordStore, record: Record, *, ref: str | None = "ref-1") -> Record:
    kept = store.add(record)
    intent = store.begin(kept, "generate", ref)
    done = replace(kept, origin=Origin.LOCAL, csr="CSR", key_fingerprint="ab" * 32, secret_ref=ref)
    return store.complete_generate(intent, done, key_pem="KEY")


@given(drafts())
def test_every_field_of_a_draft_is_stored(store: RecordStore, draft: Record) -> None:
    added = store.add(draft)
    changed = store.save(replace(Record(draft.id), revision=added.revision, custody=draft.custody.under("unprotected")))
    saved = store.save(replace(draft, revision=changed.revision))

    for stored in (added, saved, store.get(draft.id)):
        assert replace(stored, revision=0, created_at=None, updated_at=None) == draft


def test_what_add_gives_back_is_what_is_kept_of_one_and_of_many(store: RecordStore, draft: Draft) -> None:
    first = store.add(draft(names=("a.com",), tags=(Tag("team", "web"),), remark="note", key_file="/tmp/own.key"))
    renewal = store.add(replace(draft(), lineage=Lineage(renews=first.id, same_key=True, copies=("nothing",))))
    orphan = store.add(replace(draft(), lineage=Lineage(copied_from="gone000000")))
    changed = store.save(replace(first, lineage=UNRELATED, remark="changed"))

    several = store.batch.add([first, draft(), replace(draft(), lineage=Lineage(copied_from="gone000000"))])

    assert orphan == store.get(orphan.id)
    assert renewal == store.get(renewal.id)
    assert [one for one, _ in several] == [store.get(one.id) for one, _ in several]
    assert [added for _, added in several] == [False, True, True]
    assert several[0][0].remark == changed.remark


def test_a_record_knows_how_far_its_furthest_renewal_outside_the_trash_is(store: RecordStore, draft: Draft) -> None:
    old = store.add(draft())
    renewals = [store.add(replace(draft(), lineage=Lineage(renews=old.id))) for _ in range(2)]
    known = [store.get(old.id).lineage]
    store._database.execute(
        "UPDATE record SET state = 'issued', csr = 'C', key_fingerprint = 'f', generated_at = updated_at, "
        "certificate = 'C', not_after = updated_at WHERE id = ?",
        (renewals[1].id,),
    )
    known.append(store.get(old.id).lineage)
    for renewal in reversed(renewals):
        store.trash(renewal.id)
        known.append(store.get(old.id).lineage)

    assert [lineage.renewal for lineage in known] == ["draft", "issued", "draft", ""]
    assert [lineage.replaced for lineage in known] == [False, True, False, False]
    assert all(sorted(lineage.renewed_by) == sorted(one.id for one in renewals) for lineage in known)


def test_what_is_added_is_stamped_and_found_by_any_beginning_of_its_id(store: RecordStore, draft: Draft) -> None:
    kept = store.add(draft(names=("a.com", "b.com"), tags=(Tag("team", "web"),)))

    assert kept.revision == 1
    assert kept.created_at == kept.updated_at
    assert store.get(kept.id) == store.find(kept.id[:6].upper()) == kept


@pytest.mark.parametrize("prefix", ["", "zz", "%", "_", "' OR 1=1", "\x00"])
def test_an_unknown_id_is_told(store: RecordStore, draft: Draft, prefix: str) -> None:
    store.add(draft())

    with pytest.raises(NotFoundError):
        store.find(prefix)


def test_an_ambiguous_id_names_the_candidates(store: RecordStore, draft: Draft) -> None:
    for end in "ab":
        store.add(replace(draft(), id=f"same00000{end}"))

    with pytest.raises(NotFoundError, match=r"same00000a \(draft\), same00000b \(draft\)\. Name one by its id"):
        store.find("same")


@pytest.mark.parametrize("text", ["bücher.example", "XN--bcher-kva.example", " BÜCHER.example "])
def test_a_domain_finds_its_only_record_in_the_place_that_is_searched(
    text: str, store: RecordStore, draft: Draft
) -> None:
    store.add(draft())
    kept = store.add(draft("xn--bcher-kva.example"))
    trashed = store.trash(store.add(draft("xn--bcher-kva.example")).id)

    assert store.find(text) == kept
    assert store.find(text, trashed=True) == trashed
    with pytest.raises(NotFoundError, match="more than one record"):
        store.find(text, trashed=None)


def test_a_domain_of_two_records_names_both(store: RecordStore, draft: Draft) -> None:
    for end in "ab":
        store.add(replace(draft(), id=f"same00000{end}"))

    with pytest.raises(NotFoundError, match=r"same00000a \(draft\), same00000b \(draft\)"):
        store.find("www.example.com")


def test_a_text_that_begins_one_id_and_is_the_domain_of_another_record_is_ambiguous(
    store: RecordStore, draft: Draft
) -> None:
    store.add(replace(draft(), id="db1zzzzzzz"))
    other = store.add(replace(draft("db1"), id="zzzzzzzzzz"))
    whole = store.add(replace(draft("zzzzzzzzzz"), id="yyyyyyyyyy"))

    with pytest.raises(NotFoundError, match=r"db1zzzzzzz \(draft\), zzzzzzzzzz \(draft\)"):
        store.find("db1")
    assert store.find("zzzzzzzzzz") == other
    assert store.find("yyy") == whole


def test_the_second_of_two_copies_is_told_and_nothing_is_overwritten(
    path: Path, store: RecordStore, draft: Draft
) -> None:
    kept = store.add(draft())
    with RecordStore(path) as other:
        mine = store.save(replace(kept, remark="mine"))
        with pytest.raises(StaleError) as caught:
            other.save(replace(kept, remark="theirs"))

    assert caught.value.current == mine
    assert store.get(kept.id).remark == "mine"


def test_where_the_person_is_in_the_wizard_is_no_change_of_the_record(store: RecordStore, draft: Draft) -> None:
    kept = store.add(draft())

    store.save_step(kept.id, WizardStep.KEY)

    assert store.get(kept.id) == replace(kept, step=WizardStep.KEY)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: replace(record, subject=Subject(domain="other.example.com")),
        lambda record: replace(record, names=("x.com",)),
        lambda record: replace(record, key=KeySpec("ECC", "prime256v1")),
        lambda record: replace(record, purpose=Purpose.PRIVATE),
    ],
    ids=["subject", "names", "key", "purpose"],
)
def test_the_database_itself_refuses_to_change_a_generated_request(
    store: RecordStore, draft: Draft, change: Callable[[Record], Record]
) -> None:
    done = generated(store, draft())

    with pytest.raises(StateError, match="never be edited"):
        store.save(change(done))
    assert store.get(done.id) == done


@pytest.mark.parametrize(
    "sql",
    [
        *(f"UPDATE record SET {column} = 'x'" for column in rows.REQUEST if column not in {"remark", "tags", "step"}),
        "UPDATE record SET csr = 'x'",
        "UPDATE record SET key_fingerprint = 'x'",
        "UPDATE record SET generated_at = 'x'",
        "UPDATE record SET origin = 'tencent'",
        "UPDATE record SET state = 'draft', csr = NULL, key_pem = NULL, secret_ref = NULL",
        "UPDATE record SET key_pem = NULL",
        "DELETE FROM record",
    ],
)
def test_not_even_another_program_can_undo_what_was_generated(
    store: RecordStore, path: Path, draft: Draft, sql: str
) -> None:
    generated(store, draft())
    connection = sqlite3.connect(path)

    with pytest.raises(sqlite3.IntegrityError, match="frozen"):
        connection.execute(sql)
    connection.close()


def test_remark_and_tags_of_a_generated_record_stay_free(store: RecordStore, draft: Draft) -> None:
    done = generated(store, draft())

    edited = store.save(replace(done, remark="new", tags=(Tag("a", "b"),)))

    assert (edited.remark, edited.tags, edited.state) == ("new", (Tag("a", "b"),), State.GENERATED)


def test_the_list_is_newest_first_and_paged_by_key_from_both_ends(store: RecordStore, draft: Draft) -> None:
    ids = [store.add(draft(f"h{number}.example.com")).id for number in range(25)][::-1]

    first = store.page(limit=10)
    second = store.page(anchor=Anchor.of(first[-1]), limit=10)
    last = store.page(backwards=True, limit=5)
    before_last = store.page(anchor=Anchor.of(last[0]), backwards=True, limit=10)

    assert [record.id for record in (*first, *second)] == ids[:20]
    assert [record.id for record in last] == ids[20:]
    assert [record.id for record in before_last] == ids[10:20]


def test_the_count_is_kept_through_adding_trashing_restoring_and_purging(store: RecordStore, draft: Draft) -> None:
    one, two, three = (store.add(draft()) for _ in range(3))
    store.trash(one.id)
    store.trash(two.id)
    store.restore(two.id)
    store.purge(one.id)

    assert store.count() == len(store.page()) == 2
    assert store.count(Query(trashed=True)) == 0
    assert {record.id for record in store.page()} == {two.id, three.id}


def test_the_trash_holds_what_was_deleted_and_gives_it_back(store: RecordStore, draft: Draft) -> None:
    kept = store.add(draft())

    store.trash(kept.id)

    with pytest.raises(NotFoundError):
        store.find(kept.id)
    assert store.find(kept.id, trashed=True).trashed_at is not None
    assert store.restore(kept.id).trashed_at is None
    with pytest.raises(StateError, match="not in the trash"):
        store.restore(kept.id)


def test_a_purged_record_leaves_no_trace_on_the_disk(store: RecordStore, path: Path, draft: Draft) -> None:
    canary = "canaryquartz"
    for number in range(50):
        store.add(draft(f"h{number}.example.com"))
    kept = store.add(draft(f"{canary}.example.com", remark=f"{canary} remark", names=(f"{canary}.example.org",)))
    store.save(replace(kept, remark=f"{canary} again"))

    store.purge(kept.id)

    for file in path.parent.iterdir():
        if file.is_file():
            assert canary.encode() not in file.read_bytes(), file


def test_many_threads_may_use_one_store(store: RecordStore, draft: Draft) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                kept = store.add(draft())
                store.save(replace(kept, remark="x"))
                store.page()
        except BaseException as error:  # noqa: BLE001  # handed to the test
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert store.count() == 80


def test_a_purge_beside_a_reader_reports_it_and_the_next_opening_removes_the_traces(
    store: RecordStore, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "TRACES", 0.0)
    store.add(draft())
    wal = store.path.with_name("records.db-wal")
    with closing(sqlite3.connect(store.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM record").fetchone()
        kept = store.add(draft("canaryquartz.example.com"))

        assert not store.purge(kept.id)
        assert b"canaryquartz" in wal.read_bytes()
        assert store.traces_remain
    with RecordStore(store.path) as other:  # while the store is open here, so that closing cannot do it
        assert not other.traces_remain
        assert wal.stat().st_size == 0


def test_the_traces_of_a_purge_that_is_killed_are_removed_by_the_next_opening(
    store: RecordStore, draft: Callable[..., Record]
) -> None:
    class KilledError(BaseException):
        pass

    def reached(label: str) -> None:
        if label == "rows gone":
            raise KilledError

    kept = store.add(draft("canaryquartz.example.com"))
    with pytest.raises(KilledError):
        store.purge(kept.id, reached=reached)

    RecordStore(store.path).close()

    assert store.path.with_name("records.db-wal").stat().st_size == 0
    assert b"canaryquartz" not in store.path.read_bytes()
