"""Lists: every filter with every order gives what sorting all records gives, by key from both ends, and never scans."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.fields import Subject
from csr_tui.core.order import CertificateOrder, OrderStage
from csr_tui.core.record import KeySpec, Origin, Record, State, Tag, new_id
from csr_tui.core.submission import Stage, Submission
from csr_tui.storage import Anchor, Query, RecordStore, Sort, listing
from csr_tui.storage.columns import stamp
from csr_tui.storage.query import GROUPS

pytestmark = pytest.mark.usefixtures("index")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from csr_tui.storage.listing import Key, Read

INDEXES = (
    r"PRIMARY KEY|INDEX (record_expiry \(shelf=|record_usage \(shelf=\? AND usage=|"
    r"record_flawed \(shelf=\?[)]|certificate_order_(open|failed) \(stage=|"
    r"sqlite_autoindex_record_1 \(id=|submission_open \(stage=|lineage_source \(source_id=)"
)

SOON = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def filled(store: RecordStore) -> RecordStore:
    """A hundred records, some on every shelf, in no order."""
    for number in range(100):
        domain = f"{('zebra', 'apple', '云', 'mango')[number % 4]}{number % 7}.example.com"
        usage = "client" if number % 4 == 1 else "server"
        key = KeySpec(*(("RSA", "2048"), ("ECC", "prime256v1"), ("RSA", "4096"))[number * 7 % 3])
        tags = (Tag("team", f"t{number % 3}"),) if number % 4 else ()
        names = (f"{number % 5}.example.com",) if number % 2 else ()
        kept = store.add(
            Record(new_id(), subject=Subject(domain, f"Ltd {number % 3}"), names=names, tags=tags, usage=usage, key=key)
        )
        group = GROUPS[number % 5]
        if group.state is not State.DRAFT:
            intent = store.begin(kept, "generate", None)
            done = replace(kept, origin=group.origin, csr="CSR", key_fingerprint="ab" * 32)
            kept = store.complete_generate(intent, done, key_pem="KEY")
        if group.state is State.GENERATED and number % 3:
            new = CertificateOrder(kept.id, OrderStage.INTENT, "corp", directory="https://ca", account="https://ca/me")
            order = store.orders.put(new)
            order = store.orders.put(order.ordering(SOON))
            order = store.orders.put(order.ordered(f"https://ca/{number}"))
            if number % 3 == 1:
                store.orders.put(order.proving() if number % 4 else order.expired("The CA no longer has it."))
        if group.state is State.ISSUED:
            ends = stamp(SOON + timedelta(days=number * 37 % 90 - 30))
            sql = "UPDATE record SET state = 'issued', certificate = 'C', not_after = ?, issuer = ? WHERE id = ?"
            store._database.execute(sql, (ends, f"CA {number % 3}" if number % 4 else None, kept.id))
        if number % 10 == 0:
            sent = Submission(kept.id, Stage.INTENT, "https://ssl.example", "account", "marker")
            store.journal.put(sent)
            store.journal.put(sent.creating("https://ssl.example", "account", SOON))
        if number % 9 == 0:
            store.trash(kept.id)
    store._database.execute("UPDATE record SET flaws = iif(state = 'generated', 0, domain LIKE 'zebra%')")
    store._database.execute(
        "INSERT INTO lineage (record_id, kind, source_id, same_key) SELECT newer.id, 'renewal', record.id, 0 "
        "FROM record JOIN record AS newer ON newer.number = record.number + 5 WHERE record.number % 3 = 0"
    )
    return store


FILTERS = [
    Query(),
    *(Query(state=state) for state in State),
    *(Query(origin=origin) for origin in Origin),
    Query(state=State.GENERATED, origin=Origin.TENCENT),
    Query(state=State.DRAFT, origin=Origin.TENCENT),
    Query(tag=Tag("team", "t1")),
    Query(search="ZEBRA example"),
    Query(search="云"),
    Query(expiring_before=SOON),
    Query(expiring_before=SOON, state=State.DRAFT),
    Query(expiring_before=SOON, search="apple", origin=Origin.LOCAL),
    Query(tag=Tag("team", ""), state=State.ISSUED, search="mango"),
    Query(outcome_unknown=True),
    Query(needs_by=SOON),
    Query(needs_by=SOON, search="zebra"),
    Query(needs_by=SOON, expiring_before=SOON - timedelta(days=9)),
    Query(outcome_unknown=True, tag=Tag("team", "t1"), search="zebra"),
    Query(usage="client"),
    Query(usage="client", state=State.ISSUED, search="apple"),
    Query(usage="client", expiring_before=SOON),
    Query(usage="client", needs_by=SOON, tag=Tag("team", "t1")),
    Query(usage="server", needs_by=SOON),
    Query(usage="server", outcome_unknown=True),
]
QUERIES = [
    replace(filters, sort=sort, trashed=trashed, reverse=reverse)
    for filters, sort, trashed, reverse in product(FILTERS, Sort, (False, True), (False, True))
]


def answers(query: Query, record: Record) -> bool:
    """The filters once more, in Python."""
    text = f"{record.subject.domain} {record.id}"
    return (
        (record.trashed_at is not None) == query.trashed
        and query.state in (None, record.state)
        and query.origin in (None, record.origin)
        and query.usage in (None, record.usage)
        and (
            query.tag is None
            or any(tag.key == query.tag.key and query.tag.value in ("", tag.value) for tag in record.tags)
        )
        and (query.needs_by is None or needs(record, query.needs_by))
        and (not query.outcome_unknown or (record.submission is not None and record.submission.outcome_unknown))
        and all(piece in text for piece in query.search.casefold().split())
        and (
            query.expiring_before is None or (record.not_after is not None and record.not_after < query.expiring_before)
        )
    )


def needs(record: Record, by: datetime) -> bool:
    unknown = record.submission is not None and record.submission.outcome_unknown
    if "zebra" in record.subject.domain and not record.lineage.replaced and record.state is not State.GENERATED:
        return True
    waits = record.order is not None and record.order.stage in {OrderStage.ORDERED, OrderStage.EXPIRED}
    return (
        unknown
        or (waits and record.state is State.GENERATED)
        or (record.not_after is not None and record.not_after < by and not record.lineage.replaced)
    )


def read_all(store: RecordStore, query: Query, size: int, *, backwards: bool = False) -> Iterator[Record]:
    anchor = None
    while page := store.page(query, anchor=anchor, limit=size, backwards=backwards):
        anchor = Anchor.of(page[0 if backwards else -1], query.sort)
        yield from reversed(page) if backwards else page


def test_every_filter_in_every_order_is_what_sorting_all_gives(filled: RecordStore) -> None:
    everything = [record for trashed in (False, True) for record in filled.page(Query(trashed=trashed), limit=1000)]
    assert len(everything) == 100

    for query in QUERIES:
        wanted = sorted(
            (record for record in everything if answers(query, record)),
            key=lambda record: (Anchor.of(record, query.sort).key, record.id),
            reverse=(query.sort is Sort.CHANGED) != query.reverse,
        )
        ids = [record.id for record in wanted]
        assert [record.id for record in filled.page(query, limit=1000)] == ids, query
        assert [record.id for record in read_all(filled, query, 7)] == ids, query
        assert [record.id for record in read_all(filled, query, 7, backwards=True)] == ids[::-1], query
        assert filled.count(query) == len(ids), query
        bounded = filled.page(replace(query, most=5), limit=1000)
        assert len(bounded) == (len(ids) if query.whole else min(5, len(ids))), query


def test_of_many_that_expire_a_bounded_list_has_the_first(filled: RecordStore) -> None:
    first = filled.page(Query(expiring_before=SOON, sort=Sort.EXPIRY), limit=3)

    for sort in Sort:
        bounded = filled.page(Query(expiring_before=SOON, sort=sort, most=3), limit=1000)
        assert {record.id for record in bounded} == {record.id for record in first}


def test_the_shelves_of_the_database_are_those_of_the_program(filled: RecordStore) -> None:
    for number, origin, state, trashed in filled._database.execute(
        "SELECT shelf, origin, state, trashed_at IS NOT NULL FROM record"
    ):
        assert GROUPS[number] == (state, origin, bool(trashed))
    assert filled._database.execute(
        "SELECT count(*) FROM record JOIN search ON search.rowid = number "
        "WHERE search.shelf = char(1, 1) || record.shelf AND number NOT IN (SELECT number FROM unindexed)"
    ).fetchone() == (100 - filled._database.execute("SELECT count(*) FROM unindexed").fetchone()[0],)


def test_the_way_to_a_place_is_exact_near_the_ends(filled: RecordStore) -> None:
    for sort in Sort:
        query = Query(sort=sort)
        ids = [record.id for record in filled.page(query, limit=1000)]
        for place in (0, 1, 17, len(ids) - 2, len(ids) - 1, len(ids)):
            after = filled.page(query, anchor=filled.approximate_anchor(query, place), limit=3)
            assert [record.id for record in after] == ids[place : place + 3]


def test_the_way_to_a_place_far_from_the_ends_is_about_right_and_reads_a_sample(
    filled: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csr_tui.storage.listing.NEAR", 5)
    for sort in Sort:
        query = Query(sort=sort)
        ids = [record.id for record in filled.page(query, limit=1000)]
        anchor = filled.approximate_anchor(query, 40)

        assert anchor is not None
        assert abs(ids.index(anchor.id) - 40) < 5


def asked(store: RecordStore, queries: list[Query]) -> dict[str, list[str]]:
    """Every SELECT that lists, counts and jumps make of these queries, each with SQLite's plan for it."""
    seen: dict[str, None] = {}
    store._database._connection.set_trace_callback(lambda sql: seen.setdefault(sql))
    for query in queries:
        for backwards in (False, True):
            store.page(query, limit=10, backwards=backwards)
            store.page(query, anchor=Anchor("m", "m"), limit=10, backwards=backwards)
        store.count(query)
        store.approximate_anchor(query, 20)
    store._database._connection.set_trace_callback(None)
    return {
        sql: [step[3] for step in store._database.execute(f"EXPLAIN QUERY PLAN {sql}")]
        for sql in seen
        if sql.lstrip().startswith(("SELECT", "WITH")) and "'main'" not in sql
    }


