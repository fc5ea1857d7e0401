"""The search: substrings in any script, each piece of what was typed, bounded whatever the size of the store."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from csr_tui.core.fields import Subject
from csr_tui.core.record import Origin, Record, State, Tag, new_id
from csr_tui.storage import Query, RecordStore, search
from csr_tui.storage.search import MOST_TRIGRAMS, folded, match, searchable

pytestmark = pytest.mark.usefixtures("index")

if TYPE_CHECKING:
    from collections.abc import Callable

    Draft = Callable[..., Record]

SEARCHED = Record(
    "searched00",
    subject=Subject("shop.example.com", "腾讯云计算有限公司", "Straße", "pki@example.com", "Guangdong", "Shenzhen"),
    names=("xn--bcher-kva.example", "10.0.0.1"),
    remark='A "foo-bar" for ｆｕｌｌ width',
    tags=(Tag("team", "web"),),
    extra=("UID=jdoe", "eku=1.2.840"),
)


def found(store: RecordStore, text: str, query: Query | None = None) -> list[str]:
    return [record.id for record in store.page(replace(query or Query(), search=text))]


@pytest.mark.parametrize(
    "text",
    [
        "xample",
        "XAMPLE.com",
        "腾讯",
        "讯云",
        "云",
        "腾讯云计算有限公司",
        "foo-bar",
        '"',
        '"foo',
        "bücher",
        "BÜCHER",
        "bu\u0308cher",
        "xn--bch",
        "strasse",
        "full",
        "ｅｘａｍｐｌｅ",
        "10.0.0",
        "i@",
        "web",
        "b",
        "team=web",
        "searched",
        "shenzhen 腾讯 example",
        "com pk",
        "h b",
        "zhen",
        "dong",
        "uid=jdoe",
        "2.840",
    ],
)
def test_a_substring_is_found_wherever_it_stands(store: RecordStore, text: str) -> None:
    store.add(SEARCHED)
    store.add(Record("quantum000", subject=Subject(domain="k.z"), tags=(Tag("y", "u"),)))

    assert found(store, text) == ["searched00"]
    assert store.count(Query(search=text)) == 1


@pytest.mark.parametrize(
    "text", ["xampel", "腾云", "example plexam", "foo--bar", "' OR 1=1", "* AND (", "NEAR(", "zz", "ß-"]
)
def test_what_does_not_stand_there_is_not_found(store: RecordStore, text: str) -> None:
    store.add(SEARCHED)

    assert found(store, text) == []
    assert store.count(Query(search=text)) == 0


def test_a_piece_has_to_stand_there_whole_though_all_its_trigrams_do(store: RecordStore, draft: Draft) -> None:
    store.add(draft("abcd.bcde.example"))

    assert found(store, "abcde") == []
    assert len(found(store, "bcde")) == 1


@given(
    st.lists(st.text(st.sampled_from('aAbß腾讯云"-*. Éé１'), max_size=8), min_size=1, max_size=4),
    st.text(st.sampled_from('aAbß腾讯云"-*. Éé１'), max_size=5),
)
@example(["a"], "a")
@example(["腾讯云计算"], "腾讯")
def test_the_index_finds_exactly_what_python_finds(remarks: list[str], text: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE search USING fts5 "
        "(words, shelf, tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0)"
    )
    connection.execute("CREATE VIRTUAL TABLE gram USING fts5vocab (search, instance)")
    words = [searchable("i0", "", "[]", "", "", "", "", "", remark, "[]", "[]") for remark in remarks]
    connection.executemany("INSERT INTO search (words, shelf) VALUES (?, char(1, 1) || 0)", [(one,) for one in words])
    wanted = [at for at, one in enumerate(words, 1) if all(piece in one for piece in folded(text).split())]

    sought = match(text, None, (0,), connection.execute)
    rows = connection.execute("SELECT rowid, words FROM search WHERE search MATCH ?", (sought.expression,)).fetchall()
    rows = [number for number, one in rows if all(piece in one for piece in sought.pieces)]

    assert rows == wanted
    connection.close()


@given(st.text(max_size=60))
def test_nothing_that_is_typed_is_search_syntax(text: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE search USING fts5 (words, shelf, tokenize = 'trigram', detail = none)")
    connection.execute("CREATE VIRTUAL TABLE gram USING fts5vocab (search, instance)")

    sought = match(text, None, (0,), connection.execute)
    connection.execute("SELECT rowid FROM search WHERE search MATCH ?", (sought.expression,)).fetchall()
    connection.close()


def test_a_character_that_is_in_everything_is_looked_for_in_the_words(store: RecordStore, draft: Draft) -> None:
    made = [store.add(draft(f"q{first}{second}.example")).id for first in "abcdefghi" for second in "abcdefghi"]

    assert len(made) > MOST_TRIGRAMS
    assert store.count(Query(search="q")) == len(made)
    assert store.count(Query(search="q", most=5)) == 5


def test_a_search_may_be_bounded_to_the_last_that_were_made(store: RecordStore, draft: Draft) -> None:
    ids = [store.add(draft(f"h{number}.example.com")).id for number in range(10)]

    assert set(found(store, "example", Query(most=3))) == set(ids[-3:])
    assert store.count(Query(search="example", most=3)) == 3
    assert store.count(Query(search="example")) == 10


def test_a_bounded_search_is_not_filled_with_what_a_filter_keeps_out(
    store: RecordStore, draft: Draft, generated: Callable[..., Record]
) -> None:
    wanted = generated(store.add(draft("old.example.com")))
    for number in range(10):
        gone = store.add(draft(f"h{number}.example.com"))
        if number % 2:
            store.trash(gone.id)

    assert found(store, "example", Query(state=State.GENERATED, most=2)) == [wanted.id]
    assert found(store, "example", Query(origin=Origin.LOCAL, most=2)) == [wanted.id]
    assert store.count(Query(search="example", trashed=True)) == 5


def test_an_edited_record_is_found_by_what_it_holds_now_and_by_that_alone(store: RecordStore, draft: Draft) -> None:
    kept = store.add(draft("before.example.com"))

    store.save(replace(kept, subject=Subject(domain="after.example.org")))

    assert found(store, "before") == []
    assert found(store, "after") == [kept.id]


def test_a_tag_is_matched_whole_and_a_key_alone_matches_any_value(store: RecordStore) -> None:
    web, website, shop = (
        store.add(Record(new_id(), tags=(Tag(key, value),), remark="team=web")).id
        for key, value in (("team", "web"), ("team", "website"), ("Steam", "web"))
    )

    assert [record.id for record in store.page(Query(tag=Tag("Team", "web")))] == [web]
    assert {record.id for record in store.page(Query(tag=Tag("team", "")))} == {web, website}
    assert [record.id for record in store.page(Query(tag=Tag("steam", "web"), search="team"))] == [shop]


def test_a_save_that_changes_nothing_the_search_sees_leaves_the_index_alone(store: RecordStore, draft: Draft) -> None:
    kept = store.add(draft())
    size = "SELECT sum(length(block)), (SELECT count(*) FROM unindexed) FROM search_data"
    before = store._database.execute(size).fetchone()

    store.save(replace(kept, key=replace(kept.key, parameter="4096")))

    assert store._database.execute(size).fetchone() == before


def test_the_index_takes_over_the_lowest_numbers_when_many_wait_and_each_is_found_once(
    store: RecordStore, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_PENDING", 8)
    monkeypatch.setattr(search, "FEWEST_PENDING", 5)
    kept = [store.add(draft(f"h{number}.example.com")) for number in range(20)]

    store.trash(kept[2].id)
    store.save(replace(kept[1], subject=Subject(domain="other.example.com")))

    waiting = [number for (number,) in store._database.execute("SELECT number FROM unindexed ORDER BY number")]
    assert waiting == [2, *range(16, 21)]
    shown = [one.id for one in reversed(kept) if one.id != kept[2].id]
    assert set(found(store, "example.com")) == set(shown)
    assert store.count(Query(search="example.com")) == 19
    assert found(store, "h1.example") == []
    assert found(store, "h2.example", Query(trashed=True)) == [kept[2].id]
    assert found(store, "h2.example") == []


def test_what_is_purged_leaves_no_words_behind(store: RecordStore, draft: Draft) -> None:
    store.purge(store.trash(store.add(draft("quartz.example.com")).id).id)

    assert store.count(Query(search="quartz")) == 0
    for table in ("unindexed", "search_content"):
        assert store._database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@pytest.mark.parametrize("text", ["\u200b", "\ufeff \u00ad", "\x02", "\udcff"])
def test_what_nobody_can_see_narrows_nothing(store: RecordStore, draft: Draft, text: str) -> None:
    record = store.add(draft())

    assert found(store, text) == found(store, text, Query(most=10)) == [record.id]