def test_a_list_of_whole_shelves_reads_its_index_in_order_and_nothing_else(
    filled: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csr_tui.storage.listing.NEAR", 5)
    plans = asked(filled, [query for query in QUERIES if query.whole and query.sort.is_indexed])

    assert len(plans) > 50
    for sql, plan in plans.items():
        assert not [step for step in plan if "SCAN" in step or "TEMP B-TREE" in step], (sql, plan)


def test_a_search_reads_the_records_it_found_and_no_others(filled: RecordStore) -> None:
    plans = asked(filled, [replace(query, most=50) for query in QUERIES if not query.whole])

    assert len(plans) > 50
    for sql, plan in plans.items():
        for step in plan:
            if re.search(r"\b(record|submission|tally)\b", step):
                assert re.match(rf"SEARCH \w+ USING (INTEGER |COVERING )?({INDEXES})", step), (
                    sql,
                    plan,
                )
            assert not re.match("SCAN (?!search |unindexed|gram |found|json_each |[(]sub|CONSTANT)", step), (sql, plan)
        assert "LIMIT 50" in sql or "search MATCH" not in sql, sql


def test_a_page_is_of_one_moment_whatever_another_copy_purges_meanwhile(
    filled: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = filled.page(limit=5)
    real = listing._keys

    def keys_and_then(read: Read, query: Query, anchor: Anchor | None, limit: int, *, backwards: bool) -> Sequence[Key]:
        keys = real(read, query, anchor, limit, backwards=backwards)
        with RecordStore(filled.path) as other:
            other._database.execute("PRAGMA busy_timeout = 100")  # the page that is being read keeps the -wal
            other.purge(other.trash(wanted[2].id).id)
        return keys

    monkeypatch.setattr(listing, "_keys", keys_and_then)
    assert filled.page(limit=5) == wanted

    monkeypatch.undo()
    assert wanted[2].id not in [record.id for record in filled.page(limit=5)]


def test_what_a_search_found_is_forgotten_with_any_change(store: RecordStore, draft: Callable[..., Record]) -> None:
    query = Query(search="remembered", most=50)
    first = store.add(draft(domain="remembered.example"))
    assert (store.count(query), store.page(query)) == (1, (first,))

    with RecordStore(store.path) as other:
        second = other.add(draft(domain="remembered-too.example"))
        assert store.count(query) == 2
        other.trash(second.id)
    assert (store.count(query), store.page(query)) == (1, (first,))

    store.trash(first.id)
    assert (store.count(query), store.page(query)) == (0, ())
